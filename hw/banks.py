"""Memories between junctions: banks that the lanes read by rows, and queues read in neuron order."""

from amaranth import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.memory import memory, read
from hw.timeline import GROUP, Timed, spread
from sw.design.fixed import bits_for

__all__ = ["LeftBanks", "Queue"]


class LeftBanks(wiring.Component):
    """Left activations of a junction: z banks, each of them twice, with some sets of D rows.

    In one clock ``per_write`` neighbouring neurons are written: banks ``part * per_write ..`` of row ``write_row``,
    in the clock after the one in which they are given. Of ``write_parts`` one bit is high, that of the part. Every
    lane reads its own row twice, one copy for FF and one, which keeps more sets, for UP; the data follow
    ``read_clocks`` later. The schedule never reads a row in the clock in which it is written. ``..._slot``: low bits of
    a slot's number, whose lowest ones tell the set; those of a read are given one clock before ``rows``.
    """

    write_latency = 1  # from what is given to its write

    def __init__(
        self, *, z: int, depth: int, ff_sets: int, up_sets: int, width: int, per_write: int, slot_bits: int,
        lutram_rows: int, read_clocks: int,
    ):
        if z % per_write:
            raise ValueError(f"neurons per write must divide z = {z}, got {per_write}")
        self.z, self.depth, self.width, self.per_write = z, depth, width, per_write
        self.set_bits = {"ff": bits_for(ff_sets), "up": bits_for(up_sets)}
        self.lutram_rows, self.read_clocks = lutram_rows, read_clocks
        super().__init__(
            {
                "write": In(1),
                "write_parts": In(z // per_write),
                "write_row": In(bits_for(depth)),
                "write_slot": In(slot_bits),
                "write_data": In(width).array(per_write),
                "rows": In(bits_for(depth)).array(z),
                "ff_slot": In(slot_bits),
                "up_slot": In(slot_bits),
                "ff_data": Out(width).array(z),
                "up_data": Out(width).array(z),
            }
        )

    def elaborate(self, platform):
        m = Module()
        z = self.z
        enables: dict[tuple[int, int], Signal] = {}  # by part and group of lanes
        for lane in range(z):
            at = part, group = lane // self.per_write, lane // GROUP
            if at not in enables:
                enables[at] = Signal(name=f"enable_{part}_{group}", reset_less=True, attrs={"keep": 1})
                m.d.sync += enables[at].eq(self.write & self.write_parts[part])
        rows, slots = spread(m, self.write_row, z, "row_for"), spread(m, self.write_slot, z, "slot_for")
        written = [Timed(value, 0).register(m, f"new_{i:03}").value for i, value in enumerate(self.write_data)]
        for copy, slot, data in (("ff", self.ff_slot, self.ff_data), ("up", self.up_slot, self.up_data)):
            set_bits = self.set_bits[copy]
            sets = spread(m, slot[:set_bits], z, f"{copy}_set")
            for lane in range(z):
                bank = memory(self.width, 1 << (bits_for(self.depth) + set_bits), self.lutram_rows, apart=True)
                m.submodules[f"{copy}_{lane}"] = bank
                write = bank.write_port()
                m.d.comb += [
                    write.en.eq(enables[lane // self.per_write, lane // GROUP]),
                    write.addr.eq(Cat(rows[lane], slots[lane][:set_bits])),
                    write.data.eq(written[lane % self.per_write]),
                ]
                address = Timed(Cat(self.rows[lane], sets[lane]), 0)
                found = read(m, bank.read_port(), address, self.read_clocks, f"{copy}_data_{lane:03}")
                m.d.comb += data[lane].eq(found.value)
        return m


class Queue(wiring.Component):
    """Words of neuron groups, in some sets: one group is written and one read, data ``read_clocks`` later."""

    def __init__(self, *, groups: int, sets: int, shape, per_group: int, lutram_rows: int, read_clocks: int):
        self.groups, self.shape, self.per_group = groups, shape, per_group
        self.lutram_rows, self.read_clocks = lutram_rows, read_clocks
        self.set_bits = bits_for(sets)
        super().__init__(
            {
                "write": In(1),
                "write_group": In(bits_for(groups)),
                "write_set": In(self.set_bits),
                "write_data": In(shape).array(per_group),
                "read_group": In(bits_for(groups)),
                "read_set": In(self.set_bits),
                "read_data": Out(shape).array(per_group),
            }
        )

    def elaborate(self, platform):
        m = Module()
        for i in range(self.per_group):
            unit = memory(self.shape, 1 << (bits_for(self.groups) + self.set_bits), self.lutram_rows, apart=True)
            m.submodules[f"unit_{i}"] = unit
            write, address = unit.write_port(), Timed(Cat(self.read_group, self.read_set), 0)
            m.d.comb += [
                write.en.eq(self.write),
                write.addr.eq(Cat(self.write_group, self.write_set)),
                write.data.eq(self.write_data[i]),
                self.read_data[i].eq(read(m, unit.read_port(), address, self.read_clocks, f"data_{i:03}").value),
            ]
        return m
