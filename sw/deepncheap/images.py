"""Samples as images: the shape (channels, rows, columns) from how they are stored, or as it is given."""

from collections.abc import Sequence
from math import isqrt, prod

import numpy as np

from sw.data.dataset import DataError

__all__ = ["channels_first", "image_shape"]

Shape = tuple[int, ...]
_CHANNELS = (1, 3, 4)  # what an image that is stored with channels last may have


def image_shape(stored: Shape, wish: Sequence[int] | None, source: str) -> Shape:
    """(channels, rows, columns) of samples that are ``stored`` in this shape.

    (rows, columns) is one channel; three numbers have their channels last if there are 1, 3 or 4 of these and the first
    number is none of that, else first. Flat samples are as ``wish`` says, or one channel, and as many rows as columns.

    Raises
    ------
    DataError : flat samples that are no square, or a ``wish`` that the samples do not have.
    """
    features = prod(stored)
    if len(stored) == 2:
        found: Shape | None = (1, *stored)
    elif len(stored) == 3:
        found = (stored[2], *stored[:2]) if _channels_last(stored) else stored
    else:
        found = None
    if wish is not None:
        if len(wish) != 3 or prod(wish) != features or found not in (None, tuple(wish)):
            due = f" with {features} values" if found is None else f", {found} as it is stored"
            raise DataError(f"{source}: the shape of a sample must be (channels, rows, columns){due}, "
                            f"got {tuple(wish)}")
        return tuple(wish)
    if found is None:
        side = isqrt(features)
        if side * side != features:
            raise DataError(f"{source}: {features} features are no square image of one channel; give the shape of a "
                            "sample")
        found = 1, side, side
    return found


def channels_first(x: np.ndarray, stored: Shape) -> np.ndarray:
    """Flat samples (samples, features) in the order of `image_shape`: channels slowest."""
    if len(stored) != 3 or not _channels_last(stored):
        return x
    return x.reshape(len(x), -1, stored[2]).swapaxes(1, 2).reshape(len(x), -1)


def _channels_last(stored: Shape) -> bool:
    return stored[2] in _CHANNELS and stored[0] not in _CHANNELS
