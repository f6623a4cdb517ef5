"""A machine of states that takes a step in every clock, with a register for each state, one of which is high."""

from collections.abc import Iterator
from contextlib import contextmanager

from amaranth import Module, Signal

__all__ = ["OneHot"]


class OneHot:
    """``with states.at("NAME"):`` holds what is done in a state, ``states.go("OTHER")`` within it leaves it.

    The machine begins in ``first``. A state may be left by one ``go`` at most in a clock: conditions that lead to
    different ones must exclude each other.
    """

    def __init__(self, m: Module, first: str):
        self._m, self._first, self._now = m, first, ""
        self._bits: dict[str, Signal] = {}

    def now(self, name: str) -> Signal:
        """Whether the machine is in that state."""
        if name not in self._bits:
            self._bits[name] = Signal(init=name == self._first, name=f"in_{name.lower()}")
        return self._bits[name]

    @contextmanager
    def at(self, name: str) -> Iterator[None]:
        self._now = name
        with self._m.If(self.now(name)):
            yield

    def go(self, name: str) -> None:
        if name != self._now:
            self._m.d.sync += [self.now(self._now).eq(0), self.now(name).eq(1)]
