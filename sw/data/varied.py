"""The features that vary most."""

import numpy as np

from sw.data.dataset import DataError

__all__ = ["most_varied"]


def most_varied(x: np.ndarray, count: int) -> np.ndarray:
    """Features with the largest variance over the samples ``x`` (samples, features), in float64.

    Returns their indices, ``count`` of them in rising order; of equal variances the first are taken. DataError if there
    are fewer features, or no sample.
    """
    if len(x) == 0:
        raise DataError("there must be at least one training sample to tell which features vary most, got none")
    if count > x.shape[1]:
        raise DataError(f"keep must be at most the {x.shape[1]} features that are there, got {count}")
    variances = np.array([column.var(dtype=np.float64) for column in x.T])  # one by one: all in float64 are large
    return np.sort(np.argsort(-variances, kind="stable")[:count])
