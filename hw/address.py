"""Address generator of a junction: the row that every lane reads."""

from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from hw.arithmetic import bits_for
from sw.design.pattern import Pattern

__all__ = ["AddressGenerator"]


class AddressGenerator(wiring.Component):
    """Rows of all lanes, one clock after the position in the junction cycle is given.

    Kind 1 looks the rows up by ``clock``. Kinds 2 and 3 look up a start vector by ``start`` and add
    ``step``, the clock within the sweep, modulo D: a few LUTs per lane whatever the length of the cycle.

    Members: ``clock`` (0..C_i - 1), ``start`` (start vector), ``step`` (0..D - 1), ``rows[z]``.
    """

    def __init__(self, pattern: Pattern):
        self.pattern = pattern
        super().__init__(
            {
                "clock": In(range(max(2, pattern.clocks))),
                "start": In(range(max(2, len(pattern.table)))),
                "step": In(range(max(2, pattern.depth))),
                "rows": Out(bits_for(pattern.depth)).array(pattern.z),
            }
        )

    def elaborate(self, platform):
        m = Module()
        pattern = self.pattern
        depth, bits = pattern.depth, bits_for(pattern.depth)
        if depth == 1:
            return m
        words = [sum(int(row) << (bits * lane) for lane, row in enumerate(rows)) for rows in pattern.table]
        m.submodules.table = table = Memory(shape=bits * pattern.z, depth=max(2, len(words)), init=words)
        read = table.read_port(domain="sync" if pattern.kind == 1 else "comb")
        m.d.comb += read.addr.eq(self.clock if pattern.kind == 1 else self.start)
        for lane, row in enumerate(self.rows):
            word = read.data.word_select(lane, bits)
            if pattern.kind == 1:
                m.d.comb += row.eq(word)
                continue
            wraps = depth == 1 << bits  # a power of two wraps by itself
            total = Signal(bits if wraps else bits + 1, name=f"total_{lane}")
            m.d.comb += total.eq(word + self.step)
            register = Signal(bits, name=f"row_{lane}", reset_less=True)
            m.d.sync += register.eq(total if wraps else Mux(total >= depth, total - depth, total))
            m.d.comb += row.eq(register)
        return m
