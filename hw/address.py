"""Address generator of a junction: the row that every lane reads."""

from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.memory import table
from hw.timeline import GROUP, Timed, spread
from sw.design.fixed import bits_for
from sw.design.memories import ROWS_BY_CLOCK
from sw.pattern.clash_free import Pattern

__all__ = ["AddressGenerator"]


class AddressGenerator(wiring.Component):
    """Rows of all lanes, ``latency`` clocks (1 or 2) after the position in the junction cycle is given.

    Kind 1, and every short cycle, looks the rows up by ``clock``. Else kinds 2 and 3 look up a start vector by
    ``start`` and add ``step``, the clock within the sweep, modulo D: some LUTs per lane whatever the length
    of the cycle. In two clocks each group of lanes has a copy of the position of its own.

    Members: ``clock`` (0..C_i - 1), ``start`` (start vector), ``step`` (0..D - 1), ``rows[z]``.
    """

    def __init__(self, pattern: Pattern, latency: int):
        self.pattern, self.latency = pattern, latency
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
        if pattern.kind == 1 and not short:
            # in block RAM, whose address is a register and needs no copies
            words = [_word(rows, bits) for rows in pattern.rows]
            m.submodules.table = rom = table(bits * pattern.z, words, ROWS_BY_CLOCK)
            port = rom.read_port()
            m.d.comb += port.addr.eq(self.clock)
            for lane, row in enumerate(self.rows):
                value = Timed(port.data.word_select(lane, bits), 1)
                m.d.comb += row.eq(value.register(m, f"row_{lane}", self.latency - 1).value)
            return m

        near = {}  # the position for each lane, a clock before the rows
        for name in ("clock",) if short else ("start", "step"):
            position = getattr(self, name)
            near[name] = [position] * pattern.z
            if self.latency > 1:
                near[name] = spread(m, position, pattern.z, f"{name}_for")
        for first in range(0, pattern.z, GROUP):
            lanes = slice(first, first + GROUP)
            if short:
                values = self._looked_up(m, f"table_{first}", pattern.rows[:, lanes], bits, near["clock"][first])
            else:
                values = self._counted(m, lanes, near["start"][first], near["step"][first])
            for lane, value in enumerate(values, first):
                register = Signal(bits, name=f"row_{lane}", reset_less=True)
                m.d.sync += register.eq(value)
                m.d.comb += self.rows[lane].eq(register)
        return m

    def _looked_up(self, m: Module, name: str, vectors, width: int, at: Signal) -> list:
        """A word per lane in plain logic."""
        words = [_word(rows, width) for rows in vectors]
        m.submodules[name] = rom = table(len(vectors[0]) * width, words, len(words))
        port = rom.read_port(domain="comb")
        m.d.comb += port.addr.eq(at)
        return [port.data.word_select(lane, width) for lane in range(len(vectors[0]))]

    def _counted(self, m: Module, lanes: slice, start: Signal, step: Signal) -> list:
        """Start row plus step, modulo D."""
        depth, bits, starts = self.pattern.depth, bits_for(self.pattern.depth), self.pattern.table[:, lanes]
        values = [(row + step)[:bits] for row in self._looked_up(m, f"table_{lanes.start}", starts, bits, start)]
        if depth != 1 << bits:  # a power of two wraps by itself
            # start - D, two's complement; both sums at once, so that neither waits for the other
            behind = self._looked_up(m, f"behind_{lanes.start}", starts - depth + (2 << bits), bits + 1, start)
            for lane, row in enumerate(behind):
                wrapped = (row + step)[: bits + 1]
                values[lane] = Mux(wrapped[-1], values[lane], wrapped[:bits])
        return values


def _word(rows, width: int) -> int:
    return sum(int(row) << (width * lane) for lane, row in enumerate(rows))
