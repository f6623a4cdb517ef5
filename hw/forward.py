"""FF of a junction: products, sums over the lanes and clocks of a right neuron, pre-activations, activations."""

from amaranth import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.activation import Activation
from hw.arithmetic import adder_tree, dropped, product_sums, saturated
from hw.timeline import Timed, Timeline, due
from sw.design.design import Design, Junction
from sw.design.schedule import StageTimes
from sw.design.sums import right_sum_bits

__all__ = ["Forward"]


class Forward(wiring.Component):
    """Activations of the right neurons whose weights are in the lanes; with several clocks of weights, of their sums.

    Members, at stages of StageTimes:
        left[z], weights[z], biases: at ``operands``.
        go, first: at ``tree``; there is work, and it is a right neuron's first.
        activations, slopes: at ``activation``; slopes where deltas are multiplied by f'.

    ``dsps``: so many of the z multipliers are in DSP blocks.
    """

    def __init__(self, design: Design, junction: Junction, stages: StageTimes, dsps: int):
        self.design, self.junction, self.stages, self.dsps = design, junction, stages, dsps
        self.activation = Activation(design, junction, stages)
        number, j = signed(design.arithmetic.width), junction
        members = {
            "left": In(j.operand_bits).array(j.z),
            "weights": In(number).array(j.z),
            "biases": In(number).array(j.per_clock),
            "go": In(1),
            "first": In(1),
            "activations": Out(self.activation.activation_bits).array(j.per_clock),
        }
        if design.scaled_delta(junction):
            members["slopes"] = Out(self.activation.slope_bits).array(j.per_clock)
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        line, j, st = Timeline(m), self.junction, self.stages
        arithmetic, fraction = self.design.arithmetic, j.operand_fraction
        stages, shape = self.design.hardware.stages, signed(right_sum_bits(self.design, j))
        m.submodules.activation = activation = self.activation
        pairs = [
            (Timed(left, st.operands), Timed(weight, st.operands))
            for left, weight in zip(self.left, self.weights, strict=True)
        ]
        lanes = min(j.z, j.in_degree)
        for unit in range(j.per_clock):
            first_lane = unit * lanes
            sums = product_sums(
                m, pairs[first_lane : first_lane + lanes], stages.multiply, stages.chain, "ff", first_lane,
                dsps=self.dsps,
            )
            tree = due(st, "tree", adder_tree(m, sums, stages.add, f"sum_{unit}"))
            # the bias has `fraction` bits less than the sum; the rounding half fills the gap
            bias = line.at(Timed(self.biases[unit], st.operands), st.tree)
            start = Cat(Const(1 << (fraction - 1), fraction), bias).as_signed()
            total = Signal(shape, name=f"total_{unit}", reset_less=True)
            if j.clocks_per_group == 1:
                m.d.sync += total.eq(start + tree)
            else:
                # a pause must not lose the sum so far
                with m.If(self.go):
                    m.d.sync += total.eq(Mux(self.first, start, total) + tree)
            finished = Timed(total, st.tree + 1)
            rounded = saturated(dropped(due(st, "total", finished), fraction), arithmetic.preactivation)
            s = Timed(rounded, finished.stage).register(m, f"preactivation_{unit}")
            m.d.comb += activation.preactivations[unit].eq(due(st, "preactivation", s))
        m.d.comb += [mine.eq(value) for mine, value in zip(self.activations, activation.activations, strict=True)]
        if self.design.scaled_delta(j):
            m.d.comb += [mine.eq(value) for mine, value in zip(self.slopes, activation.slopes, strict=True)]
        return m
