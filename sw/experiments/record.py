"""A row of an experiment's record: one configuration with all that was measured, as it stands in report.json."""

import base64
import math
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from sw.experiments.statistics import Estimate, difference, estimate
from sw.sparse.errors import SparseError

__all__ = ["MOST_SEEDS", "Record", "only", "packed", "percent"]

MOST_SEEDS = 255  # what `packed` counts to
_Z = 1.96  # of a normal distribution, 95 %


class Record(dict[str, Any]):
    """Labels, network, seeds, accuracies (per cent) and ``correct`` (see `packed`) by name.

    Intervals hold the spread over the seeds and the error of the test set: other samples of the same kind would give
    another figure.
    """

    @property
    def accuracies(self) -> list[float]:
        return list(self["test_accuracies"])

    @property
    def accuracy(self) -> Estimate:
        return self._with_samples(estimate(self.accuracies), self._shares())

    @property
    def density(self) -> float:
        return float(self["density"])

    @property
    def name(self) -> str:
        """"800-100-10, out-degrees 20 10, 21 % of the weights"."""
        return f"{self['neurons']}, out-degrees {self['out_degrees']}, {percent(self.density)} of the weights"

    def more_than(self, other: "Record", *, weights: float | None = None) -> Estimate:
        """Points of accuracy that this one has more than the other; negative where it has less.

        ``weights``: by which part their numbers of weights may differ. SparseError where they differ by more, and
        where they were not tested on equally many samples.
        """
        if weights is not None and self.unequal(other) > weights:
            raise SparseError(f"networks that are compared must have equally many weights, to {weights:g} of them; "
                              f"got {self['weights']} and {other['weights']}")
        found, mine, others = difference(self.accuracies, other.accuracies), self._shares(), other._shares()
        if len(mine) != len(others):
            raise SparseError(f"what is compared must have the same test samples, got {len(mine)} and {len(others)}")
        return self._with_samples(found, mine - others)

    def unequal(self, other: "Record") -> float:
        """By which part the larger one has more weights."""
        least, most = sorted((self["weights"], other["weights"]))
        return float(most / least - 1)

    def less_than(self, other: "Record", *, weights: float | None = None) -> Estimate:
        """Points of accuracy that this one loses against the other."""
        return other.more_than(self, weights=weights)

    def _shares(self) -> np.ndarray:
        """Per test sample, the share of the seeds that were right."""
        counts = np.frombuffer(zlib.decompress(base64.b64decode(self["correct"])), np.uint8)
        return counts / len(self.accuracies)

    @staticmethod
    def _with_samples(found: Estimate, each: np.ndarray) -> Estimate:
        """With the error of a mean over test samples of ``each``, shares per sample."""
        return Estimate(found.mean, math.hypot(found.half, 100 * _Z * float(each.std()) / math.sqrt(len(each))))


def packed(correct: np.ndarray) -> str:
    """How many seeds were right, per test sample (n,): a few bytes for a hundred samples, as text.

    SparseError for more than `MOST_SEEDS`.
    """
    if correct.max(initial=0) > MOST_SEEDS:
        raise SparseError(f"at most {MOST_SEEDS} seeds may be counted together, got {correct.max()}")
    return base64.b64encode(zlib.compress(correct.astype(np.uint8).tobytes(), 9)).decode()


def only(records: Sequence[Record], **labels: str | float) -> list[Record]:
    """Those with these labels."""
    return [record for record in records if all(record.get(name) == value for name, value in labels.items())]


def percent(share: float) -> str:
    """Three digits at most: "100 %", "20.4 %", "2.5 %"."""
    return f"{100 * share:.3g} %"
