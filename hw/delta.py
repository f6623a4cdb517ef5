"""Right deltas of a junction: fetched, multiplied by f' once per neuron, shifted by the learning rate."""

from amaranth import Const, Module, Mux, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import dropped, product
from hw.timeline import Timed, Timeline, due
from sw.design.design import Design, Junction
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT
from sw.design.schedule import StageTimes

__all__ = ["RightDelta"]


class RightDelta(wiring.Component):
    """``delta`` of a group of right neurons, ready at stage ``operands``.

    Members: ``raw`` (at stage ``raw``) and ``slope`` (a clock before); ``rate_shift`` (k, at stage ``delta``);
    ``delta``; ``weight_delta`` = delta * 2^(7 - k % 8); ``bias_delta`` = delta * 2^(15 - k).
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
        members = {
            "raw": In(signed(width)).array(units),
            "rate_shift": In(4),
            "delta": Out(signed(width)).array(units),
            "weight_delta": Out(signed(width + UP_SHIFT)).array(units),
            "bias_delta": Out(signed(width + BIAS_SHIFT)).array(units),
        }
        if self.scaled:
            members["slope"] = In(slope_bits).array(units)
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        line, st = Timeline(m), self.stages
        late = (~line.at(Timed(self.rate_shift, st.delta), st.operands - 1))[:4]
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
            kept = [
                (self.delta[i], value),
                (self.weight_delta[i], value << (~self.rate_shift)[:3]),  # 7 - k % 8
                (self.bias_delta[i], value << (~self.rate_shift)[:4]),  # 15 - k
            ]
            if self.registers.read > 1:  # one more in front of the lanes' multipliers; the bias is shifted behind it
                wait = [Timed(v, delta.stage).register(m, f"{out.name}_register", keep=True) for out, v in kept[:2]]
                delta = wait[0]
                kept[:2] = [(out, v.value) for (out, _), v in zip(kept[:2], wait, strict=True)]
                kept[2] = (self.bias_delta[i], wait[0].value << late)
            for out, shifted in kept:
                result = Timed(shifted, delta.stage).register(m, f"{out.name}_out")
                m.d.comb += out.eq(due(st, "operands", result))
        return m
