"""The rule of pruning on curves by hand."""

import pytest
from optuna.trial import TrialState

from sw.study.pruning import LEAST, MARGIN, limits
from sw.study.stage import Record


def trial(number, curve, state=TrialState.COMPLETE, value=None):
    curve = dict(enumerate(curve, 1))
    return Record(number, number, "a", number, state, number, value=min(curve.values()) if value is None else value,
                  curve=curve)


# The first gains 4 after step 1, 2 after step 2, 1 after step 3; others less. The best value is 1.
CURVES = [[6, 4, 3, 2], [3, 2, 1.5, 1], [3, 3, 3, 3], [4, 5, 3, 3], [2, 2, 2, 2]]


def test_limits_by_hand():
    assert limits([trial(*pair) for pair in enumerate(CURVES)]) == {
        1: 1 + MARGIN * 4, 2: 1 + MARGIN * 2, 3: 1 + MARGIN * 1}


def test_a_curve_counts_by_its_lowest_value_so_far():
    """The fourth is worse at step 2 than before, which is no gain that it could still make."""
    curves = [[3, 3, 3, 3]] * 4 + [[4, 9, 9, 3]]
    assert limits([trial(*pair) for pair in enumerate(curves)])[2] == 3 + MARGIN * 1


def test_nothing_before_enough_is_known():
    assert limits([trial(*pair) for pair in enumerate(CURVES[: LEAST - 1])]) == {}
    assert limits([]) == {}
    pruned = [trial(number, curve, TrialState.PRUNED) for number, curve in enumerate(CURVES)]
    assert limits(pruned) == {}


def test_nothing_in_the_first_quarter():
    curves = [[9 - step for step in range(8)]] * 5
    assert list(limits([trial(*pair) for pair in enumerate(curves)])) == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("steps", [1, 2])
def test_short_trials(steps):
    """There is nothing to save after the last step."""
    assert list(limits([trial(number, [2.0] * steps) for number in range(5)])) == list(range(1, steps))
