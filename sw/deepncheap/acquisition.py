"""How much a configuration is expected to improve on the lowest value that was observed."""

import numpy as np
from scipy.special import erfcx, ndtr

__all__ = ["expected_improvement", "log_expected_improvement"]

_LOG_ROOT = 0.5 * np.log(2 * np.pi)


@np.errstate(under="ignore")
def expected_improvement(mean: np.ndarray, deviation: np.ndarray, best: float, margin: float = 1e-4) -> np.ndarray:
    """Of normal distributions, E max(best - margin - value, 0): at least 0.

    Without deviation it is the limit, max(best - margin - mean, 0).
    """
    gain = best - margin - mean
    certain = deviation <= 0
    z = gain / np.where(certain, 1.0, deviation)
    found = gain * ndtr(z) + deviation * np.exp(-z * z / 2 - _LOG_ROOT)
    return np.maximum(np.where(certain, gain, found), 0.0)


@np.errstate(under="ignore")
def log_expected_improvement(mean: np.ndarray, deviation: np.ndarray, best: float) -> np.ndarray:
    """The logarithm of `expected_improvement` without a margin, exact where that is too small for a float.

    ``deviation`` must be above 0. With z = (best - mean) / deviation, it is log(phi(z) + z Phi(z)) + log(deviation);
    in the lower tail by the ratio of Phi and phi, which does not underflow (Ament et al., 2023).
    """
    z = (best - mean) / deviation
    upper, lower = np.maximum(z, -1.0), np.minimum(z, -1.0)
    above = np.log(np.exp(-upper * upper / 2 - _LOG_ROOT) + upper * ndtr(upper))
    rest = 1 + lower * np.sqrt(np.pi / 2) * erfcx(-lower / np.sqrt(2))  # tends to 1 / z^2; rounding hides it far below
    below = -lower * lower / 2 - _LOG_ROOT + np.log(np.where(lower < -1e5, lower**-2.0, np.maximum(rest, 1e-12)))
    return np.where(z > -1, above, below) + np.log(deviation)
