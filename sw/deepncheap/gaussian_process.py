"""Gaussian processes: what values, observed at some configurations, say about others."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, solve_triangular

__all__ = ["Posterior", "condition"]


@dataclass(frozen=True)
class Posterior:
    """A process of constant mean that was conditioned on values; ``factor`` L with L L^T = their covariance."""

    factor: np.ndarray
    weights: np.ndarray
    mean: float

    def at(self, cross: np.ndarray, prior: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation, (m,) each, without noise, where the prior variance is ``prior``.

        ``cross``: the kernel of (observed, m). Rounding makes no variance negative.
        """
        half = solve_triangular(self.factor, cross, lower=True, check_finite=False)
        variance = prior - np.einsum("nm,nm->m", half, half)
        return self.mean + cross.T @ self.weights, np.sqrt(np.maximum(variance, 0.0))


def condition(covariance: np.ndarray, values: np.ndarray,
              mean: float | Callable[[np.ndarray, np.ndarray], float]) -> Posterior:
    """Observe ``values`` (n,), whose ``covariance`` (n, n) includes the noise.

    ``mean``: the prior's, or a function of L and the values that gives it.
    """
    factor = np.linalg.cholesky(covariance)
    constant = mean(factor, values) if callable(mean) else mean
    return Posterior(factor, cho_solve((factor, True), values - constant), constant)
