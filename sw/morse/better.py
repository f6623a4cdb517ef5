"""How accurate a small network will be, foretold from the moments of a dataset: no classifier is trained.

Two figures, from the centroids c, and two covariance matrices over the N_0 features: W, of samples around the centroid
of their class, and T, of all samples.

- V_white = sum_m P(m) sum_{j != m} Q(d_w(m, j) / 2) with d_w(m, j)^2 = (c_m - c_j)' (W + 0.001 I)^-1 (c_m - c_j).
  This is V_upper with the distance of two centroids measured in the spread that samples have in *its* direction
  (Mahalanobis), where V_upper has one spread for all directions. Samples of a class vary along few directions, by when
  its elements begin and end, and a network learns to look along the others. 0.001 is a variance of full scale, 3 % of
  it: what varies less does not count for more.
- D = (tr T)^2 / tr(T^2), the participation ratio: among how many directions the variance is spread, 1 if it is all in
  one, N_0 if it is the same in all. Smooth signals have few directions, and white noise adds to all of them. It tells
  samples that are clean, but of which a centroid is a blur as they begin anywhere, from noisy ones; their centroids are
  the same, and so are V_* and V_white nearly.

With n training samples of each class, what rises with difficulty in step with a network's errors is

    score = log10(V_white) + WEIGHT log10(D) - log10(n) / 2

Four times as many samples are worth half the V_white: errors that come of too few of them fall as 1/sqrt(n).
V_white counts as 1e-9 at least. WEIGHT is that of a fit to the ladder of Morse variants; docs/morse-study.md also says
how well it does where it was not fitted.

All samples are passed once, for the centroids, and at most `MOST` of them once more: W of these is as good.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from sw.data.build import Raw
from sw.morse.moments import Moments, parts_of
from sw.morse.settings import MorseError

__all__ = [
    "KNOWN", "MOST", "MOST_FEATURES", "WEIGHT", "Outlook", "covariance", "limits", "outlook", "outlook_of_dataset",
]

MOST = 16_384  # samples for W
MOST_FEATURES = 4096
WEIGHT = 1.2
#: scores of the variants whose accuracies are known
KNOWN = (-0.4, 1.7)
_RIDGE = 1e-3  # of full scale squared
_LEAST = 1e-9  # of V_white: classes further apart than this are as good as apart
_ROWS = 4096  # samples held as floats


@dataclass(frozen=True)
class Outlook:
    """`v_white`, `dimension` (D) and `score`, for `per_class` training samples of each class; see the module."""

    v_white: float
    dimension: float
    per_class: float
    score: float


def limits(score: float, morse: bool) -> str | None:
    """Why the score foretells no accuracy here, None where it may. ``morse``: the data are a Morse variant."""
    low, high = KNOWN
    if not morse:
        return ("it was fitted to Morse variants alone and foretells nothing for data of other kinds; "
                "a nearest neighbour would tell more")
    if not low <= score <= high:
        return f"it is outside of {low:g} to {high:g}, where accuracies are known"
    return None


def outlook_of_dataset(data: Raw, moments: Moments, unit: float | None = None) -> Outlook | None:
    """Of all splits together; `moments` as from `Moments.of_dataset` with this unit, perhaps without some classes.

    None for more than MOST_FEATURES features: W and its inverse would take minutes and gigabytes.
    """
    if moments.centroids.shape[1] > MOST_FEATURES:
        return None
    parts, unit = parts_of(data, unit)
    per_class = float(np.isin(data.labels["ytr"], moments.labels).sum() / len(moments.labels))
    return outlook(moments, covariance(parts, moments, unit), per_class)


def covariance(parts: Iterable[tuple[np.ndarray, np.ndarray]], moments: Moments, unit: float = 1.0) -> np.ndarray:
    """W, float64 (features, features): of every k-th sample around its class's centroid, k such that there are `MOST`.

    `parts` and `unit` are those that `Moments.of` was given. Samples of classes that `moments` does not have are left
    out. The order of the samples should not go with what they look like, except for the class.
    """
    features, step = moments.centroids.shape[1], -(-int(moments.counts.sum()) // MOST)
    total, count, first = np.zeros((features, features)), 0, 0
    for x, y in parts:
        # half the time, and what 8 bits hold is coarser
        kind: type = np.float32 if x.dtype == np.uint8 else np.float64
        centroids = moments.centroids.astype(kind)
        chosen, first = np.arange(first, len(x), step), (first - len(x)) % step
        chosen = chosen[np.isin(y[chosen], moments.labels)]
        for begin in range(0, len(chosen), _ROWS):
            rows = chosen[begin:begin + _ROWS]
            around = x[rows].astype(kind)
            around *= kind(unit)
            around -= centroids[np.searchsorted(moments.labels, y[rows])]
            total += around.T @ around
            count += len(rows)
    if not count:
        raise MorseError("the data must have samples of the classes that moments are of, got none")
    return total / count


def outlook(moments: Moments, within: np.ndarray, per_class: float) -> Outlook:
    """From W and the number of training samples of each class.

    Raises
    ------
    MorseError
        Less than two classes with samples, none to train on, or samples that are all the same.
    """
    classes, features = moments.centroids.shape
    if classes < 2:
        raise MorseError(f"metrics need at least two classes with samples, got {classes}")
    if not per_class > 0:
        raise MorseError(f"per_class must be more than 0 training samples, got {per_class!r}")
    share = moments.counts / moments.counts.sum()
    white = np.linalg.solve(np.linalg.cholesky(within + _RIDGE * np.eye(features)), moments.centroids.T).T
    norm = (white * white).sum(axis=1)
    distance = np.sqrt(np.maximum(norm[:, None] + norm[None, :] - 2 * white @ white.T, 0))
    tails = ndtr(-distance / 2)
    np.fill_diagonal(tails, 0)
    v_white = float(share @ tails.sum(axis=1))

    around = moments.centroids - share @ moments.centroids
    everything = within + (around * share[:, None]).T @ around
    if not np.trace(everything) > 0:
        raise MorseError("the samples must differ from each other, all are the same")
    dimension = float(np.trace(everything) ** 2 / (everything * everything).sum())
    score = np.log10(max(v_white, _LEAST)) + WEIGHT * np.log10(dimension) - np.log10(per_class) / 2
    return Outlook(v_white, dimension, per_class, float(score))
