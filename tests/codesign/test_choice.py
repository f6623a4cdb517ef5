"""Choices and the designs that they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from optuna.trial import FixedTrial

from sw.codesign.choice import Chosen, design_of, fitted, rate_shifts, space
from sw.cost.devices import device
from sw.design.errors import DesignError
from sw.design.settings import Data

DATA = Data("digits", 1000, 100, 3)
BASE = Chosen(64, 64, 0.25, 1.0, "relu", "type 2", 12, 3, 0, "stochastic", 4, 2, 1.0)


def drawn(inputs: int, classes: int, count: int, seed: int = 1):
    rng, choices = np.random.default_rng(seed), space(inputs, classes)
    return choices, [choices.at(rng.random(choices.dimensions)) for _ in range(count)]


@pytest.mark.parametrize(("inputs", "classes"), [(4, 3), (30, 2), (64, 64), (784, 10)])
def test_every_choice_is_a_design_or_is_refused_by_a_rule(inputs, classes):
    refused = []
    for chosen in drawn(inputs, classes, 60)[1]:
        try:
            design = design_of(chosen, "one", DATA, inputs, classes)
        except DesignError as error:
            refused.append(str(error))
            continue
        assert design.network.inputs == chosen.kept
        assert design.data.keep == (None if chosen.kept == inputs else chosen.kept)
        assert (design.network.classes, design.network.neurons[1]) == (classes, chosen.hidden)
    assert len(refused) < 20
    assert all("integer_bits" in reason or "a local pattern needs" in reason for reason in refused)


def test_optuna_asks_for_the_same_choice():
    choices, found = drawn(784, 10, 20)
    for chosen in found:
        assert choices.suggest(FixedTrial(choices.parameters(chosen))) == chosen


@pytest.mark.parametrize(
    ("rate", "halvings", "slots", "expected"),
    [
        (4, 0, 100, ((0, 4),)),
        (4, 1, 100, ((0, 4), (50, 5))),
        (3, 4, 800, ((0, 3), (400, 4), (500, 5), (600, 6), (700, 7))),
        (2, 3, 2, ((0, 2), (1, 3))),
    ],
)
def test_rates(rate, halvings, slots, expected):
    assert rate_shifts(rate, halvings, slots) == expected


def test_hidden_neurons_are_no_fewer_than_many_classes():
    assert min(space(64, 64).scalars["hidden"].values()) == 64
    assert min(space(64, 2).scalars["hidden"].values()) == 16


def test_few_inputs_are_all_kept():
    assert space(64, 10).scalars["kept"].values() == (64,)
    assert list(space(784, 10).scalars["kept"].values()) == [96, 128, 160, 192, 256, 320, 384, 512, 640, 784]


def test_half_a_board_is_half_as_much():
    chip = device("XC7A35T")
    whole, half = (fitted(BASE._replace(room=room), "one", DATA, 64, 10, chip) for room in (1.0, 0.5))
    assert half.share <= 0.475 < whole.share <= 0.95
    assert half.clocks > whole.clocks
