"""Activation tables: every entry from the definition, in scalar arithmetic."""

import math

import pytest

from sw.design.settings import Arithmetic
from sw.design.tables import sigmoid_table, slope_table

FORMATS = [
    Arithmetic(),
    Arithmetic(width=10, integer_bits=2, preactivation_integer_bits=2),
    Arithmetic(width=12, integer_bits=3, preactivation_integer_bits=5, table_bits=12),
    Arithmetic(width=18, integer_bits=3, preactivation_integer_bits=3, table_bits=8),
    Arithmetic(width=4, integer_bits=1, preactivation_integer_bits=1, table_bits=2),
    Arithmetic(width=8, integer_bits=0, preactivation_integer_bits=0),
]


@pytest.mark.parametrize("arithmetic", FORMATS, ids=str)
def test_every_entry(arithmetic):
    n = arithmetic.number.fraction_bits
    width = arithmetic.preactivation.width
    bits = min(arithmetic.table_bits, width)
    sigmoids, slopes = sigmoid_table(arithmetic), slope_table(arithmetic)
    assert sigmoids.shape == slopes.shape == (1 << bits,)
    for entry in range(1 << bits):
        shared = 1 << (width - bits)
        first = (entry - (1 << (bits - 1))) * shared
        middle = sum(range(first, first + shared)) / shared / 2**n
        sigma = 1 / (1 + math.exp(-middle))
        ends = {0: 0, (1 << bits) - 1: 1 << n}
        assert sigmoids[entry] == ends.get(entry, math.floor(sigma * 2**n + 0.5))
        assert slopes[entry] == math.floor(sigma * (1 - sigma) * 2**n + 0.5)


@pytest.mark.parametrize("arithmetic", FORMATS, ids=str)
def test_range_and_order(arithmetic):
    one = 1 << arithmetic.number.fraction_bits
    sigmoids, slopes = sigmoid_table(arithmetic), slope_table(arithmetic)
    assert (sigmoids[0], sigmoids[-1]) == (0, one)
    assert (sigmoids[1:] >= sigmoids[:-1]).all()
    assert (slopes >= 0).all()
    assert slopes.max() <= one // 4


def test_known_values():
    sigmoids, slopes = sigmoid_table(Arithmetic()), slope_table(Arithmetic())
    # of zero: exactly one half and one quarter of 256
    assert (sigmoids[2048], slopes[2048]) == (128, 64)
    assert sigmoids[2048 + 256] == 187  # sigma(1) = 0.73106
    assert sigmoids[2048 - 512] == 31  # sigma(-2) = 0.11920
    assert slopes[2048 - 512] == 27  # 0.10499


def test_a_saturated_output_reaches_its_target_though_sigma_does_not():
    short = Arithmetic(width=10, integer_bits=2, preactivation_integer_bits=2)
    sigmoids = sigmoid_table(short)
    assert sigmoids[-1] == 128
    assert sigmoids[-2] == math.floor(128 / (1 + math.exp(-3.984375)) + 0.5) == 126
