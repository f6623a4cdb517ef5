"""Patterns of every kind for the tests of sparse layers."""

import numpy as np

from sw.pattern.clash_free import make_pattern
from sw.pattern.edges import Edges, edges_of, fully_connected

__all__ = ["PATTERNS", "clash_free", "ragged"]


def clash_free(kind: int, left: int, right: int, out_degree: int, z: int, *, sweeps: int = 1, dither: bool = False,
               seed: int = 1) -> Edges:
    return edges_of(make_pattern(kind=kind, left=left, right=right, out_degree=out_degree, z=z, seed=seed, junction=1,
                                 sweeps_per_start=sweeps, dither=dither))


def ragged(left: int, right: int, weights: int, seed: int = 1) -> Edges:
    """Edges anywhere, no degree fixed; the last right neuron has none."""
    rng = np.random.default_rng(seed)
    places = np.sort(rng.choice(left * (right - 1), weights, replace=False))
    return Edges(left, right, places % left, places // left)


# in-degree above and below the depth of the banks, dithered or not, in-degrees that do not divide the left layer
PATTERNS = {
    "type 1": clash_free(1, 24, 16, 4, 8),
    "type 2": clash_free(2, 24, 16, 4, 6, dither=True),
    "type 2, sweeps of 2": clash_free(2, 24, 16, 8, 12, sweeps=2),
    "type 2, sweeps of 3, the last alone": clash_free(2, 24, 16, 4, 6, sweeps=3, dither=True),
    "type 3, in-degree 6, depth 2": clash_free(3, 24, 16, 4, 12, dither=True),
    "type 3, in-degree 6, depth 12": clash_free(3, 24, 16, 4, 2),
    "type 3, straddling": clash_free(3, 24, 9, 6, 4, dither=True),
    "type 2, straddling, sweeps of 3": clash_free(2, 24, 32, 12, 3, sweeps=3),
    "fully connected": fully_connected(10, 7),
    "one right neuron": fully_connected(5, 1),
    "random": ragged(20, 13, 61),
}
