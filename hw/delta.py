"""Right deltas of a junction: fetched, multiplied by f' once per neuron, shifted by the learning rate."""

from amaranth import Cat, Const, Module, Mux, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import dropped, product
from hw.timeline import Timed, Timeline, due
from sw.design.design import Design, Junction
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT
from sw.design.schedule import StageTimes

__all__ = ["LANES", "RightDelta"]

LANES = 6  # that share a copy of a right neuron's delta


class RightDelta(wiring.Component):
    """``delta`` of a group of right neurons, ready at stage ``operands``.

    Members: ``raw`` (at stage ``raw``) and ``slope`` (a clock before); ``rate_shift`` (k, at stage ``delta``);
    ``delta``; ``weight_delta`` = delta * 2^(7 - k % 8); ``bias_delta`` = delta * 2^(15 - k). Of the first two there are
    ``copies``, for LANES lanes of the neuron each, as a bit reaches dozens of pins of a multiplier.
    """

    def __init__(self, design: Design, junction: Junction, stages: StageTimes, slope_bits: int, dsps: int):
        self.stages = stages
        self.fraction = design.arithmetic.number.fraction_bits
        self.width = width = design.arithmetic.width
        self.registers = design.hardware.stages
        self.scaled = design.scaled_delta(junction)
        self.relu = junction.activation == "relu"
        self.dsps = dsps  # so many of the multiplications by f' are in DSP blocks
        units = junction.per_clock
        self.copies = -(-min(junction.z, junction.in_degree) // LANES)
        members = {
            "raw": In(signed(width)).array(units),
            "rate_shift": In(4),
            "delta": Out(signed(width)).array(units * self.copies),
            "weight_delta": Out(signed(width + UP_SHIFT)).array(units * self.copies),
            "bias_delta": Out(signed(width + BIAS_SHIFT)).array(units),
        }
        if self.scaled:
            members["slope"] = In(slope_bits).array(units)
        self.in_degree = junction.in_degree
        super().__init__(members)

    def of(self, lane: int) -> int:
        """Which of the copies the lane has."""
        unit, place = divmod(lane, self.in_degree)
        return unit * self.copies + place // LANES

    def elaborate(self, platform):
        m = Module()
        line, st = Timeline(m), self.stages
        rate = Timed(self.rate_shift, st.delta)
        for i, raw in enumerate(self.raw):
            delta = Timed(raw, st.raw)
            if self.scaled:
                slope = Timed(line.at(Timed(self.slope[i], st.raw - 1), st.raw), st.raw)
                if self.relu:
                    delta = Timed(Mux(slope.value, raw, 0)[: self.width].as_signed(), st.raw)
                else:
                    # rounded by what the multiplier adds
                    clocks = self.registers.multiply
                    half = Timed(Const(1 << (self.fraction - 1), self.fraction), st.raw + clocks - 1)
                    exact = product(m, delta, slope, clocks, "scaled", i, dsps=self.dsps, plus=half)
                    delta = Timed(dropped(exact.value, self.fraction)[: self.width].as_signed(), exact.stage)
            value = due(st, "delta", delta)
            # 7 - k % 8 and 15 - k, in ones and in fours
            fine = (~self.rate_shift)[:2]
            if self.registers.read == 1:
                made = [Timed(v, delta.stage)
                        for v in (value, value << (~self.rate_shift)[:3], value << (~self.rate_shift)[:4])]  # fmt: skip
            else:  # in two clocks, as a shifter's many bits lie far apart, and one more to reach all lanes
                fours = [(~line.spread(rate, delta.stage + 1, 1)[0])[2:4] for _ in range(2)]  # weights' and biases'
                shifts = [Cat(Const(0, 2), part) for part in (fours[0][0], fours[1])]
                stepped = Timed(value << fine, delta.stage).register(m, f"stepped_{i}", keep=True)
                made = [Timed(stepped.value << shift, stepped.stage) for shift in shifts]
                made = [delta.register(m, f"plain_{i}", keep=True), *made]
            outs = [(self.bias_delta[i], made[2], "bias")]
            for copy in range(self.copies):
                at = i * self.copies + copy
                outs += [(self.delta[at], made[0], f"delta_{copy}"), (self.weight_delta[at], made[1], f"weight_{copy}")]
            for out, shifted, name in outs:
                result = Timed(shifted.value[: len(out)].as_signed(), shifted.stage)
                if self.registers.read > 1:
                    result = result.register(m, f"{name}_shifted_{i}", keep=True)
                m.d.comb += out.eq(due(st, "operands", result.register(m, f"{name}_out_{i}")))
        return m
