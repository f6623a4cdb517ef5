"""Look-up tables and flip-flops of a design's logic on XC7, unit by unit, from what each unit is made of.

Shift registers of look-up tables count here; memories (sw.cost.mapping) and registers that DSP blocks hold do not.
What the structure tells is a formula: an adder takes a table per bit, a choice among four values one per bit, and so
on. The rest are named coefficients (sw.cost.coefficients), in which every count is linear, so that they can be fitted
to synthesised designs (boards.fit).
"""

from math import ceil

from sw.cost.coefficients import Coefficients
from sw.cost.lanes import Lanes
from sw.cost.service import Service
from sw.cost.units import Units, delays
from sw.design import lfsr
from sw.design.design import Design
from sw.design.fixed import bits_for
from sw.design.memories import memories
from sw.design.ports import Ports
from sw.design.schedule import Schedule

__all__ = ["logic"]


def logic(design: Design, c: Coefficients) -> Units:
    """All units of a design but its memories."""
    units = Units()
    for j in design.junctions:
        Lanes(design, j, c, units).count()
        Service(design, j, c, units).count()
    for memory in memories(design):
        if memory.kind == "distributed":
            parts = ceil(memory.rows / 64)  # of which one is chosen, and one is written
            units.add("access to memories", memory.count * (memory.bits * (parts - 1) + parts * (parts > 1)))
        elif memory.kind == "logic" and memory.name in ("sigmoid", "slope"):
            units.add("activations", c.table_lut * memory.reads * memory.bits * memory.rows / 64)
    _results(design, c, units)
    _configuration_port(design, c, units)
    units.add("counters and input", c.design_lut, c.design_ff)
    return units


def _results(design: Design, c: Coefficients, units: Units) -> None:
    """Output deltas, a tree of comparisons of the output neurons that finish together, the best output yet."""
    last, bits, classes = design.junctions[-1], design.arithmetic.number.fraction_bits, design.network.classes
    count, index = last.per_clock, bits_for(classes)
    padded = classes != count << bits_for(last.right // count)  # numbers that are no class must not win
    units.add("results", c.output_bit_lut * bits + padded * count * c.padding_bit_lut * bits)
    units.add("results", (count - 1) * (c.compare_lut + c.compare_bit_lut * bits + index))
    # a delta's low bits are the activation's a clock later, and without padding the first key's too
    tables, registers = delays([Schedule.of(design).compare_stages - 1])
    units.add("results", count * (bits + 1) * tables, count * (bits + 3 + (bits + 1) * registers))
    registers, left, level = (count + 1 if padded else 1) * (bits + 2) + index, count, 0  # the best, too
    while left > 1:
        left, level = ceil(left / 2), level + 1
        # the upper bits of the number are those of the group
        registers += left * (bits + 2 + (index if count & count - 1 else level))
    units.add("results", 0, registers)
    units.add("results", 0, sum(field.width * field.count for field in Ports.of(design).results))


def _configuration_port(design: Design, c: Coefficients, units: Units) -> None:
    """Request, long division of its index, the answer chosen among the junctions."""
    value = lfsr.LENGTH if design.arithmetic.rounding == "stochastic" else design.arithmetic.width
    index = next(field.width for field in Ports.of(design).config if field.name == "index")
    values = value * (len(design.junctions) + 1)
    units.add("configuration port", values + c.config_index_lut * index, values + value + 6 * index)
