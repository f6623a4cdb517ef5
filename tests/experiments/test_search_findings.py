"""What experiments about the search find, of rows made up: a difference that is or is not there, and how it is told."""


import numpy as np
import pytest

from sw.experiments.search.command import EXPERIMENTS
from sw.experiments.search.experiment import judged, judgements
from sw.experiments.statistics import (
    CONTRADICTED,
    NOT_SHOWN,
    REPRODUCED,
    Estimate,
)


@pytest.mark.parametrize(("holds", "claimed"), [
    (("equal", "higher"), "above -0.5"), (("equal", "lower"), "below 0.5"), (("higher",), "above 0.5"),
    (("lower",), "below -0.5"), (("equal",), "-0.5 to 0.5"),
])
def test_a_claim_of_a_search_is_a_range(holds, claimed):
    assert judged("a is no worse", Estimate(1, 0.2), 0.5, holds).claimed == claimed


def rows_of(cases, column):
    """Three seeds; ``cases``: ``column`` by case."""
    plain = {"accuracy": 90.0, "test_accuracy": 90.0, "value": -1.0, "parameters": 1000, "t_epoch": 1.0, "times": 1.0,
             "by_mean": 90.0, "trainings": 30, "initial": 1, "steps": 2, "weight_decay": 0.0, "depth": 1, "load": 0.1}
    return [{"case": case, "seed": seed, **plain, column: value} for seed in (1, 2, 3) for case, value in cases.items()]


@pytest.mark.parametrize(("name", "column", "cases", "place", "comparison", "figure", "word"), [
    ("transfer", "test_accuracy", {"native": 90, "transferred": 91}, -2, "do at least as well", "1.00", REPRODUCED),
    ("transfer", "test_accuracy", {"native": 90, "transferred": 90.2}, -2, "do at least as well", "0.20", REPRODUCED),
    ("transfer", "test_accuracy", {"native": 90, "transferred": 89}, -2, "at least as well", "-1.00", CONTRADICTED),
    ("transfer", "test_accuracy", {"native": 90, "transferred": 91}, -1, "they do better", "", REPRODUCED),
    ("transfer", "test_accuracy", {"native": 90, "transferred": 89}, -1, "they do better", "", CONTRADICTED),
    ("ensembling", "test_accuracy", {"the best": 90, "the best 3": 90.5, "the best 5": 91}, -2,
     "validation", "", REPRODUCED),
    ("ensembling", "test_accuracy", {"the best": 90, "the best 3": 90.5, "the best 5": 89}, -2, "", "", CONTRADICTED),
    ("ensembling", "times", {"the best": 1, "the best 3": 3, "the best 5": 5}, -1, "or more", "3.00", REPRODUCED),
    ("ensembling", "times", {"the best": 1, "the best 3": 1.2, "the best 5": 1.5}, -1, "", "-0.50", CONTRADICTED),
    ("greedy", "value", {"greedy": -1.1, "all at once": -1.0}, -1, "is no higher", "-0.10", REPRODUCED),
    ("greedy", "value", {"greedy": -1.0, "all at once": -1.01}, -1, "is no higher", "0.01", REPRODUCED),
    ("greedy", "value", {"greedy": -1.0, "all at once": -1.1}, -1, "is no higher", "0.10", CONTRADICTED),
    ("mixes", "value", {"random": -1, "Sobol": -1, "balanced": -1.1, "extreme": -1.1, "default": -1.2}, -4,
     "f of balanced is no higher than that of random", "-0.10", REPRODUCED),
    ("mixes", "value", {"random": -1, "Sobol": -1, "balanced": -1.1, "extreme": -1.1, "default": -1}, -1,
     "f of default is no higher than that of balanced", "0.10", CONTRADICTED),
    ("depth", "test_accuracy", {"4 layers": 85, "8 layers": 90, "16 layers": 90.1}, -1,
     "16 layers are no better than 8 layers", "0.10", REPRODUCED),
    ("depth", "test_accuracy", {"4 layers": 85, "8 layers": 90, "16 layers": 92}, -1, "", "2.00", CONTRADICTED),
    ("loader", "epoch_seconds", {"resident arrays": 1, "loader in this process": 4}, -1,
     "is slower", "2.00", REPRODUCED),
    ("loader", "epoch_seconds", {"resident arrays": 1, "loader in this process": 0.5}, -1, "", "-1.00", CONTRADICTED),
    ("loader", "epoch_seconds", {"resident arrays": 1, "loader in this process": 1.05}, -1, "", "0.07", CONTRADICTED),
])
def test_findings_tell_what_is_there(name, column, cases, place, comparison, figure, word):
    wiggle = 1e-3
    rows = rows_of(cases, column)
    found = EXPERIMENTS[name].findings(rows)[place]
    assert found.verdict == word
    assert comparison in found.comparison
    assert f"{found.estimate}".startswith(figure)
    for row, shift in zip(rows, np.linspace(-wiggle, wiggle, len(rows)), strict=True):
        row[column] += shift * (1 if row["seed"] % 2 else -1)
    assert judgements(EXPERIMENTS[name], rows)[place].verdict == word
    for row, shift in zip(rows, (30, -40, 20, 5, -25, 10, 35, -15, 0, 25, -30, 15, -5, 40, -10), strict=False):
        row[column] = (2 if column == "times" else 50) + shift
    assert judgements(EXPERIMENTS[name], rows)[place].verdict == NOT_SHOWN


def test_wall_clocks_of_a_busy_machine_decide_nothing():
    rows = rows_of({"resident arrays": 1, "loader in this process": 4}, "epoch_seconds")
    busy = EXPERIMENTS["loader"].findings([{**row, "load": 3.0} for row in rows])
    assert busy[-2].startswith("not decided: other programs ran (3.0 a processor)")
    assert busy[-1].verdict == NOT_SHOWN


@pytest.mark.parametrize(("decay", "word"), [
    (lambda n, seed: n * 1e-8, REPRODUCED), (lambda n, seed: 1e-4, CONTRADICTED),
    (lambda n, seed: 1e-4 / n, CONTRADICTED), (lambda n, seed: n * 1e-8 if seed < 3 else 1e-4 / n, NOT_SHOWN),
])
def test_weight_decay_and_parameters(decay, word):
    rows = []
    for seed in (1, 2, 3):
        for penalty in ("t_epoch", "numparams"):
            for number, wc in enumerate((0, 0.01, 0.1, 1, 10)):
                n = 10000 // (number + 1) + seed
                rows.append({"case": f"{penalty}, w_c = {wc:g}", "seed": seed, "penalty": penalty, "wc": wc,
                             "accuracy": 90, "parameters": n, "t_epoch": n / 1000, "weight_decay": decay(n, seed)})
    lines = EXPERIMENTS["tradeoff"].findings(rows)
    for penalty, place in (("t_epoch", 6), ("numparams", -1)):
        assert lines[place].comparison.startswith(f"{penalty}: weight decay goes with the number of parameters")
        assert lines[place].verdict == word
        assert "cheaper network than 0: -0.70" in str(lines[place - 1])
        assert lines[place - 1].verdict == REPRODUCED
