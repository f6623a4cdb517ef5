"""Numbers on a scale of 0..1 as 8 bits, and what features must be before anything is made of them."""

from collections.abc import Mapping

import numpy as np

from sw.data.dataset import DataError

_ROWS = 4096  # rows converted at a time, so that no float copy of a whole split is made


def unit_to_bytes(unit: np.ndarray) -> np.ndarray:
    """8-bit form of numbers on a scale of 0..1, rounded half up: uint8, same shape."""
    return np.clip(np.floor(256.0 * unit + 0.5), 0, 255).astype(np.uint8)


def check_numbers(splits: Mapping[str, np.ndarray], source: str = "data") -> None:
    """DataError unless all splits hold finite real numbers, and all are uint8 or none is."""
    first = next(iter(splits))
    for name, x in splits.items():
        if x.dtype.kind not in "buif":
            raise DataError(f"{source}: {name} must hold real numbers, got type {x.dtype}")
        _check_finite(source, name, x)
        if (x.dtype == np.uint8) != (splits[first].dtype == np.uint8):
            raise DataError(f"{source}: {first} and {name} must both be uint8 or neither, as bytes are worth v/256, "
                            f"got {splits[first].dtype} and {x.dtype}")


def _check_finite(source: str, name: str, x: np.ndarray) -> None:
    if x.dtype.kind != "f":
        return
    count, first, columns = 0, None, np.zeros(x.shape[1], bool)
    for row in range(0, len(x), _ROWS):
        wrong = ~np.isfinite(x[row:row + _ROWS])
        if wrong.any():
            count += int(wrong.sum())
            columns |= wrong.any(axis=0)
            if first is None:
                at = np.argwhere(wrong)[0]
                first = (row + at[0], at[1])
    if first is not None:
        where = ", ".join(map(str, np.flatnonzero(columns)[:6])) + (", ..." if columns.sum() > 6 else "")
        raise DataError(
            f"{source}: {name} must have finite values only, got {count:,} that are missing or infinite, in "
            f"{columns.sum():,} features ({where}); the first is {x[first]} at {name}[{first[0]}, {first[1]}]: fill "
            "them or leave these samples out"
        )
