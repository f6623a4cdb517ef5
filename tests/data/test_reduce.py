"""Preprocessing of a dataset: what is fitted sees the training split alone; the order of steps; what is written."""

import json

import numpy as np
import pytest

from sw.data.affine import gaussian
from sw.data.build import Raw
from sw.data.dataset import DataError
from sw.data.load import load_raw
from sw.data.pca import components, pca
from sw.data.reduce import Steps, reduce, save_raw
from sw.data.varied import most_varied
from tests.data.made import TEST, TRAIN, raw

FITTED = [
    Steps(pca=3), Steps(zca=True), Steps(scale="minmax"), Steps(scale="gaussian"), Steps(pca=3, scale="gaussian"),
    Steps(contrast=True, zca=True, scale="minmax"), Steps(keep=3, pca=2),
]


def check_training_alone(function, steps):
    """Another test split leaves the training features as they are, and no test sample depends on another."""
    one, _ = function(raw(), steps)
    two, _ = function(raw(test=TEST[:20]), steps)
    np.testing.assert_array_equal(one.features["xtr"], two.features["xtr"])
    np.testing.assert_allclose(one.features["xte"][:20], two.features["xte"], rtol=1e-5, atol=1e-6)


def fitted_to_both(given, steps):
    """A planted fault: the fit sees the test split, too."""
    train = len(given.features["xtr"])
    both = np.concatenate([given.features["xtr"], given.features["xte"]])
    found, facts = reduce(raw(train=both), steps)
    x = found.features["xtr"]
    return Raw(name="made", source="made", features={"xtr": x[:train], "xte": x[train:]}, labels=given.labels,
               class_names=given.class_names), facts


def fitted_to_each(given, steps):
    """A planted fault: each split is fitted to itself."""
    parts = {split: reduce(raw(train=x), steps)[0].features["xtr"] for split, x in given.features.items()}
    return Raw(name="made", source="made", features=parts, labels=given.labels, class_names=given.class_names), {}


@pytest.mark.parametrize("steps", FITTED)
def test_only_the_training_split_is_looked_at(steps):
    check_training_alone(reduce, steps)
    for fault in (fitted_to_both, fitted_to_each):
        with pytest.raises(AssertionError):
            check_training_alone(fault, steps)


def test_steps_in_their_order():
    found, facts = reduce(raw(), Steps(pca=3, shuffle=5, scale="gaussian", clip=0.5))
    step = pca(components(TRAIN), 3)
    order = np.random.Generator(np.random.PCG64(5)).permutation(3)
    assert order.tolist() != [0, 1, 2]
    train, test = step(TRAIN)[:, order], step(TEST)[:, order]
    expected = np.clip(gaussian(train)(test), -0.5, 0.5)
    np.testing.assert_allclose(found.features["xte"], expected, rtol=1e-5, atol=1e-6)
    variances = components(TRAIN).variances
    assert facts == {"features_before": 6, "features": 3, "variance_kept": variances[:3].sum() / variances.sum()}
    assert found.labels.keys() == {"ytr", "yte"}
    assert {x.dtype for x in found.features.values()} == {np.dtype(np.float32)}
    with pytest.raises(AssertionError):  # scaled first, a planted fault
        np.testing.assert_allclose(np.clip(pca(components(gaussian(TRAIN)(TRAIN)), 3)(gaussian(TRAIN)(TEST))[:, order],
                                           -0.5, 0.5), expected, rtol=1e-2)


def test_bytes_stay_bytes_when_shuffled_and_are_parts_of_256_else():
    bytes_ = np.random.default_rng(3).integers(0, 256, (20, 6), dtype=np.uint8)
    shuffled, _ = reduce(raw(bytes_, bytes_), Steps(shuffle=1))
    assert shuffled.features["xtr"].dtype == np.uint8
    assert (np.sort(shuffled.features["xtr"]) == np.sort(bytes_)).all()
    clipped, _ = reduce(raw(bytes_, bytes_), Steps(clip=0.5))
    np.testing.assert_array_equal(clipped.features["xte"], np.minimum(bytes_ / 256, 0.5).astype(np.float32))


