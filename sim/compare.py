"""A run of the harness beside the golden model: both compute at the same time, every word is compared."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.checker import Checker
from sim.harness.process import Counters, Harness
from sim.harness.program import NO_PAUSES, Pauses, Program, state_from_values
from sw.design.design import Design
from sw.design.slots import EMPTY, Slots
from sw.golden.network import GoldenNetwork, State

__all__ = ["Outcome", "Progress", "Segment", "compare"]

_CHUNK = 500  # slots that the golden model runs before the results so far are compared

Progress = Callable[[int, int], None]
"""Called with the number of results compared so far, and of all."""


@dataclass(frozen=True)
class Segment:
    """Slots that end with a flush, after which every weight, bias and LFSR state is compared.

    All arrays (n,): row in the features, class (or more: no label), kind, k. ``start``: loaded before, if given.
    """

    rows: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray
    rate_shifts: np.ndarray
    start: State | None = None

    def slots(self, features: np.ndarray, part: slice) -> Slots:
        """What the golden model is given."""
        return Slots(
            features[self.rows[part]], self.labels[part].astype(np.int64), self.kinds[part], self.rate_shifts[part]
        )


@dataclass(frozen=True)
class Outcome:
    """What a run without mismatch gives. Seconds: of wall time, in the golden model, of processor time in the harness.

    ``correct``, ``clocks``: per segment and result, whether the prediction was right, and the clock of the last beat.
    """

    values_compared: int
    correct: list[np.ndarray]
    clocks: list[np.ndarray]
    counters: Counters
    state: State
    slots: int
    seconds: float
    golden_seconds: float


def compare(
    design: Design,
    executable: Path,
    features: np.ndarray,
    segments: Sequence[Segment],
    *,
    start: State | None = None,
    pauses: Pauses = NO_PAUSES,
    progress: Progress | None = None,
    chunk: int = _CHUNK,
    model: int = 0,
    golden: GoldenNetwork | None = None,
) -> Outcome:
    """Load ``start`` (default: the design's initial weights), run the segments, compare everything.

    ``features`` (rows, up to N_0) uint8. ``model``: number of the design in an executable that has several.
    ``golden``: a new golden model to use, for who wants to look into it.

    Raises
    ------
    Mismatch : at the first word that differs. SimError : the harness stopped.
    """
    golden, checker = golden or GoldenNetwork(design), Checker(design)
    if start is not None:
        golden.load(start)
    program = Program(design, features.shape[1], pauses, model)
    # LFSR states that are not given are those of the reset, and compared
    program.load(State(golden.state().weights, golden.state().biases, start.lfsr if start else []))
    program.read()
    for segment in segments:
        if segment.start is not None:
            program.load(segment.start)
        program.run(segment.rows, segment.labels, segment.kinds, segment.rate_shifts)
        program.flush()
        program.read()
    results = [int((segment.kinds != EMPTY).sum()) for segment in segments]

    begun, golden_seconds, number = time.perf_counter(), 0.0, 0
    correct: list[np.ndarray] = []
    clocks: list[np.ndarray] = []
    with Harness(executable, program, features) as harness:

        def observe(block: np.ndarray) -> None:
            checker.observe(block)
            correct.append(block["correct"] != 0)
            clocks.append(block["clock"])
            if progress:  # here, as the golden model may be far ahead of the simulation
                progress(checker.results_compared, sum(results))

        def next_of_other_kind() -> np.ndarray | Counters:
            """Observe results until another kind of block comes: that one."""
            while True:
                block = harness.next()
                if isinstance(block, np.ndarray) and block.dtype.names:
                    observe(block)
                elif block is not None:
                    checker.finish()
                    return block

        def compare_state() -> None:
            values = next_of_other_kind()
            assert isinstance(values, np.ndarray)
            checker.state(state_from_values(design, values), golden.state(), number)

        compare_state()
        for segment in segments:
            if segment.start is not None:
                golden.load(segment.start)
            for first in range(0, len(segment.rows), chunk):
                slots = segment.slots(features, slice(first, first + chunk))
                since = time.perf_counter()
                expected = golden.run(slots)
                golden_seconds += time.perf_counter() - since
                checker.expect(number + np.flatnonzero(slots.kinds != EMPTY), expected)
                number += len(slots)
                while checker.expecting and (block := harness.next(wait=False)) is not None:
                    assert isinstance(block, np.ndarray)  # the harness drains before it gives anything else
                    observe(block)
            flush = golden.flush()
            golden.run(flush)
            number += len(flush)
            compare_state()
            if progress:
                progress(checker.results_compared, sum(results))
        counters = next_of_other_kind()
    assert isinstance(counters, Counters)
    everything = np.concatenate(correct) if correct else np.zeros(0, bool)
    checker.counter("count_slots", counters.slots, sum(results))
    checker.counter("count_correct", counters.correct, int(everything.sum()))
    ends = np.cumsum(results)[:-1]
    return Outcome(
        values_compared=checker.values_compared,
        correct=np.split(everything, ends),
        clocks=np.split(np.concatenate(clocks) if clocks else np.zeros(0, np.uint64), ends),
        counters=counters,
        state=golden.state(),
        slots=number,
        seconds=time.perf_counter() - begun,
        golden_seconds=golden_seconds,
    )
