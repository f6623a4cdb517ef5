"""Look-up tables of the logic of a design on XC7, unit by unit, from what each unit is made of.

Shift registers of look-up tables count here, memories do not (sw.cost.mapping). An adder takes a table per bit, a
choice among four values one per bit, and so on. The smaller numbers were read from netlists by yosys 0.70, by the names
of the registers that the tables feed: of the samples 100 to 123 of boards.sample, whose stages.multiply is 2 or 3.
"""

from collections import defaultdict
from math import ceil

from sw.design import lfsr
from sw.design.design import Design, Junction
from sw.design.fixed import bits_for
from sw.design.memories import ROWS_BY_CLOCK, memories
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT, MultiplierGroup, multiplier_groups
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from sw.design.sums import left_sum_bits, right_sum_bits

__all__ = ["ABSORBED", "DECODED", "look_up_tables", "outside_dsp"]

DECODED = 16  # lanes whose signals of choice are made at once, see hw.junction
ABSORBED = 2  # registers behind a multiplication that a DSP block holds, and has its adder behind


def look_up_tables(design: Design) -> dict[str, float]:
    """Look-up tables per kind of unit."""
    found: dict[str, float] = defaultdict(float)
    groups = {(g.junction, g.name): g for g in multiplier_groups(design)}
    for j in design.junctions:
        for part in (_forward, _backward, _update):
            for name, tables in part(design, j, groups).items():
                found[name] += tables
        found["access to memories"] += _access(design, j)
        found["rows"] += _rows(j)
        found["crossbars"] += _crossbars(design, j)
        found["control of junctions"] += 68 if _sigmoid_scaled(design, j) else 40
    for group in groups.values():
        found["multipliers"] += (group.count - group.in_dsp) * _multiplier(group.bits)
        if design.hardware.stages.multiply > ABSORBED and group.name != "up":  # whose last register adds noise
            found["delays"] += (group.count - group.in_dsp) * sum(group.bits)
    for memory in memories(design):
        if memory.kind == "distributed":
            found["choice of parts of memories"] += memory.count * memory.bits * (ceil(memory.rows / 64) - 1)
        elif memory.kind == "logic" and memory.name in ("sigmoid", "slope"):
            found["activations"] += memory.reads * memory.bits * memory.rows / 128
    found["results"] = _results(design)
    found["configuration port"] = _configuration_port(design)
    found["counters and input"] = 60
    return dict(found)


def _forward(design: Design, j: Junction, groups: dict[tuple[int, str], MultiplierGroup]) -> dict[str, float]:
    """Sums of products, totals of right neurons, pre-activations, activations."""
    arithmetic, group = design.arithmetic, groups[j.index, "ff"]
    lanes = min(j.z, j.in_degree)
    chain = min(design.hardware.stages.chain, lanes)
    links = outside_dsp(design, group) / chain * sum(sum(group.bits) - 1 + place for place in range(chain - 1))
    terms, bits, tree = ceil(lanes / chain), sum(group.bits) - 1 + chain - 1, 0
    while terms > 1:
        tree += terms // 2 * bits
        bits += 1
        terms = ceil(terms / 2)
    total = right_sum_bits(design, j)
    if j.clocks_per_group == 1:
        sums = total - j.operand_fraction + 1
    else:  # unless the tree is narrower, the choice of the start is not part of the adder
        sums = total if bits < total else 2 * total
    before = arithmetic.preactivation.width
    relu = j.activation == "relu"
    used = before if relu else arithmetic.index_bits  # a table has no use for the lowest bits
    activation = _saturated(total - j.operand_fraction, before, used)
    if relu:
        activation += 4 + arithmetic.width * (before > arithmetic.width)
    return {
        "multipliers": links,
        "sums": j.per_clock * tree,
        "totals": j.per_clock * sums,
        "activations": j.per_clock * activation,
        "delays": j.per_clock * arithmetic.width,  # biases wait for the tree
    }


