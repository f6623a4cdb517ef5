"""The weights or the biases of a junction: their memories, their update, and the configuration port's way to them."""

from amaranth import Array, Cat, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.memory import memory, read
from hw.timeline import GROUP, Timed, Timeline, due, spread
from hw.update import UpdateLanes
from sw.design.design import Design
from sw.design.fixed import bits_for
from sw.design.schedule import StageTimes

__all__ = ["NARROWED", "Parameters", "chosen"]

NARROWED = 4  # bits of a lane's number by which one register's multiplexer chooses


class Parameters(wiring.Component):
    """``lanes`` memories of ``rows`` numbers, one of each read for FF, BP and UP, and written again by UP.

    Members, at stages of StageTimes:
        read_row: a clock before ``address``; values: at ``operands``.
        change, at ``product``, and coarse, a clock before: as in UpdateLanes.
        write, write_row: a clock before ``update``, whether and where the new values are written.
        config_access: the rows are ``config_row`` instead. config_write: in that row, lane ``config_lane`` becomes
            ``config_value``; the row must be kept for four clocks more.
        config_data: the value of that lane, ``latency`` clocks after the row.
    """

    def __init__(
        self, design: Design, stages: StageTimes, *, lanes: int, rows: int, change_bits: int, drop: int, bits: int
    ):
        self.design, self.stages, self.lanes, self.rows = design, stages, lanes, rows
        self.change_bits, self.drop, self.bits = change_bits, drop, bits
        self.memories: list = []  # a lane each, for those who look inside
        shape, row = signed(design.arithmetic.width), bits_for(rows)
        #: row, memory, levels of choice
        self.latency = 1 + design.hardware.stages.read + choices(lanes)
        super().__init__(
            {
                "read_row": In(row),
                "values": Out(shape).array(lanes),
                "change": In(signed(change_bits)).array(lanes),
                "coarse": In(1),
                "write": In(1),
                "write_row": In(row),
                "config_access": In(1),
                "config_write": In(1),
                "config_lane": In(bits_for(lanes)),
                "config_row": In(row),
                "config_value": In(shape),
                "config_data": Out(shape),
            }
        )

    def elaborate(self, platform):
        m = Module()
        line, st, lanes, hardware = Timeline(m), self.stages, self.lanes, self.design.hardware
        read_rows, write_rows = (
            spread(m, Mux(self.config_access, self.config_row, row), lanes, f"{name}_row_for")
            for name, row in (("read", self.read_row), ("write", self.write_row))
        )
        m.submodules.update = update = UpdateLanes(
            lanes=lanes,
            fmt=self.design.arithmetic.number,
            change_bits=self.change_bits,
            drop=self.drop,
            bits=self.bits,
        )
        coarse = spread(m, self.coarse, lanes, "coarse_for", group=GROUP // 2)  # it reaches every bit of a lane
        loading = Signal(name="loading")
        m.d.sync += loading.eq(self.config_write)
        loads, given = spread(m, loading, lanes, "load_for"), spread(m, self.config_value, lanes, "value_for")
        # a lane is chosen by two halves of its number, so that few signals must be decoded
        low = Signal(1 << NARROWED, name="low", reset_less=True)
        high = Signal(-(-lanes >> NARROWED), name="high", reset_less=True)
        for half, part in ((low, self.config_lane[:NARROWED]), (high, self.config_lane[NARROWED:])):
            m.d.sync += half.eq(Cat((part == i) & loading for i in range(len(half))))
        values = []
        for i in range(lanes):
            m.submodules[f"memory_{i}"] = unit = memory(
                signed(self.design.arithmetic.width), self.rows, hardware.lutram_rows, apart=True
            )
            self.memories.append(unit)
            address = Timed(read_rows[i], st.address)
            value = read(m, unit.read_port(), address, hardware.stages.read, f"value_{i:03}")
            values.append(due(st, "operands", value))
            new = Timed(update.new[i], st.product + UpdateLanes.latency)
            enable = Signal(name=f"enable_{i:03}", reset_less=True)
            m.d.sync += enable.eq(self.write | (low[i % len(low)] & high[i // len(low)]))
            port = unit.write_port()
            m.d.comb += [
                self.values[i].eq(value.value),
                update.old[i].eq(line.at(value, st.product)),
                update.change[i].eq(self.change[i]),
                update.coarse[i].eq(coarse[i]),
                update.load[i].eq(loads[i]),
                update.value[i].eq(given[i]),
                port.addr.eq(write_rows[i]),
                port.en.eq(enable),
                port.data.eq(due(st, "update", new)),
            ]
        m.d.comb += self.config_data.eq(chosen(m, values, self.config_lane, "read"))
        return m


def choices(count: int) -> int:
    """Registers of ``chosen``."""
    levels = 0
    while count > 1:
        count, levels = -(-count >> NARROWED), levels + 1
    return levels


def chosen(m: Module, values: list, lane: Signal, name: str):
    """One of the values, by the low bits of ``lane`` first: a register for each choice, as there are many lanes.

    ``lane`` must be kept meanwhile; each half of a register's bits has its own copy of what it is chosen by.
    """
    level, most = 0, 1 << NARROWED
    while len(values) > 1:
        level += 1
        low, lane = lane[:NARROWED], lane[NARROWED:]
        found = []
        half = -(-len(values[0]) // 2)
        for first in range(0, len(values), most):
            one = Signal(values[0].shape(), name=f"{name}_{level}_{first}", reset_less=True)
            copies = spread(m, low, 2, f"{name}_lane_{level}_{first}", group=1)
            for own, part in zip(copies, (slice(half), slice(half, None)), strict=True):
                m.d.sync += one[part].eq(Array(value[part] for value in values[first : first + most])[own])
            found.append(one)
        values = found
    return values[0]
