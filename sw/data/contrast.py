"""Global contrast normalisation: each sample to mean 0 and deviation 1 over its own features."""

import numpy as np

from sw.data.affine import row_blocks

__all__ = ["global_contrast"]

_LEAST = 1e-8  # a deviation below it, times the mean where that is above 1, is but rounding


def global_contrast(x: np.ndarray) -> np.ndarray:
    """x - m divided by s, m and s mean and standard deviation (population) of the sample over its features.

    float32 (samples, features) of x (samples, features), bytes as v/256. Nothing is fitted: it depends on each
    sample alone. One with s below 1e-8 max(1, |m|) is not divided.
    """
    out = np.empty(x.shape, np.float32)
    for start, block in row_blocks(x):
        mean = block.mean(axis=1, keepdims=True)
        block -= mean
        deviation = np.sqrt((block ** 2).mean(axis=1, keepdims=True))
        out[start:start + len(block)] = block / np.where(deviation < _LEAST * np.maximum(1, np.abs(mean)), 1, deviation)
    return out
