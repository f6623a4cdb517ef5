"""Faults that would make a comparison worthless, planted in every experiment: each is refused."""

from dataclasses import replace

import numpy as np
import pytest

from sw.design.files import load
from sw.experiments.__main__ import main
from sw.experiments.catalogue import EXPERIMENTS
from sw.experiments.morse.ladder import DENSE, SHORT, cases
from sw.experiments.narrow.runs import Task as NarrowTask
from sw.experiments.narrow.runs import rows as narrow_rows
from sw.experiments.run import run
from sw.experiments.search import command as search
from sw.experiments.search.scale import SCALES
from sw.experiments.search.setting import Setting
from sw.experiments.sources import Source
from sw.sources import load_for, load_raw
from sw.sparse.errors import SparseError
from sw.sparse.mlp import SparseMLP
from sw.sparse.settings import Settings
from tests.experiments.made_up import MNIST_LIKE, SMALL, TASK, made
from tests.experiments.refused import assert_refused

LEAKED, TOLD = "of the test samples may be training samples", "no feature may tell the label alone"
#: of each experiment whose claim is about equal weights, a label of networks that are compared
EQUAL = {
    "density": {"wished": 0.2, "lean": 4}, "trades": {"profile": "later denser"}, "junctions": {"profile": "equal"},
    "inputs": {"wished": 0.2, "inputs": 25}, "kinds": {"pattern": "type 1"}, "large-sparse": {"width": 100},
    "l2": {"lambda": 0.0}, "redundancy": {"wished": 0.2, "inputs": "plain"},
    "baselines": {"edges": "structured, fixed"},
}

LEFT_OUT = {"density": "later-denser", "junctions": "later-denser"}  # these compare what happens to be equal


def planted(folder, fault):
    """Digits with a tenth of the test samples among the training samples, or with a feature that is the label."""
    raw = load_raw("digits", train=300, test=100)
    data = {**raw.features, **raw.labels}
    if fault == LEAKED:
        data["xtr"] = np.concatenate([data["xte"][:10], data["xtr"]])
        data["ytr"] = np.concatenate([data["yte"][:10], data["ytr"]])
    else:
        for split in ("tr", "te"):
            data["x" + split][:, 63] = data["y" + split]
    np.savez(folder / "data.npz", **data)
    return str(folder / "data.npz")


@pytest.mark.parametrize("fault", [LEAKED, TOLD])
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_no_experiment_trains_on_a_leak(name, fault, tmp_path, capsys):
    arguments = [name, "--dataset", planted(tmp_path, fault), "--epochs", "1", "--seeds", "2", "--out",
                 str(tmp_path / "out")]
    assert_refused(main, arguments, fault, capsys)
    assert list((tmp_path / "out" / "results").iterdir()) == []


@pytest.mark.parametrize("fault", [LEAKED, TOLD])
def test_nor_does_narrow_training_or_a_search(fault, tmp_path, capsys, monkeypatch):
    source = planted(tmp_path, fault)
    design = load("designs/tiny.toml")
    with pytest.raises(SparseError, match=fault):
        list(narrow_rows([NarrowTask(design, load_for(design, source), 1, (1, 2))], tmp_path / "narrow", (8,)))
    for name in search.EXPERIMENTS:
        setting = Setting(source, source, "mlp", {"mlp": SCALES["small"]["mlp"]}, 1, "cpu", tmp_path, print)
        with pytest.raises(SparseError, match=fault):
            search.EXPERIMENTS[name].rows(setting)


def test_a_row_for_every_experiment_that_compares_equal_networks():
    """Density, classifier and histogram have claims of their own about unequal ones or of one network."""
    assert set(EXPERIMENTS) - set(EQUAL) == {"classifier", "histogram"}


@pytest.mark.parametrize("name", EQUAL)
def test_networks_of_unequal_size_are_not_compared(name):
    """The weights of some are raised by a third: the comparison is refused, or left out where that is the rule."""
    records = made(EXPERIMENTS[name], lambda case: 0.9 + 0.01 * (case.labels.get("lambda") == 1e-4),
                   TASK if name == "inputs" else MNIST_LIKE)
    before = EXPERIMENTS[name].findings(records)
    changed = [record for record in records if EQUAL[name].items() <= record.items()]
    assert changed
    for record in changed:
        record["weights"] = round(record["weights"] * 4 / 3)
    if name in LEFT_OUT:
        after = EXPERIMENTS[name].findings(records)
        claims = [{found.comparison for found in each if found.claim == LEFT_OUT[name]} for each in (before, after)]
        assert claims[1] < claims[0]
    else:
        with pytest.raises(SparseError, match="equally many weights"):
            EXPERIMENTS[name].findings(records)


@pytest.mark.parametrize("change", [{}, {"front": 2}, {"method": "moved"}, {"method": "pruned"}, {"kind": "random"}])
def test_seeds_that_begin_alike_are_refused(change, monkeypatch):
    """Whatever is trained: the fault is that every seed draws the weights of the first."""
    first = SparseMLP.__init__
    monkeypatch.setattr(SparseMLP, "__init__", lambda self, *given, seed, **more: first(
        self, *given, seed=(7,) * len(seed) if isinstance(seed, tuple) else 7, **more))
    neurons = (128, 16, 10) if "front" in change else (64, 16, 10)
    with pytest.raises(SparseError, match="each seed must draw weights of its own, and two have drawn the same"):
        run(replace(SMALL, neurons=neurons, **change))


def test_seeds_of_searches_that_find_the_same_are_refused(tmp_path, capsys, monkeypatch):
    """The fault: searches do not know their seed."""
    one = search.EXPERIMENTS["greedy"]
    monkeypatch.setitem(search.EXPERIMENTS, "greedy", replace(one, rows=lambda setting: one.rows(
        replace(setting, seed=1))))
    arguments = ["greedy", "--scale", "short", "--seeds", "2", "--out", str(tmp_path)]
    assert search.main(arguments) == 2
    assert capsys.readouterr().err.endswith("each seed must draw weights of its own, and two have drawn the same\n")


def test_a_network_that_was_not_pruned_is_refused(monkeypatch):
    point = replace(SMALL, method="pruned", settings=Settings(epochs=2))
    run(point)
    monkeypatch.setattr("sw.experiments.masks._Masked.prune", lambda self: None)
    with pytest.raises(SparseError, match="a junction must end with 256 weights, got 1024"):
        run(point)
    with pytest.raises(SparseError, match="patience must not be given with method pruned"):
        replace(point, settings=Settings(patience=2))


@pytest.mark.parametrize("variant", ["baseline", "flips-8"])
def test_a_leak_in_the_morse_study_is_refused(variant, monkeypatch):
    """The fault: training and test samples are drawn alike."""
    (case,) = (case for case in cases(SHORT, "small", DENSE, (1,)) if case.labels["variant"] == variant)
    whole = Source.load

    def leaked(self):
        data = whole(self)
        return replace(data, xtr=np.concatenate([data.xtr, data.xte]), ytr=np.concatenate([data.ytr, data.yte]))

    monkeypatch.setattr(Source, "load", leaked)
    with pytest.raises(SparseError, match=LEAKED):
        run(case.point)
