"""A serial port: bytes of eight data bits, no parity, one stop bit, at a rate that can be changed.

The rate is a step that is added to a phase of ``RATE_BITS`` bits in every clock; a bit takes as many clocks as the
phase takes to overflow. So every rate up to a quarter of the clock is met on average, and each edge within a clock.
"""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from sw.design.frames import RATE_BITS

__all__ = ["UartReceiver", "UartTransmitter"]

_HALF = 1 << (RATE_BITS - 1)
_BITS = 10  # start bit, eight data bits, stop bit


class UartReceiver(wiring.Component):
    """``valid`` pulses when ``byte`` is a byte from ``rx``, in the middle of its stop bit.

    ``rx`` may change at any time. A byte without its stop bit is dropped, and so is a start bit that is over before its
    middle. ``low``: the line is low. ``step``: see sw.design.frames.rate_step; it may change while nothing is being
    received.
    """

    def __init__(self):
        super().__init__(
            {"rx": In(1, init=1), "step": In(RATE_BITS), "byte": Out(8), "valid": Out(1), "low": Out(1)}
        )

    def elaborate(self, platform):
        m = Module()
        settling, line = Signal(init=1, name="settling"), Signal(init=1, name="line")
        m.d.comb += self.low.eq(~line)
        phase, sample = Signal(RATE_BITS, name="phase", reset_less=True), Signal(name="sample")
        step, begin = (Signal(RATE_BITS, name=name, reset_less=True) for name in ("step", "begin"))
        busy, number = Signal(name="busy"), Signal(range(_BITS), name="number")
        # which bit is the next one: known a clock late, as bits take four clocks or more
        first, last = Signal(name="first"), Signal(name="last")
        m.d.sync += [settling.eq(self.rx), line.eq(settling), sample.eq(0)]
        m.d.sync += [first.eq(number == 0), last.eq(number == _BITS - 1)]
        m.d.sync += self.valid.eq(sample & last & line)
        # half a bit to the middle of the start bit, less the clocks that it takes to see it and to sample
        m.d.sync += [step.eq(self.step), begin.eq(_HALF + step + (step >> 1))]
        with m.If(~busy):
            m.d.sync += [phase.eq(begin), number.eq(0), busy.eq(~line)]
        with m.Else():
            m.d.sync += Cat(phase, sample).eq(phase + step)
        with m.If(sample):  # while `busy` only
            m.d.sync += number.eq(number + 1)
            with m.If(last | (first & line)):
                m.d.sync += [busy.eq(0), sample.eq(0)]
            with m.If(~first & ~last):
                m.d.sync += self.byte.eq(Cat(self.byte[1:], line))
        return m


class UartTransmitter(wiring.Component):
    """Sends the bytes of ``bytes`` on ``tx``; ``idle`` when none is under way. ``step`` may change while idle."""

    def __init__(self):
        super().__init__(
            {"bytes": In(stream.Signature(8)), "step": In(RATE_BITS), "tx": Out(1, init=1), "idle": Out(1)}
        )

    def elaborate(self, platform):
        m = Module()
        phase, over = Signal(RATE_BITS, name="phase", reset_less=True), Signal(name="over")
        step = Signal(RATE_BITS, name="step", reset_less=True)
        bits, left = Signal(_BITS - 1, name="bits", reset_less=True), Signal(range(_BITS + 1), name="left")
        # `left` is 0, and was a clock ago
        waited = Signal(init=1, name="waited")
        waiting, ready = (Signal(init=1, name=name, attrs={"keep": 1}) for name in ("waiting", "ready"))
        m.d.comb += [self.bytes.ready.eq(ready), self.idle.eq(ready)]
        m.d.sync += [waited.eq(waiting), step.eq(self.step)]
        m.d.sync += Cat(phase, over).eq(Mux(waited, step << 1, phase + step))
        with m.If(waiting):
            with m.If(self.bytes.valid):
                m.d.sync += [self.tx.eq(0), bits.eq(Cat(self.bytes.payload, 1)), left.eq(_BITS)]
                m.d.sync += [waiting.eq(0), ready.eq(0)]
        with m.Elif(over):
            m.d.sync += [self.tx.eq(bits[0]), bits.eq(Cat(bits[1:], 1)), left.eq(left - 1)]
            m.d.sync += [waiting.eq(left == 1), ready.eq(left == 1)]
        return m
