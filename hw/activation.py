"""Activation function and its derivative for the right neurons that finish together."""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.memory import table
from hw.timeline import Timed, due
from sw.design.design import Design, Junction
from sw.design.schedule import StageTimes
from sw.design.tables import sigmoid_table, slope_table

__all__ = ["Activation"]


class Activation(wiring.Component):
    """``activations`` and ``slopes`` of ``preactivations``, stages.table clocks later.

    Sigmoid: tables over the top bits of the pre-activation, shared by all units, one read port each; the
    slope has n fraction bits. ReLU: max(s, 0), saturated; its slope is one bit. ``slopes`` is absent where
    the junction's deltas are not multiplied by f'.
    """

    def __init__(self, design: Design, junction: Junction, stages: StageTimes):
        self.stages = stages
        self.arithmetic = design.arithmetic
        self.registers = design.hardware.stages.table
        self.lutram_rows = design.hardware.lutram_rows
        self.relu = junction.activation == "relu"
        fraction = self.arithmetic.number.fraction_bits
        self.activation_bits = self.arithmetic.width - 1 if self.relu else fraction + 1
        self.slope_bits = 1 if self.relu else self.arithmetic.slope_bits
        self.units = junction.per_clock
        self.scaled = design.scaled_delta(junction)
        members = {
            "preactivations": In(self.arithmetic.preactivation.width).array(self.units),
            "activations": Out(self.activation_bits).array(self.units),
        }
        if self.scaled:
            members["slopes"] = Out(self.slope_bits).array(self.units)
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        looked_up = {"activations": self._relu(m) if self.relu else self._table(m, "sigmoid", sigmoid_table)}
        if self.scaled:
            looked_up["slopes"] = self._relu_slope(m) if self.relu else self._table(m, "slope", slope_table)
        for name, values in looked_up.items():
            for i, (out, value) in enumerate(zip(getattr(self, name), values, strict=True)):
                ready = Timed(value, self.stages.preactivation + 1).register(m, f"{name}_{i}", self.registers - 1)
                m.d.comb += out.eq(due(self.stages, "activation", ready))
        return m

    def _table(self, m: Module, name: str, contents) -> list:
        init = [int(v) for v in contents(self.arithmetic)]
        bits = self.activation_bits if name == "sigmoid" else self.slope_bits
        m.submodules[name] = rom = table(bits, init, self.lutram_rows)
        values = []
        for s in self.preactivations:
            read = rom.read_port()
            top = s[len(s) - self.arithmetic.index_bits :]
            # rows run from the most negative pre-activation up: two's complement with its sign inverted
            m.d.comb += read.addr.eq(Cat(top[:-1], ~top[-1]))
            values.append(read.data)
        return values

    def _relu(self, m: Module) -> list:
        values = []
        for i, s in enumerate(self.preactivations):
            value = Signal(self.activation_bits, name=f"relu_{i}", reset_less=True)
            above = s[self.activation_bits : -1].any()  # more integer bits than a weight has
            largest = (1 << self.activation_bits) - 1
            m.d.sync += value.eq(Mux(s[-1], 0, Mux(above, largest, s[: self.activation_bits])))
            values.append(value)
        return values

    def _relu_slope(self, m: Module) -> list:
        values = []
        for i, s in enumerate(self.preactivations):
            value = Signal(name=f"positive_{i}", reset_less=True)
            m.d.sync += value.eq(~s[-1] & s.any())
            values.append(value)
        return values
