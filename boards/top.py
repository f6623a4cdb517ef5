"""The top module of a bitstream: a board's pins, its PLL, a reset, and a core that has a serial line and LEDs."""

from collections.abc import Sequence

from amaranth import ClockDomain, Elaboratable, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from boards.pins import Pin
from boards.pll import Settings, cell

__all__ = ["BoardTop"]

_SETTLE = 16  # clocks between the PLL's lock and the end of reset


class BoardTop(wiring.Component):
    """``core`` runs in the domain ``sync``, at ``settings.mhz``, and has the ports rx, tx and leds.

    Its reset lasts until some clocks after the PLL has locked. LEDs that the core has no bit for stay dark.
    """

    def __init__(self, core: Elaboratable, found: Sequence[Pin], settings: Settings):
        self.core, self.found, self.settings = core, found, settings
        super().__init__({pin.port: Out(1) if pin.output else In(1) for pin in found})

    def elaborate(self, platform):
        m = Module()
        m.submodules.core = core = self.core
        m.domains.sync = sync = ClockDomain("sync")
        m.domains.start = start = ClockDomain("start", reset_less=True)  # the same clock, before there is a reset
        locked = Signal(name="locked")
        for name, instance in cell(self.settings, self.clk, sync.clk, locked).items():
            m.submodules[name] = instance
        m.d.comb += start.clk.eq(sync.clk)
        waited = Signal(_SETTLE, name="waited")
        reset = Signal(init=1, name="reset")
        m.d.start += [waited.eq((waited << 1) | locked), reset.eq(~waited[1:].all())]  # the first may waver
        m.d.comb += sync.rst.eq(reset)

        m.d.comb += [core.rx.eq(self.rx), self.tx.eq(core.tx)]
        for pin in self.found:
            kind, _, number = pin.port.partition("_")
            if kind == "led" and int(number) < len(core.leds):
                m.d.comb += getattr(self, pin.port).eq(core.leds[int(number)])
            elif kind == "high":
                m.d.comb += getattr(self, pin.port).eq(1)
        return m
