"""A golden model that notes which corners of the arithmetic a run has reached."""

from collections import Counter

import numpy as np

from sw.design.design import Design
from sw.design.sums import left_sum_bits, right_sum_bits
from sw.golden.junction import GoldenJunction
from sw.golden.network import GoldenNetwork

__all__ = ["EVENTS", "changed", "watched"]

EVENTS = (
    "right sum that needs its top bit",
    "left sum that needs its top bit",
    "pre-activation saturated",
    "left delta saturated",
    "weight saturated",
    "bias saturated",
    "two outputs largest",
)


def changed(junction: int) -> str:
    """What is counted when weights of a junction change; no row of its own."""
    return f"weights of junction {junction} changed"


def watched(design: Design) -> tuple[GoldenNetwork, Counter[str]]:
    """A golden model and its counts of EVENTS and `changed`, which grow as it runs. What it computes stays as it is."""
    golden, seen = GoldenNetwork(design), Counter[str]()
    for g in golden.junctions:
        _watch(g, design, seen)
    return golden, seen


def _watch(g: GoldenJunction, design: Design, seen: Counter[str]) -> None:
    forward, backward, subtract = g.forward, g.backward, g._subtract
    wide, fraction, classes = g.junction.operand_fraction, g.number.fraction_bits, design.network.classes
    right_bits, left_bits = right_sum_bits(design, g.junction), left_sum_bits(design, g.junction)

    def watched_forward(left: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        s, a = forward(left, edges)
        exact = (edges.astype(np.int64) * g.by_right).sum(axis=-1) + (g.biases.astype(np.int64) << wide) + _half(wide)
        seen["right sum that needs its top bit"] += _beyond(exact, right_bits - 1)
        seen["pre-activation saturated"] += int(((exact >> wide) != s).sum())
        if g.junction.last:
            real = a[..., :classes]
            seen["two outputs largest"] += int(((real == real.max(axis=-1, keepdims=True)).sum(axis=-1) > 1).sum())
        return s, a

    def watched_backward(delta: np.ndarray) -> np.ndarray:
        result = backward(delta)
        exact = np.full(g.junction.left, _half(fraction), np.int64)
        np.add.at(exact, g.left_of, (g.by_right * delta.astype(np.int64)[:, None]).reshape(-1))
        seen["left sum that needs its top bit"] += _beyond(exact, left_bits - 1)
        seen["left delta saturated"] += int(((exact >> fraction) != result).sum())
        return result

    def watched_subtract(values: np.ndarray, change: np.ndarray) -> None:
        before, exact = values.copy(), values.astype(np.int64) - change
        subtract(values, change)
        seen["bias saturated" if values is g.biases else "weight saturated"] += int((exact != values).sum())
        if values is not g.biases:
            seen[changed(g.junction.index)] += int((before != values).sum())

    g.forward, g.backward, g._subtract = watched_forward, watched_backward, watched_subtract  # type: ignore[method-assign]


def _half(bits: int) -> int:
    return 1 << (bits - 1)


def _beyond(exact: np.ndarray, bits: int) -> int:
    """How many numbers do not fit into so many bits, signed."""
    return int(((exact < -_half(bits)) | (exact >= _half(bits))).sum())
