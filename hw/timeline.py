"""Delays between pipeline stages, and whether what was built keeps to the schedule."""

from amaranth import Module, Signal

from sw.design.schedule import StageTimes

__all__ = ["Timeline", "keep_to"]


def keep_to(stages: StageTimes, **built: int) -> None:
    """ValueError where something is ready at another stage than the schedule says: it would meet the wrong data."""
    for name, stage in built.items():
        if stage != getattr(stages, name):
            raise ValueError(f"stage `{name}` must be {getattr(stages, name)} by the schedule, is built at {stage}")


class Timeline:
    """Shift registers on demand: ``at(signal, stage, later)`` is the signal as it was at ``stage``, seen at ``later``.

    Data registers have no reset, so that the reset net stays short; ``control=True`` keeps it, for the bits
    that say whether a stage holds work. Chains of the same kind are shared between calls.

    ValueError where the signal is not yet valid, and inside ``m.If`` and its like: a register made there
    would move on under that condition only.
    """

    def __init__(self, m: Module):
        self._m = m
        self._chains: dict[tuple[int, bool], list[Signal]] = {}
        self._sources: list[Signal] = []  # keeps the signals alive, so that id() stays theirs

    def at(self, signal: Signal, stage: int, later: int, *, control: bool = False) -> Signal:
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
