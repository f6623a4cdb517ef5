"""Look-up tables and flip-flops of a design's logic on XC7, unit by unit, from what each unit is made of.

Shift registers of look-up tables count here; memories (sw.cost.mapping) and registers that DSP blocks hold do not.
What the structure tells is a formula: an adder takes a table per bit, a choice among four values one per bit, and so
on. The rest are named coefficients (sw.cost.coefficients), in which every count is linear, so that they can be fitted
to synthesised designs (boards.fit).
"""

from math import ceil

from sw.cost.coefficients import Coefficients
from sw.cost.lanes import Lanes
from sw.cost.units import Units
from sw.design import lfsr
from sw.design.design import Design
from sw.design.fixed import bits_for
from sw.design.memories import memories
from sw.design.ports import Ports

__all__ = ["logic"]


def logic(design: Design, c: Coefficients) -> Units:
    """All units of a design but its memories."""
    units = Units()
    for j in design.junctions:
        Lanes(design, j, c, units).count()
    for memory in memories(design):
        if memory.kind == "distributed":
            parts = ceil(memory.rows / 64)  # of which one is chosen; each bit is read into a register
            units.add("reads of LUTRAM", memory.count * memory.bits * (parts - 1), memory.count * memory.bits)
        elif memory.kind == "logic" and memory.name in ("sigmoid", "slope"):
            units.add("activations", c.table_lut * memory.reads * memory.bits * memory.rows / 64)
    _results(design, c, units)
    _configuration_port(design, c, units)
    units.add("counters and input", c.design_lut, c.design_ff)
    return units


def _results(design: Design, c: Coefficients, units: Units) -> None:
    """Comparisons of the output neurons that finish together, output deltas, the best output yet."""
    last, bits, classes = design.junctions[-1], design.arithmetic.number.fraction_bits, design.network.classes
    more = last.per_clock - 1
    units.add("results", c.output_bit_lut * bits, c.output_bit_ff * bits)
    units.add("results", more * (c.compare_lut + c.compare_bit_lut * bits + bits_for(classes)),
              more * (c.compare_ff + c.compare_bit_ff * bits))
    if classes != last.per_clock << bits_for(last.right // last.per_clock):  # numbers that are no class must not win
        units.add("results", last.per_clock * c.padding_bit_lut * bits)


def _configuration_port(design: Design, c: Coefficients, units: Units) -> None:
    """Request, long division of its index, the answer chosen among the junctions."""
    value = lfsr.LENGTH if design.arithmetic.rounding == "stochastic" else design.arithmetic.width
    index = next(field.width for field in Ports.of(design).config if field.name == "index")
    values = value * (len(design.junctions) + 1)
    units.add("configuration port", values + c.config_index_lut * index, values + value + 4 * index)
