"""Features as x -> (x - shift) times a matrix or a factor per feature: fitted on one split, applied to all alike.

Bytes are worth v/256, as everywhere; sums are float64 over blocks of rows, so that no float copy of a split is made.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sw.data.dataset import DataError

__all__ = ["Affine", "as_float", "gaussian", "mean_of", "min_max", "row_blocks"]

_ENTRIES = 1 << 22  # values of a block


@dataclass(frozen=True, eq=False)
class Affine:
    """What was fitted.

    Parameters
    ----------
    shift
        float64 (features,): subtracted from every sample of every split.
    factor
        float64 (features, new features), a matrix; or (features,), what each feature is multiplied by.
    """

    shift: np.ndarray
    factor: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """float32 (samples, new features) of x (samples, features); it depends on each sample alone.

        DataError if x has other features than those of the fit.
        """
        if x.ndim != 2 or x.shape[1] != len(self.shift):
            raise DataError(f"features must be (samples, {len(self.shift)}), as those of the fit, got {x.shape}")
        out = np.empty((len(x), self.factor.shape[-1]), np.float32)
        for start, block in row_blocks(x):
            block -= self.shift
            out[start:start + len(block)] = block @ self.factor if self.factor.ndim == 2 else block * self.factor
        return out


def row_blocks(x: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Index of the first row, and a float64 copy, of each block of rows of (samples, features); bytes as v/256."""
    rows = max(1, _ENTRIES // x.shape[1])
    for start in range(0, len(x), rows):
        block = x[start:start + rows].astype(np.float64)
        yield start, block / 256 if x.dtype == np.uint8 else block


def as_float(x: np.ndarray) -> np.ndarray:
    """float32 of x, same shape; bytes as v/256."""
    return x.astype(np.float32) / 256 if x.dtype == np.uint8 else x.astype(np.float32)


def mean_of(x: np.ndarray) -> np.ndarray:
    """Mean of each feature: float64 (features,). DataError without samples."""
    if len(x) == 0:
        raise DataError("there must be at least one training sample to fit to, got 0")
    return sum((block.sum(axis=0) for _, block in row_blocks(x)), np.zeros(x.shape[1])) / len(x)


def min_max(train: np.ndarray) -> Affine:
    """Each feature from its range in `train` to 0..1; those of other splits can lie outside.

    A feature that is the same in all of `train` becomes its difference from that.
    """
    mean_of(train[:1])  # is there one?
    unit = 256 if train.dtype == np.uint8 else 1
    low, high = (found.astype(np.float64) / unit for found in (train.min(axis=0), train.max(axis=0)))
    return Affine(low, _inverse(high - low))


def gaussian(train: np.ndarray) -> Affine:
    """Each feature to mean 0 and variance 1 (population: divided by the count) over `train`.

    A feature that is the same in all of `train` becomes its difference from that.
    """
    mean = mean_of(train)
    squares = sum((((block - mean) ** 2).sum(axis=0) for _, block in row_blocks(train)), np.zeros(len(mean)))
    # a rounded mean leaves a constant feature some variance
    same = train.min(axis=0) == train.max(axis=0)
    return Affine(np.where(same, next(row_blocks(train[:1]))[1][0], mean),
                  _inverse(np.where(same, 0, np.sqrt(squares / len(train)))))


def _inverse(spread: np.ndarray) -> np.ndarray:
    return 1 / np.where(spread == 0, 1, spread)
