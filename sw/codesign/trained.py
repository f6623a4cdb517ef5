"""Designs trained in the board's own arithmetic, by the compiled twin of the golden model."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sw.data.dataset import Dataset
from sw.design.design import Design
from sw.design.slots import Slots
from sw.golden.compiled import CompiledNetwork
from sw.golden.network import State

__all__ = ["accuracy", "train", "with_seed"]


def with_seed(design: Design, seed: int) -> Design:
    """The design with another pattern and other initial weights."""
    pattern = tuple(replace(one, seed=seed) for one in design.pattern)
    return replace(design, pattern=pattern, training=replace(design.training, weight_seed=seed), drawn=None)


def train(design: Design, data: Dataset, slots: int, after: Callable[[int, float], bool] | None = None,
          parts: int = 1) -> tuple[State, float]:
    """Train on ``slots`` samples, epoch after epoch; the state, and the accuracy, 0..1, on the test samples then.

    ``after(part, accuracy)`` is called after each of ``parts`` equal parts but the last; if it is true, training ends.
    """
    network = CompiledNetwork(design)
    order = design.training.sequence(len(data.xtr), -(-slots // len(data.xtr)))[:slots]
    shifts = design.training.shifts(slots)
    found = 0.0
    for part in range(1, parts + 1):
        for some in np.array_split(np.arange(slots * (part - 1) // parts, slots * part // parts), 8):  # spares memory
            rows = order[some]
            network.run(Slots.train(data.xtr[rows], data.ytr[rows], shifts[some]))
        if part == parts:
            break
        found = accuracy(network, data)
        if after is not None and after(part, found):
            return network.state(), found
    network.run(network.flush())
    return network.state(), accuracy(network, data)


def accuracy(network: CompiledNetwork, data: Dataset) -> float:
    """Share of the test samples that are predicted right by what the network has learnt so far, 0..1."""
    return float(network.run(Slots.infer(data.xte, data.yte)).correct.mean())
