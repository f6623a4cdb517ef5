"""Features to 8 bits: every kind against exact fractions, blocks, saving, and the errors in full."""

from fractions import Fraction

import numpy as np
import pytest

from sw.design import scaling
from sw.design.errors import DesignError
from sw.design.scaling import FeatureScaling


def by_fractions(value, low, high):
    """The definition in exact arithmetic."""
    if low == high:
        return 0
    value = min(max(Fraction(value), Fraction(low)), Fraction(high))
    return min((256 * (value - Fraction(low)) / (Fraction(high) - Fraction(low)) + Fraction(1, 2)).__floor__(), 255)


# ranges of powers of two: every half step is exact in binary, and must go up
LOW, HIGH = np.array([0.0, -2.0, 5.0]), np.array([16.0, 2.0, 5.0])


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, ">f4"])
def test_per_feature_at_every_step(dtype):
    steps = np.arange(-9, 522) / 512
    x = np.stack([16 * steps, 4 * steps - 2, 5 + steps], axis=1).astype(dtype)
    expected = [[by_fractions(float(v), a, b) for v, a, b in zip(row, LOW, HIGH, strict=True)] for row in x]
    found = FeatureScaling("per_feature", LOW, HIGH)(x)
    assert found.dtype == np.uint8
    assert found.tolist() == expected
    assert FeatureScaling("per_feature", LOW, HIGH)(np.asfortranarray(x)).tolist() == expected


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint16, bool])
def test_global(dtype):
    x = np.array([[0, 1], [16, 100]]).astype(dtype)
    expected = [[by_fractions(int(v), 0, 16) for v in row] for row in x]
    assert FeatureScaling("global", np.array([0.0]), np.array([16.0]))(x).tolist() == expected


def test_blocks_make_no_difference(monkeypatch):
    x = np.random.Generator(np.random.PCG64(1)).normal(size=(50, 3))
    whole = FeatureScaling("per_feature", LOW, HIGH)(x)
    monkeypatch.setattr(scaling, "_BLOCK", 7)
    assert FeatureScaling("per_feature", LOW, HIGH)(x).tolist() == whole.tolist()


def test_bytes_are_taken_as_they_are():
    x = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert FeatureScaling("bytes")(x) is x
    assert FeatureScaling("bytes")(x.astype(float)).tolist() == x.tolist()


KEPT = np.array([False, True, True, False, True])


@pytest.mark.parametrize(("kind", "low", "high", "said"), [
    ("bytes", LOW[:0], LOW[:0], "3 of 5, bytes as they are"),
    ("global", LOW[:1], HIGH[:1], "3 of 5, one range for all features, 0 to 16"),
    ("per_feature", LOW, HIGH, "3 of 5, a range for each of the 3 features"),
])
def test_only_the_kept_features_are_inputs_in_their_order(kind, low, high, said):
    x = np.array([[9, 7, 1, 9, 2], [9, 0, 0, 9, 5]])
    few, whole = FeatureScaling(kind, low, high, KEPT), FeatureScaling(kind, low, high)
    assert few(x).tolist() == whole(x[:, [1, 2, 4]]).tolist()
    assert str(few) == said
    with pytest.raises(DesignError, match=r"^this scaling is for 5 features, got 3$"):
        few(x[:, :3])


@pytest.mark.parametrize("one", [
    FeatureScaling("bytes"), FeatureScaling("global", LOW[:1], HIGH[:1]), FeatureScaling("per_feature", LOW, HIGH),
    FeatureScaling("bytes", kept=KEPT), FeatureScaling("per_feature", LOW, HIGH, KEPT),
])
def test_saved_and_loaded(one, tmp_path):
    np.savez(tmp_path / "s.npz", **one.arrays())
    with np.load(tmp_path / "s.npz") as arrays:
        found = FeatureScaling.from_arrays(arrays)
    assert (found.kind, found.low.tolist(), found.high.tolist()) == (one.kind, one.low.tolist(), one.high.tolist())
    assert found.kept.tolist() == one.kept.tolist()
    assert ("scaling_kept" in one.arrays()) == one.kept.any()
    assert FeatureScaling.from_arrays({"other": LOW}) is None


@pytest.mark.parametrize(("make", "message"), [
    (lambda: FeatureScaling("log"), "a feature scaling must be one of bytes, global, per_feature, got 'log'"),
    (lambda: FeatureScaling("global", LOW, HIGH), "the ranges of a scaling global have the wrong shape: (3,) and (3,)"),
    (lambda: FeatureScaling("bytes", LOW, HIGH), "the ranges of a scaling bytes have the wrong shape: (3,) and (3,)"),
    (lambda: FeatureScaling("per_feature", HIGH, LOW),
     "the ranges of a scaling must be finite, each low at most its high"),
    (lambda: FeatureScaling("global", np.array([np.nan]), HIGH[:1]),
     "the ranges of a scaling must be finite, each low at most its high"),
    (lambda: FeatureScaling("bytes", kept=np.array([3, 1])),
     "the kept features of a scaling must be true or false for each feature, true for one at least, got int64 (2,)"),
    (lambda: FeatureScaling("bytes", kept=np.zeros(3, bool)),
     "the kept features of a scaling must be true or false for each feature, true for one at least, got bool (3,)"),
    (lambda: FeatureScaling("per_feature", LOW[:2], HIGH[:2], KEPT),
     "a scaling per_feature must have a range for each of the 3 kept features, got 2"),
    (lambda: FeatureScaling("per_feature", LOW, HIGH)(np.ones((2, 4))), "this scaling is for 3 features, got 4"),
    (lambda: FeatureScaling("bytes")(np.array([[1.0, 2.0], [3.0, 0.5]])),
     "features taken as bytes must be whole numbers 0..255, got 0.5 in sample 1"),
    (lambda: FeatureScaling("bytes")(np.array([[-1]])),
     "features taken as bytes must be whole numbers 0..255, got -1 in sample 0"),
])
def test_wrong(make, message):
    with pytest.raises(DesignError) as error:
        make()
    assert str(error.value) == message
