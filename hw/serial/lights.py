"""LEDs: a heartbeat, and a bar."""

from amaranth import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Lights"]

_HEARTBEAT = 1.0  # seconds of light and dark together


class Lights(wiring.Component):
    """The first of ``leds`` blinks as long as there is a clock; the others are a bar, as long as the share ``recent``
    of 64."""

    def __init__(self, clock_hz: int, leds: int):
        self.clock_hz, self.count = clock_hz, leds
        super().__init__({"recent": In(7), "leds": Out(leds)})

    def elaborate(self, platform):
        m = Module()
        half, count = round(self.clock_hz * _HEARTBEAT / 2), self.count - 1
        left, light = Signal(range(half), init=half - 1, name="dark"), Signal(name="light")
        over, bar = Signal(name="over"), Signal(count, name="bar")
        m.d.sync += [over.eq(left == 1), left.eq(left - 1)]
        with m.If(over):
            m.d.sync += [left.eq(half - 1), light.eq(~light)]
        m.d.sync += [bar[i].eq(self.recent >= -(-(64 * i + 32) // count)) for i in range(count)]
        m.d.comb += self.leds.eq(Cat(light, bar))
        return m
