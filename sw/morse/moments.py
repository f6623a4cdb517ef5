"""Counts, means and variances of the classes of a dataset, in one pass over blocks of samples."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array

from sw.data.build import Raw
from sw.morse.settings import MorseError

__all__ = ["Moments", "parts_of"]

_ROWS, _ENTRIES = 8192, 1 << 20  # at most so many samples and values of a block at a time
_MOST = 10_000_000  # samples of a class: their integer moments fit 64 bits


@dataclass(frozen=True, eq=False)
class Moments:
    """Of the classes that have samples, in the order of their labels.

    Parameters
    ----------
    labels
        int64 (classes,): the label of each class.
    counts
        int64 (classes,): its samples, at least 1.
    centroids, variances
        float64 (classes, features): mean of each feature, and its variance around it (population:
        divided by the count), in the unit of the features times `unit`.
    """

    labels: np.ndarray
    counts: np.ndarray
    centroids: np.ndarray
    variances: np.ndarray

    @classmethod
    def of(cls, parts: Iterable[tuple[np.ndarray, np.ndarray]], unit: float = 1.0) -> "Moments":
        """Moments of blocks of samples: features (n, features), class labels int (n,) from 0.

        Bytes are summed in integers, so that the result depends neither on the blocks nor on the order of the
        samples. Other numbers are summed in float64, as differences from the first sample.

        Raises
        ------
        MorseError
            No samples at all, more than 10,000,000 of one class, or bytes beside other numbers.
        """
        sums = None
        for x, y in parts:
            if not len(x):
                continue
            sums = sums or _Sums(x)
            if (x.dtype == np.uint8) != sums.exact:
                raise MorseError(f"blocks must all be bytes or none, got {x.dtype} too")
            for first in range(0, len(x), sums.rows):
                sums.add(x[first:first + sums.rows], y[first:first + sums.rows])
        if sums is None:
            raise MorseError("the data must have at least one sample, got 0")
        return sums.moments(cls, unit)

    @classmethod
    def of_dataset(cls, data: Raw, unit: float | None = None) -> "Moments":
        """Moments of all splits together, those that are there, of the features as they are.

        In full scale: a byte v is v/256. Other numbers are measured in ``unit``, by which they are multiplied; None:
        those within 0..1 keep their scale, others are measured by the range of the training split.
        """
        return cls.of(*parts_of(data, unit))

    def without(self, labels: Collection[int]) -> "Moments":
        """These, with some classes left out; MorseError if one of them has no samples."""
        for label in labels:
            if label not in self.labels:
                raise MorseError(f"without must name classes that have samples, got {label}")
        kept = ~np.isin(self.labels, list(labels))
        return Moments(self.labels[kept], self.counts[kept], self.centroids[kept], self.variances[kept])


def parts_of(data: Raw, unit: float | None = None) -> tuple[list[tuple[np.ndarray, np.ndarray]], float]:
    """What `Moments.of` takes of a dataset: the splits that are there, and the unit, as of `Moments.of_dataset`."""
    xtr = data.features["xtr"]
    if xtr.dtype == np.uint8:
        unit = 1 / 256
    elif unit is None:
        low, high = float(xtr.min()), float(xtr.max())
        unit = 1.0 if low >= 0 and high <= 1 else 1 / (high - low or 1.0)
    there = [split for split in ("tr", "va", "te") if f"x{split}" in data.features]
    return [(data.features[f"x{split}"], data.labels[f"y{split}"]) for split in there], unit


class _Sums:
    """Running sums of features and of their squares, for each class."""

    def __init__(self, first: np.ndarray) -> None:
        features = first.shape[1]
        self.rows = max(1, min(_ROWS, _ENTRIES // features))
        self.exact = first.dtype == np.uint8
        # 8192 * 255 * 255 fits 32 bits
        self.type: type = np.int32 if self.exact else np.float64
        self.origin: np.ndarray = np.zeros(features, np.int32) if self.exact else first[0].astype(np.float64)
        self.counts = np.zeros(0, np.int64)
        self.sums = np.zeros((0, features), np.int64 if self.exact else np.float64)
        self.squares = self.sums.copy()

    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        self._grow(int(y.max()) + 1)
        self.counts += np.bincount(y, minlength=len(self.counts))
        values: np.ndarray = x.astype(self.type)
        if not self.exact:
            values = values - self.origin
        # column n has a 1 in the row of its class
        chosen = csc_array((np.ones(len(y), self.type), y.astype(np.int32), np.arange(len(y) + 1, dtype=np.int32)),
                           shape=(len(self.counts), len(y)))
        self.sums += chosen @ values
        self.squares += chosen @ np.multiply(values, values, out=values)

    def _grow(self, classes: int) -> None:
        more = classes - len(self.counts)
        if more > 0:
            self.counts = np.pad(self.counts, (0, more))
            self.sums = np.pad(self.sums, ((0, more), (0, 0)))
            self.squares = np.pad(self.squares, ((0, more), (0, 0)))

    def moments(self, kind: type[Moments], unit: float) -> Moments:
        labels = np.flatnonzero(self.counts)
        counts = self.counts[labels]
        if counts.max() > _MOST:
            raise MorseError(f"a class must have at most {_MOST:,} samples, class {labels[counts.argmax()]} has "
                             f"{counts.max():,}")
        sums, squares, n = self.sums[labels], self.squares[labels], counts[:, None]
        variances = np.maximum(n * squares - sums * sums, 0) / (n.astype(np.float64) ** 2)
        return kind(labels, counts, (sums / n + self.origin) * unit, variances * unit ** 2)
