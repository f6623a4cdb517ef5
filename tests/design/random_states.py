"""Random states for a design: weights and biases anywhere in their range, or at its ends; any LFSR states."""

from collections.abc import Callable

import numpy as np

from sw.design import lfsr
from sw.design.design import Design, Junction
from sw.golden.network import State

__all__ = ["STARTS", "random_state"]

_Draw = Callable[[np.random.Generator, int, int, int], np.ndarray]
"""Numbers of a junction from a range: generator, lowest, highest, how many."""


def _anywhere(rng: np.random.Generator, low: int, high: int, count: int) -> np.ndarray:
    return rng.integers(low, high + 1, count)


def _small(rng: np.random.Generator, low: int, high: int, count: int) -> np.ndarray:
    return rng.integers(low, high + 1, count) >> 2


def _lowest(rng: np.random.Generator, low: int, high: int, count: int) -> np.ndarray:
    return np.full(count, low, np.int64)


def _highest(rng: np.random.Generator, low: int, high: int, count: int) -> np.ndarray:
    return np.full(count, high, np.int64)


def _ends(rng: np.random.Generator, low: int, high: int, count: int) -> np.ndarray:
    return rng.choice([low, high], count)


def _one_end(rng: np.random.Generator, low: int, high: int, count: int) -> np.ndarray:
    return np.full(count, rng.choice([low, high]))


STARTS: dict[str, _Draw | None] = {
    "as the design draws them": None,
    "anywhere in their range": _anywhere,
    "in the middle quarter": _small,
    "all lowest": _lowest,
    "all highest": _highest,
    "at both ends": _ends,
    "each junction's at one end": _one_end,
}
"""Where the weights and biases of a state may lie; a junction's weights are drawn apart from its biases."""


def random_state(design: Design, seed: int | np.random.Generator, start: str = "anywhere in their range") -> State:
    """A state to start from, of one of STARTS."""
    rng = np.random.default_rng(seed)
    number, draw = design.arithmetic.number, STARTS[start]

    def drawn(count: int) -> np.ndarray:
        return (draw or _small)(rng, number.minimum, number.maximum, count)

    weights = [drawn(j.weights) for j in design.junctions] if draw else design.initial_weights()
    return State(weights, [drawn(j.right) for j in design.junctions], [_lfsrs(rng, j) for j in design.junctions])


def _lfsrs(rng: np.random.Generator, junction: Junction) -> np.ndarray:
    return rng.integers(1, 1 << lfsr.LENGTH, lfsr.groups(junction.z)).astype(np.uint64)
