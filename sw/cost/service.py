"""Look-up tables and flip-flops of what serves a junction's lanes: control, addresses, writes, random numbers."""

from collections.abc import Iterable
from math import ceil

from sw.cost.junction import GROUP, JunctionUnits
from sw.cost.units import multiplexer
from sw.design import lfsr
from sw.design.fixed import bits_for
from sw.design.memories import ROWS_BY_CLOCK
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT

__all__ = ["DECODED", "Service"]

DECODED = 16  # lanes that one register's multiplexer chooses among, see hw.parameters


class Service(JunctionUnits):
    """Control, noise, the memories' addresses and writes, the configuration port's reads."""

    def count(self) -> None:
        self._control()
        self._noise()
        self._access()
        self._banks()
        self._rows()

    def _control(self) -> None:
        """Clocks, groups and slots of the stages; all wait for right deltas multiplied by a sigmoid's slope."""
        j, c = self.j, self.c
        bits = bits_for(j.clocks) + self.row_bits
        self.add("control of junctions", c.control_lut + c.control_scaled_lut * ("scaled" in self.groups), c.control_ff)
        self.add("control of junctions", c.control_bit_lut * bits, c.control_bit_ff * bits)
        # a reset clears what says that a stage has work, so it is no shift register
        self.add("control of junctions", 0, self.times.activation + self.times.update)

    def _noise(self) -> None:
        """What rounds the changes of weights and biases, added where no DSP block does it, and random numbers."""
        j = self.j
        drop = j.operand_fraction + UP_SHIFT
        in_dsp = self.groups["up"].in_dsp
        # half a unit has constant bits, and so has noise with more bits than are random: for these an adder outside of
        # DSP blocks is used
        if not self.stochastic or drop > lfsr.WINDOW:
            in_dsp = 0
        outside = j.z - in_dsp
        self.add("noise", 0, outside * self.change + self.copies)
        shared = ceil(j.z / GROUP) - in_dsp // GROUP if outside else 0  # copies of the rate's part that are used
        if not self.stochastic:
            self.add("noise", 2 * j.z + j.per_clock, 2 * shared)
            return
        count = lfsr.groups(j.z)
        used = min(drop, lfsr.WINDOW)
        self.add("noise", count * (lfsr.LENGTH + self.c.lfsr_lut), count * lfsr.LENGTH)
        self.add("noise", j.per_clock * BIAS_SHIFT + outside * (used + lfsr.COARSE))
        # neighbouring lanes share random bits, some of them each with the rate's part
        top = lfsr.WINDOW - used
        late = self.stages.read > 1  # then they come from copies for GROUP lanes each
        plain = [(unit * j.z // j.per_clock, place) for unit in range(j.per_clock) for place in range(BIAS_SHIFT)]
        plain += [(lane, top + place) for lane in range(in_dsp, j.z) for place in range(used)]
        gated = [(lane, top + place, lane // GROUP) for lane in range(j.z) for place in range(lfsr.COARSE)]

        def different(bits: Iterable[tuple[int, int, int]]) -> int:
            return len({(lane // lfsr.GROUP, lane % lfsr.GROUP + place, copy) for lane, place, copy in bits})

        registered = different((lane, place, lane // GROUP if late else -1) for lane, place in plain)
        registered += different(bit for bit in gated if bit[0] >= in_dsp)
        self.add("noise", different(gated), registered)
        if late:
            lanes = [min(GROUP, j.z - first) for first in range(0, j.z, GROUP)]
            self.add("noise", 0, sum(2 * (n - 1) + lfsr.WINDOW + top + lfsr.COARSE for n in lanes))

    def _access(self) -> None:
        """Addresses of weights and biases, write enables, and reads by the configuration port."""
        j, width = self.j, self.width
        self.add("access to memories", 2 * (bits_for(j.clocks) + self.row_bits))
        for count, row in ((j.z, bits_for(j.clocks)), (j.per_clock, self.row_bits)):
            copies, chosen = ceil(count / GROUP), min(DECODED, count) + ceil(count / DECODED)
            self.add("access to memories", count + chosen)
            self.add("access to memories", 0, count + chosen + 1 + copies * (1 + width + 2 * row))
            self._chosen(count, width)
        self.add("access to memories", 0, ceil(j.z / (GROUP // 2)))  # the rate's part, which reaches all bits
        if self.stochastic:
            self._chosen(lfsr.groups(j.z), lfsr.LENGTH)

    def _chosen(self, count: int, width: int) -> None:
        """The choice of one value for the configuration port, with a register for each DECODED values."""
        while count > 1:
            parts, rest = divmod(count, DECODED)
            tables = parts * multiplexer(DECODED) + multiplexer(rest)
            parts += rest > 0
            self.add("access to memories", width * tables, parts * (width + 2 * bits_for(min(count, DECODED))))
            count = parts

    def _banks(self) -> None:
        """Left activations' writes and sets."""
        j, below, schedule = self.j, self.below, self.schedule
        ff, up = (bits_for(sets[j.index - 1]) for sets in (schedule.feed_sets, schedule.activation_sets))
        enables = len({(lane // below, lane // GROUP) for lane in range(j.z)})
        copied = bits_for(j.depth) + max(ff, up) + ff + up
        parts = j.z // below  # one of them is written, which has a register for each
        self.add("banks", parts, enables + parts + below * j.operand_bits + self.copies * copied)

    def _rows(self) -> None:
        """Row addresses of the lanes, of which lanes with the same rows share one."""
        j, c = self.j, self.c
        if j.depth == 1:
            return
        short, bits, different = j.clocks <= ROWS_BY_CLOCK, bits_for(j.depth), self._distinct()
        in_memory = j.pattern.kind == 1 and not short
        if in_memory:
            self.add("rows", 0, different * (self.stages.read - 1))
        else:
            if short:
                share, position = c.row_by_clock_lut, bits_for(j.clocks)
            else:
                share, position = c.row_counted_lut, bits_for(len(j.pattern.table)) + bits
                if j.pattern.kind == 3:
                    share = c.row_start_lut
                elif j.depth != 1 << bits:
                    share = c.row_wrapped_lut
            self.add("rows", different * share, different + self.copies * position * (self.stages.read - 1))
        if j.index > 1:  # on their way to the partial left deltas, whose rows are compared
            coming = self.times.partial - 2 - self.times.left_address
            self.line("rows", different, {coming, coming + 1, coming + 2, coming + 4})
            self.add("rows", different / bits * 2 * ceil(2 * bits / 5), different / bits * 2)

    def _distinct(self) -> int:
        """Bits of the lanes' rows, of which equal ones are one; those that leave a memory stay apart."""
        j, pattern = self.j, self.j.pattern
        bits, short = bits_for(j.depth), j.clocks <= ROWS_BY_CLOCK
        if pattern.kind == 1 and not short:
            return j.z * bits
        found, step = 0, GROUP if self.stages.read > 1 else j.z  # lanes with the same copy of the position
        for first in range(0, j.z, step):
            lanes = slice(first, first + step)
            if short:  # each bit has a table
                rows = pattern.rows[:, lanes]
                columns = {(rows >> bit & 1).T[lane].tobytes() for bit in range(bits) for lane in range(rows.shape[1])}
                found += len(columns - {bytes(rows.T[0].nbytes)})
            else:
                found += bits * len({lane.tobytes() for lane in pattern.table[:, lanes].T})
        return found
