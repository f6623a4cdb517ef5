"""Small parts of the proofs' monitors."""

from amaranth.hdl import Assert, Module, Mux, Signal

__all__ = ["within"]


def within(m: Module, label: str, waits, clocks: int) -> Signal:
    """Asserts that ``waits`` is never true for more than ``clocks`` clocks in a row; for how many it was."""
    waited = Signal(range(clocks + 2), name=f"waited_{label.replace(' ', '_')}")
    m.d.sync += waited.eq(Mux(waits, Mux(waited > clocks, waited, waited + 1), 0))
    m.d.comb += Assert(waited <= clocks, label)
    return waited