def test_the_features_that_vary_most_are_kept_in_their_order():
    train, test = (np.random.default_rng(seed).integers(0, 256, (40, 6), dtype=np.uint8) for seed in (3, 4))
    train[:, [0, 3, 4]] //= np.array([2, 100, 7], np.uint8)  # in the test samples others vary least
    test[:, [1, 2, 5]] //= 100
    found, facts = reduce(raw(train, test), Steps(keep=4))
    for split, given in (("xtr", train), ("xte", test)):
        np.testing.assert_array_equal(found.features[split], given[:, [0, 1, 2, 5]])
        assert found.features[split].dtype == np.uint8
    assert facts == {"features_before": 6, "features": 4}
    equal = np.tile(np.arange(40)[:, None], (1, 6))
    equal[:, 5] *= 2
    assert most_varied(equal, 3).tolist() == [0, 1, 5]


def test_what_is_told():
    told = []
    reduce(raw(), Steps(pca=2, clip=1), lambda *one: told.append(one))
    assert [one[0] for one in told if one[1] == one[2]] == ["numbers", "covariance", "projection", "clip"]


@pytest.mark.parametrize(("steps", "message"), [
    ({"pca": 0}, "pca must be a whole number of at least 1, got 0"),
    ({"keep": 0}, "keep must be a whole number of at least 1, got 0"),
    ({"pca": 2, "zca": True}, "pca and zca must not be given together"),
    ({"scale": "log"}, "scale must be one of minmax, gaussian, got 'log'"),
    ({"clip": 0}, "clip must be a number above 0, got 0"),
    ({"clip": float("nan")}, "clip must be a number above 0, got nan"),
    ({"shuffle": -1}, "shuffle must be a whole number of at least 0, got -1"),
    ({"shuffle": True}, "shuffle must be a whole number of at least 0, got True"),
])
def test_wrong_steps(steps, message):
    with pytest.raises(DataError, match=message):
        Steps(**steps)


@pytest.mark.parametrize(("train", "steps", "message"), [
    (TRAIN[:0], Steps(pca=1), "made: there must be at least one training sample"),
    (TRAIN, Steps(pca=7), "made: principal components must be 1..6, the rank of the training features, got 7"),
    (TRAIN, Steps(keep=7), "made: keep must be at most the 6 features that are there, got 7"),
    (TRAIN[:0], Steps(keep=1), "made: there must be at least one training sample to tell which features vary most"),
    (np.ones((4, 6)), Steps(zca=True), "made: training samples must differ"),
    (TRAIN * 1e40, Steps(scale="gaussian"), "made: features must be within the range of float32, 3.4e38, got one of"),
    (TRAIN * 1e37, Steps(pca=6), None),
    (np.linspace(-1, 1, 12).reshape(2, 6) * 1e-43, Steps(scale="minmax"), "made after these steps: xte must have fin"),
])
def test_features_that_cannot_be_had(train, steps, message):
    if message is None:
        assert np.isfinite(reduce(raw(train), steps)[0].features["xtr"]).all()
        return
    with pytest.raises(DataError) as error:
        reduce(raw(train), steps)
    assert str(error.value).startswith(message)


def test_what_a_scaling_is_fitted_to_is_what_was_made():
    few, _ = reduce(raw().first(200, 50), Steps(pca=3))
    assert few.to_fit is few.features["xtr"]


def test_written_and_read_again(tmp_path):
    steps = Steps(pca=3)
    few, facts = reduce(raw(), steps)
    save_raw(tmp_path / "few.npz", few, steps, facts)
    read = load_raw(tmp_path / "few.npz")
    for key, x in few.features.items():
        np.testing.assert_array_equal(read.features[key], x)
    assert (read.labels["yte"] == few.labels["yte"]).all()
    assert read.class_names == ("a", "b", "c")
    recipe = json.loads(str(np.load(tmp_path / "few.npz")["recipe"]))
    assert recipe == {"data": "made", "steps": {"keep": None, "contrast": False, "pca": 3, "zca": False,
                                                "shuffle": None, "scale": None, "clip": None}, **facts}
