"""The project's speed figures, each beside a ratio to something measured in the same run: `make bench`.

A figure in samples per second says as much about the machine as about the program; a ratio of two figures of
one run does not.
"""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from sim.compare import Segment, compare
from sim.errors import SimError
from sim.harness.process import Counters, Harness
from sim.harness.program import Program
from sim.testbench import runner
from sim.toolchain import find_verilator
from sw.common.atomic import check_folder
from sw.common.command import command
from sw.common.report import write_report
from sw.design import files
from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.slots import TRAIN, Slots
from sw.golden.compiled import CompiledNetwork
from sw.golden.network import GoldenNetwork, Results
from sw.golden.plain import PlainNetwork
from sw.sources import load_for

__all__ = ["main", "measure"]

Result = TypeVar("Result")

_MNIST = "CLASHFREE_MNIST"
_PLAIN = 200  # samples for the plain model, which takes milliseconds for each


def measure(
    design: Design, features: np.ndarray, labels: np.ndarray, folder: Path, tell: Callable[[str], None] = print
) -> dict[str, object]:
    """All figures of a design over training samples (n, inputs) uint8 and (n,). Builds anew in ``folder``."""
    count = len(features)
    shifts = design.training.shifts(count)
    cache = folder / "verilator"
    shutil.rmtree(cache, ignore_errors=True)
    tell("Verilog and harness ...")
    generated = runner.generate(design, folder / "verilog")
    built = runner.build_harness(generated.verilog, cache=cache)

    tell("plain model ...")
    plain = _plain(design, features[:_PLAIN], labels[:_PLAIN], shifts[:_PLAIN])
    tell("golden model alone ...")
    slots = Slots.train(features, labels, shifts)
    golden, results = _rate(count, lambda: GoldenNetwork(design).run(slots))
    tell("its compiled twin, on one core ...")
    twin = _twin(design, slots, results)
    tell("simulation alone ...")
    program = Program(design, features.shape[1])
    program.run(np.arange(count), labels, TRAIN, shifts)
    program.flush()
    counters = _alone(built.executable, program, features)
    simulated = count / counters.seconds
    tell("both at once, every word compared ...")
    outcome = compare(
        design, built.executable, features, [Segment(np.arange(count), labels, np.full(count, TRAIN, np.uint8), shifts)]
    )
    whole = count / outcome.seconds
    clocks = outcome.clocks[0].astype(np.int64)
    return {
        "design": design.name,
        "samples": count,
        "lags": list(Schedule.of(design).lags),
        "clocks_per_sample": int(clocks[-1] - clocks[0]) / (count - 1),
        "verilog_seconds": round(generated.seconds, 2),
        "build_seconds": round(built.seconds, 2),
        "build_per_verilog_seconds": round(built.seconds / generated.seconds, 2),
        "plain_samples_per_second": round(plain, 1),
        "golden_samples_per_second": round(golden, 1),
        "golden_per_plain": round(golden / plain, 2),
        "twin_samples_per_second": round(twin, 1),
        "twin_per_golden": round(twin / golden, 2),
        "simulated_samples_per_second": round(simulated, 1),
        "simulated_clocks_per_second": round(counters.clocks / counters.seconds, 1),
        "simulated_per_golden": round(simulated / golden, 3),
        "end_to_end_samples_per_second": round(whole, 1),
        "end_to_end_per_golden": round(whole / golden, 3),
        "values_compared": outcome.values_compared,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "verilator": str(built.verilator),
    }


def _rate(count: int, work: Callable[[], Result]) -> tuple[float, Result]:
    started = time.perf_counter()
    result = work()
    return count / (time.perf_counter() - started), result


def _twin(design: Design, slots: Slots, expected: Results) -> float:
    """Samples per second of the compiled twin; its results must be those of the golden model."""
    twin = CompiledNetwork(design)
    rate, results = _rate(len(slots), lambda: twin.run(slots))
    if not np.array_equal(results.activations, expected.activations):
        raise SimError(f"golden model and compiled twin differ on {design.name}, in the first {len(slots)} samples")
    return rate


