"""Widths of sums against the true extremes, in exact integers: wide enough, and by how much at most."""

import itertools

import pytest

from sw.design.design import Design, Junction
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings
from sw.design.sums import left_sum_bits, right_sum_bits


def signed_bits(*values: int) -> int:
    """Bits of the narrowest two's complement numbers that hold all values."""
    return 1 + max((~v if v < 0 else v).bit_length() for v in values)


def two_junctions(width: int, integer_bits: int, degree: int, activation: str) -> Design:
    """Junction 1 has in-degrees of ``degree``, junction 2 out-degrees; their others are twice that."""
    return Design(
        name="sums",
        network=Network((degree, 2 * degree, degree), degree, degree, (2 * degree, degree), (activation, "sigmoid")),
        pattern=(PatternSettings(), PatternSettings()),
        arithmetic=Arithmetic(width=width, integer_bits=integer_bits, preactivation_integer_bits=8),
        hardware=Hardware((degree, 2 * degree)),
    )


def largest_operand(design: Design, j: Junction) -> int:
    if j.index == 1:
        return 255
    if design.network.activation[j.index - 2] == "sigmoid":
        return 1 << design.arithmetic.number.fraction_bits
    return design.arithmetic.number.maximum


DESIGNS = [
    two_junctions(width, integer_bits, degree, activation)
    for width, degree, activation in itertools.product((4, 7, 12, 18), (1, 2, 3, 4, 7, 8, 15, 16), ("sigmoid", "relu"))
    for integer_bits in {0, min(8, width - 3)}
]


def test_left_sums_have_the_fewest_bits_that_are_enough():
    """All weights and deltas at an end of their range; a sum begins with the rounding half."""
    for design in DESIGNS:
        number, j = design.arithmetic.number, design.junctions[1]
        half = 1 << (number.fraction_bits - 1)
        ends = [half + j.out_degree * number.minimum * delta for delta in (number.minimum, number.maximum)]
        assert left_sum_bits(design, j) == signed_bits(*ends)


@pytest.mark.parametrize("index", [0, 1])
def test_right_sums_have_enough_bits_and_at_most_one_more(index):
    """All weights and the bias at an end of their range, all operands at their largest, with the rounding half."""
    tight = 0
    for design in DESIGNS:
        number, j = design.arithmetic.number, design.junctions[index]
        operands = j.in_degree * largest_operand(design, j) + (1 << j.operand_fraction)
        half = 1 << (j.operand_fraction - 1)
        needed = signed_bits(number.minimum * operands, number.maximum * operands + half)
        assert needed <= right_sum_bits(design, j) <= needed + 1
        tight += right_sum_bits(design, j) == needed
    assert tight > 10
