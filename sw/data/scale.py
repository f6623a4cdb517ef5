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
            raise DataError(f"{source}: {first} and {name} must both be uint8 or neither, "
                            f"got {splits[first].dtype} and {x.dtype}")


def _check_finite(source: str, name: str, x: np.ndarray) -> None:
    if x.dtype.kind != "f":
        return
    for row in range(0, len(x), _ROWS):
        wrong = np.argwhere(~np.isfinite(x[row:row + _ROWS]))
        if len(wrong):
            index = (row + wrong[0][0], *wrong[0][1:])
            raise DataError(f"{source}: {name} must have finite values only, "
                            f"got {x[index]} at {name}[{', '.join(map(str, index))}]")
