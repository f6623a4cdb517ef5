"""Random slots as segments of a run, each from a random state of its own."""

import numpy as np

from sim.compare import Segment
from sw.design.design import Design
from sw.design.slots import TRAIN
from tests.design.learning import learning_runs
from tests.design.random_states import STARTS

__all__ = ["OFFERED", "offered", "random_segments"]

_SLOTS = ("a training slot of k = 0", "a training slot of k >= 8", "features all 0", "features all 255")
OFFERED = (*(f"start: weights and biases {start}" for start in STARTS), *_SLOTS)
"""Rows of the coverage table that the slots and states of a run decide."""


def random_segments(design: Design, seed: int | list[int]) -> tuple[np.ndarray, list[Segment]]:
    """The features, and a segment for each of `learning_runs`, which must be there."""
    features, segments, row = [], [], 0
    for state, slots in learning_runs(design, seed) or ():
        features.append(slots.features)
        rows = row + np.arange(len(slots))
        segments.append(Segment(rows, slots.labels, slots.kinds, slots.rate_shifts, state))
        row += len(slots)
    return np.concatenate(features), segments


def offered(features: np.ndarray, segments: list[Segment]) -> set[str]:
    """The rows of OFFERED that a run reaches."""
    shifts = np.concatenate([segment.rate_shifts[segment.kinds == TRAIN] for segment in segments])
    used = np.concatenate([features[segment.rows[segment.kinds == TRAIN]] for segment in segments])
    holds = ((shifts == 0).any(), (shifts >= 8).any(), (used == 0).all(axis=1).any(), (used == 255).all(axis=1).any())
    starts = OFFERED[: len(segments)]
    return {*starts, *(row for row, there in zip(_SLOTS, holds, strict=True) if there)}
