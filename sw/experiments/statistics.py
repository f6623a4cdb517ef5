"""Mean and 95 % interval of a few repeated measurements."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

__all__ = ["Estimate", "difference", "estimate", "verdict"]


@dataclass(frozen=True)
class Estimate:
    """``mean`` and the half-width of its 95 % interval; that of one measurement is nan."""

    mean: float
    half: float

    @property
    def certain(self) -> bool:
        """Whether the interval is on one side of 0: a difference that is not by chance, 95 times of 100."""
        return abs(self.mean) > self.half

    def __str__(self) -> str:
        return f"{self.mean:.2f}" if math.isnan(self.half) else f"{self.mean:.2f} ± {self.half:.2f}"


def estimate(values: Sequence[float]) -> Estimate:
    """Student's t interval of the mean of independent, normal measurements; their number is >= 1."""
    count = len(values)
    if count == 1:
        return Estimate(float(values[0]), math.nan)
    return Estimate(float(np.mean(values)), float(t.ppf(0.975, count - 1) * np.std(values, ddof=1) / math.sqrt(count)))


def difference(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """Mean of first - second, both independent, with Welch's interval (their spreads may differ).

    Half-widths are nan where either is a single measurement.
    """
    if min(len(first), len(second)) == 1:
        return Estimate(float(np.mean(first) - np.mean(second)), math.nan)
    a, b = np.var(first, ddof=1) / len(first), np.var(second, ddof=1) / len(second)
    mean = float(np.mean(first) - np.mean(second))
    if a + b == 0:
        return Estimate(mean, 0.0)
    freedom = (a + b) ** 2 / (a**2 / (len(first) - 1) + b**2 / (len(second) - 1))
    return Estimate(mean, float(t.ppf(0.975, freedom) * math.sqrt(a + b)))


def verdict(difference: Estimate, margin: float = 0.0) -> str:
    """What an interval says of a difference of which ``margin`` does not matter.

    "equal": all of it is within the margin, both bounds included; else "higher" or "lower": all of it is on one side of
    0; else "open", as without an interval.
    """
    low, high = difference.mean - difference.half, difference.mean + difference.half
    if -margin <= low <= high <= margin:
        return "equal"
    return "higher" if low > 0 else "lower" if high < 0 else "open"
