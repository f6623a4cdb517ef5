"""The serial line at a rate that may change, and goes back to the first one where good frames fail to come."""

from amaranth import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.serial.uart import UartReceiver, UartTransmitter
from sw.design.frames import BASE_RATE, FALLBACK_SECONDS, RATE_BITS, rate_step

__all__ = ["Line"]


class Line(wiring.Component):
    """``rx``, ``tx``: the pins. ``byte``, ``valid``: what comes; ``bytes``: what is to be sent, ``idle``: all has been.

    ``stepped`` pulses: ``step`` gives the rate from now on (hw.serial.uart). It is 115,200 baud again a second without
    ``good``, which pulses for each good frame, since then or since the line was first low after the last of these.
    """

    def __init__(self, clock_hz: int):
        self.clock_hz = clock_hz
        super().__init__(
            {
                "rx": In(1, init=1),
                "tx": Out(1, init=1),
                "byte": Out(8),
                "valid": Out(1),
                "bytes": In(stream.Signature(8)),
                "idle": Out(1),
                "good": In(1),
                "step": In(RATE_BITS),
                "stepped": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.receiver = receiver = UartReceiver()
        m.submodules.transmitter = transmitter = UartTransmitter()
        wiring.connect(m, wiring.flipped(self.bytes), transmitter.bytes)
        base, second = rate_step(BASE_RATE, self.clock_hz), round(self.clock_hz * FALLBACK_SECONDS)
        step = Signal(RATE_BITS, init=base, name="rate")
        m.d.comb += [
            receiver.rx.eq(self.rx),
            self.tx.eq(transmitter.tx),
            receiver.step.eq(step),
            transmitter.step.eq(step),
            self.byte.eq(receiver.byte),
            self.valid.eq(receiver.valid),
            self.idle.eq(transmitter.idle),
        ]
        # down to -1, which its top bit tells: then the second is over
        counting, begin = Signal(name="counting"), Signal(name="begin")
        left, over = Signal(range(2 * second), name="left", reset_less=True), Signal(name="over")
        m.d.sync += [begin.eq(self.stepped | ~counting), over.eq(counting & ~begin & ~self.stepped & left[-1])]
        with m.If(begin):
            m.d.sync += left.eq(second - 3)
        with m.Else():
            m.d.sync += left.eq(left - 1)
        with m.If(self.stepped):
            m.d.sync += [step.eq(self.step), counting.eq(1)]
        with m.Elif(over):
            m.d.sync += [step.eq(base), counting.eq(0)]
        with m.Elif(self.good):
            m.d.sync += counting.eq(0)
        with m.Elif(~counting):
            m.d.sync += counting.eq(receiver.low)
        return m
