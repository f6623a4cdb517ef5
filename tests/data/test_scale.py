"""To 8 bits: every step of the scale against exact fractions, ranges, and the errors in full."""

from fractions import Fraction

import numpy as np
import pytest

from sw.data.dataset import DataError
from sw.data.scale import splits_to_bytes, unit_to_bytes


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


def test_bytes_are_taken_as_they_are():
    xtr = np.arange(12, dtype=np.uint8).reshape(4, 3)
    scaled, scale = splits_to_bytes({"xtr": xtr, "xte": xtr[:1] + np.uint8(200)})
    assert scale is None
    assert scaled["xtr"].tolist() == xtr.tolist()
    assert scaled["xte"].tolist() == [[200, 201, 202]]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.int8, np.uint16, ">f4"])
def test_other_numbers_are_scaled_by_the_training_split(dtype):
    xtr = np.array([[0, 16], [3, 8]]).astype(dtype)
    xte = np.array([[16, 1], [100, 17]]).astype(dtype)
    scaled, scale = splits_to_bytes({"xtr": xtr, "xte": xte})
    assert scale == (0.0, 16.0)
    assert {x.dtype for x in scaled.values()} == {np.dtype(np.uint8)}
    assert scaled["xtr"].tolist() == [[0, 255], [48, 128]]
    assert scaled["xte"].tolist() == [[255, 16], [255, 255]]  # beyond the range: clipped


def test_negative_range_and_many_rows():
    rng = np.random.Generator(np.random.PCG64(1))
    xtr, xte = rng.integers(-7, 10, (10_000, 2)) / 4, rng.integers(-9, 12, (50, 2)) / 4
    scaled, scale = splits_to_bytes({"xtr": xtr, "xte": xte})
    assert scale == (-1.75, 2.25)
    for raw, done in ((xtr, scaled["xtr"]), (xte, scaled["xte"])):
        assert done.tolist() == [[by_fractions(value, *scale) for value in row] for row in raw]


def test_booleans_and_an_empty_test_split():
    scaled, scale = splits_to_bytes({"xtr": np.eye(2, dtype=bool), "xte": np.zeros((0, 2), bool)})
    assert (scale, scaled["xtr"].tolist()) == ((0.0, 1.0), [[255, 0], [0, 255]])
    assert scaled["xte"].shape == (0, 2)


def with_value(value, row, column, rows=5000):
    x = np.arange(rows * 3, dtype=np.float64).reshape(rows, 3)
    x[row, column] = value
    return x


@pytest.mark.parametrize(("splits", "message"), [
    ({"xtr": with_value(np.nan, 4500, 2)},
     "file: xtr must have finite values only, got nan at xtr[4500, 2]"),
    ({"xtr": with_value(0, 0, 0), "xte": with_value(-np.inf, 1, 0)},
     "file: xte must have finite values only, got -inf at xte[1, 0]"),
    ({"xtr": np.array([["a"]])}, "file: xtr must hold real numbers, got type <U1"),
    ({"xtr": np.ones((1, 1), complex)}, "file: xtr must hold real numbers, got type complex128"),
    ({"xtr": np.ones((1, 1), np.uint8), "xte": np.ones((1, 1), np.float32)},
     "file: xtr and xte must both be uint8 or neither, got uint8 and float32"),
    ({"xtr": np.full((2, 2), 0.5)}, "file: xtr must have values that differ, got 0.5 everywhere"),
    ({"xtr": np.zeros((0, 2))}, "file: xtr must have at least one sample to scale by, got 0"),
    ({"xtr": np.array([[-1.5e308, 1.5e308]])},
     "file: xtr must have a range below 1.8e308, got values from -1.5e+308 to 1.5e+308"),
])
def test_scale_wrong(splits, message):
    with pytest.raises(DataError) as error:
        splits_to_bytes(splits, "file")
    assert str(error.value) == message
