"""A machine of states that takes its time: a register per state, a register per decision, a step in some clocks.

No state is decoded from a number and nothing is done in the clock in which it is decided, so the clock may be fast
however many states there are. It is for what waits for bytes of a serial line, which take many clocks each.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from amaranth import Module, Signal

from hw.timeline import cleared

__all__ = ["STEP", "States"]

STEP = 6  # clocks


class States:
    """``with states.at("NAME", condition):`` holds what is done in a state, ``states.go("OTHER")`` within it leaves it.

    The machine begins in the first of ``names``. In each step of ``STEP`` clocks conditions are looked at in the last
    but one, and what follows from them is done at the end of the last. So what hangs on anything that a step changes
    may come four clocks later, from registers of its own. What a condition has seen must hold until the next clock.

    A state may be left by one ``go`` at most in a step: conditions that lead to different ones must exclude each other.
    ``clear``: the reset, a clock late.
    """

    def __init__(self, m: Module, names: Sequence[str]):
        self._m, self._now, self._decisions = m, "", 0
        turn, self.clear = Signal(STEP, init=1, name="turn"), cleared(m)
        m.d.sync += turn.eq(turn.rotate_left(1))
        self._before = turn[-3]  # the clock before the one in which conditions are looked at
        self._looks: dict[str, Signal] = {}
        self._bits = {name: Signal(init=name == names[0], name=f"in_{name.lower()}", reset_less=True) for name in names}
        with m.If(self.clear):  # no decision has been taken in the clock after a reset
            m.d.sync += [bit.eq(bit.init) for bit in self._bits.values()]

    def now(self, name: str) -> Signal:
        """Whether the machine is in that state."""
        return self._bits[name]

    @contextmanager
    def at(self, name: str, condition=1) -> Iterator[None]:
        self._now = name
        decided = Signal(name=f"do_{name.lower()}_{self._decisions}")
        self._decisions += 1
        self._m.d.sync += decided.eq(self._look(name) & self.now(name) & condition)
        with self._m.If(decided):
            yield

    def _look(self, name: str) -> Signal:
        """A register for each state, as one would have too many loads."""
        if name not in self._looks:
            self._looks[name] = Signal(name=f"look_{name.lower()}", attrs={"keep": 1})
            self._m.d.sync += self._looks[name].eq(self._before)
        return self._looks[name]

    def go(self, name: str) -> None:
        if name != self._now:
            self._m.d.sync += [self.now(self._now).eq(0), self.now(name).eq(1)]
