"""BP: partial left deltas are accumulated in banks; finished ones wait for the junction on the left."""

from amaranth import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import dropped, saturated
from hw.memory import memory, read
from hw.timeline import Timed, Timeline, spread
from sw.design.design import Design, Junction
from sw.design.fixed import bits_for
from sw.design.sums import left_sum_bits

__all__ = ["LeftDelta"]

FEW_BITS = 2  # of a part's number, chosen by directly behind the banks
FEW = 1 << FEW_BITS


class LeftDelta(wiring.Component):
    """Left delta sums of a junction, exact until each is rounded once and saturated once.

    A partial sum is added to and written back within one clock, the stage ``partial``; it has been read two clocks
    before, and waits a clock in a register. A row may come back in either of the next two clocks (types 1 and 2: the
    last row of a sweep can be the first of the next; D = 2): what was read is then out of date, and the sum just
    written takes its place. Where D = 1 the sum is a register, which holds it in the next clock. The first sweep starts
    from the rounding half instead of the old sum; the last one's sums are final.

    Members:
        rows[z]: of the banks, two clocks before stage ``partial``.
        go, last: a clock before stage ``partial``; first: two clocks before.
        products[z]: at stage ``partial``.
        slot: low bits of the slot's number, at stage ``left_delta`` - 1.
        read_part, read_row, read_slot: a group of neurons that the junction on the left needs.
        read_data: their deltas, ``read_clocks`` + 1 later.
    """

    latency = 2  # from a last partial sum to the write of the finished delta

    def __init__(self, design: Design, junction: Junction, *, sets: int, per_read: int, slot_bits: int):
        self.z, self.depth, self.per_read = junction.z, junction.depth, per_read
        self.lutram_rows, self.read_clocks = design.hardware.lutram_rows, design.hardware.stages.read
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
        line = Timeline(m)  # its stages count from ``partial``
        number, fraction = self.number, self.number.fraction_bits
        half = Const(1 << (fraction - 1), signed(self.sum_bits))
        rows = bits_for(self.depth)
        early, finished = Timed(self.go, -1), Signal(name="finished")
        m.d.comb += finished.eq(self.go & self.last)
        going = line.at(early, 0, control=True)
        # copies for the lanes
        goes = line.spread(early, 0, self.z, control=True)
        firsts = spread(m, self.first, self.z, "first_for", group=2)  # it reaches every bit of a lane
        final = line.spread(Timed(finished, -1), self.latency, self.z, control=True)
        slots = line.spread(Timed(self.slot, self.latency - 1), self.latency, self.z)
        waiting = []
        for lane in range(self.z):
            coming = Timed(self.rows[lane], -2)
            total = Signal(signed(self.sum_bits), name=f"total_{lane}")
            exact = Signal(signed(self.sum_bits), name=f"exact_{lane}", reset_less=True)
            kept = Signal(signed(self.sum_bits), name=f"kept_{lane}", reset_less=True)
            if self.depth == 1:
                with m.If(goes[lane]):
                    m.d.sync += kept.eq(total)
                with m.If(firsts[lane]):
                    m.d.sync += kept.eq(half)
            else:
                m.submodules[f"partial_{lane}"] = partial = memory(
                    signed(self.sum_bits), self.depth, self.lutram_rows, apart=True
                )
                old = read(m, partial.read_port(), coming, 1, f"old_{lane}").value
                # is it the row of the sum that is formed now, or of the one before?
                again, before = (Signal(name=f"{name}_{lane}", reset_less=True) for name in ("again", "before"))
                m.d.sync += [
                    again.eq(self.go & (coming.value == line.at(coming, -1))),
                    before.eq(going & (coming.value == line.at(coming, 0))),
                    kept.eq(Mux(firsts[lane], half, Mux(again, total, Mux(before, exact, old)))),
                ]
                write = partial.write_port()
                m.d.comb += [
                    write.addr.eq(line.at(coming, 0)),
                    write.data.eq(total),
                    write.en.eq(goes[lane]),
                ]
            m.d.comb += total.eq(kept + self.products[lane])
            delta = Signal(signed(number.width), name=f"delta_{lane}", reset_less=True)
            m.d.sync += [exact.eq(total), delta.eq(saturated(dropped(exact, fraction), number))]

            bank = memory(signed(number.width), 1 << (rows + self.set_bits), self.lutram_rows, apart=True)
            m.submodules[f"delta_{lane}"] = bank
            port = bank.write_port()
            m.d.comb += [
                port.en.eq(final[lane]),
                port.addr.eq(Cat(line.at(coming, self.latency), slots[lane][: self.set_bits])),
                port.data.eq(delta),
            ]
            asked = bank.read_port()
            m.d.comb += asked.addr.eq(Cat(self.read_row, self.read_slot[: self.set_bits]))
            waiting.append(asked.data)
        parts = [waiting[first : first + self.per_read] for first in range(0, self.z, self.per_read)]
        part = line.at(Timed(self.read_part, 0), 1)
        if self.read_clocks > 1:  # a few at a time, as block RAM is slow
            parts = [self._selected(m, f"first_{n}", parts[n : n + FEW], part[:FEW_BITS])
                     for n in range(0, len(parts), FEW)]  # fmt: skip
            part = line.at(Timed(self.read_part, 0), 2)[FEW_BITS:]
        selected = self._selected(m, "selected", parts, part)
        m.d.comb += [out.eq(value) for out, value in zip(self.read_data, selected, strict=True)]
        return m

    def _selected(self, m: Module, name: str, parts: list[list], number) -> list:
        """The part of this number, a clock later."""
        found = [Signal(signed(self.number.width), name=f"{name}_{i}", reset_less=True) for i in range(self.per_read)]
        with m.Switch(number):
            for n, part in enumerate(parts):
                with m.Case(n) if n < len(parts) - 1 else m.Default():
                    m.d.sync += [value.eq(one) for value, one in zip(found, part, strict=True)]
        return found
