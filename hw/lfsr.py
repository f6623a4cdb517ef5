"""The LFSR that a group of lanes shares; definition and golden twin in sw.design.lfsr."""

from amaranth import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.timeline import cleared
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
                "state": Out(lfsr.LENGTH),
            }
        )
        self.seed = seed
        self.kept = Signal(lfsr.LENGTH, name="state_kept", init=seed, reset_less=True)  # what ``state`` shows

    def elaborate(self, platform):
        m = Module()
        state = self.kept
        fresh = state[: lfsr.STEP] ^ state[lfsr.TAP : lfsr.TAP + lfsr.STEP]
        with m.If(cleared(m)):
            m.d.sync += state.eq(self.seed)
        with m.Elif(self.load):
            m.d.sync += state.eq(self.value)
        with m.Elif(self.step):
            m.d.sync += state.eq(Cat(state[lfsr.STEP :], fresh))
        m.d.comb += self.state.eq(state)
        return m

    def numbers(self, lane: int, lanes: int):
        """The numbers of so many of the group's lanes, from ``lane`` (0..31) on: lane + i has the 15 bits from i on."""
        return self.state[lane : lane + lanes - 1 + lfsr.WINDOW]
