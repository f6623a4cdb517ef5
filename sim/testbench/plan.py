"""What the cocotb test of the accelerator is to do; crosses from one process to the other as a pickle."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sw.design import lfsr
from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.settings import RATE_SHIFT_MAX
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.golden.network import State

__all__ = ["VARIABLE", "Plan", "mixed_slots", "start_state"]

VARIABLE = "CLASHFREE_BENCH_PLAN"
"""Environment variable with the path of the pickled plan."""


@dataclass(frozen=True)
class Plan:
    """``ports``: the ports.json beside the Verilog. ``report``: JSON that a passing bench writes."""

    design: Design
    start: State
    slots: Slots
    least_results: int
    pause_chance: float
    seed: int
    ports: Path
    report: Path


def start_state(design: Design) -> State:
    """The initial weights, small biases that differ, and the LFSRs' seeds."""
    biases = [np.arange(j.right) % 5 - 2 for j in design.junctions]
    seeds = [lfsr.seeds(j.index, j.z) for j in design.junctions]
    if design.arithmetic.rounding != "stochastic":
        seeds = []
    return State(design.initial_weights(), biases, seeds)


def mixed_slots(design: Design, features: np.ndarray, labels: np.ndarray, count: int, seed: int) -> Slots:
    """``count`` slots over the samples in turn: mostly training, some inference (with and without label), some empty.

    The pauses of a stream can starve the machine in every phase; empty slots let it run dry in the middle. k comes
    from its whole range, small ones more often. The last slot trains, so that a flush has something to finish.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    rows = np.arange(count) % len(features)
    kinds = rng.choice(np.array([TRAIN, INFER, EMPTY], np.uint8), count, p=[0.8, 0.1, 0.1])
    middle, run_dry = count // 2, Schedule.of(design).flush_slots
    kinds[middle : middle + int(rng.integers(run_dry // 2, run_dry + 1))] = EMPTY
    kinds[middle // 2] = INFER
    kinds[-1:] = TRAIN
    known = labels[rows].astype(np.int64)
    unknown = (kinds == INFER) & (rng.random(count) < 0.5)
    shifts = rng.integers(0, RATE_SHIFT_MAX + 1, (2, count)).min(axis=0)
    return Slots(features[rows], np.where(unknown, design.network.classes, known), kinds, shifts)
