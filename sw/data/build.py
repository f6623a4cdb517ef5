"""From raw arrays of a file to a `Dataset`: shapes, labels, class names, 8 bits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sw.data.dataset import DataError, Dataset
from sw.data.labels import class_indices
from sw.data.scale import check_numbers
from sw.design.errors import DesignError
from sw.design.scaling import FeatureScaling


@dataclass(frozen=True, kw_only=True, eq=False)
class Raw:
    """A dataset whose features are still as they were given.

    Parameters
    ----------
    name, source
        Name of the dataset, and what to call the data in error messages.
    features
        xtr, xte and perhaps xva: (samples, features), equally wide, of any type.
    labels
        ytr, yte and perhaps yva: class indices, int64 (samples,), as many as there are samples.
    class_names
        The name of each class.
    """

    name: str
    source: str
    features: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    class_names: tuple[str, ...]

    def first(self, train: int | None, test: int | None) -> "Raw":
        """The first samples of the training and of the test split; None: all. DataError if there are fewer."""
        for split, name, asked in (("tr", "train", train), ("te", "test", test)):
            there = len(self.labels[f"y{split}"])
            if asked is not None and asked > there:
                raise DataError(f"{self.name}: {name} must be at most the {there} samples that are there, got {asked}")
        most = {"tr": train, "te": test, "va": None}
        return replace(self, features={key: x[: most[key[1:]]] for key, x in self.features.items()},
                       labels={key: y[: most[key[1:]]] for key, y in self.labels.items()})

    def scaled(self, scaling: FeatureScaling, reason: str = "") -> Dataset:
        """The same with 8-bit features. DataError if they cannot be had by this scaling."""
        try:
            features = {split: scaling(x) for split, x in self.features.items()}
        except DesignError as error:
            raise DataError(f"{self.source}: {error}") from None
        return Dataset(name=self.name, classes=len(self.class_names), class_names=self.class_names, scaling=scaling,
                       scaling_reason=reason, **features, **self.labels)


def raw_of(name: str, arrays: Mapping[str, np.ndarray], source: str) -> Raw:
    """The raw arrays as a dataset whose shapes, numbers and labels are right.

    Parameters
    ----------
    name
        Name of the dataset.
    arrays
        xtr, ytr, xte, yte and, both or neither, xva, yva. Features (samples, ...) are flattened
        to (samples, features); labels are as in `sw.data.labels`. Perhaps `class_names`, text
        (classes,); else classes are named by their number.
    source
        What to call the data in error messages.

    Raises
    ------
    DataError
        Wrong shape of an array; wrong labels; numbers of samples or features that differ; features that are not
        finite real numbers.
    """
    features: dict[str, np.ndarray] = {}
    labels: dict[str, np.ndarray] = {}
    classes = 0
    one_hot: dict[str, int] = {}
    for split in ("tr", "te", "va"):
        if f"x{split}" not in arrays:
            continue
        features[f"x{split}"] = _flattened(f"x{split}", arrays[f"x{split}"], source)
        y = arrays[f"y{split}"]
        labels[f"y{split}"], found = class_indices(f"y{split}", y, source)
        classes = max(classes, found)
        if y.ndim == 2 and y.shape[1] > 1:
            one_hot[f"y{split}"] = y.shape[1]
    if len(set(one_hot.values())) > 1:
        widths = ", ".join(f"{key} {width}" for key, width in one_hot.items())
        raise DataError(f"{source}: one-hot labels must be equally wide, got {widths}")
    for split in ("tr", "te", "va"):
        if f"x{split}" in features:
            _check_counts(split, features, labels, source)
    check_numbers(features, source)  # last, as it is slow on big data and would hide a plainer mistake
    names = tuple(str(index) for index in range(classes))
    if "class_names" in arrays:
        names = _names(arrays["class_names"], classes, source)
    return Raw(name=name, source=source, features=features, labels=labels, class_names=names)


def _names(names: np.ndarray, classes: int, source: str) -> tuple[str, ...]:
    if names.dtype.kind != "U" or names.ndim != 1:
        raise DataError(f"{source}: class_names must be text (classes,), got {names.dtype} {names.shape}")
    if len(names) < classes:
        raise DataError(f"{source}: class_names must have one name for each of the {classes} classes of the "
                        f"labels, got {len(names)}")
    return tuple(str(name) for name in names)


def _flattened(name: str, x: np.ndarray, source: str) -> np.ndarray:
    if x.ndim < 2 or 0 in x.shape[1:]:
        raise DataError(f"{source}: {name} must have the shape (samples, features) or "
                        f"(samples, rows, columns, ...), got {x.shape}")
    return x.reshape(len(x), int(np.prod(x.shape[1:])))


def _check_counts(split: str, features: dict[str, np.ndarray], labels: dict[str, np.ndarray],
                  source: str) -> None:
    x, y = features[f"x{split}"], labels[f"y{split}"]
    if len(x) != len(y):
        raise DataError(f"{source}: x{split} and y{split} must have as many samples, "
                        f"got {len(x)} and {len(y)}")
    if x.shape[1] != features["xtr"].shape[1]:
        raise DataError(f"{source}: x{split} must have as many features as xtr, "
                        f"got {x.shape[1]} and {features['xtr'].shape[1]}")
    if split == "tr" and len(x) == 0:
        raise DataError(f"{source}: xtr must have at least one sample, got 0")
