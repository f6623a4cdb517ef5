"""A golden model that notes which corners of the arithmetic a run has reached."""

from collections import Counter

import numpy as np

from sw.design.design import Design
from sw.golden.junction import GoldenJunction
from sw.golden.network import GoldenNetwork

__all__ = ["EVENTS", "watched"]

EVENTS = (
    "pre-activation saturated",
    "left delta saturated",
    "weight saturated",
    "bias saturated",
    "two outputs largest",
)


def watched(design: Design) -> tuple[GoldenNetwork, Counter[str]]:
    """A golden model and its counts of EVENTS, which grow as it runs. What it computes stays as it is."""
    golden, seen = GoldenNetwork(design), Counter[str]()
    for g in golden.junctions:
        _watch(g, design.network.classes, seen)
    return golden, seen


def _watch(g: GoldenJunction, classes: int, seen: Counter[str]) -> None:
    forward, backward, subtract = g.forward, g.backward, g._subtract
    wide, fraction = g.junction.operand_fraction, g.number.fraction_bits

    def watched_forward(left: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        s, a = forward(left, edges)
        exact = (edges.astype(np.int64) * g.by_right).sum(axis=-1) + (g.biases.astype(np.int64) << wide)
        seen["pre-activation saturated"] += int((_rounded(exact, wide) != s).sum())
        if g.junction.last:
            real = a[..., :classes]
            seen["two outputs largest"] += int(((real == real.max(axis=-1, keepdims=True)).sum(axis=-1) > 1).sum())
        return s, a

    def watched_backward(delta: np.ndarray) -> np.ndarray:
        result = backward(delta)
        exact = np.zeros(g.junction.left, np.int64)
        np.add.at(exact, g.left_of, (g.by_right * delta.astype(np.int64)[:, None]).reshape(-1))
        seen["left delta saturated"] += int((_rounded(exact, fraction) != result).sum())
        return result

    def watched_subtract(values: np.ndarray, change: np.ndarray) -> None:
        exact = values.astype(np.int64) - change
        subtract(values, change)
        seen["bias saturated" if values is g.biases else "weight saturated"] += int((exact != values).sum())

    g.forward, g.backward, g._subtract = watched_forward, watched_backward, watched_subtract  # type: ignore[method-assign]


def _rounded(exact: np.ndarray, bits: int) -> np.ndarray:
    return (exact + (1 << (bits - 1))) >> bits
