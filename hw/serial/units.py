"""What has no fixed number in a request: values, words or labels, counted, then gathered from bytes."""

from collections.abc import Callable

from amaranth import Module, Mux, Signal

from hw.serial.late import differs, register
from hw.serial.message import MessageReader
from hw.serial.states import States
from hw.serial.timer import Timer

__all__ = ["Units"]


class Units:
    """From the state DIVIDE on: counts units of ``size`` bytes in what is left of the message, then gathers them.

    ``count``: how many there are; where it is 0, or bytes are left over, or ``ill`` is high some clocks later,
    ``refuse`` is called. ``value`` has a unit's bytes, the first lowest, when the machine goes to UNIT, which must go
    back to GATHER. After the last one it goes to DONE.
    """

    def __init__(self, m: Module, states: States, timer: Timer, message: MessageReader, *, count: Signal, size,
                 lanes: int):  # fmt: skip
        self.m, self.states, self.timer, self.message = m, states, timer, message
        self.count, self.size = count, size
        self.lane = Signal(lanes, init=1, name="lane", reset_less=True)
        self.value = Signal(8 * lanes, name="gathered", reset_less=True)

    def gather(self, ill, refuse: Callable[[], None]) -> None:
        m, at, go, size, message = self.m, self.states.at, self.states.go, self.size, self.message
        rest = Signal(11, name="rest", reset_less=True)
        taken = Signal(len(size), name="taken", reset_less=True)
        another, whole = register(m, "another", rest >= size), register(m, "whole", taken == size)
        some = differs(m, "some_units", self.count)
        misfit = register(m, "misfit", ~some | differs(m, "left_over", rest) | ill)
        begin, put = Signal(name="begin_unit"), Signal(name="put_byte")
        puts = Signal(len(self.lane), name="puts", reset_less=True)  # where the byte goes, two clocks later
        none = Signal(name="puts_none", init=1)  # not `put`, from a register of its own, as it clears all of `puts`
        m.d.sync += [put.eq(0), none.eq(1), puts.eq(Mux(none, 0, self.lane))]
        with at("DIVIDE"):
            m.d.sync += [rest.eq(message.left), self.count.eq(0)]
            go("SUBTRACT")
        with at("SUBTRACT", another):
            m.d.sync += [rest.eq(rest - size), self.count.eq(self.count + 1)]
        with at("SUBTRACT", ~another):
            m.d.comb += [self.timer.start.eq(1), begin.eq(1)]
            go("DIVIDED")
        with at("DIVIDED", self.timer.over & misfit):
            refuse()
        with at("DIVIDED", self.timer.over & ~misfit):
            go("GATHER")
        with at("GATHER", whole):
            m.d.comb += begin.eq(1)
            go("UNIT")
        with at("GATHER", ~whole & message.none):
            go("DONE")
        with at("GATHER", ~whole & message.have):
            m.d.sync += [message.take.eq(1), put.eq(1), none.eq(0)]
        with m.If(put):
            m.d.sync += [self.lane.eq(self.lane << 1), taken.eq(taken + 1)]
        for i in range(len(self.lane)):
            with m.If(puts[i]):
                m.d.sync += self.value.word_select(i, 8).eq(message.byte)
        with m.If(begin):
            m.d.sync += [self.lane.eq(1), taken.eq(0)]
