"""A kernel whose lengths are fitted to what was observed: which hyperparameters count, and how fast values change.

The kernel of points x and x' is a M(r) with Matern's function of smoothness 3/2, M(r) = (1 + s) exp(-s), s = sqrt(3) r,
and r^2 = sum over k of w_k (x_k - x'_k)^2. The logarithms of w, of the variance a and of the noise are
those of largest posterior density: marginal likelihood (Rasmussen and Williams 2006, equation 5.8, with the mean
at its generalised least squares) times a normal prior each, which keeps a few observations from saying too much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve
from scipy.optimize import minimize

from sw.deepncheap.gaussian_process import Posterior, condition

__all__ = ["Matern", "density", "fit", "generalised_mean"]

# Standard deviation of the prior of log w; means and deviations of those of log a and log noise, for values of
# variance about 1.
_WEIGHT, _VARIANCE, _NOISE = 2.5, (0.0, 0.7), (-6.0, 2.0)
_JITTER = 1e-8  # so that equal points have a covariance whatever the noise
_ITERATIONS, _WIDEST = 60, 5.0  # of the fit, which stays within so many deviations of the priors


@dataclass(frozen=True)
class Matern:
    """Weights w (k,), variance a, and the variance of the noise."""

    weights: np.ndarray
    variance: float
    noise: float

    def kernel(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Points (n, k) and (m, k) give (n, m)."""
        one, other = left * np.sqrt(self.weights), right * np.sqrt(self.weights)
        square = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1) - 2 * one @ other.T
        return self.variance * _matern(np.maximum(square, 0.0))[0]

    def posterior(self, points: np.ndarray, values: np.ndarray) -> Posterior:
        """Of values (n,) observed at points (n, k), with the mean of generalised least squares."""
        covariance = self.kernel(points, points) + (self.noise + _JITTER) * np.eye(len(points))
        return condition(covariance, values, generalised_mean)


def generalised_mean(factor: np.ndarray, values: np.ndarray) -> float:
    """The constant mean of largest likelihood, where ``factor`` L has L L^T = the covariance."""
    ones = cho_solve((factor, True), np.ones(len(values)))
    return float(ones @ values / ones.sum())


def fit(points: np.ndarray, values: np.ndarray, weight: float = 0.0) -> Matern:
    """The kernel of largest posterior density for values (n,) of variance about 1 at points (n, k) of about 0 to 1.

    ``weight``: the mean of the prior of log w; the lower, the smoother the functions that are expected.
    """
    columns = points.shape[1]
    squares = ((points[:, None] - points[None]) ** 2).transpose(2, 0, 1).reshape(columns, -1)
    mean, deviation = _priors(columns, weight)
    found = minimize(density, mean, args=(squares, values, weight), jac=True, method="L-BFGS-B",
                     bounds=list(zip(mean - _WIDEST * deviation, mean + _WIDEST * deviation, strict=True)),
                     options={"maxiter": _ITERATIONS}).x
    return Matern(np.exp(found[:-2]), float(np.exp(found[-2])), float(np.exp(found[-1])))


@np.errstate(under="ignore")
def density(logarithms: np.ndarray, squares: np.ndarray, values: np.ndarray, weight: float = 0.0,
            ) -> tuple[float, np.ndarray]:
    """The negative logarithm of the posterior density, up to a constant, and its gradient.

    ``logarithms``: of w (k,), a and noise; ``squares``: (k, n n), the squared differences of each pair of points.
    """
    n = len(values)
    *_, variance, noise = parts = np.exp(logarithms)
    weights = parts[:-2]
    shape, slope = _matern(weights @ squares)
    covariance = variance * shape.reshape(n, n) + (noise + _JITTER) * np.eye(n)
    factor = np.linalg.cholesky(covariance)
    inverse = cho_solve((factor, True), np.eye(n), check_finite=False)
    total = inverse.sum(axis=1)
    rest = values - total @ values / total.sum()
    solved = inverse @ rest
    # the mean moves with the kernel too, but the likelihood is stationary in it
    outer = (inverse - np.outer(solved, solved)).ravel() / 2
    gradient = np.concatenate([variance * weights * (squares @ (outer * slope)), [variance * (outer @ shape)],
                               [noise * outer[::n + 1].sum()]])
    mean, deviation = _priors(len(weights), weight)
    away = (logarithms - mean) / deviation
    value = rest @ solved / 2 + np.log(np.diag(factor)).sum() + away @ away / 2
    return float(value), gradient + away / deviation


def _priors(columns: int, weight: float) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard deviations of the logarithms of (w, a, noise)."""
    mean, deviation = np.array([*[(weight, _WEIGHT)] * columns, _VARIANCE, _NOISE]).T
    return mean, deviation


@np.errstate(under="ignore")
def _matern(square: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """M and its derivative by r^2, of r^2."""
    s = np.sqrt(3 * square)
    decay = np.exp(-s)
    return (1 + s) * decay, -3 / 2 * decay
