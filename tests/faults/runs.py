"""What the golden model makes of the runs in which faults are looked for: on that it may depend whether one shows."""

from functools import cache

import numpy as np

from sw.design.design import Design
from sw.golden.network import GoldenNetwork
from tests.design.usual_runs import usual_runs
from tests.faults.plant import Plant

__all__ = ["MANY_SEEDS", "SEEDS", "largest", "outputs", "shows"]

SEEDS = tuple(range(3, 7))  # of states, slots and pauses; short runs have the first one
MANY_SEEDS = tuple(range(3, 15))  # with each of which a fault must be caught on its own design


def _words(design: Design, seed: int) -> list[np.ndarray]:
    """All that tests.hw.bench.check compares; first the output activations, (results, N_L)."""
    golden, runs = GoldenNetwork(design), []
    for state, slots in usual_runs(design, seed):
        golden.load(state)
        due = golden.run(slots)
        golden.run(golden.flush())
        after = golden.state()
        runs.append([due.activations, due.predictions, due.correct, *after.weights, *after.biases, *after.lfsr])
    return [np.concatenate(words) for words in zip(*runs, strict=True)]


@cache
def _sound(design: Design) -> list[list[np.ndarray]]:
    return [_words(design, seed) for seed in SEEDS]


@cache
def shows(design: Design, plant: Plant) -> bool:
    """Whether a fault of the golden model changes a word in the run of some seed."""
    sound = _sound(design)
    with plant.planted():
        for seed, due in zip(SEEDS, sound, strict=True):
            if any(not np.array_equal(mine, right) for mine, right in zip(_words(design, seed), due, strict=True)):
                return True
    return False


def outputs(design: Design) -> np.ndarray:
    """The output activations of all runs, (results, N_L)."""
    return np.concatenate([words[0] for words in _sound(design)])


def largest(design: Design) -> list[np.ndarray]:
    """Per result of all runs the classes whose output is the largest: more than one is a tie."""
    classes = outputs(design)[:, : design.network.classes]
    return [np.flatnonzero(row == row.max()) for row in classes]
