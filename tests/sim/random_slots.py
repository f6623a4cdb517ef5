"""Random states, features and slots for a design: all kinds of slots, any weights, all rates."""

import numpy as np

from sim.compare import Segment
from sw.design import lfsr
from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.golden.network import GoldenNetwork, State

__all__ = ["features_of", "random_segments", "random_state"]

_ATTEMPTS = 10  # at start weights with which every junction learns


def random_state(design: Design, seed: int) -> State:
    """Weights and biases to start from, such that the slots of this seed change weights in every junction, or in most.

    Anywhere in their range if that will do, else (where all sigmoids are saturated, all ReLUs off) within a part
    of it, or as the design draws them.
    """
    features, segments = features_of(design, seed), random_segments(design, seed)
    best, most = _state(design, seed, 0), 0
    for attempt in range(_ATTEMPTS):
        start = _state(design, seed, attempt)
        golden = GoldenNetwork(design)
        golden.load(start)
        for segment in segments:
            golden.run(Slots.join(segment.slots(features, slice(None)), golden.flush()))
        learned = sum(bool((a != b).any()) for a, b in zip(golden.state().weights, start.weights, strict=True))
        if learned > most:
            best, most = start, learned
        if most == len(design.junctions):
            break
    return best


def _state(design: Design, seed: int, attempt: int) -> State:
    rng = np.random.Generator(np.random.PCG64([seed, 1, attempt]))
    number = design.arithmetic.number
    junctions = design.junctions
    if rng.random() < 0.4:
        weights = design.initial_weights()
    else:
        share = 1 << (attempt // 2)
        weights = [rng.integers(number.minimum, number.maximum + 1, j.weights) // share for j in junctions]
    biases = [rng.integers(number.minimum, number.maximum + 1, j.right) // (4 << attempt) for j in junctions]
    states = []
    if design.arithmetic.rounding == "stochastic":
        states = [rng.integers(1, 1 << lfsr.LENGTH, lfsr.groups(j.z)).astype(np.uint64) for j in junctions]
    return State(weights, biases, states)


def features_of(design: Design, seed: int, rows: int = 24) -> np.ndarray:
    """(rows, inputs) uint8, the first ones all 0 and all 255."""
    rng = np.random.Generator(np.random.PCG64([seed, 2]))
    features = rng.integers(0, 256, (rows, design.network.inputs), dtype=np.uint8)
    features[0], features[1] = 0, 255
    return features


def random_segments(design: Design, seed: int, rows: int = 24) -> list[Segment]:
    """Two segments of all kinds of slots, together at least 2 (lag_1 + 2) + 16 and long enough to fill every queue."""
    rng = np.random.Generator(np.random.PCG64([seed, 3]))
    classes, flush = design.network.classes, Schedule.of(design).flush_slots
    segments = []
    for count in (2 * flush + 24, flush + 16):
        kinds = rng.choice(np.array([TRAIN, INFER, EMPTY], np.uint8), count, p=[0.7, 0.15, 0.15])
        at = int(rng.integers(0, count))
        kinds[at : at + int(rng.integers(0, flush + 3))] = EMPTY
        kinds[-3:] = TRAIN  # the flush has something to finish
        for place, kind in enumerate((INFER, EMPTY), 1):
            if kind not in kinds:
                kinds[place] = kind
        labels = rng.integers(0, classes, count)
        labels[(kinds == INFER) & (rng.random(count) < 0.5)] = classes
        shifts = np.where(rng.random(count) < 0.8, rng.integers(0, 6, count), rng.integers(0, 16, count))
        segments.append(Segment(rng.integers(0, rows, count), labels, kinds, shifts))
    return segments
