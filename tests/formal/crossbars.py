"""A dithered junction: in each clock its lanes have one neuron of every bank, and what they make of it goes back there.

The banks, the multipliers and the left deltas are replaced: a bank's data are its own number and the row it was asked
for, and a lane's product is what it got.
"""

from functools import partial
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
from amaranth.asserts import AnyConst
from amaranth.hdl import Array, Assert, Assume, Cat, Const, Cover, Elaboratable, Fragment, Module, Mux, Signal

import hw.address
import hw.backward
from hw.backward import Backward
from hw.junction import JunctionUnit
from hw.leftdelta import LeftDelta
from hw.sequencer import JunctionSequencer
from hw.timeline import Timed, Timeline, cleared, due, together
from sw.design.design import Design
from sw.design.fixed import bits_for
from sw.design.schedule import Schedule
from tests.formal.addresses import AnyPattern

__all__ = ["Crossbars"]


class TagBanks(Elaboratable):
    """In place of LeftBanks: the data of bank b are Cat(row, b)."""

    def __init__(self, z: int, depth: int, read_clocks: int):
        self.read_clocks = read_clocks
        rows, banks = bits_for(depth), bits_for(z)
        self.write, self.write_parts, self.write_row, self.write_slot = (Signal(8) for _ in range(4))
        self.ff_slot, self.up_slot, self.write_data = Signal(8), Signal(8), []
        self.rows = [Signal(rows, name=f"row_{b}") for b in range(z)]
        self.ff_data = [Signal(rows + banks, name=f"ff_{b}") for b in range(z)]
        self.up_data = [Signal(rows + banks, name=f"up_{b}") for b in range(z)]

    def elaborate(self, platform):
        m = Module()
        for b, (row, ff, up) in enumerate(zip(self.rows, self.ff_data, self.up_data, strict=True)):
            tag = Cat(Timed(row, 0).register(m, f"read_{b}", self.read_clocks).value, Const(b, len(ff) - len(row)))
            m.d.comb += [ff.eq(tag), up.eq(tag)]
        return m


class TagDeltas(Elaboratable):
    """In place of LeftDelta: takes tags, does nothing."""

    latency = LeftDelta.latency

    def __init__(self, design, junction, *, sets, per_read, slot_bits):
        bits = bits_for(junction.depth)
        self.go, self.first, self.last, self.slot = Signal(), Signal(), Signal(), Signal(slot_bits)
        self.read_part, self.read_row, self.read_slot = Signal(8), Signal(8), Signal(8)
        self.read_data = [Signal(name=f"read_{i}") for i in range(per_read)]
        self.products = [Signal(bits + bits_for(junction.z), name=f"product_{b}") for b in range(junction.z)]
        self.rows = [Signal(bits, name=f"row_{b}") for b in range(junction.z)]
        junction.deltas = self

    def elaborate(self, platform):
        return Module()


