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
from sw.experiments.baselines import BASELINES, FIXED
from sw.experiments.catalogue import EXPERIMENTS
from sw.experiments.checks import check_data
from sw.experiments.classifier import CLASSIFIER
from sw.experiments.density import DENSITY
from sw.experiments.finding import Finding
from sw.experiments.histogram import HISTOGRAM
from sw.experiments.inputs import INPUTS
from sw.experiments.junctions import JUNCTIONS, LEANS
from sw.experiments.kinds import KINDS
from sw.experiments.l2 import L2
from sw.experiments.large_sparse import LARGE_SPARSE
from sw.experiments.masks import masked
from sw.experiments.measured import Measured
from sw.experiments.point import Point, default_z
from sw.experiments.record import Record, only, packed
from sw.experiments.redundancy import PLAIN, REDUNDANCY
from sw.experiments.run import run
from sw.experiments.runner import run_all
from sw.experiments.sources import Source, pooled
from sw.experiments.statistics import CONTRADICTED, NOT_SHOWN, REPRODUCED, difference, estimate
from sw.experiments.task import Task, base_network
from sw.experiments.trades import TRADES, trade
from sw.pattern.degrees import overall_density
from sw.sources import load_raw
from sw.sparse.errors import SparseError
from sw.sparse.settings import Samples, Settings
from sw.sparse.train import train
from tests.experiments.refused import assert_refused

SMALL = Point(Source("digits", 200, 100), (64, 16, 10), (4, 5), settings=Settings(epochs=1), seeds=(1, 2))
TASK = Task(Source("digits", 200, 100), (70, 100, 10))
MNIST_LIKE = replace(TASK, neurons=(800, 100, 10))
MORSE_TASK = Task(Source("morse", 200, 100), (64, 128, 64))


def made(experiment, accuracy, task=TASK):
    """Records of all cases of an experiment, the accuracy of two seeds being what a function of the case says.

    Where there are validation samples, on them it is as good as is said, and on the test samples always 90 %.
    """
    found = []
    for case in experiment.cases(task):
        middle, density = accuracy(case), overall_density(case.point.neurons, case.point.out_degrees)
        result = {
            "density": float(density), "weights": case.point.weights,
            "test_accuracy": [middle - 0.001, middle + 0.001], "validation_accuracy": None, "train_accuracy": [1, 1],
            "seconds": 1.0,
        }
        if case.point.validation:
            result.update(test_accuracy=[0.9, 0.9], validation_accuracy=[middle, middle])
        found.append(Measured(case.labels, case.point, result).record())
    return found


def about(experiment, records, claim):
    """The findings that test a claim; there must be some."""
    found = [finding for finding in experiment.findings(records) if finding.claim == claim]
    assert found
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
    with pytest.raises(SparseError, match="pca and keep must not be given together"):
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


@pytest.mark.parametrize(("lost", "word"), [(0.0, REPRODUCED), (0.05, CONTRADICTED), (0.02, NOT_SHOWN)])
def test_density_tells_what_a_fifth_costs(lost, word):
    records = made(DENSITY, lambda case: 0.9 - lost * (1 - case.labels["wished"]), MNIST_LIKE)
    (found,) = about(DENSITY, records, "twenty")
    assert found.estimate.mean == pytest.approx(80 * lost)
    assert found.verdict == word


@pytest.mark.parametrize(("name", "loss", "word"), [
    ("type 1", -0.01, REPRODUCED), ("type 1", 0.001, NOT_SHOWN), ("type 3", 0.05, CONTRADICTED),
])
def test_kinds_hold_the_end_of_the_interval_to_the_margin(name, loss, word):
    """A tenth of a point lost, where 0.3 are allowed, is not shown to be so little by an interval of 0.6."""
    records = made(KINDS, lambda case: 0.9 - loss * (case.labels["pattern"] == name))
    claim = "type-3" if name == "type 3" else "clash-free"
    found = [one for one in about(KINDS, records, claim) if name in one.comparison]
    assert [one.verdict for one in found] == [word] * 2
    assert [one.estimate.mean for one in found] == pytest.approx([100 * loss] * 2)


