"""Labels of any customary form to class indices and class names.

Numbers (whole, of any type, also -1 and 1 or from 1 on), booleans, text, bytes of text, one-hot rows; (samples,) or
(samples, 1).
"""

from collections.abc import Mapping

import numpy as np

from sw.data.dataset import DataError

__all__ = ["MAX_CLASSES", "class_indices"]

#: Far above what a design can have; more are a mistake (each class gets a name).
MAX_CLASSES = 65_536


def class_indices(labels: Mapping[str, np.ndarray], source: str = "data",
                  ) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Class index of each sample, int64 (samples,) by the same names, and the name of each class.

    All splits are looked at together. Whole numbers from 0 on are the indices themselves, and the classes are 0 to the
    highest one. Other numbers and text are numbered in rising order of their values, which name the classes. Of
    one-hot rows the column is the class.

    Parameters
    ----------
    labels
        Arrays by name, all of one form.
    source
        What to call the data in error messages.

    Raises
    ------
    DataError
        Wrong shape or type; splits of different forms; a number that is not whole or too large; rows that are not
        one-hot, as those of soft labels or of several labels per sample are.
    """
    one_hot = {name: y.shape[1] for name, y in labels.items() if y.ndim == 2 and y.shape[1] > 1}
    if one_hot:
        if len(one_hot) < len(labels) or len(set(one_hot.values())) > 1:
            widths = ", ".join(f"{name} {y.shape}" for name, y in labels.items())
            raise DataError(f"{source}: one-hot labels must be equally wide in all splits, got {widths}")
        width = next(iter(one_hot.values()))
        return ({name: _from_one_hot(name, y, source) for name, y in labels.items()},
                tuple(map(str, range(width))))
    for name, y in labels.items():
        if y.ndim != 1 and (y.ndim != 2 or y.shape[1] != 1):
            raise DataError(f"{source}: {name} must have the shape (samples,), (samples, 1) or (samples, classes), "
                            f"got {y.shape}")
    flat = {name: y.reshape(-1) for name, y in labels.items()}
    text = {name: y.dtype.kind in "US" for name, y in flat.items()}
    if len(set(text.values())) > 1:
        types = ", ".join(f"{name} {y.dtype}" for name, y in flat.items())
        raise DataError(f"{source}: labels must be numbers in all splits or text in all, got {types}")
    read = _text if all(text.values()) else _whole
    values = {name: read(name, y, source) for name, y in flat.items()}
    found = np.unique(np.concatenate([np.unique(y) for y in values.values()]))
    if read is _whole and len(found) and found[0] == 0:
        found = np.arange(found[-1] + 1)
    if len(found) > MAX_CLASSES:
        raise DataError(f"{source}: there must be at most {MAX_CLASSES} classes, got {len(found)} different labels")
    return ({name: np.searchsorted(found, y).astype(np.int64) for name, y in values.items()},
            tuple(str(value) for value in found))


def _from_one_hot(name: str, y: np.ndarray, source: str) -> np.ndarray:
    if y.dtype.kind not in "buif":
        raise DataError(
            f"{source}: {name} must hold class labels or one-hot rows, got type {y.dtype} of shape {y.shape}"
        )
    ones = y == 1
    wrong = np.flatnonzero((ones.sum(axis=1) != 1) | ((y != 0) & ~ones).any(axis=1))
    if len(wrong):
        raise DataError(
            f"{source}: {name} must have exactly one 1 and zeros in each row, which row {wrong[0]} has not; "
            f"soft labels and several labels per sample are not supported"
        )
    indices: np.ndarray = np.argmax(ones, axis=1).astype(np.int64)
    return indices


def _text(name: str, y: np.ndarray, source: str) -> np.ndarray:
    if y.dtype.kind == "S":
        try:
            y = np.char.decode(y, "utf-8")
        except UnicodeDecodeError:
            raise DataError(f"{source}: {name} must be text in UTF-8") from None
    empty = np.flatnonzero(np.char.str_len(y) == 0)
    if len(empty):
        raise DataError(f"{source}: {name} must name a class for each sample, got none at {name}[{empty[0]}]")
    return y


def _whole(name: str, y: np.ndarray, source: str) -> np.ndarray:
    if y.dtype.kind not in "buif":
        raise DataError(
            f"{source}: {name} must hold class labels (numbers or text) or one-hot rows, got type {y.dtype}"
        )
    valid = np.abs(y.astype(np.float64)) < 2**31
    if y.dtype.kind == "f":
        valid &= np.floor(y) == y
    wrong = np.flatnonzero(~valid)
    if len(wrong):
        raise DataError(f"{source}: {name} must hold whole numbers as class labels, got {y[wrong[0]]} at "
                        f"{name}[{wrong[0]}]; values to be predicted (regression) are not supported")
    whole: np.ndarray = y.astype(np.int64)
    if whole.size and whole.min() == 0 and whole.max() >= MAX_CLASSES:
        raise DataError(f"{source}: {name} must hold class labels 0..{MAX_CLASSES - 1}, got {whole.max()}")
    return whole
