"""Deep-n-Cheap's stages: what each proposes, given what came before. Numbers are those of the method's publication."""

import json

import pytest
from optuna.trial import TrialState

from sw.deepncheap.architectures import Cnn, Mlp, from_dict, to_dict
from sw.deepncheap.rules import Grids, default_cnn
from sw.deepncheap.spaces import Channels, HiddenLayers, TrainingSettings, TrainingSpace
from sw.deepncheap.stages import Bayes, Problem, stages
from sw.study.plan import Ask, Finished, next_step
from sw.study.stage import History, Record, key

MNIST = Problem((784,), 10, 48_000)
IMAGES = Problem((1, 28, 28), 10, 48_000)
SLIDES = Bayes(initial=15, method="deep-n-cheap")


def search(network="mlp", bayes=SLIDES, problem=None, grids=None):
    return stages(network, problem or (MNIST if network == "mlp" else IMAGES), bayes,
                  widths=HiddenLayers() if network == "mlp" else Channels(), settings=TrainingSpace(),
                  grids=grids or Grids(), order=("ac", "ds", "bn", "do", "sc"))


def record(stage, number, configuration, value, state=TrialState.COMPLETE):
    """Through JSON, as a storage gives it back."""
    return Record(hash((stage, number)), 0, stage, number, state, json.loads(json.dumps(configuration)), value=value)


def trained(architecture, settings=TrainingSettings(1e-3, 0.0, 256)):  # noqa: B008 -- a tuple
    return {"architecture": to_dict(architecture), "settings": settings._asdict()}


def all_of(stage, history):
    """What a stage proposes if each trial fails: with no news, whatever it has."""
    found = []
    while len(found) < stage.trials + 5:
        own = [record(stage.name, number, one.configuration, None, TrialState.FAIL) for number, one in enumerate(found)]
        candidate = stage.propose(len(found), History((*history.records, *own)))
        if candidate is None:
            return [from_dict(one.configuration["architecture"]) for one in found]
        found.append(candidate)
    raise AssertionError("no end")


def test_numbers_of_trials():
    assert [(stage.name, stage.trials) for stage in search()] == [
        ("widths", 30), ("ac", 2), ("do", 5), ("training", 30)]
    assert [(stage.name, stage.trials) for stage in search("cnn")] == [
        ("widths", 30), ("ac", 2), ("ds", 7), ("bn", 4), ("do", 15), ("sc", 2), ("training", 30)]
    ours = search(bayes=Bayes())
    assert (ours[0].trials, ours[-1].trials) == (30, 30)
    assert ours[0].start < 15
    assert [stage.trials for stage in search(bayes=Bayes(initial=3, steps=3))] == [6, 2, 5, 6]


def test_first_mlp_is_the_middle_of_the_space():
    candidate = search()[0].propose(0, History(()))
    assert candidate.configuration == trained(
        Mlp((210,)), TrainingSettings(1e-3, pytest.approx(1e-9 * (785 * 210 + 211 * 10)), 256))
    assert candidate.parameters == {"hidden_layers": 1, "nodes_1": 210}
    assert set(candidate.distributions) == set(candidate.parameters)


def test_first_training_settings_are_the_middle_of_the_space():
    before = History((record("widths", 0, trained(Mlp((30,))), -1.0),))
    found = search()[-1].propose(0, before).configuration
    assert found["architecture"] == to_dict(Mlp((30,)))
    assert found["settings"]["batch_size"] == 272
    assert found["settings"]["learning_rate"] == pytest.approx(1e-3)
    assert found["settings"]["weight_decay"] == pytest.approx(10**-4.5)


def test_a_batch_is_no_larger_than_the_data():
    candidate = search(problem=Problem((4,), 3, 20))[0].propose(0, History(()))
    assert candidate.configuration["settings"]["batch_size"] == 20


def test_a_grid_goes_out_from_the_best_so_far():
    """Lower f is better; of equal ones the earlier stays."""
    history = [record("widths", 0, trained(Mlp((30,))), -1.0), record("widths", 1, trained(Mlp((40,))), -1.2),
               record("widths", 2, trained(Mlp((50,))), -2.0, TrialState.PRUNED)]
    ac, do = search()[1:3]
    assert all_of(ac, History(tuple(history))) == [Mlp((40,), "tanh"), Mlp((40,), "sigmoid")]
    history.append(record("ac", 0, trained(Mlp((40,), "tanh")), -1.2))
    drops = (0.0, 0.1, 0.3, 0.4, 0.5)
    assert all_of(do, History(tuple(history))) == [Mlp((40,), dropout=drop) for drop in drops]
    history.append(record("ac", 1, trained(Mlp((40,), "sigmoid")), -1.3))
    assert all_of(do, History(tuple(history))) == [Mlp((40,), "sigmoid", drop) for drop in drops]


def test_grids_that_have_nothing_to_try_are_empty():
    history = History((record("widths", 0, trained(Mlp(())), -1.0),))
    assert all_of(search()[1], history) == []
    assert all_of(search()[2], history) == []


def test_grids_of_a_cnn():
    """Seven ways to take strides for three pools; every network but that which is there."""
    cnn = default_cnn((60, 100, 200, 400))
    assert cnn.pools == (0, 1, 2)
    history = History((record("widths", 0, trained(cnn), -1.0),))
    found = {stage.name: all_of(stage, history) for stage in search("cnn")[1:-1]}
    assert {name: len(tried) for name, tried in found.items()} == {"ac": 2, "ds": 7, "bn": 4, "do": 15, "sc": 1}
    assert all(isinstance(one, Cnn) and sorted(one.pools + one.strides) == [0, 1, 2] for one in found["ds"])


def test_what_was_trained_is_not_proposed_by_a_grid():
    tanh = Mlp((40,), "tanh")
    history = History((record("widths", 0, trained(Mlp((40,))), -1.0),
                       record("other", 0, trained(tanh, MNIST.default_settings(tanh)), -0.5)))
    assert all_of(search()[1], history) == [Mlp((40,), "sigmoid")]


def test_the_search_depends_on_seed_and_history_alone():
    """A whole search with f by a formula, twice, with other objects each time; another seed, another search."""
    def run(seed):
        records = []
        while not isinstance(step := next_step(search(bayes=Bayes(seed, 3, 4)), records, window=1), Finished):
            assert isinstance(step, Ask)
            content = step.candidate.configuration
            value = -sum(content["architecture"]["hidden"]) / 999 + content["architecture"]["dropout"] + \
                abs(content["settings"]["batch_size"] - 200) / 999
            fails = step.number == 2
            records.append(record(step.stage.name, step.number, content, None if fails else value,
                                  TrialState.FAIL if fails else TrialState.COMPLETE))
        assert len({key(one.configuration) for one in records}) == len(records) == 7 + 2 + 5 + 7
        return [(one.stage, one.number, one.configuration, one.value) for one in records]

    assert run(1) == run(1)
    assert run(1) != run(2)
