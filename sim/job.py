"""The main job: train in the simulated hardware and prove every bit equal to the golden model."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.compare import Outcome, Segment, compare
from sim.errors import SimError
from sim.testbench import runner
from sim.testbench.plan import Plan, mixed_slots, start_state
from sim.toolchain import find_verilator
from sw.common.atomic import check_folder
from sw.common.progress import ProgressLine
from sw.common.report import write_report
from sw.data.by_class import per_class, told
from sw.data.dataset import Dataset
from sw.design import files
from sw.design.design import Design
from sw.design.hashes import circuit_hash, network_hash
from sw.design.scaling import FeatureScaling
from sw.design.schedule import Schedule
from sw.design.slots import INFER, TRAIN
from sw.design.states import load_scaling, load_state, save_state, state_hash
from sw.golden.network import State
from sw.sources import epochs_for, load_for

__all__ = ["Job", "run"]

_LAST = 1000  # training samples whose accuracy is reported
_BENCH_SLOTS = 300
_BENCH_CLOCKS = 450_000  # cocotb takes 30 to 50 microseconds for each
_BENCH_PAUSES = 0.05


@dataclass(frozen=True)
class Job:
    """What `make sim` is asked for. None: what the design says, or all samples of the data that was given."""

    design: Path
    data: str | None = None
    label: str | None = None
    train: int | None = None
    epochs: int | None = None
    test: int | None = None
    waves: bool = False
    seed: int = 1
    build: Path = Path("build")

    def __post_init__(self) -> None:
        for name, low in (("train", 1), ("epochs", 1), ("test", 0), ("seed", 0)):
            value = getattr(self, name)
            if value is not None and value < low:
                raise SimError(f"{name} must be at least {low}, got {value}")


def run(job: Job) -> Path:
    """Do the job; the path of its report.

    Raises
    ------
    DesignError, DataError, SimError : one line each; no report is left behind. Mismatch and BenchFailed are
        SimErrors for results that differ.
    """
    started = time.perf_counter()
    design = files.load(job.design)
    folder = job.build / "sim" / design.name
    find_verilator()
    if job.waves:
        runner.check_wave_libraries()
    for one in (folder, job.build / "verilog", job.build / "verilator"):
        check_folder(one)
    path = folder / "report.json"
    try:
        start, scaling = _start(job, design)  # may be the state that an earlier run has left
    finally:
        for name in ("report.json", "bench.json", "state.npz"):  # nothing of an earlier run may stand for this one
            (folder / name).unlink(missing_ok=True)
    data = load_for(
        design, job.data, train=job.train, test=job.test, seed=job.seed, label=job.label, scaling=scaling
    )
    epochs = epochs_for(design, len(data.xtr), source=job.data, train=job.train, epochs=job.epochs)
    _tell(f"design {design.name}: {_shape(design)}")
    _tell(f"data {data.name}: {len(data.xtr):,} training samples x {epochs} epochs, {len(data.xte):,} test samples")
    _tell(f"features: {data.scaling} ({data.scaling_reason})")

    generated = runner.generate(design, job.build / "verilog" / design.name)
    size = generated.verilog.stat().st_size / 1e6
    _tell(f"Verilog: {generated.verilog} ({size:.1f} MB, {generated.seconds:.1f} s)")

    cache = job.build / "verilator"
    bench = runner.build_bench(generated.verilog, cache=cache, waves=job.waves)
    _tell(f"{bench.verilator}; cocotb model: {_built(bench.seconds)}")
    passed = runner.run_bench(bench, _plan(job, design, data, start, generated.ports, folder), folder, waves=job.waves)
    _tell(
        f"cocotb bench passed: {passed.report['results']:,} results and all state, "
        f"{passed.report['values_compared']:,} values equal, pauses on all streams ({passed.seconds:.1f} s)"
    )
    if passed.waves:
        _tell(f"waves: {passed.waves}")

    harness = runner.build_harness(generated.verilog, cache=cache)
    _tell(f"C++ harness: {_built(harness.seconds)}")
    with ProgressLine("training and testing") as line:
        outcome = compare(
            design, harness.executable, np.concatenate([data.xtr, data.xte]), _segments(design, data, epochs),
            start=start, progress=line,
        )
    state = outcome.state
    save_state(folder / "state.npz", design, state.weights, state.biases, state.lfsr, data.scaling)

    figures, reasons = _figures(design, outcome, len(data.xte))
    figures["values_compared"] = outcome.values_compared + passed.report["values_compared"]
    figures["seconds"] = round(time.perf_counter() - started, 2)
    by_class = per_class(data.class_names, data.yte, outcome.correct[1]) if len(data.xte) else []
    facts = {
        "train": len(data.xtr),
        "epochs": epochs,
        "test": len(data.xte),
        "data": data.name,
        "classes": list(data.class_names),
        "per_class": by_class,
        "scaling": data.scaling.kind,
        "seed": job.seed,
        "lags": list(Schedule.of(design).lags),
        "network_hash": network_hash(design),
        "circuit_hash": circuit_hash(design),
        "state_hash": state_hash(state.weights, state.biases, state.lfsr),
        "verilator": str(harness.verilator),
        "verilator_origin": harness.verilator.origin,
    }
    write_report(path, {"design": design.name, **figures, **facts}, reasons)
    _summary(figures, reasons, told(by_class), path)
    return path


def _start(job: Job, design: Design) -> tuple[State | None, FeatureScaling | None]:
    """The trained state that the design names, and the feature scaling saved with it; None where there is none."""
    if not design.training.start:
        return None, None
    path = job.design.parent / design.training.start
    _, weights, biases, lfsr = load_state(path, design)
    _tell(f"start: {design.training.start}")
    # without stochastic rounding the hardware has no LFSRs
    state = State(weights, biases, lfsr if design.arithmetic.rounding == "stochastic" else [])
    return state, load_scaling(path)


def _plan(job: Job, design: Design, data: Dataset, start: State | None, ports: Path, folder: Path) -> Plan:
    """As many slots as fit beside the configuration, at least enough to fill and run every queue over."""
    schedule = Schedule.of(design)
    requests = 2 * sum(j.weights + j.right for j in design.junctions)
    left = _BENCH_CLOCKS - 12 * requests
    slots = max(2 * schedule.flush_slots + 16, min(_BENCH_SLOTS, left // (2 * schedule.clocks)))
    count = min(slots, len(data.xtr))
    return Plan(
        design=design,
        start=start or start_state(design),
        slots=mixed_slots(design, data.xtr[:count], data.ytr[:count], slots, job.seed),
        least_results=slots // 2,
        pause_chance=_BENCH_PAUSES,
        seed=job.seed,
        ports=ports.resolve(),
        report=(folder / "bench.json").resolve(),
    )


def _segments(design: Design, data: Dataset, epochs: int) -> list[Segment]:
    rows = design.training.sequence(len(data.xtr), epochs)
    kinds = np.full(len(rows), TRAIN, np.uint8)
    segments = [Segment(rows, data.ytr[rows], kinds, design.training.shifts(len(rows)))]
    if len(data.xte):
        count = len(data.xte)
        rows = len(data.xtr) + np.arange(count)
        segments.append(Segment(rows, data.yte, np.full(count, INFER, np.uint8), np.zeros(count, np.int64)))
    return segments


def _figures(design: Design, outcome: Outcome, tests: int) -> tuple[dict[str, object], dict[str, str]]:
    schedule = Schedule.of(design)
    correct, clocks = outcome.correct[0], outcome.clocks[0].astype(np.int64)
    samples = sum(len(part) for part in outcome.correct)
    apart = len(clocks) - 1
    figures: dict[str, object] = {
        "samples": samples,
        "values_compared": 0,
        "mismatches": 0,
        "clocks_per_sample": int(clocks[-1] - clocks[0]) / apart if apart else None,
        "ideal_clocks_per_sample": schedule.balanced_clocks,
        "train_accuracy_last_1000": round(float(correct[-_LAST:].mean()), 6),
        "test_accuracy": round(float(outcome.correct[1].mean()), 6) if tests else None,
        "golden_samples_per_second": round(samples / outcome.golden_seconds, 1),
        "simulated_samples_per_second": round(samples / outcome.counters.seconds, 1),
        "samples_per_second": round(samples / outcome.seconds, 1),
        "simulated_clocks": outcome.counters.clocks,
        "seconds": 0.0,
    }
    reasons = {
        "clocks_per_sample": "it takes two training samples to measure",
        "test_accuracy": "there are no test samples",
    }
    return figures, reasons


def _summary(figures: dict[str, object], reasons: dict[str, str], by_class: str, path: Path) -> None:
    def shown(name: str, form: str) -> str:
        value = figures[name]
        return format(value, form) if value is not None else f"none ({reasons[name]})"

    _tell("")
    for text, name, form in (
        ("samples", "samples", ",d"),
        ("values compared, all equal", "values_compared", ",d"),
        ("clocks per sample", "clocks_per_sample", "g"),
        ("  max W_i / z_i", "ideal_clocks_per_sample", "d"),
        ("training accuracy, last 1,000", "train_accuracy_last_1000", ".2%"),
        ("test accuracy", "test_accuracy", ".2%"),
        ("samples/s, simulation alone", "simulated_samples_per_second", ",.0f"),
        ("samples/s, golden model alone", "golden_samples_per_second", ",.0f"),
        ("samples/s, both and compared", "samples_per_second", ",.0f"),
        ("seconds in all", "seconds", ".1f"),
    ):
        _tell(f"  {text:<32}{shown(name, form)}")
        if name == "test_accuracy" and by_class:
            _tell(f"  {'  by class':<32}{by_class}")
    ideal, real = figures["ideal_clocks_per_sample"], figures["clocks_per_sample"]
    if real is not None and real != ideal:
        _tell("  (a junction cycle is padded: its pipeline is longer than max W_i / z_i)")
    _tell(f"  {'report':<32}{path}")


def _shape(design: Design) -> str:
    network = design.network
    return (
        f"N = {network.neurons}, out-degrees {network.out_degree}, z = {design.hardware.z}, "
        f"density {design.density:.1%}, {design.arithmetic.width} bits, rounding {design.arithmetic.rounding}"
    )


def _built(seconds: float) -> str:
    return f"built in {seconds:.1f} s" if seconds else "built before, taken from the cache"


def _tell(text: str) -> None:
    print(text, flush=True)
