"""The top module without its PLL, simulated: reset until the lock has lasted, LEDs, the line, pins held at 1."""

import pytest
from amaranth import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from boards import top
from boards.pins import Pin
from boards.pll import settings
from boards.top import BoardTop

PINS = (Pin("clk", "1", False), Pin("rx", "2", False), Pin("tx", "3", True), Pin("led_0", "4", True),
        Pin("led_1", "5", True), Pin("led_2", "6", True), Pin("high_0", "7", True))  # fmt: skip
_AFTER = range(16, 22)  # clocks from the lock to the end of reset


class Core(wiring.Component):
    """Counts on two LEDs from its reset on, and sends back what it receives."""

    def __init__(self):
        super().__init__({"rx": In(1), "tx": Out(1), "leds": Out(2)})

    def elaborate(self, platform):
        m = Module()
        m.d.sync += self.leds.eq(self.leds + 1)
        m.d.comb += self.tx.eq(self.rx)
        return m


@pytest.fixture
def lock(monkeypatch):
    """The PLL's lock, to be set: in its place the clock goes straight through."""
    lock = Signal()

    def through(made, clock, output, locked):
        m = Module()
        m.d.comb += [output.eq(clock), locked.eq(lock)]
        return {"pll": m}

    monkeypatch.setattr(top, "cell", through)
    return lock


def test_reset_ends_some_clocks_after_the_lock(lock):
    dut = BoardTop(Core(), PINS, settings("ecp5", 25, 50))
    counted: list[int] = []

    async def clocks(context, number: int) -> list[int]:
        seen = []
        for _ in range(number):
            for level in (1, 0):
                context.set(dut.clk, level)
                await context.delay(1e-9)
            seen.append(context.get(dut.led_0) + 2 * context.get(dut.led_1))
            assert (context.get(dut.led_2), context.get(dut.high_0)) == (0, 1)
        return seen

    async def bench(context):
        assert not any(await clocks(context, 40)), "no lock, no work"
        context.set(lock, 1)
        assert not any(await clocks(context, 10))
        context.set(lock, 0)  # it was not to last
        assert not any(await clocks(context, 40))
        context.set(lock, 1)
        counted.extend(await clocks(context, 30))
        for level in (1, 0, 1):
            context.set(dut.rx, level)
            await context.delay(1e-9)
            assert context.get(dut.tx) == level

    simulator = Simulator(dut)
    simulator.add_testbench(bench)
    simulator.run()
    first = counted.index(1)
    assert first in _AFTER
    assert counted[first:] == [(1 + n) % 4 for n in range(len(counted) - first)]
