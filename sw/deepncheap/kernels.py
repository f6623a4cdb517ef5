"""Deep-n-Cheap's kernel: how alike two values of one hyperparameter are.

With d = 3 (|a - b| / (u - l))^r it is exp(-d^2 / 2), from 1 for equal values down to exp(-4.5) for opposite ends of
the range l..u. A whole configuration's kernel is the mean over its hyperparameters (a convex combination of equal
weights). Source: Dey et al., "Deep-n-Cheap: an automated search framework for low complexity deep learning", 2020.
"""

from collections.abc import Sequence

import numpy as np

__all__ = ["FARTHEST", "OMEGA", "channels_kernel", "distance_kernel"]

OMEGA = 3.0  # the largest distance
FARTHEST = float(np.exp(-(OMEGA**2) / 2))


def distance_kernel(scaled: np.ndarray, power: float | np.ndarray = 1.0) -> np.ndarray:
    """The kernel of differences |a - b| / (u - l), of any shape; ``power`` is r."""
    return np.exp(-((OMEGA * scaled**power) ** 2) / 2)


def channels_kernel(left: Sequence[Sequence[int]], right: Sequence[Sequence[int]], ranges: Sequence[int]) -> np.ndarray:
    """Of lists of channels, one per convolution: (n, m), where ``ranges`` holds u - l of each layer.

    Layers at the same place are compared, with r = 1, 1/2, 1/3 and then 1/4, as ranges grow with depth. A layer
    without a partner counts as the farthest. The mean is over the layers of the deeper network.
    """
    one, other = _padded(left, len(ranges)), _padded(right, len(ranges))
    power = 1 / np.minimum(np.arange(1, len(ranges) + 1), 4)
    width = np.array(ranges, float)
    difference = np.abs(one[:, None] - other[None])
    scaled = np.divide(difference, width, out=np.zeros_like(difference), where=width > 0)
    both = (one[:, None] > 0) & (other[None] > 0)
    either = (one[:, None] > 0) | (other[None] > 0)
    alike = np.where(both, distance_kernel(scaled, power), np.where(either, FARTHEST, 0.0))
    return alike.sum(axis=2) / either.sum(axis=2)


def _padded(lists: Sequence[Sequence[int]], length: int) -> np.ndarray:
    found = np.zeros((len(lists), length))
    for row, values in zip(found, lists, strict=True):
        row[:len(values)] = values
    return found
