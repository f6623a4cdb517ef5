"""Mean and 95 % interval of a few repeated measurements, and what an interval says about a claim."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.stats import combine_pvalues, norm, t, ttest_1samp

__all__ = ["CONTRADICTED", "DEPENDS", "NOT_SHOWN", "REPRODUCED", "Estimate", "alike", "chance", "chance_of_estimates",
           "difference", "estimate", "overall", "verdict"]

REPRODUCED, CONTRADICTED, NOT_SHOWN, DEPENDS = "reproduced", "contradicted", "not shown", "depends"
_ALARM = 0.001  # how often `alike` is wrong where nothing has changed
_FEW = 5  # differences; fewer tell nothing of their spread


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
    """Of several comparisons that test one claim: REPRODUCED where all reproduce it, CONTRADICTED where some contradict
    and none reproduces it, DEPENDS where some do each, else NOT_SHOWN. ``verdicts`` is not empty."""
    each = set(verdicts)
    if DEPENDS in each or {REPRODUCED, CONTRADICTED} <= each:
        return DEPENDS
    if CONTRADICTED in each:
        return CONTRADICTED
    return REPRODUCED if each == {REPRODUCED} else NOT_SHOWN


def chance(new: Sequence[float], old: Sequence[float]) -> float:
    """How probable a mean as low as that of ``new``, or a lower one, is if it is measured once more what the first
    ones of ``old`` are of, with the same seeds.

    Student's t test of two samples of equal spread, which all of ``old`` and ``new`` tell. ``new`` has at most as many
    values as ``old``. Without any spread, 0.5 for equal means, else 0 or 1.
    """
    same = old[: len(new)]
    freedom = len(new) + len(old) - 2
    squares = sum(float(np.var(each)) * len(each) for each in (new, old))
    spread = math.sqrt(squares / freedom * 2 / len(new)) if freedom else 0.0
    return _below(float(np.mean(new) - np.mean(same)), spread, partial(t.cdf, df=freedom))


def chance_of_estimates(new: Estimate, old: Estimate) -> float:
    """As `chance`, of two independent estimates with 95 % intervals, taken to be normal."""
    return _below(new.mean - old.mean, math.hypot(new.half, old.half) / norm.ppf(0.975), norm.cdf)


def _below(difference: float, spread: float, distribution: Callable[[float], float]) -> float:
    if spread > 0:
        return float(distribution(difference / spread))
    return 0.5 if abs(difference) < 1e-9 else float(difference > 0)


def alike(chances: Sequence[float]) -> bool:
    """Whether measurements that were made once more, each with its `chance`, are the old ones but for chance.

    Not so where one of them is too far off for as many as there are (Tippett's test), or all together are too high or
    too low: for measurements that are independent of the old ones (Stouffer's test), or for the spread of their
    differences, which is small where the same seed gives nearly the same (Student's, of 5 measurements or more). Where
    nothing has changed, and each is independent of the others, 1 of 1000 times they are refused at most.
    """
    low = np.clip(chances, 1e-15, 1 - 1e-15)  # of infinite deviations there would be no sum
    one = combine_pvalues(2 * np.minimum(low, 1 - low), method="tippett").pvalue
    below = combine_pvalues(low, method="stouffer").pvalue
    deviations = norm.ppf(low)
    shifted = ttest_1samp(deviations, 0).pvalue if len(low) >= _FEW and np.ptp(deviations) > 1e-9 else 1.0
    return bool(min(one, 2 * min(below, 1 - below), shifted) >= _ALARM / 3)
