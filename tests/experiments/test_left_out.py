"""r, its interval, and predictions of a family left out: by hand, and with the family leaking into its own fit."""

import numpy as np
import pytest
from scipy import stats

from sw.experiments.difficulty.left_out import foretold
from sw.experiments.morse.correlation import correlation, pearson
from sw.sparse.errors import SparseError

RANDOM = np.random.Generator(np.random.PCG64(3))
FAMILIES = [name for name in "abcdefgh" for _ in range(6)]


def test_r_is_scipys():
    x, y = RANDOM.normal(size=(2, 30))
    assert correlation(x, y).r == pytest.approx(stats.pearsonr(x, y).statistic, rel=1e-12)
    assert correlation(x, 3 - 2 * x).r == pytest.approx(-1)
    assert correlation(x, np.full(30, 0.1)).r is None


def test_interval_covers_r_about_as_often_as_it_says():
    covered = 0
    for _ in range(100):
        x = RANDOM.normal(size=40)
        found = correlation(x, 0.6 * x + 0.8 * RANDOM.normal(size=40))  # r is 0.6
        covered += found.low < 0.6 < found.high
    assert 85 <= covered <= 99


@pytest.mark.parametrize(("x", "y", "message"), [
    ([1, 2], [1, 2], "at least 3"), ([1, 2, 3], [1, 2], "equally long"), ([1, 2, np.nan], [1, 2, 3], "finite"),
])
def test_wrong_points(x, y, message):
    with pytest.raises(SparseError, match=message):
        correlation(x, y)


def test_a_straight_relation_is_foretold():
    metric = RANDOM.normal(size=(48, 2))
    accuracy = 5 + metric @ [2.0, -3.0]
    np.testing.assert_allclose(foretold(metric, accuracy, FAMILIES), accuracy)


def test_by_hand():
    # without a: the line through (2, 4), (4, 8); without b: through (1, 1), (3, 5)
    found = foretold(np.array([1.0, 3.0, 2.0, 4.0]), np.array([1.0, 5.0, 4.0, 8.0]), ["a", "a", "b", "b"])
    np.testing.assert_allclose(found, [2, 6, 3, 7])


def test_what_a_family_has_is_not_in_its_predictions():
    metric, accuracy = RANDOM.normal(size=(48, 3)), RANDOM.normal(size=48)
    before = foretold(metric, accuracy, FAMILIES)
    accuracy[:6] += 100
    after = foretold(metric, accuracy, FAMILIES)
    np.testing.assert_array_equal(before[:6], after[:6])
    assert (before[6:] != after[6:]).all()


def r_by_chance(predict, times=40):
    """Mean r of predictions with accuracies that have nothing to do with the metrics, in units of its error."""
    found = []
    for _ in range(times):
        accuracy = RANDOM.normal(size=48)
        found.append(pearson(predict(accuracy), accuracy))
    return np.mean(found) / (np.std(found) / np.sqrt(len(found)))


def test_a_leak_is_found_by_accuracies_in_another_order():
    metric = RANDOM.normal(size=(48, 6))
    honest = r_by_chance(lambda accuracy: foretold(metric, accuracy, FAMILIES))

    def leaking(accuracy):  # the fault: the family that is foretold takes part in the fit
        rows = np.column_stack([np.ones(48), metric])
        return rows @ np.linalg.lstsq(rows, accuracy, rcond=None)[0]

    assert honest < 3
    assert r_by_chance(leaking) > 10


@pytest.mark.parametrize(("families", "message"), [
    (["a"] * 4, "at least two, got 1"), (["a", "a", "b", "b"], "at least 3 variants, got 2"),
])
def test_too_few(families, message):
    with pytest.raises(SparseError, match=message):
        foretold(RANDOM.normal(size=(4, 2)), RANDOM.normal(size=4), families)


def test_a_metric_that_does_not_vary_foretells_a_mean():
    found = foretold(np.ones(4), np.array([1.0, 3.0, 5.0, 9.0]), ["a", "a", "b", "b"])
    np.testing.assert_allclose(found, [7, 7, 2, 2])
