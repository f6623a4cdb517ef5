"""To 8 bits: every step of the scale against exact fractions; what features must be, and the errors in full."""

from fractions import Fraction

import numpy as np
import pytest

from sw.data.dataset import DataError
from sw.data.scale import check_numbers, unit_to_bytes


def by_fractions(value, low, high):
    """The definition in exact arithmetic."""
    unit = (Fraction(value) - Fraction(low)) / (Fraction(high) - Fraction(low))
    return min(max((256 * unit + Fraction(1, 2)).__floor__(), 0), 255)


def test_unit_to_bytes_at_every_step():
    # All multiples of 1/512 are exact in binary: every half step must go up.
    unit = np.arange(-8, 521) / 512
    assert unit_to_bytes(unit).tolist() == [by_fractions(value, 0, 1) for value in unit]


def test_planted_roundings_differ():
    unit = np.arange(513) / 512
    right = unit_to_bytes(unit)
    assert (np.clip(np.rint(256 * unit), 0, 255) != right).any()   # half to even
    assert (np.clip(np.floor(256 * unit), 0, 255) != right).any()  # truncation
    assert (np.rint(255 * unit) != right).any()                    # full scale 255


def with_value(value, row, column, rows=5000):
    x = np.arange(rows * 3, dtype=np.float64).reshape(rows, 3)
    x[row, column] = value
    return x


@pytest.mark.parametrize(("splits", "message"), [
    ({"xtr": with_value(np.nan, 4500, 2)},
     ("file: xtr must have finite values only, got 1 that are missing or infinite, in 1 features (2); the first is nan "
      "at xtr[4500, 2]: fill them or leave these samples out")),
    ({"xtr": with_value(0, 0, 0), "xte": with_value(-np.inf, 1, 0)},
     ("file: xte must have finite values only, got 1 that are missing or infinite, in 1 features (0); the first is "
      "-inf at xte[1, 0]: fill them or leave these samples out")),
    ({"xtr": np.where(np.arange(30.0).reshape(3, 10) < 9, np.nan, 1.0)},
     ("file: xtr must have finite values only, got 9 that are missing or infinite, in 9 features (0, 1, 2, 3, 4, 5, "
      "...); the first is nan at xtr[0, 0]: fill them or leave these samples out")),
    ({"xtr": np.array([["a"]])}, "file: xtr must hold real numbers, got type <U1"),
    ({"xtr": np.ones((1, 1), complex)}, "file: xtr must hold real numbers, got type complex128"),
    ({"xtr": np.ones((1, 1), np.uint8), "xte": np.ones((1, 1), np.float32)},
     "file: xtr and xte must both be uint8 or neither, as bytes are worth v/256, got uint8 and float32"),
])
def test_numbers_wrong(splits, message):
    with pytest.raises(DataError) as error:
        check_numbers(splits, "file")
    assert str(error.value) == message
