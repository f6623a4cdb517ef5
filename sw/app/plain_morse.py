"""Morse data and its metrics sample by sample, as one would first write them: what `make bench` compares with.

Loops over samples and elements in place of arrays of them; the definitions are those of `sw.morse`.
"""

import math

import numpy as np

from sw.morse.codebook import CODES
from sw.morse.settings import MorseSettings

__all__ = ["metrics", "samples"]


def samples(settings: MorseSettings, per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features float64 (n, features) in 0..1, three decimals, and one-hot labels float64 (n, classes), shuffled."""
    rng = np.random.Generator(np.random.PCG64(seed))
    q, classes = settings.dilation, settings.class_indices
    x = np.zeros((per_class * len(classes), settings.features))
    y = np.zeros((len(x), len(classes)))
    row = 0
    for label, index in enumerate(classes):
        code = CODES[index]
        for _ in range(per_class):
            parts = []
            for place, element in enumerate(code):
                low, high = settings.dot if element == "." else settings.dash
                length = rng.integers(low * q, high * q + 1)
                parts.append(rng.normal(settings.symbol_mean, settings.symbol_sd, length))
                if place < len(code) - 1:
                    parts.append(np.zeros(rng.integers(settings.space[0] * q, settings.space[1] * q + 1)))
            codeword = np.concatenate(parts)
            free = settings.features - len(codeword)
            lead = rng.integers(free + 1) if settings.leading_spaces else 0
            x[row, lead:lead + len(codeword)] = codeword
            if settings.noise_sd or settings.noise_mean:
                x[row] += rng.normal(settings.noise_mean, settings.noise_sd, settings.features)
            y[row, label] = 1
            row += 1
    order = rng.permutation(len(x))
    return np.round(np.clip(x, 0, settings.levels) / settings.levels, 3)[order], y[order]


def metrics(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float, int]:
    """V_lower, V_upper, V_dist, V_thresh of float features and one-hot labels, each class with samples."""
    classes, features = y.shape[1], x.shape[1]
    counts, centroids, squares = np.zeros(classes), np.zeros((classes, features)), np.zeros((classes, features))
    for sample, label in zip(x, y, strict=True):
        index = np.flatnonzero(label)[0]
        counts[index] += 1
        centroids[index] += sample
    centroids /= counts[:, None]
    for sample, label in zip(x, y, strict=True):
        index = np.flatnonzero(label)[0]
        squares[index] += (sample - centroids[index]) ** 2
    sigma = np.sqrt((squares / counts[:, None]).mean(axis=1))
    lower = upper = dist = 0.0
    thresh = 0
    for m in range(classes):
        nearest = math.inf
        for j in range(classes):
            if j == m:
                continue
            distance = float(np.linalg.norm(centroids[m] - centroids[j]))
            nearest = min(nearest, distance)
            upper += counts[m] / len(x) * _tail(distance / (2 * sigma[m]))
            thresh += bool(np.abs(centroids[m] - centroids[j]).mean() < 0.05)
        lower += counts[m] / len(x) * _tail(nearest / (2 * sigma[m]))
        dist += sigma[m] / nearest / classes
    return lower, upper, dist, thresh


def _tail(x: float) -> float:
    return math.erfc(x / math.sqrt(2)) / 2
