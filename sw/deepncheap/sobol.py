"""The points that a search begins with: a Sobol sequence, as Deep-n-Cheap takes it."""

import numpy as np
from scipy.stats import qmc

__all__ = ["DIMENSIONS", "sobol"]

DIMENSIONS = 20  # of the sequence; a space takes as many of them as it has, one after the other and around


def sobol(dimensions: int, index: int, first: int = 0) -> np.ndarray:
    """Point ``index`` (0, 1, ...) of the sequence without its zero point, of so many dimensions beginning at ``first``.

    Point 0 is 0.5 everywhere; points 1 and 2 are 0.25 or 0.75 in each dimension.
    """
    among = max(DIMENSIONS, dimensions)
    sequence = qmc.Sobol(among, scramble=False, rng=0)
    sequence.fast_forward(index + 1)
    point = sequence.random(1)[0]
    return point[(first + np.arange(dimensions)) % among]