def _plain(design: Design, features: np.ndarray, labels: np.ndarray, shifts: np.ndarray) -> float:
    """Samples per second of the plain model; its results must be those of the golden model."""
    plain = PlainNetwork(design, Schedule.of(design).lags)

    def work() -> list[list[int]]:
        given = zip(features, labels.tolist(), shifts.tolist(), strict=True)
        return [result[2] for row, label, shift in given if (result := plain.slot(row, label, TRAIN, shift))]

    rate, outputs = _rate(len(features), work)
    golden = GoldenNetwork(design).run(Slots.train(features, labels, shifts))
    if not np.array_equal(golden.activations, outputs):
        raise SimError(f"plain model and golden model differ on {design.name}, in the first {len(features)} samples")
    return rate


def _alone(executable: Path, program: Program, features: np.ndarray) -> Counters:
    with Harness(executable, program, features) as harness:
        for block in harness:
            if isinstance(block, Counters):
                return block
    raise SimError("the harness gave no counters")


def _samples(
    design: Design, data: str | None, count: int, tell: Callable[[str], None]
) -> tuple[np.ndarray, np.ndarray]:
    source = data or os.environ.get(_MNIST)
    if source:
        found = load_for(design, source, train=count, test=0)
        tell(f"data: {found.name}, {count:,} samples")
        return found.xtr, found.ytr
    tell(f"data: {count:,} synthetic samples (--data or {_MNIST} names an npz with MNIST)")
    rng = np.random.Generator(np.random.PCG64(1))
    # like handwriting: most pixels 0, the class in the strokes
    labels = rng.integers(0, design.network.classes, count)
    strokes = rng.random((design.network.classes, design.network.inputs)) < 0.2
    features = (rng.integers(0, 256, (count, design.network.inputs)) * strokes[labels]).astype(np.uint8)
    return features, labels


_TABLE = (
    ("Verilog generated, s", "verilog_seconds", "", ""),
    ("harness built, s", "build_seconds", "build_per_verilog_seconds", "x generating the Verilog"),
    ("plain Python model, samples/s", "plain_samples_per_second", "", ""),
    ("golden model, samples/s", "golden_samples_per_second", "golden_per_plain", "x the plain model"),
    ("its compiled twin on one core, samples/s", "twin_samples_per_second", "twin_per_golden", "x the golden model"),
    ("simulation, samples/s", "simulated_samples_per_second", "simulated_per_golden", "x the golden model"),
    ("simulation, clocks/s", "simulated_clocks_per_second", "", ""),
    ("both, every word compared, samples/s", "end_to_end_samples_per_second", "end_to_end_per_golden", "x that alone"),
    ("clocks per sample", "clocks_per_sample", "", ""),
)


@command
def main(arguments: Sequence[str] | None) -> int:
    """Command line. Exit status 0, or 2 if something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m sim.speed", description=__doc__)
    parser.add_argument("--design", type=Path, default=Path("designs/mnist.toml"))
    parser.add_argument("--data", help=f"as of make sim; default: the npz that {_MNIST} names, else synthetic samples")
    parser.add_argument("--train", type=int, default=40_000, help="training samples (40000)")
    parser.add_argument("--build", type=Path, default=Path("build"), help="folder of everything generated (build)")
    options = parser.parse_args(arguments)
    path = options.build / "bench" / "report.json"
    if options.train < 2:
        raise SimError(f"train must be at least 2, got {options.train}")
    check_folder(path.parent)
    path.unlink(missing_ok=True)
    find_verilator()
    design = files.load(options.design)
    features, labels = _samples(design, options.data, options.train, _tell)
    figures = measure(design, features, labels, options.build / "bench", _tell)
    write_report(path, figures, {})
    _tell("")
    for text, name, ratio, of in _TABLE:
        beside = f"{figures[ratio]:>9} {of}" if ratio else ""
        _tell(f"  {text:<42}{figures[name]:>12,}{beside}")
    _tell(f"  {'report':<42}{path}")
    return 0


def _tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
