"""Designs trained in the board's own arithmetic, by the compiled twin of the golden model."""

from collections.abc import Callable

from sw.data.dataset import Dataset
from sw.design.design import Design
from sw.golden import train as golden
from sw.golden.compiled import CompiledNetwork
from sw.golden.network import State

__all__ = ["trained"]


def trained(design: Design, data: Dataset, slots: int, after: Callable[[int, float], bool] | None = None,
            parts: int = 1) -> tuple[State, float]:
    """Train on ``slots`` samples, epoch after epoch; the state, and the accuracy, 0..1, on the test samples then.

    ``after(part, accuracy)`` is called after each of ``parts`` equal parts but the last; if it is true, training ends.
    """
    network = CompiledNetwork(design)
    for part in range(1, parts + 1):
        golden.train(network, data.xtr, data.ytr, slots * (part - 1) // parts, slots * part // parts)
        if part == parts:
            network.run(network.flush())
        found = golden.accuracy(network, data.xte, data.yte)
        if part < parts and after is not None and after(part, found):
            break
    return network.state(), found
