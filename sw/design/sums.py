"""Widths of the exact sums: wide enough for any values of their operands."""

from sw.design.design import Design, Junction

__all__ = ["left_sum_bits", "right_sum_bits"]


def right_sum_bits(design: Design, junction: Junction) -> int:
    """Bits of a right neuron's sum of products, bias and rounding half, signed."""
    weight = design.arithmetic.number.width - 1
    operands = junction.in_degree * ((1 << junction.operand_bits) - 1) + (2 << junction.operand_fraction)
    return (operands << weight).bit_length() + 1


def left_sum_bits(design: Design, junction: Junction) -> int:
    """Bits of a left neuron's sum of products of weights and deltas, with the rounding half, signed."""
    number = design.arithmetic.number
    largest = junction.out_degree << (2 * number.width - 2)
    return (largest + (1 << number.fraction_bits)).bit_length() + 1
