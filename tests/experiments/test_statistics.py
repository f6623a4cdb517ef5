"""Intervals, verdicts, and whether a second measurement is the first one but for chance."""

import json
import math

import numpy as np
import pytest

from sw.experiments.finding import Finding
from sw.experiments.record import Record, packed
from sw.experiments.statistics import (
    CONTRADICTED,
    DEPENDS,
    NOT_SHOWN,
    REPRODUCED,
    Estimate,
    alike,
    chance,
    chance_of_estimates,
    difference,
    estimate,
    overall,
    verdict,
)
from sw.sparse.errors import SparseError


def test_intervals_are_students_and_welchs():
    # t of 0.975 with 4 degrees of freedom is 2.776445; the standard error of 1..5 is sqrt(2.5 / 5)
    assert estimate([1, 2, 3, 4, 5]).half == pytest.approx(2.776445 * math.sqrt(0.5), rel=1e-6)
    assert math.isnan(estimate([3.0]).half)
    found = difference([1, 2, 3, 4, 5], [2, 2, 2, 2, 7])
    # variances 2.5 and 5 over 5: 0.5 + 1; 1.5^2 / (0.25 / 4 + 1 / 4) = 7.2 degrees of freedom, t 2.351
    assert found.mean == 0
    assert found.half == pytest.approx(2.351 * math.sqrt(1.5), rel=1e-3)
    assert difference([1, 1], [2, 2]).half == 0


def test_intervals_hold_the_error_of_the_test_set():
    """Two seeds that agree on every one of 400 samples, nine tenths of them right: 1.96 sqrt(0.9 0.1 / 400)."""
    correct = np.repeat([2, 0], [360, 40])
    sure = {"test_accuracies": [90.0, 90.0], "weights": 1, "correct": packed(correct)}
    assert Record(sure).accuracy.half == pytest.approx(196 * math.sqrt(0.09 / 400))
    # what both have wrong tells nothing of their difference; 8 samples of 400 that only one has right do
    assert Record(sure).more_than(Record(sure)).half == 0
    worse = correct.copy()
    worse[:8] = 0
    other = Record(sure | {"test_accuracies": [88.0, 88.0], "correct": packed(worse)})
    assert Record(sure).more_than(other).half == pytest.approx(196 * math.sqrt(0.02 * 0.98 / 400))


def test_more_seeds_than_can_be_counted_are_refused():
    assert Record({"test_accuracies": [50.0] * 255, "correct": packed(np.array([255, 0]))}).accuracy.mean == 50
    with pytest.raises(SparseError, match="at most 255 seeds may be counted together, got 256"):
        packed(np.array([3, 256]))


def test_other_test_samples_are_no_comparison():
    a, b = (Record({"test_accuracies": [90.0, 91.0], "weights": 1, "correct": packed(np.ones(n))}) for n in (10, 11))
    with pytest.raises(SparseError, match="the same test samples, got 10 and 11"):
        a.more_than(b)


def test_how_probable_a_lower_figure_is():
    """Against a table of Student's t: 2.306 with 8 and 2.776 with 4 degrees of freedom have 2.5 % above them."""
    old = [-1.0, -1.0, 0.0, 1.0, 1.0]  # their spread is 1
    assert chance([value + 2.306 * (2 / 5) ** 0.5 for value in old], old) == pytest.approx(0.975, abs=1e-4)
    assert chance([-1 - 2.776 * 2**0.5], old) == pytest.approx(0.025, abs=1e-4)  # the first of old is -1
    assert chance_of_estimates(Estimate(5.0, 3.0), Estimate(0.0, 4.0)) == pytest.approx(0.975)
    for same, more in ((chance([1, 1], [1, 1]), chance([2, 2], [1, 1])), (chance([1], [1]), chance([2], [1])), (
            chance_of_estimates(Estimate(1, 0), Estimate(1, 0)), chance_of_estimates(Estimate(2, 0), Estimate(1, 0)))):
        assert (same, more) == (0.5, 1.0)


