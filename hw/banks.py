"""Memories between junctions: banks that the lanes read by rows, and queues read in neuron order."""

from amaranth import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.memory import memory
from sw.design.fixed import bits_for

__all__ = ["LeftBanks", "Queue"]


class LeftBanks(wiring.Component):
    """Left activations of a junction: z banks, each of them twice, with some sets of D rows.

    In one clock ``per_write`` neighbouring neurons are written: banks ``part * per_write ..`` of row
    ``write_row``. Every lane reads its own row twice, one copy for FF and one, which keeps more sets, for UP;
    the data follow one clock later. The schedule never reads a row in the clock in which it is written.
    ``..._slot``: low bits of a slot's number, whose lowest ones tell the set.
    """

    latency = 1  # of a read

    def __init__(
        self, *, z: int, depth: int, ff_sets: int, up_sets: int, width: int, per_write: int, slot_bits: int,
        lutram_rows: int,
    ):
        if z % per_write:
            raise ValueError(f"neurons per write must divide z = {z}, got {per_write}")
        self.z, self.depth, self.width, self.per_write = z, depth, width, per_write
        self.set_bits = {"ff": bits_for(ff_sets), "up": bits_for(up_sets)}
        self.lutram_rows = lutram_rows
        super().__init__(
            {
                "write": In(1),
                "write_part": In(range(max(2, z // per_write))),
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
        parts = self.z // self.per_write
        enables = [Signal(name=f"enable_{part}") for part in range(parts)]
        for part, enable in enumerate(enables):
            m.d.comb += enable.eq(self.write & (self.write_part == part))
        for copy, slot, data in (("ff", self.ff_slot, self.ff_data), ("up", self.up_slot, self.up_data)):
            set_bits = self.set_bits[copy]
            for lane in range(self.z):
                bank = memory(self.width, 1 << (bits_for(self.depth) + set_bits), self.lutram_rows)
                m.submodules[f"{copy}_{lane}"] = bank
                write, read = bank.write_port(), bank.read_port()
                m.d.comb += [
                    write.en.eq(enables[lane // self.per_write]),
                    write.addr.eq(Cat(self.write_row, self.write_slot[:set_bits])),
                    write.data.eq(self.write_data[lane % self.per_write]),
                    read.addr.eq(Cat(self.rows[lane], slot[:set_bits])),
                    data[lane].eq(read.data),
                ]
        return m


class Queue(wiring.Component):
    """Words of neuron groups, in some sets: written and read at a group each, data one clock after the address."""

    def __init__(self, *, groups: int, sets: int, shape, per_group: int, lutram_rows: int):
        self.groups, self.shape, self.per_group, self.lutram_rows = groups, shape, per_group, lutram_rows
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
            unit = memory(self.shape, 1 << (bits_for(self.groups) + self.set_bits), self.lutram_rows)
            m.submodules[f"unit_{i}"] = unit
            write, read = unit.write_port(), unit.read_port()
            m.d.comb += [
                write.en.eq(self.write),
                write.addr.eq(Cat(self.write_group, self.write_set)),
                write.data.eq(self.write_data[i]),
                read.addr.eq(Cat(self.read_group, self.read_set)),
                self.read_data[i].eq(read.data),
            ]
        return m
