"""`python -m sim` and its parts: everything equal, a planted fault is found, wrong input is one line."""

import json
import os
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sim.__main__ import main
from sim.checker import Checker, Mismatch
from sim.compare import Segment, compare
from sim.errors import SimError
from sim.harness.program import Program
from sim.job import Job, _segments, run
from sim.testbench import runner
from sim.testbench.plan import Plan, mixed_slots, start_state
from sw.data.dataset import DataError
from sw.design import files
from sw.design.errors import DesignError
from sw.design.hashes import circuit_hash, network_hash
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Training
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.design.states import load_state, state_hash
from sw.golden.junction import GoldenJunction
from sw.golden.network import GoldenNetwork, State
from tests.sim.designs import tiny
from tests.sim.standin import standin_verilog

TRAIN_COUNT, TEST_COUNT, EPOCHS = 80, 30, 2


@pytest.fixture(scope="module")
def place(tmp_path_factory, build_cache):
    """A folder with a stochastic tiny design, data that can be learned, and `build`, whose builds are the session's."""
    folder = tmp_path_factory.mktemp("run")
    build_cache.mkdir(exist_ok=True)
    (folder / "build").mkdir()
    (folder / "build" / "verilator").symlink_to(build_cache, target_is_directory=True)
    design = tiny(arithmetic=Arithmetic(rounding="stochastic"), training=Training(order="shuffle"))
    files.save(design, folder / "tiny.toml")
    rng = np.random.Generator(np.random.PCG64(1))
    splits = {}
    for name, count in (("tr", TRAIN_COUNT), ("te", TEST_COUNT)):
        y = rng.integers(0, 3, count)
        x = rng.integers(0, 100, (count, 14)) + 150 * (np.arange(14) // 5 == y[:, None])
        splits |= {f"x{name}": x.astype(np.uint8), f"y{name}": y}
    np.savez(folder / "data.npz", **splits)
    return folder


def arguments(place, *more):
    return ["--design", str(place / "tiny.toml"), "--data", str(place / "data.npz"), "--epochs", str(EPOCHS), *more]


def job(place, **changes):
    facts = {"design": place / "tiny.toml", "data": str(place / "data.npz"), "epochs": EPOCHS}
    return Job(**(facts | {"build": place / "build"} | changes))


@pytest.mark.verilator
def test_everything_is_equal_and_reported(place, verilator, capsys):
    report = json.loads(run(job(place)).read_text())
    design = files.load(place / "tiny.toml")
    schedule = Schedule.of(design)
    assert report["design"] == "tiny"
    assert report["mismatches"] == 0
    assert report["samples"] == TRAIN_COUNT * EPOCHS + TEST_COUNT
    state = 64 + 32 + 8 + 4 + 2
    harness = 3 * state + report["samples"] * 6 + 2
    assert report["values_compared"] > harness + state
    assert report["clocks_per_sample"] == schedule.clocks == report["ideal_clocks_per_sample"]
    assert report["lags"] == list(schedule.lags)
    assert report["network_hash"] == network_hash(design)
    assert report["circuit_hash"] == circuit_hash(design)
    assert report["verilator"] == str(verilator)
    assert report["reasons"] == {}
    assert [one["class"] for one in report["per_class"]] == report["classes"] == ["0", "1", "2"]
    right = sum(one["samples"] * one["accuracy"] for one in report["per_class"])
    assert right == pytest.approx(report["test_accuracy"] * TEST_COUNT, abs=1e-3)
    for name in ("golden", "simulated"):
        assert report[f"{name}_samples_per_second"] > 0
    _, weights, biases, lfsr = load_state(place / "build" / "sim" / "tiny" / "state.npz", design)
    assert state_hash(weights, biases, lfsr) == report["state_hash"]
    assert state_hash(design.initial_weights(), biases, lfsr) != report["state_hash"]
    said = capsys.readouterr().out
    assert "cocotb bench passed" in said
    assert "values compared, all equal" in said
    assert f"\n    by class                      0 {report['per_class'][0]['accuracy']:.1%}, 1 " in said


@pytest.mark.verilator
def test_training_goes_on_from_a_state(place, verilator):
    """The state that one run leaves is the start of another, which ends as the golden model does from there."""
    run(job(place))
    left = place / "build" / "sim" / "tiny" / "state.npz"
    design = files.load(place / "tiny.toml")
    golden = GoldenNetwork(design)
    golden.load(State(*load_state(left, design)[1:]))
    started = replace(design, training=replace(design.training, start="build/sim/tiny/state.npz"))
    files.save(started, place / "started.toml")
    report = json.loads(run(job(place, design=place / "started.toml", epochs=1)).read_text())
    data = np.load(place / "data.npz")
    rows = started.training.sequence(TRAIN_COUNT, 1)
    golden.run(Slots.train(data["xtr"][rows], data["ytr"][rows], started.training.shifts(TRAIN_COUNT)))
    golden.run(golden.flush())
    state = golden.state()
    assert report["state_hash"] == state_hash(state.weights, state.biases, state.lfsr)
    assert report["mismatches"] == 0


def test_a_start_that_is_not_there_is_one_line(place, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    design = files.load(place / "tiny.toml")
    files.save(replace(design, training=replace(design.training, start="none.npz")), tmp_path / "started.toml")
    assert main(["--design", "started.toml", "--data", str(place / "data.npz")]) == 2
    assert capsys.readouterr().err == "error: started.toml: none.npz: there is no such file\n"


@pytest.mark.verilator
def test_figures_that_cannot_be_had_are_null_with_a_reason(place, verilator):
    report = json.loads(run(job(place, train=1, test=0, epochs=1)).read_text())
    assert report["clocks_per_sample"] is None
    assert report["test_accuracy"] is None
    assert report["reasons"].keys() == {"clocks_per_sample", "test_accuracy"}


@pytest.mark.verilator
def test_a_fault_in_one_update_ends_the_run_and_its_report(place, verilator, monkeypatch, capsys):
    run(job(place))
    original, calls = GoldenJunction.update, []

    def forgets_one(self, *args):
        calls.append(self.junction.index)
        if len(calls) != 201:
            original(self, *args)
        else:  # the LFSRs step, the weights stay
            self._draw()

    monkeypatch.setattr(GoldenJunction, "update", forgets_one)
    monkeypatch.chdir(place)
    assert main(arguments(place)) == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("error: s")
    assert "golden model" in said
    assert not (place / "build" / "sim" / "tiny" / "report.json").exists()


@pytest.mark.verilator
@pytest.mark.parametrize("kind", ["weight", "bias", "lfsr"])
def test_one_wrong_bit_in_the_hardware_is_found(place, build_cache, verilator, tmp_path, monkeypatch, kind):
    design = files.load(place / "tiny.toml")
    built = runner.build(design, tmp_path, cache=build_cache, fast_build=True)
    monkeypatch.setattr(Checker, "state", lambda *ignored: None)  # or the first read-back finds it
    start = start_state(design)
    place_of = {"weight": start.weights[1], "bias": start.biases[1], "lfsr": start.lfsr[0]}[kind]
    load, changed = Program.load, place_of.copy()

    def load_wrong(self, state):
        for arrays in (state.weights, state.biases, state.lfsr):
            for i, array in enumerate(arrays):
                if array.shape == changed.shape and (array == changed).all():
                    arrays[i] = array.copy()
                    arrays[i][0] ^= array.dtype.type(64)
                    return load(self, state)
        raise AssertionError

    monkeypatch.setattr(Program, "load", load_wrong)
    rng = np.random.Generator(np.random.PCG64(2))
    count = 120
    features = rng.integers(0, 256, (count, 14), dtype=np.uint8)
    kinds = np.full(count, TRAIN, np.uint8)
    segment = Segment(np.arange(count), rng.integers(0, 3, count), kinds, np.full(count, 2))
    with pytest.raises(Mismatch, match=r"^slot \d+: junction 2, activation"):
        compare(design, built.executable, features, [segment], start=start)


@pytest.mark.verilator
def test_the_bench_refuses_a_machine_that_computes_something_else(build_cache, verilator, tmp_path):
    design = tiny()
    source = tmp_path / "top.v"
    source.write_text(standin_verilog(design))
    ports = runner.generate(design, tmp_path / "real").ports
    rng = np.random.Generator(np.random.PCG64(2))
    features, labels = rng.integers(0, 256, (20, 14), dtype=np.uint8), rng.integers(0, 3, 20)
    plan = Plan(
        design=design,
        start=start_state(design),
        slots=mixed_slots(design, features, labels, 40, 1),
        least_results=20,
        pause_chance=0.1,
        seed=1,
        ports=ports,
        report=tmp_path / "bench.json",
    )
    built = runner.build_bench(source, cache=build_cache)
    with pytest.raises(runner.BenchFailed, match="slot 0: junction 2, activation of neuron 0"):
        runner.run_bench(built, plan, tmp_path / "run")
    assert not plan.report.exists()
    other = replace(plan, design=tiny(arithmetic=Arithmetic(width=10)))
    with pytest.raises(runner.BenchFailed, match="does not describe the streams of design tiny"):
        runner.run_bench(built, other, tmp_path / "run")


@pytest.mark.verilator
@pytest.mark.slow
def test_waves_are_written(build_cache, verilator, tmp_path):
    try:
        runner.check_wave_libraries()
    except SimError as error:
        pytest.skip(str(error))
    design = tiny()
    generated = runner.generate(design, tmp_path)
    rng = np.random.Generator(np.random.PCG64(2))
    features, labels = rng.integers(0, 256, (20, 14), dtype=np.uint8), rng.integers(0, 3, 20)
    slots = mixed_slots(design, features, labels, 40, 1)
    plan = Plan(design, start_state(design), slots, 20, 0.1, 1, generated.ports, tmp_path / "bench.json")
    built = runner.build_bench(generated.verilog, cache=build_cache, waves=True)
    ran = runner.run_bench(built, plan, tmp_path / "run", waves=True)
    # the header block: its type, its length 329, then begin and end of time
    assert ran.waves.read_bytes()[:9] == b"\0" + (329).to_bytes(8, "big")
    assert ran.waves.stat().st_size > 10_000


def test_mixed_slots_have_everything():
    design = tiny()
    rng = np.random.Generator(np.random.PCG64(2))
    slots = mixed_slots(design, rng.integers(0, 256, (50, 14), dtype=np.uint8), rng.integers(0, 3, 50), 5000, 1)
    assert set(slots.kinds.tolist()) == {EMPTY, TRAIN, INFER}
    assert (slots.labels[slots.kinds == TRAIN] < 3).all()
    assert (slots.labels[slots.kinds == INFER] == 3).any()
    assert (slots.labels[slots.kinds == INFER] < 3).any()
    assert set(slots.rate_shifts.tolist()) == set(range(16))
    assert slots.kinds[-1] == TRAIN


def test_test_samples_follow_those_of_training_and_only_infer():
    design = tiny(training=Training(order="shuffle", rate_shift=((0, 3), (7, 5))))
    ytr, yte = np.array([0, 1, 2, 0, 1]), np.array([2, 0, 1, 1])
    data = SimpleNamespace(xtr=np.zeros((5, 14)), ytr=ytr, xte=np.zeros((4, 14)), yte=yte)
    training, test = _segments(design, data, 2)
    assert training.rows.tolist() == design.training.sequence(5, 2).tolist()
    assert training.labels.tolist() == data.ytr[training.rows].tolist()
    assert set(training.kinds.tolist()) == {TRAIN}
    assert training.rate_shifts.tolist() == [3] * 7 + [5] * 3
    assert (test.rows.tolist(), test.labels.tolist()) == ([5, 6, 7, 8], [2, 0, 1, 1])
    assert set(test.kinds.tolist()) == {INFER}
    data.xte = data.xte[:0]
    assert len(_segments(design, data, 2)) == 1


def test_the_order_comes_from_the_design():
    plain = tiny()
    assert plain.training.sequence(4, 2).tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    shuffled = tiny(training=Training(order="shuffle", weight_seed=3))
    order = shuffled.training.sequence(50, 3)
    epochs = order.reshape(3, 50)
    assert (np.sort(epochs, axis=1) == np.arange(50)).all()
    assert len({tuple(epoch) for epoch in epochs.tolist()}) == 3
    assert (order == shuffled.training.sequence(50, 3)).all()
    rng = np.random.Generator(np.random.PCG64([3, 1, 2]))
    assert (epochs[2] == rng.permutation(50)).all()
    other = tiny(training=Training(order="shuffle", weight_seed=4))
    assert (order != other.training.sequence(50, 3)).any()


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"train": 0}, SimError, "train must be at least 1, got 0"),
        ({"epochs": 0}, SimError, "epochs must be at least 1, got 0"),
        ({"test": -1}, SimError, "test must be at least 0, got -1"),
        ({"seed": -1}, SimError, "seed must be at least 0, got -1"),
        ({"train": TRAIN_COUNT + 1}, DataError, f"at most the {TRAIN_COUNT} samples"),
        ({"data": "nothing.npz"}, DataError, "nothing.npz: there is no such file"),
        ({"design": "nothing.toml"}, DesignError, "nothing.toml: there is no such file"),
    ],
)
def test_wrong_input_is_one_line(place, changes, kind, message):
    with pytest.raises(kind, match=message) as caught:
        run(job(place, **changes))
    assert "\n" not in str(caught.value)


