"""BP: partial left deltas are accumulated in banks; finished ones wait for the junction on the left."""

from amaranth import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import dropped, saturated
from hw.memory import memory
from hw.timeline import Timeline
from sw.design.design import Design, Junction
from sw.design.fixed import bits_for
from sw.design.sums import left_sum_bits

__all__ = ["LeftDelta"]


class LeftDelta(wiring.Component):
    """Left delta sums of a junction, exact until each is rounded once and saturated once.

    A partial sum is added to and written back within one clock, the stage ``partial``; it has been read in the
    clock before. A row may come back in the very next clock (types 1 and 2: the last row of a sweep can be
    the first of the next): what was read is then out of date, and the sum just written takes its place.
    Where D = 1 the sum is a register, which holds it in the next clock. The first sweep starts from the rounding
    half instead of the old sum; the last one's sums are final.

    Members:
        rows[z]: of the banks, one clock before stage ``partial``.
        go, first, last, products[z]: at stage ``partial``.
        slot: low bits of the slot's number, at stage ``left_delta`` (``latency`` later).
        read_part, read_row, read_slot: a group of neurons that the junction on the left needs.
        read_data: their deltas, two clocks later.
    """

    latency = 2  # from a last partial sum to the write of the finished delta

    def __init__(self, design: Design, junction: Junction, *, sets: int, per_read: int, slot_bits: int):
        self.z, self.depth, self.per_read = junction.z, junction.depth, per_read
        self.lutram_rows = design.hardware.lutram_rows
        self.number = number = design.arithmetic.number
        self.set_bits = bits_for(sets)
        self.sum_bits = left_sum_bits(design, junction)
        rows = bits_for(self.depth)
        super().__init__(
            {
                "go": In(1),
                "first": In(1),
                "last": In(1),
                "rows": In(rows).array(self.z),
                "products": In(signed(2 * number.width)).array(self.z),
                "slot": In(slot_bits),
                "read_part": In(range(max(2, self.z // per_read))),
                "read_row": In(rows),
                "read_slot": In(slot_bits),
                "read_data": Out(signed(number.width)).array(per_read),
            }
        )

    def elaborate(self, platform):
        m = Module()
        line = Timeline(m)  # its stages count from ``partial``, those of a read from the request
        number, fraction = self.number, self.number.fraction_bits
        half = Const(1 << (fraction - 1), signed(self.sum_bits))
        rows = bits_for(self.depth)
        finished = Signal(name="finished")
        m.d.comb += finished.eq(self.go & self.last)
        final = line.at(finished, 0, self.latency, control=True)
        waiting = []
        for lane in range(self.z):
            coming, row = self.rows[lane], line.at(self.rows[lane], -1, 0)
            total = Signal(signed(self.sum_bits), name=f"total_{lane}")
            exact = Signal(signed(self.sum_bits), name=f"exact_{lane}", reset_less=True)
            kept = Signal(signed(self.sum_bits), name=f"kept_{lane}", reset_less=True)
            if self.depth == 1:
                with m.If(self.go):
                    m.d.sync += kept.eq(total)
            else:
                m.submodules[f"partial_{lane}"] = partial = memory(
                    signed(self.sum_bits), self.depth, self.lutram_rows
                )
                read, write = partial.read_port(), partial.write_port()
                again = Signal(name=f"again_{lane}", reset_less=True)
                m.d.sync += again.eq(self.go & (coming == row))
                m.d.comb += [
                    read.addr.eq(coming),
                    kept.eq(Mux(again, exact, read.data)),
                    write.addr.eq(row),
                    write.data.eq(total),
                    write.en.eq(self.go),
                ]
            m.d.comb += total.eq(Mux(self.first, half, kept) + self.products[lane])
            delta = Signal(signed(number.width), name=f"delta_{lane}", reset_less=True)
            m.d.sync += [exact.eq(total), delta.eq(saturated(dropped(exact, fraction), number))]

            bank = memory(signed(number.width), 1 << (rows + self.set_bits), self.lutram_rows)
            m.submodules[f"delta_{lane}"] = bank
            port, asked = bank.write_port(), bank.read_port()
            m.d.comb += [
                port.en.eq(final),
                port.addr.eq(Cat(line.at(coming, -1, self.latency), self.slot[: self.set_bits])),
                port.data.eq(delta),
                asked.addr.eq(Cat(self.read_row, self.read_slot[: self.set_bits])),
            ]
            waiting.append(asked.data)
        part = line.at(self.read_part, 0, 1)
        selected = [Signal(signed(number.width), name=f"selected_{i}", reset_less=True) for i in range(self.per_read)]
        with m.Switch(part):
            for p in range(self.z // self.per_read):
                with m.Case(p):
                    for i, value in enumerate(selected):
                        m.d.sync += value.eq(waiting[p * self.per_read + i])
        m.d.comb += [out.eq(value) for out, value in zip(self.read_data, selected, strict=True)]
        return m