def _lean(case):
    if "rho_1" in case.labels:
        return case.labels["rho_2"] / case.labels["rho_1"]
    if "profile" in case.labels and "junctions" not in case.labels:
        one, two = (d / right for d, right in zip(case.point.out_degrees, case.point.neurons[1:], strict=True))
        return two / one
    return LEANS[case.labels["profile"]]


@pytest.mark.parametrize(("sign", "word"), [(1, REPRODUCED), (-1, CONTRADICTED), (0, NOT_SHOWN)])
@pytest.mark.parametrize(("experiment", "task"), [(JUNCTIONS, MNIST_LIKE), (TRADES, MNIST_LIKE), (TRADES, MORSE_TASK)])
def test_the_denser_end_is_told(experiment, task, sign, word):
    """What is planted: two points per doubling of the last junction's density by the first's, up, down, or none."""
    records = made(experiment, lambda case: 0.5 + sign * 0.02 * math.log2(_lean(case)), task)
    assert {found.verdict for found in about(experiment, records, "later-denser")} == {word}


def test_more_weights_are_no_trade():
    """With equal first or equal last junctions the better one may just have more weights: no finding is made of it."""
    records = only(made(JUNCTIONS, lambda case: 0.9, MNIST_LIKE), part="grid")
    assert JUNCTIONS.findings(records) == []
    first, second = only(records, rho_1=0.2, rho_2=1), only(records, rho_1=0.2, rho_2=0.5)
    assert trade(second[0], first[0], "equal") == []
    (dense,), (sparse,) = only(records, rho_1=0.2, rho_2=1), only(records, rho_1=0.1, rho_2=1)
    assert trade(dense, sparse, "equal", weights=1) == []
    (fewer,) = only(records, rho_1=0.2, rho_2=0.5)
    assert trade(fewer, sparse, "equal", weights=1) != []  # the one is denser early, the other late


@pytest.mark.parametrize("task", [MNIST_LIKE, MORSE_TASK])
def test_trades_have_exactly_equal_totals(task):
    cases = TRADES.cases(task)
    for wished in {case.labels["wished"] for case in cases}:
        same = [case.point for case in cases if case.labels["wished"] == wished]
        assert len({point.weights for point in same}) == 1
        assert len({point.out_degrees for point in same}) == len(same) >= 2
    unequal = made(TRADES, lambda case: 0.9, task)
    unequal[0]["weights"] += 1
    with pytest.raises(SparseError, match="networks that are compared must have equally many weights"):
        TRADES.findings(unequal)


@pytest.mark.parametrize(("loss", "word"), [(0.05, REPRODUCED), (-0.05, CONTRADICTED), (0.0, NOT_SHOWN)])
def test_redundancy_compares_equal_networks(loss, word):
    """What is planted: components lose more, or less, than features that vary."""
    records = made(REDUNDANCY, lambda case: 0.9 - loss * (case.labels["wished"] < 1 and case.labels["inputs"] != PLAIN))
    found = about(REDUNDANCY, records, "redundancy")
    assert {one.verdict for one in found} == {word}
    assert [one.estimate.mean for one in found] == pytest.approx([100 * loss] * len(found))
    sparse = [record for record in records if record["wished"] < 1]
    assert len({(r["neurons"], r["out_degrees"]) for r in sparse}) == len(sparse) / 2
    sparse[-1]["weights"] += 1
    with pytest.raises(SparseError, match="equally many weights"):
        REDUNDANCY.findings(records)


@pytest.mark.parametrize(("best", "word"), [(20, CONTRADICTED), (100, REPRODUCED)])
def test_large_sparse_tests_a_width_that_was_chosen_before(best, word):
    records = made(LARGE_SPARSE, lambda case: 0.8 + 0.05 * (case.labels["width"] == best))
    (two, four) = about(LARGE_SPARSE, records, "large-sparse")
    assert "that width 100 " in two.comparison
    assert (two.verdict, four.verdict) == (word, NOT_SHOWN)


