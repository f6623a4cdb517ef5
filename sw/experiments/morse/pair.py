"""Two classes share a code: what that costs, and how trained networks confuse them."""

from dataclasses import dataclass

import numpy as np

from sw.experiments.morse.results import Cell
from sw.morse.codebook import CLASSES, CODES

__all__ = ["CEILING", "PAIR", "Confused", "confused"]

PAIR = next((a, b) for a in range(CLASSES) for b in range(a + 1, CLASSES) if CODES[a] == CODES[b])
#: share that is right at best, with balanced classes: of the pair a guess, half of the time
CEILING = (CLASSES - 1) / CLASSES


@dataclass(frozen=True)
class Confused:
    """Of the test samples of both classes, shares taken for the right one, the other one, any third; and the share of
    all errors that the pair's mix-ups are. ``accuracy`` in per cent; ``without``: were the pair one class."""

    variant: str
    samples: int
    right: float
    other: float
    third: float
    of_errors: float
    accuracy: float
    without: float


def confused(cell: Cell) -> Confused:
    """From the confusion of a variant with all 64 classes."""
    matrix = cell.confusion
    two = matrix[np.ix_(PAIR, PAIR)]
    samples, everything = matrix[list(PAIR)].sum(), matrix.sum()
    right, other = np.trace(two), two.sum() - np.trace(two)
    errors = everything - np.trace(matrix)
    return Confused(
        cell.variant, int(samples), float(right / samples), float(other / samples),
        float((samples - two.sum()) / samples), float(other / max(1, errors)),
        float(100 * np.trace(matrix) / everything), float(100 * (np.trace(matrix) + other) / everything))
