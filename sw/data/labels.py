"""Labels to class indices: integers, whole floats or one-hot rows in, int64 (samples,) out."""

import numpy as np

from sw.data.dataset import DataError

#: Far above what a design can have; a higher label is a mistake, not a class (each gets a name).
MAX_CLASSES = 65_536


def class_indices(name: str, y: np.ndarray, source: str = "data") -> tuple[np.ndarray, int]:
    """Class index of each sample, and the number of classes that the array speaks of.

    Parameters
    ----------
    name, source
        What to call the array and the data in error messages.
    y
        Class indices 0 .. MAX_CLASSES - 1 of any real type, (samples,) or (samples, 1); or
        one-hot rows (samples, classes) with exactly one 1 and zeros elsewhere.

    Returns
    -------
    int64 (samples,)
        Class indices.
    int
        Width of the one-hot rows, or highest index + 1 (0 without samples).

    Raises
    ------
    DataError
        Wrong shape or type; an index that is out of range or not whole; a row that is not one-hot.
    """
    if y.dtype.kind not in "buif":
        raise DataError(f"{source}: {name} must hold class indices or one-hot rows, "
                        f"got type {y.dtype}")
    if y.ndim == 2 and y.shape[1] > 1:
        return _from_one_hot(name, y, source), y.shape[1]
    if y.ndim != 1 and (y.ndim != 2 or y.shape[1] != 1):
        raise DataError(f"{source}: {name} must have the shape (samples,) or (samples, classes), "
                        f"got {y.shape}")
    return _from_numbers(name, y.reshape(-1), source)


def _from_one_hot(name: str, y: np.ndarray, source: str) -> np.ndarray:
    ones = y == 1
    wrong = np.flatnonzero((ones.sum(axis=1) != 1) | ((y != 0) & ~ones).any(axis=1))
    if len(wrong):
        raise DataError(f"{source}: {name} must have exactly one 1 and zeros in each row, "
                        f"which row {wrong[0]} has not")
    indices: np.ndarray = np.argmax(ones, axis=1).astype(np.int64)
    return indices


def _from_numbers(name: str, y: np.ndarray, source: str) -> tuple[np.ndarray, int]:
    valid = (y >= 0) & (y.astype(np.float64) < MAX_CLASSES)
    if y.dtype.kind == "f":
        valid &= np.floor(y) == y
    wrong = np.flatnonzero(~valid)
    if len(wrong):
        raise DataError(f"{source}: {name} must hold whole class indices 0..{MAX_CLASSES - 1}, "
                        f"got {y[wrong[0]]} at {name}[{wrong[0]}]")
    indices = y.astype(np.int64)
    return indices, int(indices.max()) + 1 if len(indices) else 0
