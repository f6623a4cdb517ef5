"""What is run, kept and not run again."""

import json
from dataclasses import replace

import numpy as np
import pytest

from sw.experiments import runner
from sw.experiments.masks import masked
from sw.experiments.measured import Measured
from sw.experiments.run import run
from sw.experiments.runner import run_all
from sw.sparse.settings import Samples, Settings
from sw.sparse.train import train
from tests.experiments.made_up import SMALL


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
