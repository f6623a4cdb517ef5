"""Values that know their stage, delays between stages, and whether what was built keeps to the schedule."""

from dataclasses import dataclass
from typing import Any

from amaranth import Module, ResetSignal, Signal

from sw.design.schedule import StageTimes

__all__ = ["GROUP", "Timed", "Timeline", "cleared", "due", "keep_to", "spread", "together"]

GROUP = 8  # lanes that share one copy of a register of large fan-out


@dataclass(frozen=True, eq=False)
class Timed:
    """A value, and the stage of sw.design.schedule.StageTimes at which it is valid.

    What computes hands on a Timed, so a register more or fewer changes the stage by itself; who has it next compares
    it with the others (``together``) or with the schedule (``due``).
    """

    value: Any
    stage: int

    def register(self, m: Module, name: str, clocks: int = 1, *, keep: bool = False) -> "Timed":
        """The same, so many clocks later, in registers without a reset; ``keep``: see ``spread``."""
        value, attributes = self.value, {"keep": 1} if keep else {}
        for clock in range(clocks):
            named = name if clocks == 1 else f"{name}_{clock + 1}"
            one = Signal(value.shape(), name=named, reset_less=True, attrs=attributes)
            m.d.sync += one.eq(value)
            value = one
        return Timed(value, self.stage + clocks)

    def __str__(self) -> str:
        return getattr(self.value, "name", "a value")


def together(*values: Timed) -> int:
    """The stage of all the values; ValueError where they differ: data of different slots or clocks would meet."""
    first = values[0]
    for other in values[1:]:
        if other.stage != first.stage:
            raise ValueError(
                f"{first} is valid at stage {first.stage}, {other} at stage {other.stage}: they cannot meet"
            )
    return first.stage


def keep_to(stages: StageTimes, **built: int) -> None:
    """ValueError where something is ready at another stage than the schedule says: it would meet the wrong data."""
    for name, stage in built.items():
        if stage != getattr(stages, name):
            raise ValueError(f"stage `{name}` must be {getattr(stages, name)} by the schedule, is built at {stage}")


def due(stages: StageTimes, name: str, value: Timed) -> Any:
    """The value, which the schedule must expect at the stage of this name; else ValueError, see ``keep_to``."""
    keep_to(stages, **{name: value.stage})
    return value.value


def spread(m: Module, value: Any, lanes: int, name: str, *, control: bool = False, group: int = GROUP) -> list:
    """``value`` a clock later, for each of the lanes: a register per ``group`` lanes, so that none has a large fan-out.

    Synthesis is told to keep the copies apart, and not to make them the end of a shift register, which is slow.
    ``control``: with a reset, see Timeline.
    """
    copies = []
    for number in range(-(-lanes // group)):
        copy = Signal(value.shape(), name=f"{name}_{number:02}", reset_less=not control, attrs={"keep": 1})
        m.d.sync += copy.eq(value)
        copies.append(copy)
    return [copies[lane // group] for lane in range(lanes)]


def cleared(m: Module) -> Signal:
    """The reset, a clock late, from a register of this module's own: the reset of the whole has few loads, and near
    ones do the rest. For registers without a reset that ask for it."""
    register = Signal(name="cleared", reset_less=True, attrs={"keep": 1})
    m.d.sync += register.eq(ResetSignal())
    return register


class Timeline:
    """Shift registers on demand: ``at(Timed(signal, stage), later)`` is the signal as it was at its stage.

    Data registers have no reset, so that the reset net stays short; ``control=True`` keeps it, for the bits
    that say whether a stage holds work. Chains of the same kind are shared between calls.

    ValueError where the signal is not yet valid, and inside ``m.If`` and its like: a register made there
    would move on under that condition only.
    """

    def __init__(self, m: Module):
        self._m = m
        self._chains: dict[tuple[int, bool], list[Signal]] = {}
        self._sources: list[Signal] = []  # keeps the signals alive, so that id() stays theirs

    def at(self, source: Timed, later: int, *, control: bool = False) -> Signal:
        signal, stage = source.value, source.stage
        if later < stage:
            raise ValueError(f"{signal.name} is valid at stage {stage}, it cannot be had at stage {later}")
        chain = self._chains.setdefault((id(signal), control), [signal])
        if len(chain) == 1:
            self._sources.append(signal)
        if len(chain) <= later - stage and self._m.domain._depth:  # Amaranth has no public word for it
            raise ValueError(f"{signal.name} at stage {later} must be asked for outside of conditions")
        while len(chain) <= later - stage:
            step = Signal(signal.shape(), name=f"{signal.name}_{len(chain)}", reset_less=not control)
            self._m.d.sync += step.eq(chain[-1])
            chain.append(step)
        return chain[later - stage]

    def spread(self, source: Timed, later: int, lanes: int, *, control: bool = False) -> list:
        """As ``at``, for each of the lanes, see ``spread``; the signal itself if it is asked for at its own stage."""
        if later == source.stage:
            return [source.value] * lanes
        before = self.at(source, later - 1, control=control)
        return spread(self._m, before, lanes, f"{before.name}_for", control=control)
