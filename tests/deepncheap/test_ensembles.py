"""Ensembles: both rules on outputs made by hand, and real networks."""

import pytest
import torch

from sw.deepncheap.architectures import Mlp
from sw.deepncheap.ensembles import decide, together
from sw.deepncheap.errors import SearchError
from sw.deepncheap.models import Model
from sw.deepncheap.networks import build
from sw.deepncheap.spaces import TrainingSettings
from sw.deepncheap.training import train
from tests.deepncheap.made import classes, numbers


def test_mean_and_votes_decide_as_they_say():
    """One sure network against two unsure ones; a tie of votes, which goes to the surer of the two."""
    sure = torch.tensor([[[9.0, 0, 0]], [[0.0, 0.2, 0]], [[0.0, 0.2, 0]]])
    assert decide(sure, "mean").tolist() == [0]
    assert decide(sure, "votes").tolist() == [1]
    tie = torch.tensor([[[0.0, 0.3, 0]], [[0.0, 0, 2]]])
    assert decide(tie, "votes").tolist() == [2]
    # the third class has most probability and no vote
    none = torch.tensor([[[1.0, -9, 0.9]], [[-9.0, 1, 0.9]]])
    assert decide(none, "mean").tolist() == [2]
    assert decide(none, "votes").tolist() in ([0], [1])
    with pytest.raises(SearchError, match=r"^the rule of an ensemble must be mean or votes, got 'max'$"):
        decide(tie, "max")


def test_networks_are_right_more_often_together():
    task = classes(validation=600, overlap=1.2)
    models = []
    for seed in range(5):
        weights = train(Mlp((6,)), TrainingSettings(1e-2, 0.0, 32), task, epochs=3, seed=seed).weights
        models.append(Model.of(Mlp((6,)), weights, task))
    found = together(models, task.validation)
    assert len(found.errors) == 5
    assert found.error < sum(found.errors) / 5
    assert (found.parameters, found.cost) == (5 * models[0].parameters, 5.0)
    alone = together(models[:1], task.validation, "votes")
    assert alone.error == alone.errors[0] == found.errors[0]


def test_the_cost_is_beside_that_of_the_best_network():
    """A small network that has learnt and a large one that has not."""
    task = classes()
    small = train(Mlp(()), TrainingSettings(1e-2, 0.0, 32), task, epochs=5, seed=1).weights
    models = [Model.of(Mlp((50,)), build(Mlp((50,)), (8,), 3, seed=1).state_dict(), task),
              Model.of(Mlp(()), small, task)]
    found = together(models, task.test)
    assert found.errors[1] < found.errors[0]
    assert found.parameters == 9 * 50 + 51 * 3 + 9 * 3
    assert found.cost == found.parameters / (9 * 3)


def test_an_ensemble_needs_networks_for_the_same_samples():
    task, other = classes(), numbers(3)
    models = [Model.of(Mlp(()), build(Mlp(()), t.sample_shape, 3, seed=1).state_dict(), t) for t in (task, other)]
    with pytest.raises(SearchError, match=r"^an ensemble must be of classifiers for the same .*, got none$"):
        together([], task.test)
    with pytest.raises(SearchError, match=r"classes, got \(8,\) to 3, \(4,\) to 3$"):
        together(models, task.test)
