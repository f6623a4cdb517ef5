"""The fitted kernel: its gradient, its posterior, and that it finds which feature counts."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from scipy.stats import multivariate_normal, norm

from sw.deepncheap.matern import Matern, density, fit

RNG = np.random.default_rng(3)
POINTS = RNG.random((20, 3))
VALUES = np.sin(5 * POINTS[:, 0]) + 0.3 * POINTS[:, 1]
SQUARES = ((POINTS[:, None] - POINTS[None]) ** 2).transpose(2, 0, 1).reshape(3, -1)


def test_kernel_by_the_formula():
    kernel = Matern(np.array([4.0, 0.5, 0.0]), 2.0, 0.1)
    r = np.sqrt(4 * (POINTS[0, 0] - POINTS[1, 0]) ** 2 + 0.5 * (POINTS[0, 1] - POINTS[1, 1]) ** 2)
    expected = 2 * (1 + np.sqrt(3) * r) * np.exp(-np.sqrt(3) * r)
    found = kernel.kernel(POINTS, POINTS)
    assert found[0, 1] == pytest.approx(expected, rel=1e-12)
    assert np.diag(found) == pytest.approx(2, rel=1e-6)


@pytest.mark.parametrize("at", [[0.0, 0.0, 0.0, 0.0, -6.0], [2.0, -3.0, 1.0, 1.0, -2.0]])
def test_gradient(at):
    at = np.array(at)
    error = check_grad(lambda t: density(t, SQUARES, VALUES)[0], lambda t: density(t, SQUARES, VALUES)[1], at)
    assert error < 1e-4 * np.linalg.norm(density(at, SQUARES, VALUES)[1])


def test_density_is_likelihood_times_priors():
    def direct(logarithms):
        *weights, variance, noise = np.exp(logarithms)
        kernel = Matern(np.array(weights), variance, noise)
        covariance = kernel.kernel(POINTS, POINTS) + (noise + 1e-8) * np.eye(20)
        inverse = np.linalg.inv(covariance)
        mean = inverse.sum(axis=0) @ VALUES / inverse.sum()
        likelihood = multivariate_normal.logpdf(VALUES, np.full(20, mean), covariance)
        priors = norm.logpdf(logarithms, [0, 0, 0, 0, -6], [2.5, 2.5, 2.5, 0.7, 2]).sum()
        return -(likelihood + priors)

    one, other = np.array([0.0, 1, -1, 0.5, -4]), np.array([1.0, -1, 0, -0.5, -3])
    found = density(one, SQUARES, VALUES)[0] - density(other, SQUARES, VALUES)[0]
    assert found == pytest.approx(direct(one) - direct(other), rel=1e-6)


def test_fit_finds_what_counts():
    kernel = fit(POINTS, (VALUES - VALUES.mean()) / VALUES.std())
    assert kernel.weights[0] > 5 * kernel.weights[1] > kernel.weights[2]
    assert kernel.noise < 0.01
    others = RNG.random((50, 3))
    mean, deviation = kernel.posterior(POINTS, VALUES).at(kernel.kernel(POINTS, others), kernel.variance)
    assert mean == pytest.approx(np.sin(5 * others[:, 0]) + 0.3 * others[:, 1], abs=0.15)
    assert (deviation < 0.3).all()


def test_values_that_say_nothing():
    assert np.isfinite(fit(POINTS[:1], np.zeros(1)).weights).all()
    kernel = fit(np.zeros((6, 2)), np.array([-1.0, 1, -1, 1, -1, 1]))
    assert kernel.noise > 0.1
