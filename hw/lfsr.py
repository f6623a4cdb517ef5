"""The LFSR that a group of lanes shares; definition and golden twin in sw.design.lfsr."""

from amaranth import Cat, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from sw.design import lfsr

__all__ = ["Lfsr"]


class Lfsr(wiring.Component):
    """47-bit LFSR that moves on by STEP bits in every clock with ``step``; ``state`` is a register.

    ``load`` replaces the state by ``value`` and takes precedence. The initial state is ``seed``, which a
    reset restores.
    """

    def __init__(self, *, seed: int):
        if not 0 < seed < 1 << lfsr.LENGTH:
            raise ValueError(f"an LFSR seed must be 1..2^{lfsr.LENGTH} - 1, got {seed}")
        super().__init__(
            {
                "step": In(1),
                "load": In(1),
                "value": In(lfsr.LENGTH),
                "state": Out(lfsr.LENGTH, init=seed),
            }
        )

    def elaborate(self, platform):
        m = Module()
        fresh = self.state[: lfsr.STEP] ^ self.state[lfsr.TAP : lfsr.TAP + lfsr.STEP]
        with m.If(self.load):
            m.d.sync += self.state.eq(self.value)
        with m.Elif(self.step):
            m.d.sync += self.state.eq(Cat(self.state[lfsr.STEP :], fresh))
        return m

    def number(self, lane: int):
        """The 15 bits of the group's lane ``lane`` (0..31), as an expression."""
        return self.state[lane : lane + lfsr.WINDOW]
