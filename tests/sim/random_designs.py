"""Small random designs and slot sequences, drawn to reach the corners of the schedule and the arithmetic."""

from itertools import pairwise

import numpy as np

from sim.compare import Segment
from sw.design import lfsr
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings, Stages, Training, divisors
from sw.design.slots import EMPTY, INFER, TRAIN
from sw.golden.network import State

__all__ = ["features_of", "random_design", "random_segments", "random_state"]

_SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 20, 21, 24)
_MOST_CLOCKS, _MOST_LANES = 48, 24  # keep the builds and the runs small


def random_design(seed: int) -> Design:
    """A valid design, the same for the same seed: 1 to 4 junctions, all of them small."""
    rng = np.random.Generator(np.random.PCG64([seed, 0]))
    while True:
        try:
            design = _draw(rng, f"random-{seed}")
            if design is not None and Schedule.of(design).clocks <= _MOST_CLOCKS:
                return design
        except DesignError:
            continue  # an edge joined twice, no out-degree that divides: draw again


def _draw(rng: np.random.Generator, name: str) -> Design | None:
    junctions = int(rng.choice([1, 2, 2, 3, 3, 4]))
    neurons = [int(n) for n in rng.choice(_SIZES[1:], junctions)]
    neurons.append(int(rng.choice([1, 2, 3, 4, 5, 6, 8, 10])))
    out_degree, z = [], []
    for i, (left, right) in enumerate(pairwise(neurons)):
        degrees = [d for d in range(1, right + 1) if left * d % right == 0]
        out_degree.append(int(rng.choice(degrees)))
        d_in = left * out_degree[i] // right
        lanes = [k for k in divisors(left) if (k % d_in == 0 or d_in % k == 0) and left * out_degree[i] // k <= 40]
        if z:
            done = max(1, z[-1] // (neurons[i - 1] * out_degree[i - 1] // left))
            lanes = [k for k in lanes if k % done == 0]
        if not lanes:
            return None
        z.append(int(rng.choice(lanes)))
    if sum(z) > _MOST_LANES:
        return None
    width = int(rng.integers(8, 19))
    integer_bits = int(rng.integers(1, min(5, width - 4)))
    patterns = []
    for _ in range(junctions):
        kind = int(rng.choice([1, 2, 2, 3]))
        share = int(rng.choice([1, 1, 2, 3])) if kind == 2 else 1
        patterns.append(PatternSettings(kind=kind, sweeps_per_start=share, seed=int(rng.integers(1000))))
    return Design(
        name=name,
        network=Network(
            neurons=tuple(neurons),
            inputs=int(rng.integers(max(1, neurons[0] - 3), neurons[0] + 1)),
            classes=int(rng.integers(1, neurons[-1] + 1)),
            out_degree=tuple(out_degree),
            activation=(*(str(a) for a in rng.choice(["sigmoid", "relu"], junctions - 1)), "sigmoid"),
            cost=str(rng.choice(["cross_entropy", "quadratic"])),
        ),
        pattern=tuple(patterns),
        arithmetic=Arithmetic(
            width=width,
            integer_bits=integer_bits,
            preactivation_integer_bits=int(rng.integers(integer_bits, min(8, integer_bits + 3) + 1)),
            table_bits=int(rng.integers(4, 10)),
            rounding=str(rng.choice(["nearest", "stochastic"])),
        ),
        hardware=Hardware(
            z=tuple(z),
            stages=Stages(int(rng.integers(1, 5)), int(rng.integers(1, 4)), int(rng.integers(1, 4))),
        ),
        training=Training(weight_seed=int(rng.integers(1000))),
    )


def random_state(design: Design, seed: int) -> State:
    """Weights and biases to start from: as drawn by the design, or anywhere in their range; any LFSR states."""
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    number = design.arithmetic.number
    junctions = design.junctions
    if rng.random() < 0.5:
        weights = design.initial_weights()
    else:
        weights = [rng.integers(number.minimum, number.maximum + 1, j.weights) for j in junctions]
    biases = [rng.integers(number.minimum, number.maximum + 1, j.right) // 4 for j in junctions]
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
        labels = rng.integers(0, classes, count)
        labels[(kinds == INFER) & (rng.random(count) < 0.5)] = classes
        shifts = np.where(rng.random(count) < 0.8, rng.integers(0, 6, count), rng.integers(0, 16, count))
        segments.append(Segment(rng.integers(0, rows, count), labels, kinds, shifts))
    return segments
