"""The posterior against the plain formulas with an inverse matrix."""

import numpy as np
import pytest

from sw.deepncheap.gaussian_process import condition
from sw.deepncheap.spaces import TrainingSpace


@pytest.mark.parametrize("mean", [0.0, -0.7])
def test_posterior_is_the_direct_computation(mean):
    space, rng = TrainingSpace(), np.random.default_rng(1)
    points = [space.at(u) for u in rng.random((12, 3))]
    others = [space.at(u) for u in rng.random((40, 3))]
    y = rng.standard_normal(12)
    K, k = space.kernel(points, points) + 1e-4 * np.eye(12), space.kernel(points, others)
    inverse = np.linalg.inv(K)
    mu, sigma = condition(K, y, mean).at(k)
    assert mu == pytest.approx(mean + k.T @ inverse @ (y - mean), rel=1e-9, abs=1e-11)
    assert sigma**2 == pytest.approx(1 - np.einsum("nm,nk,km->m", k, inverse, k), rel=1e-7, abs=1e-10)


def test_near_observations_and_far_away():
    K = np.array([[1.0, 0.2], [0.2, 1.0]])
    mu, sigma = condition(K + 1e-4 * np.eye(2), np.array([1.0, -2.0]), 0.5).at(np.column_stack([K, np.zeros(2)]), 1.0)
    assert mu == pytest.approx([1, -2, 0.5], abs=1e-3)
    assert sigma == pytest.approx([0.01, 0.01, 1], abs=1e-4)


def test_no_variance_below_zero():
    """An observed point without noise has none; rounding would make it negative, and the root not a number."""
    points = np.linspace(0, 1, 9)
    K = np.exp(-((points[:, None] - points) ** 2) / 2 / 0.3**2)
    _, sigma = condition(K + 1e-13 * np.eye(9), np.zeros(9), 0.0).at(K)
    assert np.isfinite(sigma).all()
    assert (sigma < 1e-4).all()
