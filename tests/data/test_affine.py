"""Scaling of each feature: by its range, by its deviation, of bytes, of constants, in blocks."""

import numpy as np
import pytest

from sw.data import affine
from sw.data.affine import Affine, as_float, gaussian, mean_of, min_max, row_blocks
from sw.data.dataset import DataError
from tests.data.made import TEST, TRAIN


def check_range(x):
    np.testing.assert_allclose((x.min(axis=0), x.max(axis=0)), ([0] * 6, [1] * 6), atol=1e-6)


def check_normal(x):
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(x.std(axis=0), 1, rtol=1e-5)


def test_range_and_deviation():
    check_range(min_max(TRAIN)(TRAIN))
    check_normal(gaussian(TRAIN)(TRAIN))
    # another split keeps its own place in the training split's range
    low, high = TRAIN.min(axis=0), TRAIN.max(axis=0)
    np.testing.assert_allclose(min_max(TRAIN)(TEST), (TEST - low) / (high - low), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("check", "faulty"), [
    (check_range, min_max(np.concatenate([TRAIN, TEST]))),  # fitted on both splits
    (check_normal, gaussian(np.concatenate([TRAIN, TEST]))),
    (check_normal, Affine(TRAIN.mean(axis=0), 1 / TRAIN.var(axis=0))),  # variance for deviation
    (check_normal, Affine(TRAIN.mean(axis=0), np.full(6, 1 / TRAIN.std()))),  # one deviation for all
    (check_range, Affine(np.full(6, TRAIN.min()), np.full(6, 1 / np.ptp(TRAIN)))),
])
def test_planted_faults(check, faulty):
    with pytest.raises(AssertionError):
        check(faulty(TRAIN))


@pytest.mark.parametrize("fit", [min_max, gaussian])
def test_a_constant_feature_becomes_its_difference(fit):
    constant = np.full((5, 2), 0.1)  # whose rounded mean differs from it
    assert (fit(constant)(constant) == 0).all()
    np.testing.assert_allclose(fit(constant)(constant + 3), 3, rtol=1e-6)


@pytest.mark.parametrize("fit", [min_max, gaussian])
def test_bytes_are_parts_of_256(fit):
    bytes_ = np.random.default_rng(2).integers(0, 256, (40, 6), dtype=np.uint8)
    np.testing.assert_array_equal(fit(bytes_)(bytes_), fit(bytes_ / 256)(bytes_ / 256))
    np.testing.assert_array_equal(as_float(bytes_), (bytes_ / 256).astype(np.float32))
    assert as_float(bytes_).dtype == np.float32


def test_blocks_make_no_difference(monkeypatch):
    whole = gaussian(TRAIN)(TEST)
    monkeypatch.setattr(affine, "_ENTRIES", 50)  # 8 rows at a time, the last time 4
    assert [start for start, _ in row_blocks(TRAIN)] == list(range(0, 300, 8))
    np.testing.assert_allclose(gaussian(TRAIN)(TEST), whole, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(mean_of(TRAIN), TRAIN.mean(axis=0))


def test_what_was_given_stays_as_it_is():
    before = TRAIN.copy()
    gaussian(TRAIN)(TRAIN)
    np.testing.assert_array_equal(TRAIN, before)


def test_wrong_features():
    with pytest.raises(DataError, match=r"features must be \(samples, 6\), as those of the fit, got \(50, 5\)"):
        gaussian(TRAIN)(TEST[:, :5])
    for fit in (min_max, gaussian):
        with pytest.raises(DataError, match="there must be at least one training sample to fit to, got 0"):
            fit(TRAIN[:0])
