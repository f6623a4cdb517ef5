"""How well each measure foretells the accuracies of the Morse study: families left out, and larger sets.

All measures are treated alike. Each is fitted by a straight line, once as it is and once as its logarithm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sw.experiments.difficulty.left_out import foretold
from sw.experiments.difficulty.measures import NEAREST, OWN
from sw.experiments.morse.correlation import Correlation, correlation
from sw.experiments.statistics import Estimate, estimate
from sw.sparse.errors import SparseError

__all__ = ["AS_IT_IS", "FITTED", "LOGARITHM", "MEASURES", "SIZE", "Forecast", "better_by", "ladder", "larger"]

Values = Mapping[str, Mapping[str, float]]
#: the family of variants that differ in the number of training samples alone
SIZE = "size"
#: two columns, whose weights are fitted: what the own measure is made of, its weight of 1.2 not yet chosen
FITTED = "V_white/√n, D"
MEASURES = ("V_lower", "V_upper", "V_dist", "V_thresh", "F1", "N1", "N3", NEAREST, OWN, FITTED)
AS_IT_IS, LOGARITHM = "as it is", "logarithm"
TRANSFORMS = (AS_IT_IS, LOGARITHM)
_RESAMPLES, _SEED = 4000, 1


@dataclass(frozen=True)
class Forecast:
    """Of one measure, transformed: ``r`` of forecasts and accuracies; ``error``, the root of their mean squared
    difference in points, with the middle 95 % of bootstrap samples of the variants; ``bias``: mean of forecast minus
    accuracy."""

    measure: str
    transform: str
    r: Correlation
    error: float
    error_low: float
    error_high: float
    bias: Estimate
    residuals: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """For JSON, the residuals to a hundredth of a point."""
        return {**asdict(self), "residuals": [round(one, 2) for one in self.residuals]}


def columns(measure: str, transform: str, values: Values) -> np.ndarray:
    """(variants, columns), the variants in the order of ``values``."""
    found = np.array([[of["V_white"] / np.sqrt(of["n"]), of["D"]] if measure == FITTED else [of[measure]]
                      for of in values.values()])
    if transform == LOGARITHM and found.min() <= 0:
        raise SparseError(f"{measure} must be positive for its logarithm, got {found.min()}")
    return np.log(found) if transform == LOGARITHM else found


def ladder(values: Values, accuracy: Mapping[str, float], families: Mapping[str, str], *, without: str = ""
           ) -> list[Forecast]:
    """Each variant foretold by a line fitted to the other families. Measures and accuracies (per cent) by variant.

    ``without``: a family that takes no part at all.
    """
    names = [name for name in values if families[name] != without]
    chosen, due = {name: values[name] for name in names}, np.array([accuracy[name] for name in names])
    return [_forecast(measure, transform, foretold(columns(measure, transform, chosen), due,
                                                   [families[name] for name in names]), due)
            for measure in MEASURES for transform in TRANSFORMS]


def larger(known: Values, of_known: Mapping[str, float], asked: Values, of_asked: Mapping[str, float]
           ) -> list[Forecast]:
    """A line fitted to the ladder, all of ``known``, asked about larger sets, which had no part in it. Measures that
    these do not have are left out."""
    found, due = [], np.array([of_asked[name] for name in asked])
    there = [measure for measure in MEASURES if measure == FITTED or all(measure in of for of in asked.values())]
    for measure in there:
        for transform in TRANSFORMS:
            x, new = (np.column_stack([np.ones(len(one)), columns(measure, transform, one)]) for one in (known, asked))
            weights = np.linalg.lstsq(x, np.array([of_known[name] for name in known]), rcond=None)[0]
            found.append(_forecast(measure, transform, new @ weights, due))
    return found


def better_by(one: Forecast, other: Forecast, groups: Sequence[str]) -> Estimate:
    """Points by which the absolute errors of ``one`` are smaller, mean over the groups of variants (families), which
    are taken as independent of each other, and not the variants within."""
    gained = np.abs(other.residuals) - np.abs(one.residuals)
    names = np.asarray(groups)
    return estimate([float(gained[names == name].mean()) for name in dict.fromkeys(groups)])


def _forecast(measure: str, transform: str, predicted: np.ndarray, due: np.ndarray) -> Forecast:
    residuals = predicted - due
    rows = np.random.Generator(np.random.PCG64(_SEED)).integers(0, len(due), (_RESAMPLES, len(due)))
    low, high = np.percentile(np.sqrt((residuals[rows] ** 2).mean(axis=1)), (2.5, 97.5))
    return Forecast(measure, transform, correlation(predicted, due), float(np.sqrt((residuals ** 2).mean())),
                    float(low), float(high), estimate(residuals.tolist()), tuple(map(float, residuals)))
