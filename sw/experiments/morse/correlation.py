"""Pearson's r with a bootstrap interval, of few points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sw.sparse.errors import SparseError

__all__ = ["Correlation", "correlation", "pearson"]

_RESAMPLES, _SEED = 4000, 1


@dataclass(frozen=True)
class Correlation:
    """``r`` of ``count`` points; ``low`` and ``high``: the middle 95 % of r of points drawn again with replacement.

    None stands for r of points that do not differ in one of the two.
    """

    r: float | None
    low: float | None
    high: float | None
    count: int

    def __str__(self) -> str:
        if self.r is None or self.low is None:
            return "none"
        return f"{self.r:.2f} ({self.low:.2f} to {self.high:.2f})".replace("-", "−")


def pearson(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """r along the last axis; nan where one of the two does not vary."""
    x, y = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    scale = np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))
    with np.errstate(all="ignore"):
        # what rounding leaves of equal numbers is no variation
        return np.where(scale > 1e-12, (x * y).sum(axis=-1) / scale, np.nan)


def correlation(x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray) -> Correlation:
    """r of x and y. The interval is the same for the same points; it takes them as independent of each other."""
    a, b = np.asarray(x, float), np.asarray(y, float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 3:
        raise SparseError(f"r needs two equally long lists of at least 3 numbers, got {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise SparseError("r needs finite numbers, got others")
    r = float(pearson(a, b))
    if np.isnan(r):
        return Correlation(None, None, None, len(a))
    rows = np.random.Generator(np.random.PCG64(_SEED)).integers(0, len(a), (_RESAMPLES, len(a)))
    low, high = np.nanpercentile(pearson(a[rows], b[rows]), (2.5, 97.5))
    return Correlation(r, float(low), float(high), len(a))