class Crossbars(Elaboratable):
    """Junction ``index`` of a design with any start vectors and with the given ``orders``, one for each of them."""

    def __init__(self, design: Design, orders: np.ndarray, index: int = 2):
        self.schedule, j = Schedule.of(design), design.junctions[index - 1]
        self.stages, self.index, self.design = self.schedule.stages[index - 1], index, design
        pattern = SimpleNamespace(
            kind=j.pattern.kind, sweeps_per_start=j.pattern.sweeps_per_start, depth=j.depth, z=j.z, orders=orders,
            clocks=j.clocks, out_degree=j.out_degree, table=j.pattern.table, rows=j.pattern.rows,
        )  # fmt: skip
        self.junction = SimpleNamespace(
            pattern=pattern, z=j.z, depth=j.depth, in_degree=j.in_degree, per_clock=j.per_clock, deltas=None
        )
        self.clocks, self.out_degree = j.clocks, j.out_degree
        self.sequencer = JunctionSequencer(self.schedule, index)
        self.tick = Signal()
        self.inputs = [self.tick]

    def elaborate(self, platform):
        m = Module()
        seq, st, j = self.sequencer, self.stages, self.junction
        ff_data, up_data = self._hardware(m, platform)
        m.d.comb += seq.tick.eq(self.tick)

        # clocks of the cycle by counting ticks; what follows is at stage `operands`
        cycle = self.schedule.clocks
        position, go = Signal(range(cycle), init=-self.schedule.ff[self.index - 1] % cycle), Signal()
        with m.If(self.tick):
            m.d.sync += position.eq(Mux(position == cycle - 1, 0, position + 1))
        m.d.comb += [go.eq(self.tick & (position < self.clocks)), Assume(~cleared(m) | ~self.tick)]
        line = Timeline(m)
        came, at = line.at(Timed(go, 0), st.operands, control=True), line.at(Timed(position, 0), st.operands)

        row_bits, bank_bits = bits_for(j.depth), bits_for(j.z)
        neurons = [(data[:row_bits], data[row_bits:]) for data in ff_data]
        for lane, (row, bank) in enumerate(neurons):
            m.d.comb += Assert(~came | ((row < j.depth) & (bank < j.z)), "a neuron that is there")
            m.d.comb += Assert(~came | (ff_data[lane] == up_data[lane]), "the same neuron for FF and UP")
            for _, other in neurons[:lane]:
                m.d.comb += Assert(~came | (bank != other), "lanes in different banks")

        # the neuron of any one lane and step is kept, and compared with all others of this sweep
        step, sweep = (Signal(range(max(2, n))) for n in (j.depth, self.out_degree))
        m.d.comb += [
            step.eq(Array(c % j.depth for c in range(cycle))[at]),
            sweep.eq(Array(min(c // j.depth, self.out_degree - 1) for c in range(cycle))[at]),
        ]
        chosen_lane, chosen, kept_sweep, kept = Signal(bank_bits), Signal.like(step), Signal.like(sweep), Signal()
        m.d.comb += [chosen_lane.eq(AnyConst(bank_bits)), Assume(chosen_lane < j.z)]
        m.d.comb += [chosen.eq(AnyConst(len(chosen))), Assume(chosen < j.depth)]
        neuron, keep = Signal(len(ff_data[0])), Signal()
        m.d.comb += keep.eq(came & (step == chosen))
        with m.If(keep):
            m.d.sync += [kept.eq(1), kept_sweep.eq(sweep), neuron.eq(Array(ff_data)[chosen_lane])]
        later = came & kept & (sweep == kept_sweep) & ~keep
        for data in ff_data:
            m.d.comb += Assert(~later | (data != neuron), "no left neuron twice in a sweep")
        m.d.comb += Cover(later & (sweep == self.out_degree - 1), "the last order")

        # BP: in the clock in which a bank adds, it is a product of its own neuron, in the row of two clocks before
        adds = line.at(Timed(go, 0), st.partial, control=True)
        for bank, (row, product) in enumerate(zip(j.deltas.rows, j.deltas.products, strict=True)):
            read = line.at(Timed(row, st.partial - 2), st.partial)
            m.d.comb += Assert(~adds | (product == Cat(read, Const(bank, bank_bits))), "a product goes back")
        return m

    def _hardware(self, m: Module, platform) -> tuple[list, list]:
        """What moves data between banks and lanes, by the junction's own methods."""
        part = Module()
        part.submodules.sequencer = self.sequencer
        j, st = self.junction, self.stages
        junction = SimpleNamespace(
            sequencer=self.sequencer, stages=st, junction=j, design=self.design, _line=Timeline(part),
            banks=TagBanks(j.z, j.depth, self.design.hardware.stages.read), left_data=[],
            _train=Timed(Signal(name="train"), 1), weights=SimpleNamespace(values=[Const(0)] * j.z),
            right_delta=SimpleNamespace(delta=[Const(0)], of=lambda lane: 0), below_raw=[Signal(name="below_raw")],
            **{name: Signal(8, name=name) for name in ("left_write", "left_parts", "left_row", "left_slot")},
            **{name: Signal(8, name=name) for name in ("below_part", "below_row", "below_slot")},
        )  # fmt: skip
        for name in ("_at", "_far", "_go", "_training"):
            setattr(junction, name, partial(getattr(JunctionUnit, name), junction))
        rows = JunctionUnit._rows(junction, part)
        ff_data, up_data = (
            [due(st, "operands", value) for value in values]
            for values in JunctionUnit._left_activations(junction, part, rows)
        )
        got = [Signal(len(data), name=f"got_{lane}") for lane, data in enumerate(ff_data)]
        part.d.comb += [mine.eq(data) for mine, data in zip(got, ff_data, strict=True)]

        def product(module, weight, delta, registers, name, lane, *, dsps):
            return Timed(got[lane], together(weight, delta)).register(module, f"tag_{lane}", registers)

        pattern = AnyPattern(m, j.pattern, 1)
        with (
            patch.multiple(hw.address, table=pattern.table, ROWS_BY_CLOCK=1),
            patch.multiple(hw.backward, product=product, LeftDelta=TagDeltas),
        ):
            backward = Backward(self.design, j, st, 0, sets=1, per_read=1, slot_bits=self.sequencer.slot_bits)
            JunctionUnit._backward(junction, part, backward, rows)
            m.submodules.part = Fragment.get(part, platform)
        return ff_data, up_data
