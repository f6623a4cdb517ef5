"""Expected improvement against numerical integration, and its limits."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from sw.deepncheap.acquisition import expected_improvement, log_expected_improvement


@pytest.mark.parametrize(("mean", "deviation"), [(0.5, 0.3), (-0.2, 0.1), (1.0, 2.0), (0.0, 1e-3)])
@pytest.mark.parametrize("margin", [0.0, 1e-4, 0.1])
def test_is_the_integral(mean, deviation, margin):
    best = 0.1
    high = min(best - margin, mean + 12 * deviation)
    expected, _ = quad(lambda y: (best - margin - y) * norm.pdf(y, mean, deviation), mean - 12 * deviation, high,
                       epsabs=1e-13) if high > mean - 12 * deviation else (0.0, 0.0)
    found = expected_improvement(np.array([mean]), np.array([deviation]), best, margin)
    assert found == pytest.approx(max(expected, 0), rel=1e-8, abs=1e-12)


def test_without_deviation_it_is_the_gain():
    mean, none = np.array([0.0, 0.5, 1.0]), np.zeros(3)
    assert expected_improvement(mean, none, best=0.5, margin=0.0).tolist() == [0.5, 0.0, 0.0]
    assert expected_improvement(mean, none, best=0.5)[0] == 0.5 - 1e-4
    # and what comes close to it
    assert expected_improvement(mean, none + 1e-12, best=0.5, margin=0.0) == pytest.approx([0.5, 0.0, 0.0], abs=1e-12)


def test_logarithm():
    mean, deviation = np.array([0.2, 0.9, -0.5, 3.0]), np.array([0.3, 0.5, 0.2, 0.7])
    plain = expected_improvement(mean, deviation, 0.1, margin=0.0)
    assert np.exp(log_expected_improvement(mean, deviation, 0.1)) == pytest.approx(plain, rel=1e-10)


def test_logarithm_far_below():
    """log EI = log phi(z) - 2 log |z| + log(1 - 3 / z^2 + 15 / z^4 - ...) far below, where EI itself is 0."""
    z = np.array([-40.0, -1e3, -1e4, -99_999.0, -100_001.0, -1e8])
    series = norm.logpdf(z) - 2 * np.log(-z) + np.log1p(-3 / z**2 + 15 / z**4)
    found = log_expected_improvement(-z, np.ones(len(z)), best=0.0)
    assert found == pytest.approx(series, rel=1e-8)
    assert expected_improvement(-z, np.ones(len(z)), 0.0)[0] == 0
    assert (np.diff(log_expected_improvement(np.linspace(-5, 50, 999), np.ones(999), 0.0)) < 0).all()
