"""Memories between junctions: banks that the lanes read by rows, and queues read in neuron order."""

from amaranth import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from hw.arithmetic import bits_for

__all__ = ["LeftBanks", "Queue"]


class LeftBanks(wiring.Component):
    """Left activations of a junction: z banks, some sets of D rows each.

    In one clock ``per_write`` neighbouring neurons are written: banks ``part * per_write ..`` of row
    ``write_row``. Every lane reads its own row twice, in the sets for FF and for UP; the data follow one
    clock later. The schedule never reads a row in the clock in which it is written.
    """

    def __init__(self, *, z: int, depth: int, sets: int, width: int, per_write: int):
        if z % per_write:
            raise ValueError(f"neurons per write must divide z = {z}, got {per_write}")
        self.z, self.depth, self.sets, self.width, self.per_write = z, depth, sets, width, per_write
        self.set_bits = bits_for(sets)
        super().__init__(
            {
                "write": In(1),
                "write_part": In(range(max(2, z // per_write))),
                "write_row": In(bits_for(depth)),
                "write_set": In(self.set_bits),
                "write_data": In(width).array(per_write),
                "rows": In(bits_for(depth)).array(z),
                "ff_set": In(self.set_bits),
                "up_set": In(self.set_bits),
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
        for lane in range(self.z):
            bank = Memory(shape=self.width, depth=1 << (bits_for(self.depth) + self.set_bits), init=[])
            m.submodules[f"bank_{lane}"] = bank
            write, ff, up = bank.write_port(), bank.read_port(), bank.read_port()
            m.d.comb += [
                write.en.eq(enables[lane // self.per_write]),
                write.addr.eq(Cat(self.write_row, self.write_set)),
                write.data.eq(self.write_data[lane % self.per_write]),
                ff.addr.eq(Cat(self.rows[lane], self.ff_set)),
                up.addr.eq(Cat(self.rows[lane], self.up_set)),
                self.ff_data[lane].eq(ff.data),
                self.up_data[lane].eq(up.data),
            ]
        return m


class Queue(wiring.Component):
    """Words of neuron groups, in some sets: written and read at a group each, data one clock after the address."""

    def __init__(self, *, groups: int, sets: int, shape, per_group: int):
        self.groups, self.shape, self.per_group = groups, shape, per_group
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
            memory = Memory(shape=self.shape, depth=1 << (bits_for(self.groups) + self.set_bits), init=[])
            m.submodules[f"unit_{i}"] = memory
            write, read = memory.write_port(), memory.read_port()
            m.d.comb += [
                write.en.eq(self.write),
                write.addr.eq(Cat(self.write_group, self.write_set)),
                write.data.eq(self.write_data[i]),
                read.addr.eq(Cat(self.read_group, self.read_set)),
                self.read_data[i].eq(read.data),
            ]
        return m
