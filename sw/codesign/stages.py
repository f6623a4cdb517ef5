"""The stages of a search for a board: many networks trained shortly, then the best of them as long as the board would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf, log10

from sw.codesign.choice import Chosen, fitted
from sw.codesign.objective import FIGURES
from sw.codesign.task import Task
from sw.cost.devices import Device
from sw.deepncheap.optimiser import propose
from sw.deepncheap.spaces import Product
from sw.design.design import Design
from sw.design.settings import Data
from sw.study.pareto import front
from sw.study.stage import Candidate, History, Record

__all__ = ["FINALISTS", "Finalists", "Networks"]

FINALISTS = "finalists"

# What a proposal minimises: log10(error) + weight * log10(seconds per sample), one weight after another.
_SPEED_WEIGHTS = (0.0, 0.1, 0.0, 0.3)
_TRIES = 50  # proposals that do not fit, or are designs that were there, until the stage is taken to be exhausted


@dataclass(frozen=True)
class Networks:
    """Choices for the board, each trained shortly, once. All fit by the cost model before they are trained."""

    task: Task
    space: Product[Chosen]
    trials: int
    slots: int
    seed: int
    start: int = 12
    name: str = "networks"
    fidelity: int = 0
    share: float = 0.6

    def propose(self, number: int, history: History) -> Candidate | None:
        weight = _SPEED_WEIGHTS[number % len(_SPEED_WEIGHTS)]
        own = history.of(self.name)
        observed = [(_chosen(one), _weighted(one, weight)) for one in own if one.finished]
        pending = {_chosen(one) for one in own if not one.finished}
        designs = {self._design(_chosen(one)) for one in own}
        for _ in range(_TRIES):
            chosen = propose(self.space, observed, pending, number=number, seed=(self.seed, 1), start=self.start)
            if chosen is None:
                return None
            design = self._design(chosen)
            if design is not None and design not in designs:
                return _candidate(self, chosen, [self.seed])
            pending.add(chosen)
        return None

    def _design(self, chosen: Chosen) -> Design | None:
        """The design that fits, the same for all choices of the same."""
        return _fitting(chosen, self.task.data(1), self.task.inputs, self.task.classes, self.task.wanted.device)


@lru_cache(maxsize=4096)
def _fitting(chosen: Chosen, data: Data, inputs: int, classes: int, device: Device) -> Design | None:
    made = fitted(chosen, "one", data, inputs, classes, device)
    return made.design if made else None


@dataclass(frozen=True)
class Finalists:
    """The best of the networks, trained for ``slots`` training slots with several seeds each.

    Two of three are of the Pareto front over accuracy, speed and size, evenly over it; the others are the most
    accurate.
    """

    space: Product[Chosen]
    trials: int
    slots: int
    seeds: tuple[int, ...]
    name: str = FINALISTS
    start: int = 1 << 30  # they depend on the stage before alone
    fidelity: int = 1
    share: float = 0.4

    def propose(self, number: int, history: History) -> Candidate | None:
        before = [one for one in history.before(self.name) if one.complete]
        accurate = sorted(before, key=lambda one: one.value if one.value is not None else inf)
        spread = _spread(front(before, FIGURES), -(-2 * self.trials // 3))
        ordered: list[Record] = []
        for n, one in enumerate(accurate):
            for other in (one, *spread[2 * n : 2 * n + 2]):
                if other not in ordered:
                    ordered.append(other)
        if number >= len(ordered):
            return None
        return _candidate(self, _chosen(ordered[number]), self.seeds)


def _spread(records: Sequence[Record], most: int) -> list[Record]:
    """So many of a front at most, evenly over its order."""
    step = max(1, len(records) / most)
    return [records[int(n * step)] for n in range(min(most, len(records)))]


def _chosen(record: Record) -> Chosen:
    return Chosen(**record.configuration["chosen"])


def _weighted(record: Record, weight: float) -> float:
    if record.value is None:
        return inf
    return record.value - weight * log10(record.attributes["samples_per_second"])


def _candidate(stage: Networks | Finalists, chosen: Chosen, seeds: Sequence[int]) -> Candidate:
    configuration = {"stage": stage.name, "chosen": chosen._asdict(), "slots": stage.slots, "seeds": list(seeds)}
    return Candidate.of(configuration, stage.space, chosen)
