"""Features to 8 bits: v = clip(floor(256 x + 0.5), 0, 255), worth v/256, for x in 0..1.

Bytes are taken as they are. Other numbers are brought to 0..1 by the lowest and highest value of
the *training* split, the only one that may be looked at; values of other splits outside that
range are clipped.
"""

from collections.abc import Mapping

import numpy as np

from sw.data.dataset import DataError

_ROWS = 4096  # rows converted at a time, so that no float copy of a whole split is made


def unit_to_bytes(unit: np.ndarray) -> np.ndarray:
    """8-bit form of numbers on a scale of 0..1, rounded half up: uint8, same shape."""
    return np.clip(np.floor(256.0 * unit + 0.5), 0, 255).astype(np.uint8)


def splits_to_bytes(splits: Mapping[str, np.ndarray], source: str = "data",
                    ) -> tuple[dict[str, np.ndarray], tuple[float, float] | None]:
    """8-bit form of all splits of a dataset, by the range of the first one.

    Parameters
    ----------
    splits
        Arrays (samples, features) by name, the training split first. Either all are uint8 (taken
        as they are) or none is (booleans, other integers and floats are scaled).
    source
        What to call the data in error messages.

    Returns
    -------
    dict
        uint8 (samples, features) by the same names.
    (lowest, highest) | None
        Raw values of the training split that became 0 and full scale; None for bytes.

    Raises
    ------
    DataError
        Array that is not of real numbers; NaN or infinity (names the array and the first index);
        a mixture of bytes and others; a training split that is empty or the same everywhere
        or has a range beyond float64.
    """
    check_numbers(splits, source)
    first = next(iter(splits))
    if splits[first].dtype == np.uint8:
        return dict(splits), None

    if splits[first].size == 0:
        raise DataError(f"{source}: {first} must have at least one sample to scale by, got 0")
    low, high = float(splits[first].min()), float(splits[first].max())
    if low == high:
        raise DataError(f"{source}: {first} must have values that differ, "
                        f"got {low:g} everywhere")
    if not np.isfinite(high - low):
        raise DataError(f"{source}: {first} must have a range below 1.8e308, "
                        f"got values from {low:g} to {high:g}")
    return {name: _scaled(x, low, high) for name, x in splits.items()}, (low, high)


def check_numbers(splits: Mapping[str, np.ndarray], source: str = "data") -> None:
    """DataError unless all splits hold finite real numbers, and all are uint8 or none is; as `splits_to_bytes`."""
    first = next(iter(splits))
    for name, x in splits.items():
        if x.dtype.kind not in "buif":
            raise DataError(f"{source}: {name} must hold real numbers, got type {x.dtype}")
        _check_finite(source, name, x)
        if (x.dtype == np.uint8) != (splits[first].dtype == np.uint8):
            raise DataError(f"{source}: {first} and {name} must both be uint8 or neither, "
                            f"got {splits[first].dtype} and {x.dtype}")


def _scaled(x: np.ndarray, low: float, high: float) -> np.ndarray:
    out = np.empty(x.shape, np.uint8)
    for row in range(0, len(x), _ROWS):
        # Clipped first, so that a far outlier of another split cannot overflow.
        part = np.clip(x[row:row + _ROWS].astype(np.float64), low, high)
        out[row:row + _ROWS] = unit_to_bytes((part - low) / (high - low))
    return out


def _check_finite(source: str, name: str, x: np.ndarray) -> None:
    if x.dtype.kind != "f":
        return
    for row in range(0, len(x), _ROWS):
        wrong = np.argwhere(~np.isfinite(x[row:row + _ROWS]))
        if len(wrong):
            index = (row + wrong[0][0], *wrong[0][1:])
            raise DataError(f"{source}: {name} must have finite values only, "
                            f"got {x[index]} at {name}[{', '.join(map(str, index))}]")
