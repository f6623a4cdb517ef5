"""A fault, and what becomes of a run that has it."""

import time
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from sim.errors import SimError
from sw.common.errors import UserError
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.rehearsal import rehearse
from sw.design.schedule import Schedule
from tests.design.usual_runs import STARTS
from tests.faults.designs import QUICK
from tests.faults.plant import Plant
from tests.faults.runs import SEEDS
from tests.faults.where import ANY, Where, describe
from tests.hw.bench import check

__all__ = ["Fault", "Outcome", "Unsound", "clean", "fault", "run"]

CHANCE = 0.4  # of a pause before a beat


class Unsound(UserError):
    """The run without a fault failed, so runs with one would show nothing."""

    status = 1


@dataclass(frozen=True)
class Fault:
    """A way to be wrong.

    design: on which it is planted in the short run. where: what a design or its runs must have for the fault to
    be seen; with ``only``, nothing is seen where that is missing, and ``without`` is a design to show it on. slow:
    the result stream takes a beat in one clock of twenty. listed: the same fault in the list of accesses that
    the schedule's rehearsal checks; the rehearsal must find it too.
    """

    name: str
    plant: Plant
    design: Design
    where: Where
    only: bool = False
    without: tuple[Design, ...] = ()
    slow: bool = False
    listed: Plant | None = None


def fault(
    name: str, unit: type | ModuleType, method: str, *changes: tuple[str, str],
    design: Design = QUICK, where: Where = ANY, **more: Any,
) -> Fault:  # fmt: skip
    """A fault in few words."""
    return Fault(name, Plant(unit, method, changes), design, where, **more)


@dataclass(frozen=True)
class Outcome:
    """What the comparison, and the rehearsal where the fault is listed there, said first; None: all was equal.

    seed: of the last run. seconds: of the runs with the fault.
    """

    fault: Fault
    design: Design
    seed: int
    comparison: str | None
    rehearsal: str | None
    seconds: float

    @property
    def caught(self) -> bool:
        return self.comparison is not None and (self.fault.listed is None or self.rehearsal is not None)

    @property
    def right(self) -> bool:
        """Caught where the design has what the fault needs, passed unnoticed where it has not."""
        return self.caught if self.fault.where(self.design) else (self.comparison, self.rehearsal) == (None, None)

    def as_json(self) -> dict[str, Any]:
        return {
            "fault": self.fault.name,
            "unit": self.fault.plant.named,
            "changes": self.fault.plant.changes,
            "where": self.fault.where.text,
            "only": self.fault.only,
            "design": describe(self.design),
            "seed": self.seed,
            "expected": "caught" if self.fault.where(self.design) else "unnoticed",
            "comparison": self.comparison,
            "rehearsal": self.rehearsal,
            "right": self.right,
            "seconds": round(self.seconds, 2),
        }


@cache
def clean(design: Design, *, seed: int = SEEDS[0], slow: bool = False) -> None:
    """A run without a fault passes, in simulation and in rehearsal; Unsound if not."""
    try:
        rehearse(Schedule.of(design))
        check(design, chance=CHANCE, seed=seed, slow=slow, starts=STARTS)
    except (DesignError, SimError) as error:
        raise Unsound(f"{design.name} without a fault: {error}") from None


def run(fault: Fault, design: Design | None = None, *, seeds: tuple[int, ...] = SEEDS[:1]) -> Outcome:
    """Run with the fault, after a run without it has passed; on the fault's own design if none is given.

    Further ``seeds`` (of state, slots and pauses) are taken until the fault is caught. An exception other than
    the comparison's SimError is no catch and goes to the caller.
    """
    design = design or fault.design
    comparison = rehearsal = None
    seconds = 0.0
    for seed in seeds:
        clean(design, seed=seed, slow=fault.slow)
        began = time.perf_counter()
        with fault.plant.planted():
            try:
                check(design, chance=CHANCE, seed=seed, slow=fault.slow, starts=STARTS)
            except SimError as error:
                comparison = str(error)
        seconds += time.perf_counter() - began
        if comparison is not None:
            break
    if fault.listed:
        began = time.perf_counter()
        with fault.listed.planted():
            try:
                rehearse(Schedule.of(design))
            except DesignError as error:
                rehearsal = str(error)
        seconds += time.perf_counter() - began
    return Outcome(fault, design, seed, comparison, rehearsal, seconds)
