"""Address generator of a junction: the row that every lane reads."""

from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.memory import table
from sw.design.fixed import bits_for
from sw.design.memories import ROWS_BY_CLOCK
from sw.pattern.clash_free import Pattern

__all__ = ["AddressGenerator"]


class AddressGenerator(wiring.Component):
    """Rows of all lanes, one clock after the position in the junction cycle is given.

    Kind 1, and every short cycle, looks the rows up by ``clock``. Else kinds 2 and 3 look up a start vector by
    ``start`` and add ``step``, the clock within the sweep, modulo D: some LUTs per lane whatever the length
    of the cycle.

    Members: ``clock`` (0..C_i - 1), ``start`` (start vector), ``step`` (0..D - 1), ``rows[z]``.
    """

    latency = 1

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
        short = pattern.clocks <= ROWS_BY_CLOCK
        by_clock = short or pattern.kind == 1

        def looked_up(name: str, vectors, width: int, at: Signal, domain: str) -> list:
            words = [sum(int(row) << (width * lane) for lane, row in enumerate(rows)) for rows in vectors]
            most = ROWS_BY_CLOCK if domain == "sync" else len(words)
            m.submodules[name] = rom = table(width * pattern.z, words, most)
            read = rom.read_port(domain=domain)
            m.d.comb += read.addr.eq(at)
            return [read.data.word_select(lane, width) for lane in range(pattern.z)]

        if by_clock:
            values = looked_up("table", pattern.rows, bits, self.clock, "comb" if short else "sync")
        else:
            starts = looked_up("table", pattern.table, bits, self.start, "comb")
            values = [(start + self.step)[:bits] for start in starts]
            if depth != 1 << bits:  # a power of two wraps by itself
                # start - D, two's complement; both sums at once, so that neither waits for the other
                behind = looked_up("behind", pattern.table - depth + (2 << bits), bits + 1, self.start, "comb")
                for lane, start in enumerate(behind):
                    wrapped = (start + self.step)[: bits + 1]
                    values[lane] = Mux(wrapped[-1], values[lane], wrapped[:bits])
        for lane, (row, value) in enumerate(zip(self.rows, values, strict=True)):
            if by_clock and not short:
                m.d.comb += row.eq(value)
                continue
            register = Signal(bits, name=f"row_{lane}", reset_less=True)
            m.d.sync += register.eq(value)
            m.d.comb += row.eq(register)
        return m
