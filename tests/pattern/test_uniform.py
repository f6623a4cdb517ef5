"""Seeds draw all patterns that there are, equally often, and so all networks."""

from collections import Counter
from math import comb

import pytest
from scipy.stats import chi2

from sw.pattern.straddle import Straddle
from tests.pattern.enumeration import patterns
from tests.pattern.test_straddle import draw

# kind, left, right, out-degree, z, dithering, sweeps per start; how many
PATTERNS = [
    ((1, 3, 3, 2, 1, False, 1), 24),
    ((1, 4, 4, 3, 2, True, 1), 128),
    ((2, 8, 4, 3, 2, False, 2), 64),
    ((2, 5, 5, 4, 1, False, 3), 10),
    ((3, 4, 4, 3, 2, True, 1), 8),
    ((1, 6, 3, 2, 3, True, 1), 960),  # 2 lanes of 3 have a row more before, 2 after; 1 or 2 banks have both
]
NETWORKS = [
    ((1, 6, 3, 2, 2, False, 1), 36),
    ((1, 6, 3, 2, 3, True, 1), 60),
    ((2, 3, 6, 4, 3, True, 1), 36),  # a lane has a row more before, another one after; no bank can have both
    ((2, 4, 4, 3, 4, True, 2), 24),
    # no neuron straddles; networks by enumeration in the reference of the pre-defined sparsity papers
    ((1, 8, 4, 1, 4, False, 1), 16), ((1, 8, 4, 1, 4, True, 1), 96), ((1, 6, 4, 2, 2, True, 1), 324),
    ((2, 8, 4, 1, 4, True, 1), 96), ((2, 6, 4, 2, 2, False, 1), 81), ((3, 9, 6, 2, 3, False, 1), 27),
    ((3, 9, 6, 2, 3, True, 1), 27), ((3, 12, 12, 2, 4, False, 1), 81), ((3, 6, 4, 2, 2, True, 1), 18),
]  # fmt: skip


def chance(case, networks: bool) -> tuple[int, float]:
    """How many patterns there are, or networks; and the chi-square test's chance of how often seeds draw each."""
    there = patterns(*case)
    same = there if networks else {slots: slots for slots in there}  # patterns that count as one
    drawn, ones = Counter(), set(same.values())
    mean = 4 if len(ones) > 500 else 12
    for seed in range(mean * len(ones)):
        slots = tuple(draw(case, seed))
        assert slots in there
        drawn[same[slots]] += 1
    return len(ones), float(chi2.sf(sum((drawn[one] - mean) ** 2 / mean for one in ones), len(ones) - 1))


@pytest.mark.parametrize(("case", "count"), PATTERNS)
def test_patterns_are_drawn_equally_often(case, count):
    found, likely = chance(case, networks=False)
    assert found == count
    assert likely > 0.001


@pytest.mark.parametrize(("case", "count"), NETWORKS)
def test_networks_are_drawn_equally_often(case, count):
    found, likely = chance(case, networks=True)
    assert found == count
    assert likely > 0.001


def test_the_group_before_once_more_is_not_enough(monkeypatch):
    monkeypatch.setattr(Straddle, "draw", lambda self, rng, rows, order: (rows, order))
    found, likely = chance(PATTERNS[1][0], networks=False)
    assert found == 128
    assert likely < 1e-9


def test_orders_that_leave_different_numbers_of_rows_are_not_equally_often(monkeypatch):
    # as if each order left as many choices of rows: two banks with a row more on both sides then come too often
    monkeypatch.setattr(Straddle, "_overlaps", property(
        lambda self: (1, {j: comb(2, j) * comb(1, 2 - j) for j in (1, 2)} if self.tail else {0: 1})
    ))
    case, count = NETWORKS[1]
    found, likely = chance(case, networks=True)
    assert found == count
    assert likely < 1e-9
