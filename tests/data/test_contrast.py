"""Each sample to mean 0 and deviation 1 over its own features."""

import numpy as np
import pytest

from sw.data import affine
from sw.data.affine import gaussian
from sw.data.contrast import global_contrast
from tests.data.made import TEST, TRAIN


def check(x):
    np.testing.assert_allclose(x.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(x.std(axis=1), 1, rtol=1e-5)


def test_each_sample_alone():
    found = global_contrast(TRAIN)
    check(found)
    np.testing.assert_array_equal(global_contrast(TRAIN[7:9]), found[7:9])
    # what a sample is times, and plus, does not matter
    np.testing.assert_allclose(global_contrast(4 * TRAIN + 1), found, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("faulty", [
    gaussian(TRAIN),  # over the samples, not the features
    lambda x: x / x.std(axis=1, keepdims=True),
    lambda x: x - x.mean(axis=1, keepdims=True),
])
def test_planted_faults(faulty):
    with pytest.raises(AssertionError):
        check(faulty(TRAIN))


def test_bytes_blocks_and_samples_without_contrast(monkeypatch):
    bytes_ = np.random.default_rng(2).integers(0, 256, (40, 6), dtype=np.uint8)
    np.testing.assert_array_equal(global_contrast(bytes_), global_contrast(bytes_ / 256))
    for value in (0.1, 1e9 + 0.1):
        np.testing.assert_allclose(global_contrast(np.full((2, 7), value)), 0, atol=1e-6)
    whole = global_contrast(TEST)
    monkeypatch.setattr(affine, "_ENTRIES", 50)
    np.testing.assert_array_equal(global_contrast(TEST), whole)
