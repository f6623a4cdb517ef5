"""BP of a junction: products of weights and right deltas, each back to the bank of its left neuron."""

import numpy as np
from amaranth import Module, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import product
from hw.crossbar import crossed
from hw.leftdelta import LeftDelta
from hw.timeline import Timed, Timeline, due, keep_to
from sw.design.design import Design, Junction
from sw.design.fixed import bits_for
from sw.design.schedule import StageTimes

__all__ = ["Backward"]


class Backward(wiring.Component):
    """Left deltas of the left neurons whose weights are in the lanes.

    Members, at stages of StageTimes:
        weights[z], deltas[z] (of the right neurons): at ``operands``. rows[z]: of the banks, at ``left_address``.
        order: the sweep's start vector, at ``product``; it tells which lane has which bank.
        go, last: a clock before ``partial``, first: two clocks; slot: a clock before ``left_delta``; see LeftDelta.
        read_part, read_row, read_slot, read_data: as in LeftDelta.

    ``dsps``: so many of the z multipliers are in DSP blocks.
    """

    def __init__(
        self, design: Design, junction: Junction, stages: StageTimes, dsps: int, *, sets: int, per_read: int,
        slot_bits: int,
    ):
        self.design, self.junction, self.stages, self.dsps = design, junction, stages, dsps
        self.left_delta = LeftDelta(design, junction, sets=sets, per_read=per_read, slot_bits=slot_bits)
        number, j, row = signed(design.arithmetic.width), junction, bits_for(junction.depth)
        super().__init__(
            {
                "weights": In(number).array(j.z),
                "deltas": In(number).array(j.z),
                "rows": In(row).array(j.z),
                "order": In(bits_for(len(j.pattern.table))),
                "go": In(1),
                "first": In(1),
                "last": In(1),
                "slot": In(slot_bits),
                "read_part": In(range(max(2, j.z // per_read))),
                "read_row": In(row),
                "read_slot": In(slot_bits),
                "read_data": Out(number).array(per_read),
            }
        )

    def elaborate(self, platform):
        m = Module()
        line, j, st = Timeline(m), self.junction, self.stages
        m.submodules.left_delta = left = self.left_delta
        products = []
        for lane in range(j.z):
            weight = Timed(self.weights[lane], st.operands)
            delta = Timed(self.deltas[lane], st.operands)
            # the lane's own operand second: in look-up tables a bit of it reaches the most pins
            value = product(m, delta, weight, self.design.hardware.stages.multiply, "bp", lane, dsps=self.dsps)
            due(st, "product", value)
            if j.pattern.orders is None and self.design.hardware.stages.read > 1:
                # between the multiplier and the sum; a crossbar has its own register there
                value = value.register(m, f"summand_{lane:03}", keep=True)
            products.append(value)
        # from the lanes back to the banks
        orders = None if j.pattern.orders is None else np.argsort(j.pattern.orders, axis=1)
        for bank, value in enumerate(crossed(m, line, "crossbar", products, orders, Timed(self.order, st.product))):
            m.d.comb += [
                left.products[bank].eq(due(st, "partial", value)),
                left.rows[bank].eq(line.at(Timed(self.rows[bank], st.left_address), value.stage - 2)),
            ]
            keep_to(st, left_delta=value.stage + LeftDelta.latency)
        for name in ("go", "first", "last", "slot", "read_part", "read_row", "read_slot"):
            m.d.comb += getattr(left, name).eq(getattr(self, name))
        m.d.comb += [out.eq(value) for out, value in zip(self.read_data, left.read_data, strict=True)]
        return m
