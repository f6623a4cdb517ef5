"""How well a metric foretells accuracy in a family of variants that had no part in fitting it.

A straight line from metric to accuracy (a plane, for several metrics) is fitted by least squares to all families but
one, and foretells that one; so for each family in turn. r is that of all predictions with the accuracies. A metric
that has no straight relation, or one that differs between families, does worse here than its own r.
"""

from collections.abc import Sequence

import numpy as np

from sw.sparse.errors import SparseError

__all__ = ["foretold"]


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