def _backward(design: Design, j: Junction, groups: dict[tuple[int, str], MultiplierGroup]) -> dict[str, float]:
    """Right deltas shifted by the rate, left deltas summed, rounded, and chosen from by the junction on the left."""
    arithmetic, width = design.arithmetic, design.arithmetic.width
    relu = j.activation == "relu"
    stochastic = arithmetic.rounding == "stochastic"
    found = {"right deltas": j.per_clock * (width * (4 if relu else 3.5) + (9 if stochastic else 3))}
    if j.index > 1:
        total, below = left_sum_bits(design, j), design.junctions[j.index - 2].per_clock
        found["left deltas"] = j.z * (total + _saturated(total - arithmetic.number.fraction_bits, width))
        found["choice of left deltas"] = below * width * ceil((j.z // below - 1) / 3)
    return found


def _update(design: Design, j: Junction, groups: dict[tuple[int, str], MultiplierGroup]) -> dict[str, float]:
    """Differences and saturation of weights and biases, and the noise that rounds them."""
    width, lanes = design.arithmetic.width, j.z
    stochastic = design.arithmetic.rounding == "stochastic"
    wide = j.operand_integer_bits
    updates = lanes * (2 * width + 1 + wide + (wide > 0)) + j.per_clock * (2 * width + 1)
    late = design.hardware.stages.multiply > ABSORBED
    delays = (lanes * width + j.per_clock * (width + UP_SHIFT)) if late else 0  # old weights, deltas of biases
    if not stochastic:
        return {"updates": updates, "noise": 2 * lanes + j.per_clock, "delays": delays}
    count = lfsr.groups(lanes)
    noise = count * (lfsr.LENGTH + 3 + UP_SHIFT) + lanes + j.per_clock * BIAS_SHIFT
    drop = j.operand_fraction + UP_SHIFT
    noise += outside_dsp(design, groups[j.index, "up"], drop) * (min(drop, lfsr.WINDOW) + lfsr.COARSE)
    return {"updates": updates, "noise": noise, "delays": delays}


def _access(design: Design, j: Junction) -> float:
    """Addresses of weights and biases, write enables, and reads by the configuration port."""
    width, biases = design.arithmetic.width, j.per_clock
    below = Schedule.of(design).features_per_beat if j.index == 1 else design.junctions[j.index - 2].per_clock
    enables = sum(count + min(DECODED, count) + ceil(count / DECODED) for count in (j.z, biases)) + j.z // below
    addresses = 2 * (bits_for(j.clocks) + bits_for(j.right // biases))
    reads = width * (_read(j.z) + _read(biases))
    if design.arithmetic.rounding == "stochastic":
        reads += lfsr.LENGTH * _read(lfsr.groups(j.z))
    return enables + addresses + reads


def _rows(j: Junction) -> float:
    """Row addresses of the lanes, of which lanes with the same rows share one."""
    if j.depth == 1 or (j.pattern.kind == 1 and j.clocks > ROWS_BY_CLOCK):
        return 0
    bits = j.z * bits_for(j.depth)
    return bits / 4 if j.pattern.kind == 3 else bits if j.clocks <= ROWS_BY_CLOCK else 1.5 * bits


def _crossbars(design: Design, j: Junction) -> float:
    """Choices of activations, twice, and of products on their way back."""
    if j.pattern.orders is None:
        return 0
    choices = min(len(j.pattern.orders), j.z) - 1
    bits = 2 * j.operand_bits + (2 * design.arithmetic.width if j.index > 1 else 0)
    return j.z * bits * max(1, choices / 2) if choices else 0


def _results(design: Design) -> float:
    """Comparisons of the output neurons that finish together, output deltas, control of the result buffer."""
    last, bits = design.junctions[-1], design.arithmetic.number.fraction_bits
    classes, units = design.network.classes, last.per_clock
    found = 27 + 1.2 * bits + (units - 1) * (1.5 * bits + bits_for(classes) + 4)
    if classes != units << bits_for(last.right // units):  # numbers that are no class must not win
        found += units * 1.5 * bits
    return found


def _configuration_port(design: Design) -> float:
    stochastic, junctions = design.arithmetic.rounding == "stochastic", len(design.junctions)
    index = next(field.width for field in Ports.of(design).config if field.name == "index")
    value = lfsr.LENGTH if stochastic else design.arithmetic.width
    return value * (junctions + 1) + 8 * index + junctions * (30 if stochastic else 20)


def _sigmoid_scaled(design: Design, j: Junction) -> bool:
    """Whether right deltas take the long way of a multiplication by f', which all control waits for."""
    return design.scaled_delta(j) and j.activation == "sigmoid"


def outside_dsp(design: Design, group: MultiplierGroup, drop: int = 0) -> int:
    """Multipliers of a group to whose product something is added outside of a DSP block.

    ``drop``: bits that are rounded away, if noise is added. Its lowest bit is constant where they are more than the
    random bits; then no adder of a DSP block is used.
    """
    inside = design.hardware.stages.multiply <= ABSORBED and drop <= lfsr.WINDOW
    return group.count - inside * group.in_dsp


def _saturated(bits: int, width: int, used: int | None = None) -> int:
    """Saturation of so many bits into ``width`` bits, of which the top ``used`` are used."""
    used, compared = used or width, bits - width + 1
    if compared <= 1:
        return 0
    return used - 1 if compared <= 4 else used if compared <= 6 else used + 2


def _read(count: int) -> float:
    """A bit of a register that is chosen among ``count`` by hw.junction's configuration reads."""
    return 0 if count == 1 else 1 if count <= 4 else count / 2


def _multiplier(bits: tuple[int, int]) -> int:
    """A multiplier of look-up tables, as boards/soft_mul_xc7.v describes it."""
    small, large = sorted(bits)

    def digits(count: int) -> int:
        if count <= 3:
            return count * (large + 1)
        low = count // 2
        return digits(low) + digits(count - low) + large + 2 * (count - low) + 1

    return digits((small + 1) // 2)
