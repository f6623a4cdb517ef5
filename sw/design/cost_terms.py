"""How many bits each kind of unit works on: what look-up tables and flip-flops of a design grow with.

One entry per kind; the names are those of the hardware's units. `sw.design.cost` weighs them.
"""

from collections import Counter
from math import ceil

from sw.design import lfsr
from sw.design.design import Design, Junction
from sw.design.fixed import bits_for
from sw.design.memories import ROWS_BY_CLOCK, memories
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT, MultiplierGroup, multiplier_groups
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from sw.design.sums import left_sum_bits, right_sum_bits

__all__ = ["ff_terms", "lut_terms"]

_READ_CHOICE = 3  # inputs of a multiplexer that one look-up table adds


def lut_terms(design: Design) -> Counter:
    """Bits per kind of unit, for look-up tables."""
    found, width = _shared(design), design.arithmetic.width
    for memory in memories(design):
        if memory.kind == "distributed" and memory.rows > 64:
            found["parts of LUTRAM"] += memory.count * memory.bits * (ceil(memory.rows / 64) - 1)
        if memory.kind == "logic" and memory.constant:
            found["tables of logic"] += memory.reads * memory.bits * memory.rows / 64
    for j in design.junctions:
        found["write enables"] += j.z + j.per_clock
        found["configuration reads"] += j.z * width / _READ_CHOICE
        if j.depth > 1 and (j.pattern.kind != 1 or j.clocks <= ROWS_BY_CLOCK):
            found["rows by clock" if j.clocks <= ROWS_BY_CLOCK else "rows by start"] += j.z * bits_for(j.depth)
        if j.index > 1:
            below = design.junctions[j.index - 2].per_clock
            found["choice of left deltas"] += (j.z - below) * width / _READ_CHOICE
        if j.crossbar:
            found["crossbars"] += _crossed(design, j) * (min(len(j.pattern.orders), j.z) - 1) / _READ_CHOICE
        if design.arithmetic.rounding == "stochastic":
            found["random numbers"] += sum(
                lfsr.LENGTH + min(lfsr.GROUP, j.z - first) + lfsr.COARSE for first in range(0, j.z, lfsr.GROUP)
            )
    for group in multiplier_groups(design):
        soft = group.count - group.in_dsp
        found["soft products"] += soft * group.bits[0] * group.bits[1]
        found["soft multipliers"] += soft * sum(group.bits)
        if group.name in ("up", "ff"):
            found["soft sums"] += soft * sum(group.bits)
    return found


def ff_terms(design: Design) -> Counter:
    """Bits per kind of unit, for flip-flops."""
    found, width, stages = _shared(design), design.arithmetic.width, design.hardware.stages
    for memory in memories(design):
        if memory.kind == "distributed":
            found["LUTRAM reads"] += memory.count * memory.bits
    for j, st in zip(design.junctions, Schedule.of(design).stages, strict=True):
        found["weights kept"] += j.z * width * (st.product - st.operands)
        lanes = min(j.z, j.in_degree)
        chain = min(stages.chain, lanes)
        found["chains"] += j.z * (chain - 1) / 2 * (j.operand_bits + width)
        if j.depth > 1:
            found["rows"] += j.z * bits_for(j.depth)
        if j.index > 1:
            found["rows kept"] += j.z * bits_for(j.depth) * (st.partial - st.left_address + 2)
        if j.crossbar:
            found["crossbars"] += _crossed(design, j)
        if design.arithmetic.rounding == "stochastic":
            found["random numbers"] += lfsr.groups(j.z) * lfsr.LENGTH
        found["stages"] += st.update + st.activation
    for group in multiplier_groups(design):
        soft = group.count - group.in_dsp
        found["soft multipliers"] += soft * sum(group.bits)
        found["late products"] += group.in_dsp * max(0, stages.multiply - 2) * sum(group.bits)
    return found


def _shared(design: Design) -> Counter:
    """What costs look-up tables and flip-flops alike."""
    found: Counter = Counter()
    arithmetic, width = design.arithmetic, design.arithmetic.width
    groups = {(g.junction, g.name): g for g in multiplier_groups(design)}
    for j in design.junctions:
        found["updates"] += j.z * (2 * width + j.operand_integer_bits + 1)
        found["updates of biases"] += j.per_clock * (3 * width + BIAS_SHIFT)
        found["sums"] += _tree_bits(design, j, groups[j.index, "ff"])
        found["totals"] += j.per_clock * (right_sum_bits(design, j) + arithmetic.preactivation.width)
        found["right deltas"] += j.per_clock * (3 * width + UP_SHIFT + BIAS_SHIFT)
        if j.index > 1:
            found["left deltas"] += j.z * (left_sum_bits(design, j) + width)
        found["junctions"] += 1
    found["results"] += sum(f.width * f.count for f in Ports.of(design).results)
    found["inputs"] += sum(f.width * f.count for f in Ports.of(design).slots)
    found["machine"] = 1
    return found


def _tree_bits(design: Design, j: Junction, group: MultiplierGroup) -> int:
    """Bits of the adders that sum the chains of a junction."""
    lanes = min(j.z, j.in_degree)
    chain = min(design.hardware.stages.chain, lanes)
    terms, bits, found = ceil(lanes / chain), sum(group.bits) - 1 + (chain - 1).bit_length(), 0
    while terms > 1:
        bits += 1
        found += terms // 2 * bits
        terms = ceil(terms / 2)
    return found * j.per_clock


def _crossed(design: Design, j: Junction) -> int:
    """Bits that pass a junction's crossbars: activations twice, and products on their way back."""
    products = 2 * design.arithmetic.width if j.index > 1 else 0
    return j.z * (2 * j.operand_bits + products)
