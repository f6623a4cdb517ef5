"""A message as hw.serial.frames hands it on: the number of its bytes is taken off, the bytes come one by one."""

from amaranth import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["MessageReader"]


class MessageReader(wiring.Component):
    """``messages``: of each the number of its bytes (2, low one first), then the bytes.

    ``byte`` is the next byte where ``have`` is high. ``left``: how many have not been taken, this one among them;
    ``none``: it is 0. ``take`` pulses when the byte has been used, ``next`` when the message has: then the next one
    begins. ``have`` and ``none`` are right from three clocks after either of them on.
    """

    def __init__(self):
        super().__init__(
            {
                "messages": In(stream.Signature(8)),
                "byte": Out(8),
                "have": Out(1),
                "left": Out(11),
                "none": Out(1),
                "take": In(1),
                "next": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        # no byte is held, also for others; nor will one be
        empty, ready = (Signal(init=1, name=name, attrs={"keep": 1}) for name in ("empty", "ready"))
        empties = Signal(name="empties")
        low, high, within = Signal(init=1, name="low"), Signal(name="high"), Signal(name="within")
        byte, left = Signal(8, name="held", reset_less=True), Signal(11, name="to_come", reset_less=True)
        m.d.comb += [self.messages.ready.eq(ready), empties.eq(empty), self.byte.eq(byte), self.left.eq(left)]
        takes = Signal(name="takes")
        m.d.sync += [
            takes.eq(self.take),
            empty.eq(empties),
            ready.eq(empties),
            self.have.eq(within & ~empty & ~self.none & ~self.take & ~takes),
            self.none.eq(left == 0),
        ]
        with m.If(empty):
            m.d.comb += empties.eq(~self.messages.valid)
            m.d.sync += byte.eq(self.messages.payload)
        with m.Elif(low):
            m.d.comb += empties.eq(1)
            m.d.sync += [left[:8].eq(byte), low.eq(0), high.eq(1)]
        with m.Elif(high):
            m.d.comb += empties.eq(1)
            m.d.sync += [left[8:].eq(byte), high.eq(0), within.eq(1)]
        with m.If(takes):
            m.d.comb += empties.eq(1)
            m.d.sync += left.eq(left - 1)
        with m.If(self.next):
            m.d.sync += [within.eq(0), low.eq(1)]
        return m