def test_an_error_leaves_no_report_of_an_earlier_run(place, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    report = tmp_path / "build" / "sim" / "tiny" / "report.json"
    report.parent.mkdir(parents=True)
    report.write_text("{}")
    assert main(arguments(place, "--train", str(TRAIN_COUNT + 1))) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert not report.exists()


def test_a_missing_tool_is_one_line(place, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLASHFREE_VERILATOR", "/nothing/verilator")
    assert main(arguments(place)) == 2
    error = capsys.readouterr().err
    assert error == "error: CLASHFREE_VERILATOR must name an executable file, got '/nothing/verilator'\n"
    assert not (tmp_path / "build" / "sim" / "tiny" / "report.json").exists()


NEITHER = (
    "WAVES=1 needs zlib.h and lz4.h and the library, which g++ does not find: install zlib1g-dev and liblz4-dev "
    "(for instance with 'apt install zlib1g-dev liblz4-dev'), or leave WAVES out"
)
NO_LZ4 = (
    "WAVES=1 needs lz4.h and the library, which g++ does not find: install liblz4-dev "
    "(for instance with 'apt install liblz4-dev'), or leave WAVES out"
)


@pytest.mark.parametrize(("compiler", "message"), [("exit 1", NEITHER), ("! grep -q lz4.h", NO_LZ4)])
def test_waves_without_their_libraries_are_refused_before_any_work(place, monkeypatch, capsys, tmp_path, compiler,
                                                                   message):
    folder = tmp_path / "bin"
    folder.mkdir()
    fake = folder / "g++"
    fake.write_text(f"#!/bin/sh\n{compiler}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    assert main(arguments(place, "--waves")) == 2
    said = capsys.readouterr()
    assert said.err == f"error: {message}\n"
    assert said.out == ""
    assert not (tmp_path / "build" / "verilog").exists()


def test_waves_with_their_libraries_are_not_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "g++").write_text("#!/bin/sh\nexit 0\n")
    (tmp_path / "g++").chmod(0o755)
    runner.check_wave_libraries()
