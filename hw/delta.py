"""Right deltas of a junction: fetched, multiplied by f' once per neuron, shifted by the learning rate."""

from amaranth import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import dropped, product
from hw.timeline import Timeline, keep_to
from sw.design.design import Design, Junction
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT
from sw.design.schedule import StageTimes

__all__ = ["RightDelta"]


class RightDelta(wiring.Component):
    """``delta`` of a group of right neurons, ready at stage ``operands``.

    Members: ``raw`` (at stage fetch + 1 where deltas are not scaled, else + 2) and ``slope`` (fetch + 1);
    ``rate_shift`` (k, at stage operands - 1); ``delta``; ``weight_delta`` = delta * 2^(7 - k % 8);
    ``bias_delta`` = delta * 2^(15 - k).
    """

    def __init__(self, design: Design, junction: Junction, stages: StageTimes, slope_bits: int, dsps: int):
        self.stages = stages
        self.fraction = design.arithmetic.number.fraction_bits
        self.width = width = design.arithmetic.width
        self.multiply = design.hardware.stages.multiply
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
        line = Timeline(m)
        for i, raw in enumerate(self.raw):
            delta, ready = raw, self.stages.fetch + 1
            if self.scaled:
                ready += 1
                slope = line.at(self.slope[i], 1, 2)
                if self.relu:
                    delta = Mux(slope, raw, 0)[: self.width].as_signed()
                else:
                    exact, latency = product(m, raw, slope, self.multiply, "scaled", i, dsps=self.dsps)
                    half = 1 << (self.fraction - 1)
                    rounded = Signal(signed(self.width), name=f"rounded_{i}", reset_less=True)
                    m.d.sync += rounded.eq(dropped(exact + half, self.fraction))
                    delta, ready = rounded, ready + latency + 1
            shifts = (
                (self.delta[i], delta),
                (self.weight_delta[i], delta << (~self.rate_shift)[:3]),  # 7 - k % 8
                (self.bias_delta[i], delta << (~self.rate_shift)[:4]),  # 15 - k
            )
            for out, value in shifts:
                register = Signal(out.shape(), name=f"{out.name}_register", reset_less=True)
                m.d.sync += register.eq(value)
                m.d.comb += out.eq(register)
            keep_to(self.stages, operands=ready + 1)
        return m
