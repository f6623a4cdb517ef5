"""The designs at the end: files that load, trained states, and the accuracy that `make sim` will find."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from sw.codesign.choice import Chosen
from sw.codesign.designs import _within, pick
from sw.codesign.errors import CodesignError
from sw.codesign.task import Task, Wanted
from sw.cost.devices import device
from sw.design import files
from sw.design.slots import Slots
from sw.design.states import load_scaling, load_state
from sw.golden.network import GoldenNetwork
from sw.sources import load_for
from tests.codesign.test_stages import record

CHIP = device("XC7A35T")
CHOSEN = Chosen(64, 16, 0.25, 1.0, "sigmoid", "type 2", 12, 3, 0, "stochastic", 2, 1, 1.0)


def finalist(number: int, chosen: Chosen, *figures: float):
    configuration = {"chosen": chosen._asdict(), "slots": 1437, "seeds": [1]}
    found = record(number, configuration, *figures, stage="finalists")
    return replace(found, fidelity=1, attributes={**found.attributes, "accuracies": [figures[0]]})


def test_the_front_is_written_best_first(tmp_path):
    task = Task.load(Wanted("digits", CHIP))
    records = [
        finalist(0, CHOSEN._replace(hidden=24), 0.8, 1e6, 0.5),
        finalist(1, CHOSEN, 0.9, 1e5, 0.5),
        finalist(2, CHOSEN._replace(hidden=32), 0.7, 1e5, 0.6),
    ]
    found = list(pick(records, task, tmp_path / "designs", "arty"))
    assert [one.design.network.neurons[1] for one in found] == [16, 24]
    assert [one.facts["rank"] for one in found] == [1, 2]
    for one in found:
        json.dumps(one.facts)
        design = files.load(one.file)
        assert design == one.design
        state = load_state(one.state, design)
        # what a run of the design file alone gives: the NumPy model, on the data that the file names
        data = load_for(design)
        assert len(data.xtr) == 1437
        network = GoldenNetwork(design)
        rows = design.training.sequence(1437, design.data.epochs)
        network.run(Slots.train(data.xtr[rows], data.ytr[rows], design.training.shifts(len(rows))))
        network.run(network.flush())
        for ours, theirs in zip(network.state().weights, state[1], strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert one.facts["test_accuracy"] == network.run(Slots.infer(data.xte, data.yte)).correct.mean()
        for name, array in data.scaling.arrays().items():
            np.testing.assert_array_equal(load_scaling(one.state).arrays()[name], array)
        assert one.facts["commands"][0] == f"make sim DESIGN={one.file}"


def test_with_few_finalists_other_networks_follow_that_none_of_them_beats(tmp_path):
    task = Task.load(Wanted("digits", CHIP))
    chosen = [CHOSEN._replace(hidden=hidden) for hidden in (16, 24, 32, 48)]
    records = [
        finalist(0, chosen[0], 0.9, 1e5, 0.5),
        replace(finalist(1, chosen[0], 0.95, 1e6, 0.1), stage="networks", fidelity=0),  # the finalist's own, before
        replace(finalist(2, chosen[1], 0.85, 1e5, 0.5), stage="networks", fidelity=0),  # beaten
        replace(finalist(3, chosen[2], 0.6, 1e6, 0.5), stage="networks", fidelity=0),
        replace(finalist(4, chosen[3], 0.7, 5e5, 0.5), stage="networks", fidelity=0),
    ]
    long = replace(records[0], configuration={**records[0].configuration, "slots": 4 * 1437},
                   attributes={**records[0].attributes, "seconds": 80.0})
    found = list(pick([long, *records[1:]], task, tmp_path, "arty", seconds=55.0))
    assert [one.facts["trial"] for one in found] == [0, 4, 3]
    assert [one.facts["epochs"] for one in found] == [2, 1, 1]  # for four there is no time


@pytest.mark.parametrize(("seconds", "workers", "epochs"), [
    (None, 1, [8, 4]), (45.0, 1, [8, 4]), (44.0, 2, [8, 4]), (24.0, 1, [4, 2]), (24.0, 2, [5, 2]), (-1.0, 1, [1, 1])])
def test_designs_are_trained_in_the_time_that_is_left(seconds, workers, epochs):
    """Three seeds of eight epochs took 84 s and of four 24 s: one seed on all samples, 35 + 10 s."""
    task = Task.load(Wanted("digits", CHIP))
    records = []
    for number, (hidden, slots, took) in enumerate([(16, 8 * 1437, 84.0), (24, 4 * 1437, 24.0)]):
        one = finalist(number, CHOSEN._replace(hidden=hidden), 0.9 - number / 10, 1e5 * (1 + number), 0.5)
        records.append(replace(one, configuration={**one.configuration, "slots": slots},
                               attributes={**one.attributes, "accuracies": [0.9] * 3, "seconds": took}))
    ours = _within(seconds, records, task, workers)
    assert [max(1, round(one.configuration["slots"] / task.samples)) for one in ours] == epochs


def test_a_finalist_that_does_not_fit_any_more(tmp_path):
    task = Task.load(Wanted("digits", CHIP))
    records = [finalist(0, CHOSEN._replace(room=0.01), 0.8, 1e6, 0.5)]
    with pytest.raises(CodesignError, match="trial 0 of the study does not fit arty"):
        list(pick(records, task, tmp_path, "arty"))
