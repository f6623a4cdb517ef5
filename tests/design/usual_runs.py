"""The runs by which a small machine is compared with the golden model: several states, each with slots of its own."""

import numpy as np

from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.slots import Slots
from sw.golden.network import State
from tests.design.random_slots import random_slots
from tests.design.random_states import random_state

__all__ = ["STARTS", "usual_runs"]

# From one kind of state alone some designs never round half-way, saturate, or have two outputs equal.
_STARTS = ("anywhere in their range", "in the middle quarter", "at both ends", "anywhere in their range")
STARTS = len(_STARTS)


def usual_runs(design: Design, seed: int) -> list[tuple[State, Slots]]:
    """Start states, and slots for each, enough for every queue to be used again."""
    rng, schedule = np.random.default_rng(seed), Schedule.of(design)
    count = schedule.flush_slots + max(schedule.activation_sets) + 8
    return [(random_state(design, rng, start), random_slots(design, count, rng)) for start in _STARTS]
