"""What the golden model makes of the runs in which faults are looked for: on that it may depend whether one shows."""

from functools import cache

import numpy as np

from sw.design.design import Design
from sw.golden.network import GoldenNetwork
from tests.design.random_slots import usual_slots
from tests.design.random_states import random_state
from tests.faults.plant import Plant

__all__ = ["SEEDS", "largest", "outputs", "shows"]

SEEDS = tuple(range(3, 7))  # of state, slots and pauses; a run takes the next where the fault was not caught


def _words(design: Design, seed: int) -> list[np.ndarray]:
    """All that tests.hw.bench.check compares; first the output activations, (results, N_L)."""
    golden = GoldenNetwork(design)
    golden.load(random_state(design, seed))
    due = golden.run(usual_slots(design, seed))
    golden.run(golden.flush())
    state = golden.state()
    return [due.activations, due.predictions, due.correct, *state.weights, *state.biases, *state.lfsr]


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