@pytest.mark.parametrize(("gain", "word"), [(0.05, REPRODUCED), (-0.05, CONTRADICTED), (0.0, NOT_SHOWN)])
def test_inputs_are_held_against_the_same_width(gain, word):
    """Wider networks are better by what is planted, too: that must not count for the choice of inputs."""
    records = made(INPUTS, lambda case: 0.6 + gain * (case.labels["inputs"] < 64) + 0.1 * case.point.neurons[1] / 100)
    found = about(INPUTS, records, "inputs")
    assert {one.verdict for one in found} == {word}
    assert [one.estimate.mean for one in found] == pytest.approx([100 * gain] * 2)


@pytest.mark.parametrize(("chosen", "words"), [
    ({1: 1e-4, 0.4: 5e-5, 0.1: 0.0}, [REPRODUCED] * 2), ({1: 0.0, 0.4: 5e-5, 0.1: 1e-4}, [CONTRADICTED] * 2),
    ({1: 5e-5, 0.4: 5e-5, 0.1: 0}, [CONTRADICTED, REPRODUCED]),
])
def test_lambda_is_chosen_by_validation(chosen, words):
    """The test accuracies are all alike: a choice that saw them could not know."""
    def accuracy(case):
        return 0.9 + 0.01 * (case.labels["lambda"] == chosen[case.labels["wished"]])

    records = made(L2, accuracy, MNIST_LIKE)
    assert {case.point.validation for case in L2.cases(MNIST_LIKE)} == {33}
    assert [one.verdict for one in about(L2, records, "lambda")] == words
    older = [Record({k: v for k, v in record.items() if k != "validation_accuracies"}) for record in records]
    assert not any(one.claim for one in L2.findings(older))


@pytest.mark.parametrize(("share", "word"), [(0.7, REPRODUCED), (0.3, CONTRADICTED)])
def test_weights_near_zero_are_told_beside_their_beginning(share, word):
    records = made(HISTOGRAM, lambda case: 0.9)
    for record in records:
        record["near_zero"] = [{"start": [0.38, 0.39], "end": [share, share]}] * 2
    assert [one.verdict for one in about(HISTOGRAM, records, "near-zero")] == [word] * 2
    assert sum("start of training" in one.comparison for one in HISTOGRAM.findings(records)) == 4


@pytest.mark.parametrize(("gain", "word"), [(0.05, CONTRADICTED), (-0.05, REPRODUCED)])
def test_baselines_are_held_against_the_fixed_pattern(gain, word):
    records = made(BASELINES, lambda case: 0.8 + gain * (case.labels["edges"] != FIXED))
    found = about(BASELINES, records, "baselines")
    assert {one.verdict for one in found} == {word}
    assert len(found) == 6


# What would make a comparison worthless


def test_test_samples_that_were_trained_on_are_refused():
    data = Source("digits", 300, 100).load()
    check_data(data)
    leaked = replace(data, xtr=np.concatenate([data.xtr, data.xte[:10]]), ytr=np.concatenate([data.ytr, data.yte[:10]]))
    with pytest.raises(SparseError, match=r"digits: at most 1% of the test samples may be training samples, got 10.0%"):
        check_data(leaked)


def test_a_feature_that_is_the_label_is_refused():
    data = Source("digits", 300, 100).load()
    xtr, xte = data.xtr.copy(), data.xte.copy()
    xtr[:, 5], xte[:, 5] = data.ytr / 10, data.yte / 10
    with pytest.raises(SparseError, match="no feature may tell the label alone, and feature 5 does"):
        check_data(replace(data, xtr=xtr, xte=xte))


def test_equal_seeds_are_refused():
    with pytest.raises(SparseError, match=r"the seeds of a configuration must differ, got \(1, 2, 1\)"):
        replace(SMALL, seeds=(1, 2, 1))


def test_other_test_samples_are_no_comparison():
    a, b = (Record({"test_accuracies": [90.0, 91.0], "weights": 1, "correct": packed(np.ones(n))}) for n in (10, 11))
    with pytest.raises(SparseError, match="the same test samples, got 10 and 11"):
        a.more_than(b)


