"""The dataset that the rest of the project sees: 8-bit features, class indices, two or three
splits."""

from dataclasses import dataclass, field
from numbers import Integral

import numpy as np

from sw.common.errors import UserError
from sw.design.scaling import FeatureScaling


class DataError(UserError):
    """Data that cannot be used; the message names the array or file, the rule and the value."""


def check_whole(name: str, value: object, lowest: int) -> None:
    """DataError unless `value` is a whole number of at least `lowest`; `name` is what to call it."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < lowest:
        raise DataError(f"{name} must be a whole number of at least {lowest}, got {value!r}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """A classification dataset in the number format of the accelerator's input.

    Parameters
    ----------
    name
        What the data is called in reports.
    xtr, xte, xva
        Features of the training, test and (or None) validation split: uint8 (samples, features);
        a value v is worth v/256.
    ytr, yte, yva
        Class index 0 .. classes - 1 of each sample: int64 (samples,).
    classes, class_names
        Number of classes and the name of each.
    scaling, scaling_reason
        How the features became bytes, and why so, in words.

    Raises
    ------
    DataError
        When shapes, types or labels break these rules, or there is no training sample.
    """

    name: str
    xtr: np.ndarray
    ytr: np.ndarray
    xte: np.ndarray
    yte: np.ndarray
    classes: int
    class_names: tuple[str, ...]
    scaling: FeatureScaling = field(default_factory=lambda: FeatureScaling("bytes"))
    scaling_reason: str = ""
    xva: np.ndarray | None = None
    yva: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.classes < 1:
            raise DataError(f"{self.name}: classes must be at least 1, got {self.classes}")
        if len(self.class_names) != self.classes:
            raise DataError(f"{self.name}: class_names must have one name for each of the "
                            f"{self.classes} classes, got {len(self.class_names)}")
        if (self.xva is None) != (self.yva is None):
            raise DataError(f"{self.name}: xva and yva must be given together")
        for split in ("tr", "te", "va"):
            x, y = getattr(self, f"x{split}"), getattr(self, f"y{split}")
            if x is not None:
                self._check_split(split, x, y)
        if len(self.xtr) == 0:
            raise DataError(f"{self.name}: xtr must have at least one sample, got 0")

    @property
    def features(self) -> int:
        """Features of a sample."""
        return int(self.xtr.shape[1])

    def _check_split(self, split: str, x: np.ndarray, y: np.ndarray) -> None:
        if x.dtype != np.uint8 or x.ndim != 2 or x.shape[1] == 0:
            raise DataError(f"{self.name}: x{split} must be uint8 (samples, features), "
                            f"got {x.dtype} {x.shape}")
        if y.dtype != np.int64 or y.ndim != 1:
            raise DataError(f"{self.name}: y{split} must be int64 (samples,), "
                            f"got {y.dtype} {y.shape}")
        if len(x) != len(y):
            raise DataError(f"{self.name}: x{split} and y{split} must have as many samples, "
                            f"got {len(x)} and {len(y)}")
        if x.shape[1] != self.features:
            raise DataError(f"{self.name}: x{split} must have as many features as xtr, "
                            f"got {x.shape[1]} and {self.features}")
        wrong = np.flatnonzero((y < 0) | (y >= self.classes))
        if len(wrong):
            raise DataError(f"{self.name}: labels must be 0..{self.classes - 1}, "
                            f"got {y[wrong[0]]} at y{split}[{wrong[0]}]")
