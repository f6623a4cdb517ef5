"""How well a metric foretells accuracy in a family of variants that had no part in fitting it.

A straight line from metric to accuracy (a plane, for several metrics) is fitted by least squares to all families but
one, and foretells that one; so for each family in turn. r is that of all predictions with the accuracies. A metric
that has no straight relation, or one that differs between families, does worse here than its own r.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sw.experiments.morse.correlation import Correlation, correlation
from sw.sparse.errors import SparseError

__all__ = ["ENOUGH", "LeftOut", "chosen", "foretold", "left_out"]

ENOUGH = 5  # variants of a family, for an r of its own


@dataclass(frozen=True)
class LeftOut:
    """``pooled``: r of the predictions of all families; ``error``: the root of their mean squared error, in the unit of
    the accuracies; ``families``: r within each family of at least `ENOUGH` variants."""

    pooled: Correlation
    error: float
    families: dict[str, Correlation]


def foretold(metrics: np.ndarray, accuracy: np.ndarray, families: Sequence[str]) -> np.ndarray:
    """Predictions (variants,) for ``metrics`` (variants,) or (variants, metrics), each from the other families alone.

    A metric that does not vary among the others has no part. SparseError where there are less than two families, or the
    others have fewer variants than a fit needs.
    """
    names = np.asarray(families)
    if len(np.unique(names)) < 2:
        raise SparseError(f"leaving a family out needs at least two, got {len(np.unique(names))}")
    found = np.empty(len(accuracy))
    for family in np.unique(names):
        own = names == family
        found[own] = _without(own, metrics, accuracy, str(family))
    return found


def _without(own: np.ndarray, metrics: np.ndarray, accuracy: np.ndarray, family: str) -> np.ndarray:
    """Predictions for ``own``, bool (variants,), fitted to all others."""
    columns = metrics.reshape(len(metrics), -1).astype(float)
    if (~own).sum() < columns.shape[1] + 1:
        raise SparseError(f"without the family {family} a fit needs at least {columns.shape[1] + 1} variants, got "
                          f"{(~own).sum()}")
    # the scale of the others, not of all: a family must leave no trace
    mean, scale = columns[~own].mean(axis=0), columns[~own].std(axis=0)
    # of a metric that is the same in all others nothing can be learnt: it gets no weight, whatever rounding says
    varied = scale > 1e-9 * np.maximum(1e-9, np.abs(mean))
    rows = np.column_stack([np.ones(len(columns)), (columns - mean)[:, varied] / scale[varied]])
    weights = np.linalg.lstsq(rows[~own], accuracy[~own], rcond=None)[0]
    found: np.ndarray = rows[own] @ weights
    return found


def left_out(metrics: np.ndarray, accuracy: np.ndarray, families: Sequence[str]) -> LeftOut:
    """See `foretold`."""
    predictions, names = foretold(metrics, accuracy, families), np.asarray(families)
    return LeftOut(correlation(predictions, accuracy), float(np.sqrt(np.mean((predictions - accuracy) ** 2))), {
        str(family): correlation(predictions[names == family], accuracy[names == family])
        for family in dict.fromkeys(families) if (names == family).sum() >= ENOUGH
    })


def chosen(candidates: Mapping[str, np.ndarray], accuracy: np.ndarray, families: Sequence[str]
           ) -> tuple[np.ndarray, dict[str, str]]:
    """Predictions where the metric too is chosen without the family; and the choice, by family.

    In each turn that candidate wins whose predictions, with one of the other families left out at a time, have the
    smallest squared error.
    """
    names = np.asarray(families)
    found, choice = np.empty(len(accuracy)), {}
    for family in dict.fromkeys(families):
        own = names == family
        errors = {name: float(((foretold(metric[~own], accuracy[~own], names[~own]) - accuracy[~own]) ** 2).sum())
                  for name, metric in candidates.items()}
        choice[family] = min(errors, key=lambda name: errors[name])
        found[own] = _without(own, candidates[choice[family]], accuracy, family)
    return found, choice