def test_one_far_off_or_all_a_bit_off_are_not_alike():
    assert alike([0.5] * 25)
    assert alike([0.03, 0.97] * 12)
    assert alike([*[0.5] * 24, 0.0001])  # 1 of 25 is as far off once in 200 times
    assert not alike([*[0.5] * 24, 0.000001])
    assert not alike([0.2] * 25)
    assert not alike([0.8] * 25)
    assert not alike([0.5, 1.0])


@pytest.mark.parametrize(("moved", "seeds", "alike_by_seed", "least", "most"), [
    ([0] * 11, 5, 0, 0, 0.01), ([0] * 11, 5, 0.97, 0, 0.01), ([1] * 11, 5, 0, 0.8, 1), ([8] + [0] * 10, 5, 0, 0.9, 1),
    ([3] * 11, 1, 0, 0.95, 1), ([8] + [0] * 10, 1, 0, 0, 0.05), ([0.5] * 11, 5, 0.97, 0.95, 1)])
def test_how_often_simulated_records_differ(moved, seeds, alike_by_seed, least, most):
    """Rows of five seeds with a standard deviation of 1, measured once more with their means moved; the same seed
    having the same part of its deviation."""
    generator = np.random.default_rng(1)
    old = generator.normal(size=(200, 11, 5))
    new = (1 - alike_by_seed**2) ** 0.5 * generator.normal(size=(200, 11, seeds))
    new += alike_by_seed * old[:, :, :seeds] + np.array(moved)[:, None]
    found = [not alike([chance(y, x) for y, x in zip(ys, xs, strict=True)]) for ys, xs in zip(new, old, strict=True)]
    assert least <= np.mean(found) <= most


@pytest.mark.parametrize(("mean", "half", "low", "high", "word"), [
    (0.2, 0.1, -0.5, 0.5, REPRODUCED), (0.2, 0.1, 0, math.inf, REPRODUCED), (-0.2, 0.1, 0, math.inf, CONTRADICTED),
    (0.4, 0.2, -0.5, 0.5, NOT_SHOWN), (0.7, 0.1, -0.5, 0.5, CONTRADICTED), (0.1, 0.2, 0, math.inf, NOT_SHOWN),
    (0.1, 0.2, -math.inf, 0.5, REPRODUCED), (0.1, 0.5, -math.inf, 0.5, NOT_SHOWN),
    (0.8, 0.2, -math.inf, 0.5, CONTRADICTED), (0.0, 0.0, 0, math.inf, CONTRADICTED), (0.1, 0.1, 0, 1, NOT_SHOWN),
    (5.0, math.nan, 0, math.inf, NOT_SHOWN),
])
def test_verdict_is_that_of_the_interval_and_the_claimed_range(mean, half, low, high, word):
    assert verdict(Estimate(mean, half), low, high) == word
    assert Finding("a", "b", Estimate(mean, half), low, high).verdict == word
    assert Finding("", "b", Estimate(mean, half), low, high).verdict is None


@pytest.mark.parametrize(("each", "word"), [
    ([REPRODUCED] * 2, REPRODUCED), ([REPRODUCED, CONTRADICTED, NOT_SHOWN], DEPENDS),
    ([REPRODUCED, NOT_SHOWN], NOT_SHOWN),
    ([CONTRADICTED, NOT_SHOWN], CONTRADICTED), ([CONTRADICTED], CONTRADICTED), ([DEPENDS, NOT_SHOWN], DEPENDS),
    ([NOT_SHOWN], NOT_SHOWN), ([DEPENDS, REPRODUCED], DEPENDS),
])
def test_several_comparisons_have_one_verdict(each, word):
    assert overall(each) == overall(each[::-1]) == word


def test_a_finding_is_the_same_from_its_record():
    for found in (Finding("a", "b", Estimate(1.25, 0.5), low=1), Finding("", "c", Estimate(1, math.nan), unit="steps")):
        record = json.loads(json.dumps(found.record()))
        again = Finding.of(record)
        assert again.record() == record
        assert str(again) == str(found)
    assert str(Finding("a", "b", Estimate(1.25, 0.5), low=1)) == "b: 1.25 ± 0.50 points (claimed: above 1): not shown"
