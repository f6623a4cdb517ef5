"""One trial: trained by the twin as asked, the same every time, ended where it is hopeless."""

from __future__ import annotations

from math import log10

import numpy as np
import pytest

from sw.codesign.choice import Chosen, fitted
from sw.codesign.objective import PARTS, Trial, value_of
from sw.codesign.task import Wanted
from sw.codesign.trained import trained
from sw.cost.devices import device
from sw.design.slots import Slots
from sw.golden.network import GoldenNetwork
from sw.study.workers import Job

CHIP = device("XC7A35T")
CHOSEN = Chosen(64, 16, 0.25, 1.0, "sigmoid", "type 2", 12, 3, 0, "stochastic", 2, 1, 1.0)


@pytest.fixture(scope="module")
def trial() -> Trial:
    return Trial.prepare(Wanted("digits", CHIP))


def job(slots: int, seeds: list[int]) -> Job:
    return Job("networks", 3, {"chosen": CHOSEN._asdict(), "slots": slots, "seeds": seeds})


@pytest.mark.parametrize(
    ("accuracy", "samples", "value"), [(0.9, 100, -1), (0.99, 1000, -2), (1.0, 500, -3), (0.0, 10, 0)]
)
def test_values(accuracy, samples, value):
    assert value_of(accuracy, samples) == pytest.approx(value, abs=1e-12)


def test_training_samples_and_those_for_validation_are_different_and_none_is_of_the_test(trial):
    task = trial.task
    data = task.parted(None)
    assert len(data.xtr) + len(data.xte) == task.samples == 1437
    assert 0.19 < len(data.xte) / task.samples < 0.21
    whole = task.whole(fitted(CHOSEN, "one", task.data(1), 64, 10, CHIP).design)

    def rows(x: np.ndarray) -> set[bytes]:
        return {row.tobytes() for row in x}

    assert not rows(data.xtr) & rows(data.xte)
    assert not (rows(data.xtr) | rows(data.xte)) & rows(whole.xte)
    assert rows(data.xtr) | rows(data.xte) == rows(whole.xtr)


def test_an_outcome_is_what_training_each_seed_gives(trial):
    curve: list[float] = []
    outcome = trial(job(3000, [1, 5]), lambda step, value: bool(curve.append(value)))
    task, found = trial.task, []
    made = fitted(CHOSEN, "one", task.data(2), 64, 10, CHIP)
    data = task.parted(None)
    for seed in (1, 5):
        design = made.design.with_seed(seed)
        found.append(trained(design, data, 2 * len(data.xtr), lambda *_: False, PARTS if seed == 1 else 1)[1])
    assert outcome.attributes["accuracies"] == found
    assert found[0] != found[1]
    assert outcome.value == pytest.approx(log10(1 - np.mean(found)))
    assert outcome.attributes["share"] <= 0.95
    assert len(curve) == PARTS - 1
    assert curve[-1] < curve[0]
    assert trial(job(3000, [1, 5]), lambda step, value: False) == outcome


def test_a_hopeless_one_ends(trial):
    steps: list[int] = []
    outcome = trial(job(3000, [1, 2]), lambda step, value: step >= 2 or bool(steps.append(step)))
    assert steps == [1]
    assert len(outcome.attributes["accuracies"]) == 1


def test_training_is_that_of_the_golden_model(trial):
    task = trial.task
    design = fitted(CHOSEN, "one", task.data(1), 64, 10, CHIP).design
    data, slots = task.whole(design), 300
    state, accuracy = trained(design, data, slots)
    network = GoldenNetwork(design)
    rows = design.training.sequence(len(data.xtr), 1)[:slots]
    network.run(Slots.train(data.xtr[rows], data.ytr[rows], design.training.shifts(slots)))
    network.run(network.flush())
    for ours, theirs in zip(state.weights, network.state().weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert accuracy == network.run(Slots.infer(data.xte, data.yte)).correct.mean()
