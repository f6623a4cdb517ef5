"""Preprocessing: principal components, whitening, contrast, scaling; what is fitted sees the training split alone."""

import dataclasses
import json

import numpy as np
import pytest

from sw.data.__main__ import main
from sw.data.affine import gaussian, min_max
from sw.data.build import Raw
from sw.data.contrast import global_contrast
from sw.data.dataset import DataError
from sw.data.load import load
from sw.data.pca import ZCA_EPS, components, pca, zca
from sw.data.reduce import Steps, reduce

RNG = np.random.default_rng(1)
MIXED = RNG.standard_normal((300, 6)) @ RNG.standard_normal((6, 6)) + 3


def raw(train=MIXED, test=MIXED[:50] * 2):
    labels = {"ytr": np.arange(len(train)) % 3, "yte": np.arange(len(test)) % 3}
    features = {"xtr": train, "xte": test}
    return Raw(name="made", source="made", features=features, labels=labels, class_names=("a", "b", "c"))


def test_components_are_uncorrelated_and_the_largest_first():
    found = pca(components(MIXED), 4)(MIXED)
    covariance = np.cov(found.T, bias=True)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-5)
    assert (np.diff(np.diag(covariance)) < 0).all()
    np.testing.assert_allclose(np.diag(covariance), np.linalg.eigvalsh(np.cov(MIXED.T, bias=True))[::-1][:4], rtol=1e-5)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-5)


def test_components_in_another_order_are_noticed():
    found = components(MIXED)
    turned = dataclasses.replace(found, directions=found.directions[:, ::-1])
    variances = pca(turned, 4)(MIXED).var(axis=0)
    assert (np.diff(variances) > 0).all()


def test_whitening_keeps_features_in_place():
    found = zca(components(MIXED))(MIXED)
    np.testing.assert_allclose(np.cov(found.T, bias=True), np.eye(6), atol=1e-3)
    centred = MIXED - MIXED.mean(axis=0)
    matrix = np.linalg.lstsq(centred, found, rcond=None)[0]
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-4)  # symmetric: not turned
    flat = np.concatenate([MIXED, np.full((300, 1), 0.5)], axis=1)
    assert np.abs(zca(components(flat), ZCA_EPS)(flat)[:, 6]).max() < 1e-3  # a constant is not blown up


def test_scales():
    low_high = min_max(MIXED)(MIXED)
    np.testing.assert_allclose((low_high.min(axis=0), low_high.max(axis=0)), ([0] * 6, [1] * 6), atol=1e-6)
    normal = gaussian(MIXED)(MIXED)
    np.testing.assert_allclose(normal.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(normal.std(axis=0), 1, rtol=1e-6)
    assert (gaussian(np.full((5, 2), 0.1))(np.full((5, 2), 0.1)) == 0).all()
    each = global_contrast(MIXED)
    np.testing.assert_allclose(each.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(each.std(axis=1), 1, rtol=1e-5)
    assert (global_contrast(np.full((2, 6), 7.0)) == 0).all()


def test_bytes_are_parts_of_256():
    bytes_ = RNG.integers(0, 256, (40, 6), dtype=np.uint8)
    np.testing.assert_array_equal(gaussian(bytes_)(bytes_), gaussian(bytes_ / 256)(bytes_ / 256))


@pytest.mark.parametrize("steps", [
    Steps(pca=3), Steps(zca=True), Steps(scale="minmax"), Steps(scale="gaussian"), Steps(pca=3, scale="gaussian"),
])
def test_only_the_training_split_is_looked_at(steps):
    """Another test split leaves the training features as they are, and each test sample its own; a fit to both not."""
    one, _ = reduce(raw(), steps)
    two, _ = reduce(raw(test=MIXED[:50] * 2 + RNG.standard_normal((50, 6))), steps)
    np.testing.assert_array_equal(one.features["xtr"], two.features["xtr"])
    assert not np.array_equal(one.features["xte"], two.features["xte"])
    both, _ = reduce(raw(train=np.concatenate([MIXED, MIXED[:50] * 2])), steps)
    assert not np.allclose(both.features["xtr"][:300], one.features["xtr"], atol=1e-3)


def test_shuffle_and_clip():
    found, facts = reduce(raw(), Steps(shuffle=4, clip=2.5))
    order = np.random.Generator(np.random.PCG64(4)).permutation(6)
    np.testing.assert_allclose(found.features["xte"], np.clip(2 * MIXED[:50, order], -2.5, 2.5), rtol=1e-6)
    assert facts == {"features_before": 6, "features": 6}


@pytest.mark.parametrize(("steps", "message"), [
    ({"pca": 0}, "pca must be a whole number of at least 1, got 0"),
    ({"pca": 2, "zca": True}, "pca and zca must not be given together"),
    ({"scale": "log"}, "scale must be one of minmax, gaussian, got 'log'"),
    ({"clip": 0}, "clip must be a number above 0, got 0"),
    ({"shuffle": -1}, "shuffle must be a whole number of at least 0, got -1"),
])
def test_wrong_steps(steps, message):
    with pytest.raises(DataError, match=message):
        Steps(**steps)


def test_more_components_than_there_are():
    doubled = np.concatenate([MIXED[:, :2], MIXED[:, :1]], axis=1)
    with pytest.raises(DataError, match=r"made: principal components must be 1..2, the rank of the .* features, got 3"):
        reduce(raw(doubled, doubled), Steps(pca=3))


def test_the_command_writes_data_with_its_recipe(tmp_path, capsys):
    out = tmp_path / "few.npz"
    assert main(["reduce", "digits", "--pca", "10", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("64 features became 10, ")
    data = load(out)
    assert (data.features, data.classes, len(data.ytr)) == (10, 10, 1437)
    recipe = json.loads(str(np.load(out)["recipe"]))
    assert recipe["steps"]["pca"] == 10
    assert f"{recipe['variance_kept']:.1%}" in said


@pytest.mark.parametrize(("arguments", "message"), [
    (["digits", "--pca", "100", "--out", "x.npz"], "digits: principal components must be 1.."),
    (["nothing", "--zca", "--out", "x.npz"], "data source must be"),
    (["digits", "--zca", "--out", "x.txt"], "--out must be a name that ends in .npz, got 'x.txt'"),
    (["digits", "--zca", "--out", "no/x.npz"], "no/x.npz: cannot be written"),
])
def test_wrong_input_is_one_line(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["reduce", *arguments]) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ")
    assert message in error
    assert list(tmp_path.iterdir()) == []
