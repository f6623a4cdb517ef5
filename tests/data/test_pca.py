"""Principal components and ZCA whitening of the training split."""

import dataclasses

import numpy as np
import pytest

from sw.data import affine
from sw.data.affine import Affine
from sw.data.dataset import DataError
from sw.data.pca import ZCA_EPS, components, pca, zca
from tests.data.made import TEST, TRAIN

VARIANCES = np.linalg.svd(TRAIN - TRAIN.mean(axis=0), compute_uv=False) ** 2 / len(TRAIN)  # another way to them


def check_components(found, kept=4):
    """Features of the training split: uncorrelated, with the largest variances, the largest first, around 0."""
    np.testing.assert_allclose(np.cov(found.T, bias=True), np.diag(VARIANCES[:kept]), atol=1e-5 * VARIANCES[0])
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-5)


def check_whitened(found):
    """Uncorrelated, of variance 1, and by a symmetric matrix: not turned."""
    np.testing.assert_allclose(np.cov(found.T, bias=True), np.eye(6), atol=2e-3)
    matrix = np.linalg.lstsq(TRAIN - TRAIN.mean(axis=0), found, rcond=None)[0]
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-4)


def test_components():
    found = components(TRAIN)
    check_components(pca(found, 4)(TRAIN))
    check_components(pca(found, 6)(TRAIN), 6)
    np.testing.assert_allclose(found.variances, VARIANCES, rtol=1e-6)
    assert found.rank == 6
    # the sign of a direction is no matter of chance
    assert (np.take_along_axis(found.directions, np.abs(found.directions).argmax(axis=0)[None], 0) > 0).all()


def test_a_sample_comes_back_from_all_components():
    found = components(TRAIN)
    np.testing.assert_allclose(pca(found, 6)(TEST) @ found.directions.T + found.mean, TEST, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("fault", ["order", "both splits", "not centred", "no rotation"])
def test_planted_faults_of_components(fault):
    found = components(TRAIN)
    if fault == "order":
        found = dataclasses.replace(found, directions=found.directions[:, ::-1])
    elif fault == "both splits":
        found = components(np.concatenate([TRAIN, TEST]))
    elif fault == "not centred":
        found = dataclasses.replace(found, mean=np.zeros(6))
    else:
        found = dataclasses.replace(found, directions=np.eye(6))
    with pytest.raises(AssertionError):
        check_components(pca(found, 4)(TRAIN))


def test_whitening():
    check_whitened(zca(components(TRAIN))(TRAIN))
    flat = np.concatenate([TRAIN, np.full((300, 1), 0.5)], axis=1)
    assert np.abs(zca(components(flat), ZCA_EPS)(flat)[:, 6]).max() < 1e-3  # a constant is not blown up


@pytest.mark.parametrize("fault", ["turned", "variance for deviation", "both splits"])
def test_planted_faults_of_whitening(fault):
    found = components(TRAIN)
    wrong = {
        "turned": Affine(found.mean, found.directions / np.sqrt(found.variances)),
        "variance for deviation": Affine(found.mean, (found.directions / found.variances) @ found.directions.T),
        "both splits": zca(components(np.concatenate([TRAIN, TEST]))),
    }[fault]
    with pytest.raises(AssertionError):
        check_whitened(wrong(TRAIN))


def test_blocks_and_what_they_tell(monkeypatch):
    whole, told = components(TRAIN), []
    monkeypatch.setattr(affine, "_ENTRIES", 600)
    found = components(TRAIN, lambda done, total: told.append((done, total)))
    assert told == [(100, 300), (200, 300), (300, 300)]
    np.testing.assert_allclose(found.directions, whole.directions, atol=1e-9)


def test_more_components_than_there_are():
    found = components(np.concatenate([TRAIN[:, :2], TRAIN[:, :1]], axis=1))
    assert found.rank == 2
    with pytest.raises(DataError, match=r"principal components must be 1..2, the rank of the .* features, got 3"):
        pca(found, 3)
    for wrong in (0, 1.5, True):
        with pytest.raises(DataError, match="principal components must be a whole number of at least 1, got"):
            pca(found, wrong)


@pytest.mark.parametrize("value", [0.1, 0.0, 1e9])
def test_samples_that_do_not_differ(value):
    with pytest.raises(DataError, match="training samples must differ, got the same features in all of them"):
        components(np.full((7, 3), value))


@pytest.mark.parametrize("eps", [0, -1.0, np.nan, np.inf])
def test_wrong_eps(eps):
    with pytest.raises(DataError, match="eps must be a number above 0, got"):
        zca(components(TRAIN), eps)


def test_fewer_samples_than_features():
    wide = np.random.Generator(np.random.PCG64(2)).normal(size=(9, 40)).cumsum(axis=1) + 5
    _, lengths, expected = np.linalg.svd(wide - wide.mean(axis=0), full_matrices=False)
    found = components(wide)
    assert (found.directions.shape, found.rank) == ((40, 9), 8)
    np.testing.assert_allclose(found.variances[:8], lengths[:8] ** 2 / 9, rtol=1e-9)
    np.testing.assert_allclose(np.abs((found.directions[:, :8] * expected[:8].T).sum(axis=0)), 1, rtol=1e-9)
    few = pca(found, 3)(wide)
    np.testing.assert_allclose(np.cov(few.T, bias=True), np.diag(lengths[:3] ** 2 / 9), atol=1e-5 * lengths[0])
    with pytest.raises(DataError, match="whitening needs at least as many training samples as features, got 9"):
        zca(found)
