"""Drawn edges: degrees and totals, seeds, and that every kind comes through one door."""

import time
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from sw.pattern.clash_free import make_pattern
from sw.pattern.degrees import edges_at, out_degrees
from sw.pattern.draw import KINDS, draw, random_edges, structured_edges
from sw.pattern.edges import Edges, edges_of
from sw.pattern.errors import PatternError


def regular(edges: Edges, out_degree: int) -> bool:
    in_degree = edges.left * out_degree // edges.right
    return bool((edges.out_degrees == out_degree).all() and (edges.in_degrees == in_degree).all())


# left, out-degree, right
STRUCTURED = [
    (8, 1, 4), (4, 2, 4), (800, 50, 100), (784, 10, 112), (39, 10, 390), (100, 5, 10), (64, 128, 1024), (12, 2, 12),
    (5, 3, 3), (1, 4, 4), (6, 1, 1),
]  # fmt: skip


@pytest.mark.parametrize(("left", "out_degree", "right"), STRUCTURED)
def test_structured_edges_have_fixed_degrees(left, out_degree, right):
    for seed in range(5):
        assert regular(structured_edges(left, right, out_degree, seed), out_degree)


@pytest.mark.parametrize(("left", "right"), [(left, right) for left in range(1, 9) for right in range(1, 9)])
def test_structured_edges_of_every_small_junction(left, right):
    for out_degree in out_degrees(left, right):
        for seed in range(4):
            assert regular(structured_edges(left, right, out_degree, seed), out_degree)


def test_edges_that_are_not_regular_are_seen():
    edges = structured_edges(8, 4, 2, 1)
    left_of = edges.left_of.copy()
    left_of[0] = next(n for n in range(8) if n not in left_of[:4])
    assert not regular(Edges(8, 4, left_of, edges.right_of), 2)


def test_every_structured_junction_can_be_drawn():
    # 4 right neurons with 2 of 4 left neurons each: 90 matrices
    seen = {structured_edges(4, 4, 2, seed).matrix().tobytes() for seed in range(2000)}
    assert len(seen) == 90


def test_every_random_junction_can_be_drawn_and_equally_often():
    counts = {}
    for seed in range(4000):
        found = tuple(np.flatnonzero(random_edges(2, 3, 3, seed).matrix()).tolist())
        counts[found] = counts.get(found, 0) + 1
    assert set(counts) == set(combinations(range(6), 3))
    expected = 4000 / 20
    assert sum((n - expected) ** 2 / expected for n in counts.values()) < 43.8  # chi-square, 19 degrees, 0.1 %


@pytest.mark.parametrize("density", [0.01, 0.3, Fraction(1, 3), 0.999, 1])
def test_random_edges_number_what_the_density_says(density):
    edges = draw("random", 30, 14, density=density, seed=3)
    assert edges.weights == edges_at(30, 14, density)


def test_random_edges_by_out_degree():
    edges = draw("random", 30, 14, out_degree=4)
    assert edges.weights == 120
    assert not regular(edges, 4)


@pytest.mark.parametrize("dither", [False, True])
@pytest.mark.parametrize(("kind", "share"), [(1, 1), (2, 1), (2, 3), (3, 1)])
def test_clash_free_edges_are_those_of_a_design(kind, share, dither):
    how = {"z": 6, "sweeps_per_start": share, "dither": dither, "seed": 7, "junction": 2}
    pattern = make_pattern(kind=kind, left=24, right=12, out_degree=6, **how)
    for amount in ({"out_degree": 6}, {"density": 0.5}):
        assert np.array_equal(draw(kind, 24, 12, **amount, **how).left_of, edges_of(pattern).left_of)


@pytest.mark.parametrize("kind", KINDS)
def test_seed_and_junction_say_which(kind):
    def drawn(seed, junction):
        how = {} if isinstance(kind, str) else {"z": 8, "dither": True}
        return draw(kind, 64, 32, out_degree=4, seed=seed, junction=junction, **how).left_of.tolist()

    assert drawn(1, 1) == drawn(1, 1)
    assert len({tuple(drawn(*which)) for which in ((1, 1), (2, 1), (1, 2))}) == 3


