"""Training on a data set: the slots that `make sim` gives the hardware, in parts that spare memory."""

import numpy as np

from sw.design.slots import Slots
from sw.golden.compiled import CompiledNetwork
from sw.golden.network import GoldenNetwork

__all__ = ["accuracy", "train"]

_PART = 1 << 14  # slots


def train(network: GoldenNetwork | CompiledNetwork, features: np.ndarray, labels: np.ndarray, first: int, last: int
          ) -> None:
    """Training slots ``first`` to ``last`` - 1 of the design's order and rates over these samples.

    ``features``: (samples, inputs) uint8; ``labels``: (samples,). The updates of the last slots are not done yet:
    ``network.run(network.flush())`` ends them.
    """
    training = network.design.training
    order = training.sequence(len(features), -(-last // len(features)))[:last]
    shifts = training.shifts(last)
    for start in range(first, last, _PART):
        some = slice(start, min(start + _PART, last))
        rows = order[some]
        network.run(Slots.train(features[rows], labels[rows], shifts[some]))


def accuracy(network: GoldenNetwork | CompiledNetwork, features: np.ndarray, labels: np.ndarray) -> float:
    """Share of samples, 0..1, that the network predicts right with what it has learnt."""
    return float(network.run(Slots.infer(features, labels)).correct.mean())
