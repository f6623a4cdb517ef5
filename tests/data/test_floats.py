"""Features as floats: each choice by its definition, of bytes and of others, fitted to all training samples."""

import numpy as np
import pytest

from sw.data.build import Raw
from sw.data.dataset import DataError
from sw.data.floats import FEATURES, float_map, inputs_of, mapped
from sw.data.scaling import fit_scaling
from sw.design.scaling import FeatureScaling
from tests.data.made import TEST, TRAIN, raw

BYTES = np.random.Generator(np.random.PCG64(1)).integers(0, 256, (40, 6), dtype=np.uint8)
UNLIKE = TRAIN * 10.0 ** np.arange(6)


def by(choice, train, test, scaling=None):
    data = raw(train, test)
    return mapped(data, float_map(data, choice, scaling)).features


def check_standardised(x):
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(x.std(axis=0), 1, rtol=1e-5)


def test_standardised():
    for train in (TRAIN, UNLIKE, BYTES):
        found = by("standardised", train, train[:9])
        check_standardised(found["xtr"])
        np.testing.assert_allclose(found["xte"], found["xtr"][:9])
    with pytest.raises(AssertionError):  # planted: fitted to the other split
        check_standardised(by("standardised", TEST, TRAIN)["xte"])


@pytest.mark.parametrize(("train", "kind"), [(TRAIN, "global"), (UNLIKE, "per_feature"), (BYTES // 16, "global"),
                                             (BYTES, "bytes"), (BYTES.astype(float), "bytes")])
def test_unit_is_the_hardware_s_scale_unrounded(train, kind):
    scaling, _ = fit_scaling(train, kind)
    found = by("unit", train, train[:9], scaling)
    unit = found["xtr"].astype(float) / (256 if found["xtr"].dtype == np.uint8 else 1)
    low, high = (0, 256) if kind == "bytes" else (scaling.low, scaling.high)
    np.testing.assert_allclose(unit, (train - low) / (high - low), rtol=1e-5, atol=1e-6)
    inside = np.clip(unit, 0, 255 / 256)
    assert np.abs(scaling(train) / 256 - inside).max() <= 1 / 512 + 1e-6


def test_unit_is_not_clipped():
    scaling = FeatureScaling("per_feature", np.array([0.0, -4, 5]), np.array([16.0, 4, 5]))
    x = np.array([[8.0, 8.0, 5.0], [-8.0, 2.0, 9.0]])
    assert by("unit", x, x, scaling)["xte"].tolist() == [[0.5, 1.5, 0.0], [-0.5, 0.75, 0.0]]


def test_unit_takes_the_scaling_that_the_data_call_for():
    np.testing.assert_array_equal(by("unit", UNLIKE, TEST)["xtr"],
                                  by("unit", UNLIKE, TEST, fit_scaling(UNLIKE)[0])["xtr"])


def test_raw():
    found = by("raw", TRAIN, TEST)
    np.testing.assert_array_equal(found["xte"], TEST.astype(np.float32))
    assert found["xtr"].dtype == np.float32
    for choice in ("raw", "unit"):
        assert by(choice, BYTES, BYTES)["xtr"] is BYTES  # worth v/256, and a quarter of the memory


def test_fitted_to_all_samples_however_many_are_taken():
    data = raw()
    for choice in FEATURES:
        few = data.first(10, 5)
        whole = mapped(data, float_map(data, choice)).features["xtr"][:10]
        np.testing.assert_array_equal(mapped(few, float_map(few, choice)).features["xtr"], whole)
        alone = Raw(name="m", source="m", class_names=("a",), features={"xtr": TRAIN[:10], "xte": TEST}, labels={})
        assert (choice == "raw") == np.array_equal(mapped(alone, float_map(alone, choice)).features["xtr"], whole)


def test_a_constant_feature_becomes_0():
    train = UNLIKE.copy()
    train[:, 2] = 7
    for choice in ("unit", "standardised"):
        assert not by(choice, train, TEST)["xtr"][:, 2].any()


def test_inputs_of_a_scaling():
    few, _ = fit_scaling(UNLIKE, keep=2)
    data = inputs_of(raw(UNLIKE, TEST).first(20, 5), few)
    np.testing.assert_array_equal(data.features["xtr"], UNLIKE[:20, few.kept])
    found = mapped(data, float_map(data, "unit", few)).features["xtr"]
    np.testing.assert_allclose(found, (UNLIKE[:20, few.kept] - few.low) / (few.high - few.low), rtol=1e-5, atol=1e-6)
    assert inputs_of(data, FeatureScaling("bytes")) is data


def test_wrong():
    with pytest.raises(DataError, match=r"^features must be one of unit, standardised, raw, got 'bits'$"):
        float_map(raw(), "bits")
    with pytest.raises(DataError, match=r"^made in 32-bit floats: xtr must have finite values only, got 1 that are"):
        by("raw", np.where(np.arange(1800).reshape(300, 6) == 9, 1e39, TRAIN), TEST)
