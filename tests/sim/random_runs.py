"""Random designs built and run against the golden model, a batch at a time.

    python -m tests.sim.random_runs 137         the design of seed 137
    python -m tests.sim.random_runs 0:120       seeds 0 to 119, with the table of what they covered
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from hw.verilog import write
from sim.compare import Outcome, Segment, compare
from sim.errors import SimError
from sim.harness.build import CACHE, build_batch
from sim.harness.program import NO_PAUSES, Pauses
from sw.common.atomic import check_folder
from sw.common.command import command
from sw.common.progress import ProgressLine
from sw.common.workers import in_processes
from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, INFER
from tests.design.corners import reached
from tests.design.wishes import RUNS, wished_design
from tests.sim.coverage import Coverage, Covered
from tests.sim.coverage_report import DESIGNS
from tests.sim.random_segments import offered, random_segments
from tests.sim.watched import EVENTS, changed, watched

__all__ = ["BATCH", "check_learned", "run_batch"]

BATCH = 10  # designs in one executable


def run_batch(seeds: Sequence[int], folder: Path, cache: Path) -> list[Covered]:
    """Build the designs of these seeds in ``folder`` and run each with and without pauses; what they covered.

    Raises
    ------
    SimError : at the first design that differs; the message begins with its seed.
    """
    designs = [wished_design(seed) for seed in seeds]
    verilogs = [write(design, folder / design.name) for design in designs]
    built = build_batch(verilogs, cache=cache)
    covered = []
    for model, (seed, design) in enumerate(zip(seeds, designs, strict=True)):
        try:
            covered.append(_run(seed, design, built.executable, model))
        except SimError as error:
            error.args = (f"random design of seed {seed}: {error}; alone: python -m tests.sim.random_runs {seed}",)
            raise
    shutil.rmtree(built.executable.parent)
    return covered


def _run(seed: int, design: Design, executable: Path, model: int) -> Covered:
    rng = np.random.Generator(np.random.PCG64([seed, 4]))
    seen: Counter[str] = Counter()
    found, values, slots = reached(design), 0, 0
    both = (Pauses(float(rng.choice([0.02, 0.1, 0.4])), seed), NO_PAUSES)
    for number, pauses in zip(RUNS, both, strict=True):
        features, segments = random_segments(design, [seed, number])
        golden, events = watched(design)
        outcome = compare(design, executable, features, segments, pauses=pauses, model=model, golden=golden)
        _check_thorough(design, segments, outcome)
        check_learned(design, events)
        found |= offered(features, segments)
        seen += events
        values += outcome.values_compared
        slots += outcome.slots
    found |= {event for event in EVENTS if seen[event]}
    return Covered(seed, tuple(sorted(found)), sum(j.weights for j in design.junctions), slots, values)


def _check_thorough(design: Design, segments: Sequence[Segment], outcome: Outcome) -> None:
    """SimError if a run that found no difference did not look at everything."""
    kinds = np.concatenate([segment.kinds for segment in segments])
    results, state = int((kinds != EMPTY).sum()), sum(j.weights + j.right for j in design.junctions)
    # read back at the start and after each segment; every word of every result
    due = (1 + len(segments)) * state + results * (2 + design.network.neurons[-1])
    if sum(map(len, outcome.correct)) != results or outcome.values_compared < due:
        raise SimError(f"must compare {results} results and {due} values, did {outcome.values_compared} values")
    if len(segments[0].kinds) < (least := 2 * Schedule.of(design).flush_slots + 16):
        raise SimError(f"must run at least {least} slots from the first state, did {len(segments[0].kinds)}")
    if not (kinds == INFER).any() or not (kinds == EMPTY).any():
        raise SimError("must mix infer and empty slots in")


def check_learned(design: Design, seen: Counter[str]) -> None:
    """SimError unless weights of every junction have changed in a run."""
    for j in design.junctions:
        if not seen[changed(j.index)]:
            raise SimError(f"no weight of junction {j.index} has changed: the run shows too little")


def _batch_of(seeds: Sequence[int]) -> list[Covered]:
    with tempfile.TemporaryDirectory(prefix="clashfree-") as folder:
        return run_batch(seeds, Path(folder), CACHE)


def _range(text: str) -> range:
    """FROM:TO or a single seed."""
    first, colon, last = text.partition(":")
    seeds = range(int(first), int(last) if colon else int(first) + 1)
    if not seeds or seeds[0] < 0:
        raise ValueError
    return seeds


@command
def main(arguments: Sequence[str] | None) -> int:
    """Command line. Exit status 0; 1 for a mismatch or a table with holes; 2 if something could not be done."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim.random_runs", description=__doc__.splitlines()[0])
    parser.add_argument("seeds", nargs="?", default=f"0:{DESIGNS}", help="a seed, or FROM:TO (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (%(default)s, one per core)")
    options = parser.parse_args(arguments)
    try:
        seeds = _range(options.seeds)
    except ValueError:
        parser.error(f"seeds must be a number or FROM:TO, rising and from 0 on, got '{options.seeds}'")
    coverage, line = Coverage(), ProgressLine("random designs", "designs")
    batches = [seeds[at : at + BATCH] for at in range(0, len(seeds), BATCH)]
    check_folder(CACHE)
    with line, closing(in_processes(_batch_of, batches, options.jobs)) as done:
        for _, batch in done:
            for one in batch:
                coverage.add(one)
            line(len(coverage), len(seeds))
    print("\n".join(coverage.table()))
    return int(len(seeds) >= DESIGNS and bool(coverage.missing()))


if __name__ == "__main__":
    sys.exit(main())
