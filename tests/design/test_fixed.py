"""Fixed point: ranges, rounding, saturation."""

import numpy as np
import pytest

from sw.design.errors import DesignError
from sw.design.fixed import Format


def test_range_of_twelve_bits():
    number = Format(integer_bits=3, fraction_bits=8)
    assert (number.width, number.minimum, number.maximum) == (12, -2048, 2047)


def test_range_without_integer_bits():
    number = Format(integer_bits=0, fraction_bits=3)
    assert (number.width, number.minimum, number.maximum) == (4, -8, 7)


def test_saturate():
    number = Format(1, 2)
    raw = np.array([-(10**12), -9, -8, -7, 0, 6, 7, 8, 10**12])
    assert number.saturate(raw).tolist() == [-8, -8, -8, -7, 0, 6, 7, 7, 7]


def test_from_real_rounds_half_up_and_saturates():
    number = Format(1, 2)
    real = [-1e300, -2.2, -0.375, -0.125, 0.125, 0.3, 1.9, 1e300]
    assert number.from_real(real).tolist() == [-8, -8, -1, 0, 1, 1, 7, 7]
    assert number.from_real(real).dtype == np.int64


def test_real_and_back_is_the_identity():
    number = Format(2, 5)
    raw = np.arange(number.minimum, number.maximum + 1)
    assert np.array_equal(number.from_real(number.to_real(raw)), raw)


@pytest.mark.parametrize("bits", [(-1, 8), (3, 0)])
def test_wrong_bits(bits):
    message = (
        r"^fixed-point format needs integer bits >= 0 and fraction bits >= 1, "
        rf"got {bits[0]} and {bits[1]}$"
    )
    with pytest.raises(DesignError, match=message):
        Format(*bits)
