"""Slots and states from which each junction of a design learns: a run in which none does would show little."""

import numpy as np

from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.slots import Slots
from sw.golden.network import GoldenNetwork, State
from tests.design.random_slots import random_slots
from tests.design.random_states import STARTS, random_state

__all__ = ["learning_runs"]

_TRIES = 8  # per start; numbers of a few bits learn from few states, and only where k is small


def learning_runs(design: Design, seed: int | list[int]) -> list[tuple[State, Slots]] | None:
    """A state of each of STARTS with slots for it; the first ones are long enough to use every queue twice.

    Both are drawn again, a few times, while that lets no further junction's weights change. None if some junction's
    change in none of the runs.
    """
    rng = np.random.default_rng(seed)
    golden, flush = GoldenNetwork(design), Schedule.of(design).flush_slots
    still = set(range(len(design.junctions)))
    runs: list[tuple[State, Slots]] = []
    for start in STARTS:
        for _ in range(_TRIES):
            slots = random_slots(design, flush + 16 if runs else 2 * flush + 24, rng)
            state = random_state(design, rng, start)
            learned = _learned(golden, state, slots) if still else still
            if learned & still or not still:
                break
        still -= learned
        runs.append((state, slots))
    return None if still else runs


def _learned(golden: GoldenNetwork, state: State, slots: Slots) -> set[int]:
    """Junctions, from 0, whose weights are others after the slots."""
    golden.load(state)
    golden.run(Slots.join(slots, golden.flush()))
    after = golden.state().weights
    return {i for i, before in enumerate(state.weights) if (after[i] != before).any()}
