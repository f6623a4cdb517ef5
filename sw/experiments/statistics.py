"""Mean and 95 % interval of a few repeated measurements, and what an interval says about a claim."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

__all__ = ["CONTRADICTED", "DEPENDS", "NOT_SHOWN", "REPRODUCED", "Estimate", "difference", "estimate", "overall",
           "verdict"]

REPRODUCED, CONTRADICTED, NOT_SHOWN, DEPENDS = "reproduced", "contradicted", "not shown", "depends"


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


def verdict(found: Estimate, low: float = -math.inf, high: float = math.inf) -> str:
    """What an interval says about the claim that the true value is in ``low`` to ``high``.

    REPRODUCED: all of the interval is in the claimed range, its ends excluded; CONTRADICTED: all of it is outside;
    NOT_SHOWN: it straddles an end, or there is no interval.
    """
    least, most = found.mean - found.half, found.mean + found.half
    if low < least and most < high:
        return REPRODUCED
    return CONTRADICTED if most <= low or least >= high else NOT_SHOWN


def overall(verdicts: Iterable[str]) -> str:
    """Of several comparisons that test one claim: what all of them say, DEPENDS where some reproduce and others
    contradict it, else NOT_SHOWN. ``verdicts`` is not empty."""
    each = set(verdicts)
    if len(each) == 1:
        return each.pop()
    return DEPENDS if {REPRODUCED, CONTRADICTED} <= each or DEPENDS in each else NOT_SHOWN
