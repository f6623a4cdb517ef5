"""Chooses and fits the scaling of features to 8 bits, and which of them are inputs, from the training split alone.

A range is robust: of a feature's training values it ends at the lowest and highest one, but not beyond 3 interquartile
ranges below the first and above the third quartile (Tukey's outer fences, "Exploratory Data Analysis", 1977). Where the
quartiles are equal, most values being one and the same, the fences are those of the other values.
"""

from dataclasses import replace

import numpy as np

from sw.data.dataset import DataError
from sw.data.varied import most_varied
from sw.design.scaling import FeatureScaling

__all__ = ["fit_scaling", "ranges"]

_ROWS = 100_000  # training samples whose quartiles are taken, evenly spread over all
_BLOCK = 1 << 22  # values that are sorted at a time
_FENCE = 3.0
_WIDE = 0.5  # share of the common range from which on a feature counts as using it
_MANY = 0.5  # share of the features that must use it
_BYTES = 128  # bytes that reach this value are taken as they are


def fit_scaling(
    xtr: np.ndarray, wish: str = "auto", source: str = "data", keep: int | None = None,
) -> tuple[FeatureScaling, str]:
    """The scaling for training features (samples, features) of finite real numbers, and the reason for it, in words.

    ``keep``: only so many features are inputs, those of largest variance (`most_varied`); the scale is that of these.
    ``wish`` is a kind of ``FeatureScaling``, or "auto":

    1. Bytes that reach 128 are taken as they are: images.
    2. If at least half of the features that vary use at least half of the range that holds all of them, they share
       this range: images of other numbers, counts, features that are already scaled.
    3. Otherwise each feature has a range of its own: measurements in units of their own.

    DataError without samples, if no feature varies, for ranges beyond float64, for "bytes" that are none, or for fewer
    features than ``keep``.
    """
    if xtr.size == 0:
        raise DataError(f"{source}: xtr must have at least one sample to scale by, got 0")
    if keep is not None:
        return _fit_few(xtr, wish, source, keep)
    if wish == "bytes" or (wish == "auto" and xtr.dtype == np.uint8 and xtr.max() >= _BYTES):
        whole = xtr.dtype == np.uint8 or (xtr.min() >= 0 and xtr.max() <= 255 and (np.floor(xtr) == xtr).all())
        if not whole:
            raise DataError(f"{source}: the scaling bytes needs whole numbers 0..255, got type {xtr.dtype} and values "
                            f"{xtr.min():g} to {xtr.max():g}; others: auto, global, per_feature")
        return FeatureScaling("bytes"), "asked for" if wish == "bytes" else f"they reach {xtr.max()} of 255"
    low, high = ranges(xtr)
    varies = high > low
    if not varies.any():
        raise DataError(f"{source}: xtr must have values that differ, got {low[0]:g} everywhere"
                        if (low == low[0]).all() else f"{source}: no feature differs between the samples of xtr")
    least, most = low.min(), high.max()
    if not np.isfinite(most - least):
        raise DataError(f"{source}: xtr must have a range below 1.8e308, got values from {least:g} to {most:g}")
    users = float(np.mean((high - low)[varies] >= _WIDE * (most - least)))
    why = f"{users:.0%} of the features that vary use half of the common range, {least:g} to {most:g}"
    kind = wish if wish != "auto" else "global" if users >= _MANY else "per_feature"
    if kind == "global":
        low, high = np.array([least]), np.array([most])
    return FeatureScaling(kind, low, high), why if wish == "auto" else "asked for"


def _fit_few(xtr: np.ndarray, wish: str, source: str, keep: int) -> tuple[FeatureScaling, str]:
    kept = np.zeros(xtr.shape[1], bool)
    try:
        kept[most_varied(xtr, keep)] = True
    except DataError as error:
        raise DataError(f"{source}: {error}") from None
    scaling, why = fit_scaling(xtr[:, kept], wish, source)
    return replace(scaling, kept=kept), why


def ranges(xtr: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest value of each feature without far outliers: float64 (features,) each."""
    rows = xtr[:: max(1, len(xtr) // _ROWS)]
    low, high = np.empty(xtr.shape[1]), np.empty(xtr.shape[1])
    columns = max(1, _BLOCK // len(rows))
    for start in range(0, xtr.shape[1], columns):
        # samples last, so that each feature's values lie side by side
        part = np.ascontiguousarray(rows[:, start : start + columns].T, dtype=np.float64)
        found = slice(start, start + columns)
        least, first, third, most = _order(part)
        low[found], high[found] = _fenced(least, first, third, most)
        for feature in np.flatnonzero((first == third) & (least < most)):
            usual = first[feature]
            others = part[feature][part[feature] != usual]
            below, above = _fenced(*_order(others))
            low[start + feature], high[start + feature] = min(usual, below), max(usual, above)
    return low, high


def _order(values: np.ndarray) -> np.ndarray:
    """Along the last axis: the lowest value, those at a quarter and three quarters, the highest; they come first."""
    last = values.shape[-1] - 1
    places = [0, last // 4, last - last // 4, last]
    return np.moveaxis(np.partition(values, places, axis=-1)[..., places], -1, 0)


def _fenced(least: np.ndarray, first: np.ndarray, third: np.ndarray, most: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    reach = np.where(third > first, _FENCE * (third - first), np.inf)
    return np.maximum(least, first - reach), np.minimum(most, third + reach)
