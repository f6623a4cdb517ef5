"""Cores for bitstreams of the tests: much smaller than a shell."""

from amaranth import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

__all__ = ["Blinker"]


class Blinker(wiring.Component):
    """Counts on its LEDs, and sends back what it receives, some clocks later and through a memory."""

    def __init__(self, bits: int = 12):
        self.bits = bits
        super().__init__({"rx": In(1, init=1), "tx": Out(1, init=1), "leds": Out(4)})

    def elaborate(self, platform):
        m = Module()
        count = Signal(self.bits, name="count")
        m.submodules.memory = memory = Memory(shape=9, depth=4096, init=[n & 511 for n in range(4096)])
        write, read = memory.write_port(), memory.read_port()
        m.d.sync += [count.eq(count + 1), self.tx.eq(read.data[0])]
        m.d.comb += [
            write.addr.eq(count), write.data.eq(self.rx), write.en.eq(1), read.addr.eq(count + 1), read.en.eq(1),
            self.leds.eq(count[-4:]),
        ]  # fmt: skip
        return m
