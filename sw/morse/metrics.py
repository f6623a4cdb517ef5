"""How hard a dataset is to classify, without training on it: four metrics of its classes.

With P the relative frequency of a class, c its centroid, sigma^2 its variance around the centroid,
averaged over the N_0 features, d(m, j) the Euclidean distance of two centroids, d_min(m) that to the
nearest other one, and Q the tail of the standard normal distribution (S. Dey et al., "Morse Code
Datasets for Machine Learning", ICCCNT 2018):

- V_lower  = sum_m P(m) Q(d_min(m) / (2 sigma_m)), a lower bound of the error if the classes were balls of Gaussian
  noise, and the other classes were one, the nearest;
- V_upper  = sum_m P(m) sum_{j != m} Q(d(m, j) / (2 sigma_m)), the union bound, which can exceed 1;
- V_dist   = mean over the classes of sigma_m / d_min(m);
- V_thresh = ordered pairs (m, j) with ||c_m - c_j||_1 / N_0 < 0.05 of full scale.

All grow with difficulty. The reference's script (souryadey/morse-dataset) computes other things under
the same names: sigma^2 in place of sigma, in V_upper the distance to the last class but one in place of
d(m, j), unordered pairs without those of distance 0.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from sw.morse.moments import Moments
from sw.morse.settings import MorseError

__all__ = ["THRESHOLD", "Difficulty", "difficulty"]

THRESHOLD = 0.05  # of full scale, mean over the features
_ENTRIES = 1 << 22  # of differences of centroids held at a time


@dataclass(frozen=True)
class Difficulty:
    """The four metrics of a dataset, and what limits their meaning.

    `v_dist` is None where two classes have the same centroid: it is infinite there. `identical` names all such
    classes by label. `near` counts the classes whose nearest other centroid is closer than sqrt(2) times what two
    equal classes of their size would show by chance: V_dist of these depends on the number of samples.
    """

    definition: str
    v_lower: float
    v_upper: float
    v_dist: float | None
    v_thresh: int
    samples: int
    classes: int
    features: int
    identical: tuple[int, ...]
    near: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON, with the key `reasons` for what is null."""
        reason = f"infinite: the classes {', '.join(map(str, self.identical))} have centroids equal to another's"
        return {**asdict(self), "identical": list(self.identical),
                "reasons": {"v_dist": reason} if self.v_dist is None else {}}


def difficulty(moments: Moments, *, script: bool = False) -> Difficulty:
    """The metrics as they are defined, or as the reference's script computes them.

    Classes without samples count for nothing. A class without any spread is told apart from every other centroid
    (Q = 0), but not from an equal one (Q = 1/2).

    Raises
    ------
    MorseError
        Less than two classes with samples.
    """
    classes, features = moments.centroids.shape
    if classes < 2:
        raise MorseError(f"metrics need at least two classes with samples, got {classes}")
    share = moments.counts / moments.counts.sum()
    variance = moments.variances.mean(axis=1)
    spread = variance if script else np.sqrt(variance)
    chance = features * variance / moments.counts  # expected square of a centroid's error

    nearest, upper = np.empty(classes), np.empty(classes)
    near, close, equal = np.zeros(classes, bool), 0, 0
    rows = max(1, _ENTRIES // (classes * features))
    for first in range(0, classes, rows):
        chosen = np.arange(first, min(first + rows, classes))
        own = np.arange(len(chosen)), chosen
        difference = moments.centroids[chosen, None, :] - moments.centroids[None, :, :]
        distance = np.sqrt(np.einsum("mjf,mjf->mj", difference, difference))
        mean = np.abs(difference, out=difference).mean(axis=2)
        pairs = mean < THRESHOLD
        pairs[own] = False
        close += int(pairs.sum())
        equal += int((pairs & (mean == 0)).sum())
        if script:  # an index that an earlier loop has left behind
            upper[chosen] = (classes - 1) * _tail(distance[:, classes - 2], spread[chosen])
        else:
            tails = _tail(distance, spread[chosen, None])
            tails[own] = 0
            upper[chosen] = tails.sum(axis=1)
        distance[own] = np.inf
        nearest[chosen] = distance.min(axis=1)
        near[chosen] = (distance ** 2 <= 2 * (chance[chosen, None] + chance[None, :])).any(axis=1)

    identical = nearest == 0
    dist = None if identical.any() else float((spread / nearest).mean())
    return Difficulty(
        definition="script" if script else "slides",
        v_lower=float((share * _tail(nearest, spread)).sum()), v_upper=float((share * upper).sum()), v_dist=dist,
        v_thresh=(close - equal) // 2 if script else close, samples=int(moments.counts.sum()), classes=classes,
        features=features, identical=tuple(moments.labels[identical].tolist()), near=int(near.sum()))


def _tail(distance: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Q(distance / (2 spread)); without spread 1/2 where the distance is 0, and else 0."""
    with np.errstate(all="ignore"):  # 0/0, x/0, and tails below the smallest number
        argument = np.where(distance == 0, 0.0, distance / (2 * spread))
        tail: np.ndarray = ndtr(-argument)
        return tail