def test_intervals_hold_the_error_of_the_test_set():
    """Two seeds that agree on every one of 400 samples, nine tenths of them right: 1.96 sqrt(0.9 0.1 / 400)."""
    correct = np.repeat([2, 0], [360, 40])
    sure, no_counts = ({"test_accuracies": [90.0, 90.0], "weights": 1} | more
                       for more in ({"correct": packed(correct)}, {}))
    assert Record(sure).accuracy.half == pytest.approx(196 * math.sqrt(0.09 / 400))
    assert Record(no_counts).accuracy.half == 0
    # what both have wrong tells nothing of their difference; 8 samples of 400 that only one has right do
    assert Record(sure).more_than(Record(sure)).half == 0
    worse = correct.copy()
    worse[:8] = 0
    other = Record(sure | {"test_accuracies": [88.0, 88.0], "correct": packed(worse)})
    assert Record(sure).more_than(other).half == pytest.approx(196 * math.sqrt(0.02 * 0.98 / 400))


@pytest.mark.parametrize("method", ["moved", "pruned"])
def test_masked_networks_have_as_many_weights_as_patterns(method):
    point = replace(SMALL, settings=Settings(epochs=4, batch=50), method=method, kind="random")
    data = point.source.load()
    (model,), after_batch = masked(point, data.classes, 200)
    edges = []

    def counted(done, of):
        after_batch(done, of)
        edges.append([layer.weight.detach() != 0 for layer in model.layers()])

    train(model, Samples.of(data.xtr, data.ytr), point.settings, progress=counted)
    due = [left * d for left, d in zip(point.neurons[:-1], point.out_degrees, strict=True)]
    for end, junction in zip(due, range(2), strict=True):
        counts = [of_batch[junction].sum(-1).tolist() for of_batch in edges]
        # what begins at zero on a pixel that is always black stays there
        assert counts[-1] == [end, end] if method == "pruned" else max(max(each) for each in counts) == end
        dense = [count == [point.neurons[junction] * point.neurons[junction + 1]] * 2 for count in counts]
        assert dense == [method == "pruned" and batch < 7 for batch in range(16)]
    moved = (edges[0][0] != edges[-1][0]).sum().item()
    assert moved > 0


def test_pooled_pixels_are_means():
    images = np.arange(32, dtype=np.uint8).reshape(2, 16)
    np.testing.assert_allclose(pooled(images, 2)[0] * 256, [2.5, 4.5, 10.5, 12.5])
    assert pooled(images / np.float32(256), 4).shape == (2, 1)
    with pytest.raises(SparseError, match="pool must divide the side of square images, got 3 and 16 features"):
        pooled(images, 3)


def test_near_zero_and_correct_are_of_the_trained_networks():
    point = replace(SMALL, settings=Settings(epochs=20))
    result = run(point)
    for junction in result["near_zero"]:
        assert all(0.2 < share < 0.6 for share in junction["start"])  # 0.38 of normally distributed ones
    assert any(junction["end"] != junction["start"] for junction in result["near_zero"])
    record = Measured({}, point, result).record()
    assert record._shares().mean() == pytest.approx(np.mean(result["test_accuracy"]))
    assert result["data"]["content"] == SMALL.source.load().content
    other = replace(SMALL.source, draw=2).load()
    assert other.content != result["data"]["content"]


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
    assert_refused(main, [*arguments, "--out", str(tmp_path / "out")], message, capsys)
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
    assert all(str(Finding.of(finding)) in said for finding in report["findings"])
    assert report["arguments"] == ["histogram", "--dataset", "digits"]
    assert report["data"]["content"] == Source("digits", 400, 200).load().content
    shares = np.diff([row["weights"] for row in report["rows"]])
    assert shares[0] < 0


def test_another_draw_of_the_data_has_a_folder_of_its_own(tmp_path):
    arguments = ["density", "--dataset", "morse", "--short", "--densities", "1,0.2", "--out", str(tmp_path)]
    contents = []
    for more, folder in ((), "density-morse"), (("--draw", "2"), "density-morse-draw-2"):
        assert main([*arguments, *more]) == 0
        contents.append(json.loads((tmp_path / folder / "report.json").read_text())["data"]["content"])
    assert contents[0] != contents[1]


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
