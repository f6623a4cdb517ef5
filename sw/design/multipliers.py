"""The multipliers of a design, and which of them are built in DSP blocks and which in look-up tables."""

from dataclasses import dataclass

from sw.design.design import Design

__all__ = ["BIAS_SHIFT", "UP_SHIFT", "MultiplierGroup", "multiplier_groups"]

UP_SHIFT = 7  # a weight's delta is shifted left by 7 - k % 8 before it is multiplied
BIAS_SHIFT = 15  # a bias' delta by 15 - k


@dataclass(frozen=True)
class MultiplierGroup:
    """Equal multipliers of junction ``junction`` (1..L): ``name`` is "up", "ff", "bp" or "scaled".

    ``bits``: of the operands, both signed (an unsigned one counts its zero sign). The first ``in_dsp`` of
    ``count`` are built in DSP blocks.
    """

    junction: int
    name: str
    count: int
    bits: tuple[int, int]
    in_dsp: int


def multiplier_groups(design: Design) -> tuple[MultiplierGroup, ...]:
    """All multipliers, in the order in which ``hardware.multipliers`` gives them DSP blocks: wide ones first.

    "auto" leaves the choice to synthesis, which knows the device; here it counts as "dsp".
    """
    width = design.arithmetic.width
    found = []
    for j in design.junctions:
        operand = j.operand_bits + 1
        found.append((j.index, "up", j.z, (operand, width + UP_SHIFT)))
        found.append((j.index, "ff", j.z, (operand, width)))
        if j.index > 1:
            found.append((j.index, "bp", j.z, (width, width)))
        if design.scaled_delta(j) and j.activation == "sigmoid":
            found.append((j.index, "scaled", j.per_clock, (width, design.arithmetic.slope_bits + 1)))
    mode = design.hardware.multipliers
    left = mode if isinstance(mode, int) else 0 if mode == "lut" else sum(f[2] for f in found)
    groups = []
    for index, name, count, bits in found:
        groups.append(MultiplierGroup(index, name, count, bits, min(count, left)))
        left -= groups[-1].in_dsp
    return tuple(groups)
