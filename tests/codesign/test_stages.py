"""What the stages propose: designs that fit, each once; finalists by rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from optuna.trial import TrialState

from sw.codesign.choice import Chosen, fitted, space
from sw.codesign.objective import value_of
from sw.codesign.stages import Finalists, Networks
from sw.codesign.task import Task, Wanted
from sw.cost.devices import device
from sw.study.stage import History, Record, key

CHIP = device("XC7A35T")


@pytest.fixture(scope="module")
def task() -> Task:
    return Task.load(Wanted("digits", CHIP))


def record(number: int, configuration, accuracy: float | None, speed: float = 1e6, share: float = 0.5,
           state: TrialState = TrialState.COMPLETE, stage: str = "networks") -> Record:
    facts = {"accuracy": accuracy, "samples_per_second": speed, "share": share} if accuracy is not None else {}
    value = None if accuracy is None else value_of(accuracy, 300)
    return Record(number, number, stage, number, state, configuration, value=value, attributes=facts)


def searched(stage: Networks, count: int) -> list[Record]:
    """The records of so many proposals, with made-up results."""
    rng, records = np.random.default_rng(2), []
    for number in range(count):
        found = stage.propose(number, History(tuple(records)))
        failed = number % 7 == 3
        records.append(record(number, found.configuration, None if failed else rng.uniform(0.5, 0.99),
                              rng.uniform(1e5, 1e6), state=TrialState.FAIL if failed else TrialState.COMPLETE))
    return records


def test_proposals_fit_and_are_all_different_designs(task):
    stage = Networks(task, space(64, 10), 40, 1000, 1, start=6)
    records = searched(stage, 12)
    assert len({key(one.configuration) for one in records}) == 12
    designs = []
    for one in records:
        assert (one.configuration["slots"], one.configuration["seeds"]) == (1000, [1])
        made = fitted(Chosen(**one.configuration["chosen"]), "one", task.data(1), 64, 10, CHIP)
        assert made is not None
        designs.append(made.design)
    assert len(set(designs)) == 12


def test_a_proposal_depends_on_number_and_history_alone(task):
    records = searched(Networks(task, space(64, 10), 40, 1000, 1, start=6), 10)
    again, other = (Networks(task, space(64, 10), 40, 1000, seed, start=6) for seed in (1, 2))
    history = History(tuple(records[:9]))
    np.random.default_rng()
    assert again.propose(9, history).configuration == records[9].configuration
    assert other.propose(9, history).configuration != records[9].configuration


def test_running_ones_are_not_proposed_again(task):
    stage = Networks(task, space(64, 10), 40, 1000, 1, start=6)
    records = searched(stage, 8)
    running = replace(records[7], state=TrialState.RUNNING, value=None, attributes={})
    found = stage.propose(7, History((*records[:7], running)))
    assert found.configuration != records[7].configuration


def test_finalists_are_the_best_and_an_even_choice_of_the_front(task):
    choices = space(64, 10)
    chosen = [choices.at(np.random.default_rng(n).random(choices.dimensions)) for n in range(8)]
    # on the front: 0 and 1 (best, fastest of the good), 4 (small), 7 (fastest); 2, 3, 5, 6 are beaten by 0 or 1
    figures = [(0.98, 1e5, 0.9), (0.97, 9e5, 0.9), (0.975, 1e5, 0.9), (0.96, 2e5, 0.95), (0.9, 1e5, 0.1),
               (0.8, 1e5, 0.9), (0.7, 1e5, 0.9), (0.6, 1e6, 0.9)]
    records = [record(n, {"chosen": one._asdict(), "slots": 1, "seeds": [1]}, *point)
               for n, (one, point) in enumerate(zip(chosen, figures, strict=True))]
    records.append(record(8, {"chosen": chosen[0]._replace(rate=9)._asdict()}, None, state=TrialState.FAIL))
    stage = Finalists(choices, 6, 500, (1, 2, 3))
    history, order = History(tuple(records)), []
    for number in range(8):
        found = stage.propose(number, history)
        assert (found.configuration["slots"], found.configuration["seeds"]) == (500, [1, 2, 3])
        order.append(chosen.index(Chosen(**found.configuration["chosen"])))
    assert order[:6] == [0, 1, 2, 4, 7, 3]
    assert sorted(order) == list(range(8))
    assert stage.propose(8, history) is None
