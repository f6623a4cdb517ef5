"""Experiments about the search: the searches that they make, what is kept, the command."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from optuna.trial import TrialState

from sw.deepncheap.architectures import Cnn, Mlp, key
from sw.deepncheap.optimiser import METHODS, propose
from sw.deepncheap.rules import Grids
from sw.deepncheap.spaces import Channels, HiddenLayers
from sw.deepncheap.stages import architecture_of
from sw.deepncheap.training import Diverged
from sw.experiments.__main__ import main
from sw.experiments.finding import Finding
from sw.experiments.search import loader, mixes, setting
from sw.experiments.search.command import EXPERIMENTS
from sw.experiments.search.joint import GivenStage, Joint, Random
from sw.experiments.search.loop import stored, trained
from sw.experiments.search.scale import SCALES
from sw.experiments.search.setting import Points, Setting
from sw.study.stage import Candidate
from sw.study.workers import Outcome


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# Which searches are made


class Wishes:
    """In the place of a setting: notes what is searched for."""

    dataset, other, seed = "here", "there", 1
    scale = replace(SCALES["full"]["cnn"], depths=(4, 8))

    def __init__(self):
        self.asked = []

    def search(self, **how):
        self.asked.append(how)
        return self

    records = [None] * 38
    architecture = Mlp((7,))

    def row(self, **labels):
        return labels


def asked(name):
    wishes = Wishes()
    return EXPERIMENTS[name].rows(wishes), wishes.asked


def test_a_transferred_network_is_only_trained_anew():
    rows, (elsewhere, moved, native) = asked("transfer")
    assert elsewhere == {"dataset": "there", "parts": ("widths", "grids")}
    assert moved == {"architecture": Mlp((7,)), "parts": ("training",)}
    assert native == {}
    assert [row["found_on"] for row in rows] == ["here", "there"]


def test_all_at_once_has_as_many_trainings():
    _, (greedy, joint) = asked("greedy")
    assert (greedy["parts"], joint["parts"]) == (("widths", "grids"), ("joint",))
    assert greedy["wc"] == joint["wc"] == 0.1
    assert joint["points"].initial + joint["points"].steps == 38
    assert joint["points"].method == "default"


def test_mixes_are_those_of_the_slides():
    _, searches = asked("mixes")
    found = [(points.initial, points.steps, points.method) for points in (one["points"] for one in searches)]
    assert found == [(30, 0, "random"), (30, 0, "deep-n-cheap"), (15, 15, "deep-n-cheap"), (1, 29, "deep-n-cheap"),
                     (METHODS["default"].start, 30 - METHODS["default"].start, "default")]
    assert list(mixes._mixes(7)) == ["random", "Sobol", "balanced", "extreme", "default"]
    assert {points.initial + points.steps for points in mixes._mixes(7).values()} == {7}


def test_depths_and_weights_of_the_cost():
    _, searches = asked("depth")
    assert [one["convolutions"] for one in searches] == [(4, 4), (8, 8)]
    rows, searches = asked("tradeoff")
    assert {(one["penalty"], one["wc"]) for one in searches} == {
        (penalty, wc) for penalty in ("t_epoch", "numparams") for wc in (0, 0.01, 0.1, 1, 10)}
    assert len({row["case"] for row in rows}) == len(searches) == 10


# All choices as one space


SPACES = [Joint(HiddenLayers((0, 2), (4, 9))), Joint(Channels((2, 9), (8, 20), 300))]


@pytest.mark.parametrize("space", SPACES, ids=["mlp", "cnn"])
def test_joint_space(space):
    rng = np.random.default_rng(1)
    found = [space.at(u) for u in rng.random((200, space.dimensions))]
    by_network = {}
    for one in found:
        assert space.at(space.locate(one)) == one
        assert by_network.setdefault(key(one), one) == one  # equal networks are equal configurations
    distinct = list(by_network.values())
    assert len(distinct) > 100
    alike = space.kernel(distinct[:40], distinct[:40])
    np.testing.assert_allclose(np.diag(alike), 1)
    np.testing.assert_allclose(alike, alike.T)
    assert np.linalg.eigvalsh(alike).min() > -1e-9
    features = space.features(distinct)
    assert features.shape[0] == len(distinct)
    assert len(np.unique(features, axis=0)) > 0.98 * len(distinct)


def test_joint_space_reaches_every_choice():
    space = Joint(Channels((8, 9), (40, 64), 512))
    found = [space.at(u) for u in np.random.default_rng(2).random((500, space.dimensions))]
    grids = Grids()
    assert {one.activation for one in found} == set(grids.activations)
    assert {one.batch_norm for one in found} == {one.dropout for one in found} == set(grids.batch_norm)
    assert {one.first_drop for one in found} == set(grids.first_drops)
    assert {one.other_drop for one in found} == set(grids.other_drops)
    assert {one.shortcuts for one in found} == set(grids.shortcuts)
    assert {(len(one.pools), len(one.strides)) for one in found} >= {(3, 0), (2, 1), (1, 2), (0, 3)}
    assert {type(one.shortcuts) for one in found} == {int}


@pytest.mark.parametrize("method", ["default", "deep-n-cheap"])
@pytest.mark.parametrize("space", SPACES, ids=["mlp", "cnn"])
def test_joint_space_is_searched_by_both_optimisers(space, method):
    observed = [(space.at(u), float(n)) for n, u in enumerate(np.random.default_rng(3).random((6, space.dimensions)))]
    found = propose(space, observed, number=6, seed=[1], start=2, candidates=20, method=method)
    assert found is not None
    assert found not in [one for one, _ in observed]


def test_a_small_joint_space_is_known_as_a_whole():
    space = Joint(HiddenLayers((0, 1), (4, 5)), Grids(activations=("relu", "tanh"), mlp_drops=(0.0, 0.5)))
    assert set(space.configurations()) == {Mlp(())} | {
        Mlp((n,), activation, drop) for n in (4, 5) for activation in ("relu", "tanh") for drop in (0.0, 0.5)}


def test_random_points_do_not_depend_on_results_and_do_not_repeat():
    space = HiddenLayers((1, 1), (4, 23))
    bayes = Random(5, 12, 0)
    assert bayes.start == bayes.trials == 12
    points = []
    for number in range(12):
        found = bayes.propose("widths", space, number, [(one, 0.0) for one in points], [])
        assert found == bayes.propose("widths", space, number, [(one, -7.0 * n) for n, one in enumerate(points)], [])
        points.append(found)
    assert len(set(points)) == 12
    assert bayes.propose("widths", space, 0, [], []) == points[0]
    assert Random(6, 12, 0).propose("widths", space, 0, [], []) != points[0]
    assert bayes.propose("widths", HiddenLayers((1, 1), (4, 4)), 0, [((4,), 0.0)], []) is None


def test_points_of_the_default():
    start = METHODS["default"].start
    assert Points.default(30) == Points(start, 30 - start)
    assert Points.default(2) == Points(2, 0)


# One search in this process


class Stage:
    """Three numbers; the third is the best."""

    name, trials, start, share, fidelity = "one", 3, 3, 1.0, 0

    def propose(self, number, history):
        return Candidate({"n": number})


def objective(job, report):
    n = job.configuration["n"]
    if n == 1:
        raise Diverged("the loss is not a finite number")
    return Outcome(-float(n), {"accuracy": 0.5}, {"model": bytes([n])})


def test_a_search_is_kept_trial_by_trial_and_goes_on(tmp_path):
    said = []
    records = trained([Stage()], objective, tmp_path, tell=lambda one, done, of: said.append((one.number, done, of)))
    assert said == [(0, 1, 3), (1, 2, 3), (2, 3, 3)]
    assert [one.state for one in records] == [TrialState.COMPLETE, TrialState.FAIL, TrialState.COMPLETE]
    assert records[1].attributes["failure"] == "the loss is not a finite number"
    assert (tmp_path / "0002-one" / "model").read_bytes() == b"\x02"
    assert not (tmp_path / "0000-one").exists()  # of those that were beaten nothing is kept
    assert stored(tmp_path) == records

    def never(job, report):
        raise AssertionError("trained twice")

    assert trained([Stage()], never, tmp_path) == records
    path = tmp_path / "trials.json"
    path.write_text(json.dumps(json.loads(path.read_text())[:2]))  # stopped before the third
    again = []

    def noted(job, report):
        again.append(job.number)
        return objective(job, report)

    assert [one.value for one in trained([Stage()], noted, tmp_path)] == [0.0, None, -2.0]
    assert again == [2]
    for damaged in ("[{", "3", '[{"stage": 1}]'):
        path.write_text(damaged)
        assert stored(tmp_path) == []


def test_a_fault_is_no_failure_of_a_trial(tmp_path):
    def wrong(job, report):
        raise KeyError("a fault of the program")

    with pytest.raises(KeyError):
        trained([Stage()], wrong, tmp_path)


# Searches on small data


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """a.npz, b.npz: 100 + 40 images of 4 x 4, three classes that can be told apart."""
    folder = tmp_path_factory.mktemp("data")
    for seed, name in enumerate("ab"):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 3, 140)
        x = (rng.normal(size=(140, 16)) + 3.0 * np.eye(3, 16)[y]).astype(np.float32)
        np.savez(folder / f"{name}.npz", xtr=x[:100], ytr=y[:100], xte=x[100:], yte=y[100:])
    return folder


@pytest.fixture
def small(data, tmp_path):
    return Setting(str(data / "a.npz"), str(data / "b.npz"), "mlp", SCALES["short"], 1, "cpu", tmp_path / "store",
                   lambda text: None)


def test_the_same_search_is_made_once(small, monkeypatch):
    found = small.search()
    row = found.row(case="x")
    assert row["trainings"] == len(found.records) > 6
    assert row["accuracy"] == 100 * max(one.attributes["accuracy"] for one in found.records)
    assert 0 <= row["test_accuracy"] <= 100
    assert [model.parameters for model in found.models(2)] == [one.attributes["parameters"] for one in found.ranked[:2]]
    monkeypatch.setattr(setting, "tries", lambda trials, task: None)  # would fail if it were called
    assert small.search().row(case="x") == row
    assert small.search(penalty="t_epoch").row(case="x") == row  # where it does not count
    with pytest.raises(TypeError):
        small.search(wc=0.5)
    with pytest.raises(TypeError):
        replace(small, seed=2).search()
    with pytest.raises(TypeError):
        small.search(dataset=small.other)


def test_a_given_network_is_the_only_one(small):
    found = small.search(architecture=Mlp((5,), "tanh", 0.1), parts=("training",))
    assert [one.stage for one in found.records] == ["given", "training", "training", "training"]
    assert {architecture_of(one) for one in found.records} == {Mlp((5,), "tanh", 0.1)}


def test_a_given_network_is_trained_by_default_settings(small):
    problem = setting.Problem((1, 4, 4), 3, 80)
    candidate = GivenStage(problem, Cnn((4, 4))).propose(0, None)
    assert candidate.configuration["settings"] == problem.default_settings(Cnn((4, 4)))._asdict()


@pytest.mark.parametrize("network", ["mlp", pytest.param("cnn", marks=pytest.mark.slow)])
def test_all_at_once_is_searched(small, network):
    found = replace(small, network=network).search(parts=("joint",), points=Points.default(5), wc=0.1)
    assert [one.stage for one in found.records] == ["joint"] * 5
    assert len({json.dumps(one.configuration) for one in found.records}) == 5


def test_both_ways_to_load_give_every_sample_once(small):
    task = small.task()
    for batches in (loader._resident(task), loader._loaded(task, 0)):
        x, y = (torch.cat(parts) for parts in zip(*batches(), strict=True))
        order = torch.from_numpy(np.lexsort(x.numpy().T))
        due = torch.from_numpy(np.lexsort(task.train.x.numpy().T))
        assert torch.equal(x[order], task.train.x[due])
        assert torch.equal(y[order], task.train.y[due])
        assert not torch.equal(x, task.train.x)


# The command


def test_the_command_writes_table_report_and_picture(data, tmp_path, capsys):
    words = ["search", "greedy", "--dataset", str(data / "a.npz"), "--scale", "short", "--out", str(tmp_path)]
    assert main(words) == 0
    folder = tmp_path / "search-greedy-a-mlp-short"
    assert sorted(path.name for path in folder.iterdir()) == ["report.json", "table.csv", "value.svg"]
    report = json.loads((folder / "report.json").read_text())
    rows = list(csv.DictReader((folder / "table.csv").read_text().splitlines()))
    assert [(row["case"], row["seed"]) for row in rows] == [
        (case, seed) for seed in "123" for case in ("greedy", "all at once")]
    assert [row["trainings"] for row in rows[::2]] == [row["trainings"] for row in rows[1::2]]
    (finding,) = report["findings"]
    assert (finding["claim"], finding["comparison"]) == ("search-greedy", "f of the greedy search is no higher")
    assert report["arguments"] == ["search", "greedy", "--dataset", "a.npz", "--scale", "short"]
    said = capsys.readouterr()
    assert str(Finding.of(finding)) in said.out
    assert "seed 1 of 3 done, about 0 min left" in said.err
    assert main(words) == 0
    assert "min left of this search" not in capsys.readouterr().err  # nothing was trained again


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_runs(name, data, tmp_path):
    words = ["--dataset", str(data / "a.npz"), "--other", str(data / "b.npz"), "--scale", "short", "--seeds", "2"]
    assert main(["search", name, *words, "--out", str(tmp_path)]) == 0
    (folder,) = tmp_path.glob("search-*")
    assert len(list(folder.glob("*.svg"))) == len(EXPERIMENTS[name].pictures)
    assert json.loads((folder / "report.json").read_text())["findings"]


@pytest.mark.parametrize(("words", "said"), [
    (["nothing"], "invalid choice: 'nothing'"), (["mixes", "--seeds", "0"], "--seeds must be at least 1, got 0"),
    (["mixes", "--dataset", "none.npz"], "none.npz: there is no such file"),
    (["mixes", "--scale", "huge"], "invalid choice: 'huge'"),
    (["mixes", "--device", "cuda"], "--device cuda must be there, and torch finds none; valid here: cpu, auto"),
    (["depth", "--dataset", "sklearn:wine"], "13 features are"),
])
def test_wrong_input_is_one_line(words, said, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert main(["search", *words, "--out", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not list(tmp_path.rglob("*.json"))
