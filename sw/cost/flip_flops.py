"""Flip-flops of a design on XC7, unit by unit: its registers, without those that DSP blocks and shift registers hold.

The smaller numbers were read from synthesised netlists, as those of sw.cost.look_up_tables.
"""

from collections import defaultdict
from math import ceil

from sw.cost.look_up_tables import ABSORBED, DECODED, outside_dsp
from sw.design import lfsr
from sw.design.design import Design, Junction
from sw.design.fixed import bits_for
from sw.design.memories import memories
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT, MultiplierGroup, multiplier_groups
from sw.design.ports import Ports
from sw.design.sums import left_sum_bits, right_sum_bits

__all__ = ["flip_flops"]


def flip_flops(design: Design) -> dict[str, float]:
    """Flip-flops per kind of unit."""
    found: dict[str, float] = defaultdict(float)
    groups = {(g.junction, g.name): g for g in multiplier_groups(design)}
    for j in design.junctions:
        for part in (_forward, _backward, _update):
            for name, registers in part(design, j, groups).items():
                found[name] += registers
        found["access to memories"] += _access(design, j)
        if j.depth > 1:
            found["rows"] += j.z * bits_for(j.depth)
        found["control of junctions"] += 95
    # each is read into a register
    found["reads of LUTRAM"] = sum(m.count * m.bits for m in memories(design) if m.kind == "distributed")
    found["results"] = _results(design)
    found["configuration port"] = _configuration_port(design)
    found["counters and input"] = 210
    return dict(found)


def _forward(design: Design, j: Junction, groups: dict[tuple[int, str], MultiplierGroup]) -> dict[str, float]:
    """Operands that wait for their place in a chain, products, sums, totals, pre-activations, activations."""
    arithmetic, stages, group = design.arithmetic, design.hardware.stages, groups[j.index, "ff"]
    lanes = min(j.z, j.in_degree)
    chain = min(stages.chain, lanes)
    product = sum(group.bits) - 1
    soft, late = group.count - group.in_dsp, stages.multiply > ABSORBED
    if late:
        multipliers = group.count * (product + (chain - 1) / 2 + max(0, chain - 2) / chain * product)
    else:  # a DSP block holds two registers per operand; the weights' are those that UP has anyway
        delays = sum(range(min(chain, 3))) * j.operand_bits / chain
        multipliers = soft * (stages.multiply * product + delays)
        multipliers += group.in_dsp * max(0, chain - 3) * j.operand_bits / chain
    terms, bits, level, sums = ceil(lanes / chain), product + chain - 1, 0, 0
    while terms > 1:
        sums_here, level, bits = terms // 2, level + 1, bits + 1
        terms = ceil(terms / 2)
        if level % stages.add == 0 or terms == 1:
            sums += sums_here * bits
    total = right_sum_bits(design, j) - (j.operand_fraction if j.clocks_per_group == 1 else 0)
    relu = j.activation == "relu"
    activation = arithmetic.width * stages.table if relu else arithmetic.index_bits * (stages.table - 1)
    before = arithmetic.preactivation.width if relu else arithmetic.index_bits
    found: dict[str, float] = {
        "multipliers": multipliers,
        "sums": j.per_clock * sums,
        "totals": j.per_clock * total,
        "activations": j.per_clock * (before + activation),
    }
    if j.crossbar:
        found["crossbars"] = (soft + groups[j.index, "up"].count - groups[j.index, "up"].in_dsp) * j.operand_bits
    return found


def _backward(design: Design, j: Junction, groups: dict[tuple[int, str], MultiplierGroup]) -> dict[str, float]:
    """Right deltas shifted by the rate, products, left deltas summed and rounded, and chosen from."""
    arithmetic, width = design.arithmetic, design.arithmetic.width
    stages, stochastic = design.hardware.stages.multiply, arithmetic.rounding == "stochastic"
    late = stages > ABSORBED
    if late:  # shift registers
        shifted = 24 if stochastic else 0
    else:
        shifted = stages * (width + (BIAS_SHIFT if stochastic else 1))
    found: dict[str, float] = {"right deltas": j.per_clock * (shifted + width * design.scaled_delta(j))}
    if j.index > 1:
        group, below = groups[j.index, "bp"], design.junctions[j.index - 2].per_clock
        found["left deltas"] = j.z * (left_sum_bits(design, j) * (2 if j.depth == 1 else 1) + width) + below * width
        found["multipliers"] = 2 * width * (group.in_dsp if late else stages * (group.count - group.in_dsp))
        if j.crossbar:
            found["crossbars"] = 2 * width * j.z
    return found


def _update(design: Design, j: Junction, groups: dict[tuple[int, str], MultiplierGroup]) -> dict[str, float]:
    """Old weights and biases, products with noise, differences, new values; random numbers."""
    width, lanes = design.arithmetic.width, j.z
    stochastic = design.arithmetic.rounding == "stochastic"
    stages = design.hardware.stages.multiply
    old = width * stages if stages <= ABSORBED else 0  # else in shift registers
    group, change = groups[j.index, "up"], width + j.operand_integer_bits + 1
    updates = lanes * (width + change + old) + j.per_clock * (3 * width + 1)
    drop = j.operand_fraction + UP_SHIFT
    noise = outside_dsp(design, group, drop) * change if stochastic else lanes * change
    products = (group.count - group.in_dsp) * sum(group.bits)
    return {"updates": updates, "multipliers": products, "noise": noise + stochastic * lfsr.groups(lanes) * lfsr.LENGTH}


def _access(design: Design, j: Junction) -> float:
    """Lanes chosen for writes, and reads by the configuration port."""
    width = design.arithmetic.width
    parts = [ceil(count / DECODED) for count in (j.z, j.per_clock) if count > 1]
    reads = width * sum(count + (count > 1) for count in parts)
    return reads + sum(min(DECODED, count) + ceil(count / DECODED) for count in (j.z, j.per_clock))


def _results(design: Design) -> float:
    bits, units = design.arithmetic.number.fraction_bits, design.junctions[-1].per_clock
    return 35 + 3.5 * bits + (units - 1) * (25 + 4.5 * bits)


def _configuration_port(design: Design) -> float:
    value = lfsr.LENGTH if design.arithmetic.rounding == "stochastic" else design.arithmetic.width
    index = next(field.width for field in Ports.of(design).config if field.name == "index")
    return value * (2 + len(design.junctions)) + 4 * index + 25
