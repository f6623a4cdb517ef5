"""Experiments: what is run, kept and run again; their statistics, cases and findings; the command."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from sw.data.dataset import DataError
from sw.experiments import runner
from sw.experiments.__main__ import main
from sw.experiments.catalogue import EXPERIMENTS
from sw.experiments.classifier import CLASSIFIER
from sw.experiments.density import DENSITY
from sw.experiments.inputs import INPUTS
from sw.experiments.junctions import JUNCTIONS, LEANS
from sw.experiments.kinds import KINDS
from sw.experiments.l2 import L2
from sw.experiments.large_sparse import LARGE_SPARSE
from sw.experiments.measured import Measured
from sw.experiments.point import Point, default_z
from sw.experiments.redundancy import REDUNDANCY
from sw.experiments.run import run
from sw.experiments.runner import run_all
from sw.experiments.sources import Source
from sw.experiments.statistics import difference, estimate
from sw.experiments.task import Task, base_network
from sw.pattern.degrees import overall_density
from sw.sources import load_raw
from sw.sparse.errors import SparseError
from sw.sparse.settings import Settings

SMALL = Point(Source("digits", 200, 100), (64, 16, 10), (4, 5), settings=Settings(epochs=1), seeds=(1, 2))
TASK = Task(Source("digits", 200, 100), (70, 100, 10))
MNIST_LIKE = replace(TASK, neurons=(800, 100, 10))
MORSE_TASK = Task(Source("morse", 200, 100), (64, 128, 64))


def made(experiment, accuracy, task=TASK):
    """Results of all cases of an experiment, the accuracy of two seeds being what a function of the case says.

    Where there are validation samples, on them it is as good as is said, and on the test samples always 90 %.
    """
    found = []
    for case in experiment.cases(task):
        middle, density = accuracy(case), overall_density(case.point.neurons, case.point.out_degrees)
        found.append(Measured(case.labels, case.point, {
            "density": float(density), "weights": case.point.weights,
            "test_accuracy": [middle - 0.001, middle + 0.001], "validation_accuracy": None, "train_accuracy": [1, 1],
            "seconds": 1.0,
        }))
        if case.point.validation:
            found[-1].result.update(test_accuracy=[0.9, 0.9], validation_accuracy=[middle, middle])
    return found


def test_intervals_are_students_and_welchs():
    # t of 0.975 with 4 degrees of freedom is 2.776445; the standard error of 1..5 is sqrt(2.5 / 5)
    assert estimate([1, 2, 3, 4, 5]).half == pytest.approx(2.776445 * math.sqrt(0.5), rel=1e-6)
    assert math.isnan(estimate([3.0]).half)
    found = difference([1, 2, 3, 4, 5], [2, 2, 2, 2, 7])
    # variances 2.5 and 5 over 5: 0.5 + 1; 1.5^2 / (0.25 / 4 + 1 / 4) = 7.2 degrees of freedom, t 2.351
    assert found.mean == 0
    assert found.half == pytest.approx(2.351 * math.sqrt(1.5), rel=1e-3)
    assert difference([1, 1], [2, 2]).half == 0


def test_a_point_is_known_by_all_that_it_is():
    others = [
        replace(SMALL, seeds=(1, 3)), replace(SMALL, out_degrees=(4, 10)), replace(SMALL, kind="random"),
        replace(SMALL, source=Source("digits", 201, 100)), replace(SMALL, settings=Settings(epochs=2)),
        replace(SMALL, validation=10), replace(SMALL, dither=True),
        replace(SMALL, source=Source("digits", 200, 100, keep=30)),
        replace(SMALL, source=Source("digits", 200, 100, features_as="standardised")),
        replace(SMALL, source=Source("digits", 200, 100, label="a")),
    ]
    assert len({point.identity for point in (SMALL, *others)}) == 1 + len(others)
    assert replace(SMALL).identity == SMALL.identity


def test_what_was_run_is_not_run_again(tmp_path, monkeypatch):
    ran, told = [], []

    def counted(point):
        ran.append(point)
        return run(point)

    monkeypatch.setattr(runner, "run", counted)
    other = replace(SMALL, seeds=(3, 4))
    first = list(run_all([[SMALL, SMALL], [other]], tmp_path, tell=told.append))
    assert [len(group) for group in first] == [2, 1]
    assert ran == [SMALL, other]
    assert first[0][0]["test_accuracy"] != first[1][0]["test_accuracy"]
    again = list(run_all([[other], [SMALL]], tmp_path, tell=told.append))
    assert again == json.loads(json.dumps([first[1], first[0][:1]]))
    assert len(ran) == 2
    assert sum("left" in line for line in told) == 2
    # a file that is damaged, or of another point, is as if it were not there
    (tmp_path / f"{SMALL.identity}.json").write_text((tmp_path / f"{other.identity}.json").read_text())
    ((found,),) = run_all([[SMALL]], tmp_path, tell=told.append)
    assert found["test_accuracy"] == first[0][0]["test_accuracy"]
    (tmp_path / f"{SMALL.identity}.json").write_text('{"identity"')
    list(run_all([[SMALL]], tmp_path, tell=told.append))
    assert len(ran) == 4


def test_a_run_that_is_stopped_leaves_only_whole_results(tmp_path, monkeypatch):
    def stopped(point):
        if point is not SMALL:
            raise KeyboardInterrupt
        return run(point)

    monkeypatch.setattr(runner, "run", stopped)
    with pytest.raises(KeyboardInterrupt):
        list(run_all([[SMALL, replace(SMALL, seeds=(3, 4))]], tmp_path, tell=lambda line: None))
    (path,) = tmp_path.iterdir()
    assert json.loads(path.read_text())["identity"] == SMALL.identity


def test_two_processes_find_the_same(tmp_path):
    points = [SMALL, replace(SMALL, seeds=(3, 4))]
    alone = list(run_all([points], tmp_path / "one", tell=lambda line: None))
    both = list(run_all([points], tmp_path / "two", jobs=2, tell=lambda line: None))
    assert [r["test_accuracy"] for r in both[0]] == [r["test_accuracy"] for r in alone[0]]


def test_layers_with_many_densities():
    assert base_network(784, 10) == (800, 100, 10)
    assert base_network(64, 64, 256) == (64, 256, 64)
    assert base_network(39, 39) == (39, 117, 39)
    with pytest.raises(SparseError, match="hidden must be at least 1 neuron, got 0"):
        base_network(10, 2, 0)
    assert default_z(800, 100, 20) == 160
    assert default_z(784, 112, 10) == 56  # in-degree 70, which does not divide 784


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_cases_can_be_drawn_and_differ(name):
    cases = EXPERIMENTS[name].cases(TASK)
    assert len({case.point.identity for case in cases}) == len(cases)
    for case in cases:
        for edges, left, right in zip(case.point.edges(1), case.point.neurons, case.point.neurons[1:], strict=False):
            assert (edges.left, edges.right) == (left, right)
        # sparse networks have the share of lambda that they have of the weights; `inputs`: of those for all inputs
        if name not in ("l2", "inputs"):
            share = float(overall_density(case.point.neurons, case.point.out_degrees))
            assert case.point.settings.l2 == pytest.approx(TASK.settings.l2 * share)


def test_principal_components_are_those_of_the_training_samples():
    whole, few = Source("digits", 300, 100).load(), Source("digits", 300, 100, pca=20).load()
    assert few.name == "digits-pca-20"
    assert (few.xtr.shape, few.xte.shape, few.classes) == ((300, 20), (100, 20), 10)
    assert (few.ytr == whole.ytr).all()
    raw = load_raw("digits", train=300, test=100).features
    x, xte = raw["xtr"] / 16, raw["xte"] / 16
    variances = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1][:20]
    np.testing.assert_allclose(few.xtr.var(axis=0), variances, rtol=1e-4)
    # directions keep lengths: a test sample is no longer than in all features, from the training samples' mean
    spread = np.linalg.norm(xte - x.mean(axis=0), axis=1)
    assert (np.linalg.norm(few.xte, axis=1) < spread + 1e-5).all()
    assert np.linalg.norm(few.xte, axis=1).mean() > 0.8 * spread.mean()
    with pytest.raises(DataError, match="digits: train must be at most the 1437 samples that are there, got 1438"):
        Source("digits", 1438, pca=20).load()


def test_the_most_varied_features_are_those_of_the_training_samples():
    whole, few = Source("digits", 300, 100).load(), Source("digits", 300, 100, keep=20).load()
    assert few.name == "digits-keep-20"
    varied = whole.xtr.astype(float).var(axis=0)
    kept = [n for n in range(64) if (varied > varied[n]).sum() < 20]
    assert len(kept) == 20
    for split in ("xtr", "xte"):
        np.testing.assert_array_equal(getattr(few, split), getattr(whole, split)[:, kept])
        assert getattr(few, split).dtype == np.float32
    assert (few.yte == whole.yte).all()
    with pytest.raises(SparseError, match="pca and keep must not be given together, got 3 and 4"):
        Source("digits", pca=3, keep=4)


def test_features_as_floats():
    """Bytes stay so; others are not rounded to 8 bits; the same ones are kept whatever is made of them."""
    assert Source("morse", 200, 100).load().xtr.dtype == np.uint8
    whole = load_raw("sklearn:wine").features["xtr"]
    raw, standard, unit = (Source("sklearn:wine", features_as=choice).load().xtr
                           for choice in ("raw", "standardised", "unit"))
    np.testing.assert_array_equal(raw, whole.astype(np.float32))
    np.testing.assert_allclose(standard, (whole - whole.mean(axis=0)) / whole.std(axis=0), rtol=1e-4, atol=1e-5)
    assert np.abs(256 * unit - np.rint(256 * unit)).max() > 0.4
    kept = [Source("sklearn:wine", keep=4, features_as=choice).load().xtr for choice in ("unit", "standardised")]
    columns = [n for n in range(13) if any((unit[:, n] == kept[0][:, k]).all() for k in range(4))]
    np.testing.assert_array_equal(kept[1], standard[:, columns])


def test_findings_tell_losses_from_gains():
    lines = DENSITY.findings(made(DENSITY, lambda case: 0.9 + 0.05 * case.labels["wished"]))
    assert lines[0].startswith("fully connected: 95.00")
    assert all(" points less than fully connected" in line for line in lines[1:])
    half = next(line for line in lines if line.startswith("50 % of the weights, out-degrees (50, 5)"))
    assert "92.50 ± 1.27 %, 2.50 ± " in half
    lines = DENSITY.findings(made(DENSITY, lambda case: 0.95 - 0.05 * case.labels["wished"]))
    assert "92.50 ± 1.27 %, -2.50 ± " in next(line for line in lines if "(50, 5)" in line)


@pytest.mark.parametrize(("type_3", "due"), [(0.9, "0.00 ± "), (0.896, "0.40 ± ")])
def test_kinds_name_what_may_be_shared(type_3, due):
    lines = KINDS.findings(made(KINDS, lambda case: type_3 if case.labels["pattern"] == "type 3" else 0.9))
    found = [line.strip() for line in lines if " loses " in line]
    starts = [f"type 3 with {share} % of the first junction loses {due}" for share in (20, 10)]
    assert [line[:len(start)] for line, start in zip(found, starts, strict=True)] == starts
    shared = ["".join(f"; type 2, {n} sweeps per start" for n in sweeps) for sweeps in ((2, 5, 16), (2, 5))]
    ends = ["points, no more than 0.3"] * 2 if type_3 == 0.9 else [
        f"points, more than 0.3; these do not: type 2{names}" for names in shared]
    assert [line[-len(end):] for line, end in zip(found, ends, strict=True)] == ends


def _lean(case):
    return case.labels["rho_2"] / case.labels["rho_1"] if "rho_1" in case.labels else LEANS[case.labels["profile"]]


@pytest.mark.parametrize("sign", [1, -1])
def test_junctions_name_the_denser_end(sign):
    """What is planted: a thousandth per doubling of the last junction's density by the first's, up or down."""
    lines = JUNCTIONS.findings(made(JUNCTIONS, lambda case: 0.9 + sign * 0.001 * math.log2(_lean(case)), MNIST_LIKE))
    pairs = [line for line in lines if " in all: rho " in line]
    assert all((" -" in line) == (sign < 0) for line in pairs)
    count = len(pairs) if sign > 0 else 0
    assert f"at equal totals (to 6%) the later-denser one is better in {count} of {len(pairs)} pairs" in lines
    assert len(pairs) >= 4
    for depth, line in zip((3, 4), lines[-2:], strict=True):
        assert line.startswith(f"{depth} junctions, ")
        assert f"later denser {0.2 * sign:.2f} ± " in line
        assert f"earlier denser, {0.1 * sign:.2f} ± " in line


@pytest.mark.parametrize(("loss", "due"), [(0.05, "2.50"), (-0.05, "-2.50")])
def test_redundancy_tells_losses_of_each_input(loss, due):
    lines = REDUNDANCY.findings(made(REDUNDANCY, lambda case: 0.9 - loss * (1 - case.labels["wished"])))
    assert lines[0].startswith(f"64 features: fully connected 90.00 ± 1.27 %; points less: {due} ± ")
    assert [line.split(":")[0] for line in lines] == [
        "64 features", "16 principal components", "4 principal components",
    ]


@pytest.mark.parametrize("best", [20, 200])
def test_large_sparse_names_the_best_width(best):
    def accuracy(case):
        return 0.9 + 0.01 * (case.labels["width"] == best) + 0.02 * (case.labels["pattern"] == "random")

    lines = LARGE_SPARSE.findings(made(LARGE_SPARSE, accuracy))
    gain = "0.00" if best == 20 else "1.00"
    assert any(line.startswith(f"two junctions: best width {best} at ") and f"{gain} ± " in line for line in lines)
    assert lines[-1].startswith("width 112: structured -2.00 ± ")


@pytest.mark.parametrize(("best", "layers"), [(64, "70-100-10"), (25, "25-100-10")])
def test_inputs_name_the_best_number(best, layers):
    """What is planted: a point less for all but the best number and the fully connected network."""
    lines = INPUTS.findings(made(INPUTS, lambda case: 0.9 - 0.01 * (case.labels["inputs"] != best
                                                                    and case.labels["wished"] != 1)))
    assert lines[0].startswith("fully connected: 90.00 ± ")
    line = next(line for line in lines if line.startswith("best with 20 %"))
    assert line.startswith(f"best with 20 % of the weights: {best} inputs, {layers}, ")
    assert ", 0.00 ± " in line
    other = next(line for line in lines if line.startswith(f"{89 - best} inputs, ") and "20 % of the weights: " in line)
    assert "89.00 ± 1.27 %, 1.00 ± " in other


@pytest.mark.parametrize(("chosen", "way"), [
    ({1: 1e-4, 0.4: 5e-5, 0.1: 0.0}, "falls with density"),
    ({1: 0.0, 0.4: 5e-5, 0.1: 1e-4}, "does not fall steadily with density"),
    ({1: 5e-5, 0.4: 5e-5, 0.1: 5e-5}, "is the same at all densities"),
])
def test_lambda_is_chosen_by_validation(chosen, way):
    def accuracy(case):
        return 0.9 + 0.01 * (case.labels["lambda"] == chosen[case.labels["wished"]])

    measured = made(L2, accuracy, MNIST_LIKE)
    assert {m.point.validation for m in measured} == {33}
    *each, last = L2.findings(measured)
    assert [f"lambda {value:g} by validation, test 90.00" in line for value, line in zip(chosen.values(), each,
                                                                                          strict=True)] == [True] * 3
    assert last.startswith(f"the chosen lambda {way}: {chosen[1]:g} at 100 %")


@pytest.mark.parametrize("task", [TASK, MNIST_LIKE, MORSE_TASK], ids=["digits", "mnist", "morse"])
def test_what_is_compared_has_equally_many_weights(task):
    for part in ("two junctions", "four junctions"):
        found = [case.point.weights for case in LARGE_SPARSE.cases(task) if case.labels["part"] == part]
        assert len(found) >= 3
        assert max(found) < 1.15 * min(found)
    cases = JUNCTIONS.cases(task)
    for junctions in ("3 junctions", "4 junctions"):
        found = [case.point.weights for case in cases if case.labels.get("junctions") == junctions]
        assert len(found) == 3
        assert max(found) < 1.04 * min(found)
    for at in {case.labels["at"] for case in KINDS.cases(task)}:
        same = [case.point for case in KINDS.cases(task) if case.labels["at"] == at]
        assert len({point.weights for point in same}) == 1
        for point in same:  # no seed is refused
            assert [edges.weights for edges in point.edges(7)] == [edges.weights for edges in same[0].edges(7)]
    wished = [case.labels["wished"] for case in CLASSIFIER.cases(task)]
    assert wished == [1, 0.5, 0.2, 0.1]


@pytest.mark.slow
def test_an_interrupt_stops_all_processes_at_once(tmp_path):
    command = [sys.executable, "-m", "sw.sparse", "experiment", "density", "--dataset", "digits", "--epochs", "2000",
               "--jobs", "2", "--out", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        while not (tmp_path / "results").exists():
            time.sleep(0.1)
        time.sleep(8)  # the processes of a pool begin
        begun = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert time.monotonic() - begun < 15
    assert process.returncode == 130
    assert said.splitlines()[-1] == "stopped; the same command goes on"
    assert "Traceback" not in said
    for path in (tmp_path / "results").iterdir():
        assert json.loads(path.read_text())["identity"] == path.stem
    while _alive(process.pid):  # one that has ended may not have been waited for yet
        assert time.monotonic() - begun < 30
        time.sleep(0.1)


def _alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(("arguments", "message"), [
    (["density", "--dataset", "nothing"], "data source must be"),
    (["density", "--dataset", "digits", "--seeds", "0"], "--seeds must be at least 1, got 0"),
    (["density", "--dataset", "digits", "--jobs", "0"], "--jobs must be at least 1, got 0"),
    (["density", "--dataset", "digits", "--epochs", "0"], "epochs must be at least 1, got 0"),
    (["density", "--dataset", "digits", "--test", "0"], "an experiment needs test samples, got none"),
    (["density", "--dataset", "digits", "--hidden", "101"], "must have out-degrees with an overall density near"),
])
def test_wrong_input_is_one_line(arguments, message, tmp_path, capsys):
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert message in error
    assert not (tmp_path / "out" / "results").exists()


def test_the_command_writes_table_report_and_pictures(tmp_path, capsys):
    arguments = ["histogram", "--dataset", "digits", "--short", "--out", str(tmp_path)]
    assert main(arguments) == 0
    folder = tmp_path / "histogram-digits"
    report = json.loads((folder / "report.json").read_text())
    assert report["short"] is True
    assert report["data"]["features_as"] == "unit"
    assert report["data"]["class_names"] == list("0123456789")
    assert [len(row["test_accuracies"]) for row in report["rows"]] == [2, 2]
    assert len((folder / "table.csv").read_text().splitlines()) == 3
    assert (folder / "histogram.svg").read_bytes().startswith(b"<?xml")
    said = capsys.readouterr().out
    assert "  digits, unit features: 0 to 1 by the feature scaling, neither rounded nor clipped\n" in said
    assert all(sentence in said for sentence in report["findings"])
    shares = np.diff([row["weights"] for row in report["rows"]])
    assert shares[0] < 0


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_runs(name, tmp_path):
    assert main([name, "--dataset", "digits", "--short", "--out", str(tmp_path)]) == 0
    folder = tmp_path / f"{name}-digits"
    report = json.loads((folder / "report.json").read_text())
    assert report["findings"]
    pictures = sorted(folder.glob("*.svg"))
    assert [path.stem for path in pictures] == sorted(chart.name for chart in EXPERIMENTS[name].charts)


def test_results_are_kept_under_the_content_of_files(tmp_path, monkeypatch):
    data = {"xtr": np.arange(12.0).reshape(4, 3), "ytr": [0, 1, 0, 1], "xte": np.ones((1, 3)), "yte": [0]}
    for name, change in (("a", 0), ("b", 0), ("c", 1)):
        np.savez(tmp_path / f"{name}.npz", **(data | {"xtr": data["xtr"] + change}))
    a, b, c = (replace(SMALL, source=Source(str(tmp_path / f"{name}.npz"))).identity for name in "abc")
    assert a == b
    assert a != c
    np.savez(tmp_path / "b.npz", **(data | {"ytr": [1, 1, 0, 1]}))
    assert replace(SMALL, source=Source(str(tmp_path / "b.npz"))).identity != a
    assert Source("digits").content == Source("morse").content == Source("sklearn:wine").content == ""
    (tmp_path / "a,b.npz").write_bytes((tmp_path / "a.npz").read_bytes())
    assert Source(str(tmp_path / "a,b.npz")).content == Source(str(tmp_path / "a.npz")).content != ""
    monkeypatch.chdir(tmp_path)
    for name in ("digits", "morse"):  # data that follow from their name, whatever files there are
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.npy").write_bytes(b"1")
    assert Source("digits").content == Source("morse").content == ""
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "one-x.npy").write_bytes(b"1")
    first = Source(str(tmp_path / "set" / "one")).content
    assert first == Source(str(tmp_path / "set")).content != ""
    (tmp_path / "set" / "two-x.npy").write_bytes(b"2")
    assert Source(str(tmp_path / "set" / "one")).content == first != Source(str(tmp_path / "set")).content