@pytest.mark.parametrize("kind", ["structured", 1, 2, 3])
def test_nearest_density(kind):
    """12 and 8 neurons have the densities 1/4, 1/2, 3/4 and 1; without `nearest` others are refused."""
    how = {"z": 3} if isinstance(kind, int) else {}
    for density, due in ((0.01, 0.25), (0.37, 0.25), (0.38, 0.5), (0.9, 1)):
        assert draw(kind, 12, 8, density=density, nearest=True, **how).density == due
        with pytest.raises(PatternError, match="has the densities k/4"):
            draw(kind, 12, 8, density=density, **how)


def test_full_density_is_fully_connected():
    for kind in KINDS:
        how = {} if isinstance(kind, str) else {"z": 4}
        assert draw(kind, 8, 6, density=1, **how).matrix().all()


@pytest.mark.parametrize(("kind", "how", "complaint"), [
    ("striped", {"out_degree": 2}, 'a pattern\'s kind must be "random", "structured", 1, 2 or 3, got \'striped\''),
    (4, {"out_degree": 2}, 'a pattern\'s kind must be "random", "structured", 1, 2 or 3, got 4'),
    ("random", {}, "give one of out_degree and density, got out_degree None and density None"),
    ("random", {"out_degree": 2, "density": 0.5},
     "give one of out_degree and density, got out_degree 2 and density 0.5"),
    ("structured", {"out_degree": 3},
     "the out-degree must be a multiple of 2 up to 10, so that 15 * out-degree divides by 10; got 3"),
    ("structured", {"density": 0.3},
     ("a structured junction of 15 and 10 neurons has the densities k/5, not 0.3; "
      "near it: 0.2 (out-degree 2), 0.4 (out-degree 4)")),
    ("random", {"density": 1.5}, "a density must be above 0 and at most 1, got 1.5"),
    ("random", {"out_degree": 11}, "a junction of 15 and 10 neurons has 1..150 edges, got 165"),
    ("random", {"out_degree": 0}, "a junction of 15 and 10 neurons has 1..150 edges, got 0"),
    ("random", {"out_degree": 2, "z": 5},
     'z, sweeps per start vector and dithering belong to the kinds 1 to 3, not to "random"'),
    ("structured", {"out_degree": 2, "dither": True},
     'z, sweeps per start vector and dithering belong to the kinds 1 to 3, not to "structured"'),
    (2, {"out_degree": 2}, "kind 2 needs z, a divisor of the 15 left neurons: [1, 3, 5, 15]"),
    (2, {"out_degree": 2, "z": 4}, "z must divide the 15 left neurons; got 4, nearest valid: [1, 3, 5, 15]"),
    (2, {"out_degree": 3, "z": 5},
     "the out-degree must be a multiple of 2 up to 10, so that 15 * out-degree divides by 10; got 3"),
    (3, {"out_degree": 2, "z": 5, "sweeps_per_start": 2},
     "sweeps per start vector must be at least 1, and 1 but for kind 2; got 2 with kind 3"),
    (2, {"out_degree": 2, "z": 5, "sweeps_per_start": 0},
     "sweeps per start vector must be at least 1, and 1 but for kind 2; got 0 with kind 2"),
    ("random", {"out_degree": 2, "seed": -1}, "a pattern's seed must be at least 0, got -1"),
    (1, {"out_degree": 2, "z": 5, "seed": -1}, "a pattern's seed must be at least 0, got -1"),
])  # fmt: skip
def test_draw_wrong(kind, how, complaint):
    with pytest.raises(PatternError) as error:
        draw(kind, 15, 10, **how)
    assert str(error.value) == complaint


def test_large_junctions_take_no_time():
    start = time.process_time()
    structured_edges(2000, 50, 25, 1)
    assert time.process_time() - start < 0.5  # 0.02 s
