"""From raw arrays of a file to a `Dataset`: shapes, labels, 8 bits, class names."""

from collections.abc import Mapping

import numpy as np

from sw.data.dataset import DataError, Dataset
from sw.data.labels import class_indices
from sw.data.scale import splits_to_bytes


def from_raw(name: str, arrays: Mapping[str, np.ndarray], source: str) -> Dataset:
    """The dataset made of raw arrays.

    Parameters
    ----------
    name
        Name of the dataset.
    arrays
        xtr, ytr, xte, yte and, both or neither, xva, yva. Features (samples, ...) are flattened
        to (samples, features) and brought to 8 bits by `sw.data.scale`; labels are as in
        `sw.data.labels`. Classes are named by their number.
    source
        What to call the data in error messages.

    Raises
    ------
    DataError
        Wrong shape, type or value of an array; numbers of samples or features that differ.
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
    # Before the scaling, which is slow on big data and would hide a plainer mistake.
    for split in ("tr", "te", "va"):
        if f"x{split}" in features:
            _check_counts(split, features, labels, source)

    scaled, scale = splits_to_bytes(features, source)
    return Dataset(name=name, classes=classes, scale=scale,
                   class_names=tuple(str(index) for index in range(classes)), **scaled, **labels)


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
