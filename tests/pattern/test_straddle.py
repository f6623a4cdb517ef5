"""Right neurons that straddle sweeps: every junction has patterns, the first seeds draw some, and all are counted."""

from math import prod

import numpy as np
import pytest

from sw.pattern.clash_free import make_pattern
from sw.pattern.degrees import divisors, out_degrees
from sw.pattern.errors import PatternError
from sw.pattern.straddle import Straddle
from tests.pattern.enumeration import patterns, sweeps_there_are

# kind, sweeps per start, dithering; of how many of the 197 junctions there are few enough patterns to list them
KINDS = [
    (1, 1, False, 129), (1, 1, True, 72), (2, 1, False, 169), (2, 1, True, 110), (2, 2, False, 193),
    (2, 2, True, 143), (2, 3, False, 197), (2, 3, True, 157), (3, 1, False, 197), (3, 1, True, 168),
]  # fmt: skip
SMALL = [
    (left, right, out_degree, z)
    for left in range(1, 8) for right in range(1, 8) for out_degree in out_degrees(left, right) for z in divisors(left)
]  # fmt: skip


def draw(case, seed: int) -> list[int]:
    """Left neurons in slot order. ``case``: kind, left, right, out-degree, z, dithering, sweeps per start."""
    kind, left, right, out_degree, z, dither, share = case
    return make_pattern(
        kind=kind, left=left, right=right, out_degree=out_degree, z=z, seed=seed, junction=1, sweeps_per_start=share,
        dither=dither,
    ).left_of.tolist()


def counted(case) -> int:
    """Patterns: the choices of all groups, multiplied."""
    kind, left, right, out_degree, z, dither, share = case
    starts = range(0, out_degree, out_degree if kind == 3 else share)
    return prod(Straddle(kind, left, left * out_degree // right, z, dither, s * left).choices() for s in starts)


def missing(kind: int, share: int, dither: bool) -> tuple[int, list]:
    """How many junctions had their patterns listed; and those of which a seed drew none of them, or counted others."""
    compared, found = 0, []
    for left, right, out_degree, z in SMALL:
        case = (kind, left, right, out_degree, z, dither, share)
        drawn = [tuple(draw(case, seed)) for seed in (1, 2, 3)]
        if sweeps_there_are(kind, left, z, dither) <= 400 and counted(case) <= 1000:
            there, compared = patterns(*case), compared + 1
            if len(there) != counted(case) or not there.keys() >= set(drawn):
                found.append(case)
    return compared, found


@pytest.mark.parametrize(("kind", "share", "dither", "listed"), KINDS)
def test_every_small_junction_is_drawn_with_the_first_seeds(kind, share, dither, listed):
    assert missing(kind, share, dither) == (listed, [])


@pytest.mark.parametrize("dither", [False, True])
@pytest.mark.parametrize(("kind", "share"), [(1, 1), (2, 1), (2, 5)])
@pytest.mark.parametrize("shape", [(100, 25, 12, 4), (784, 112, 20, 28), (12, 9, 6, 4), (784, 112, 19, 56)])
def test_every_seed_draws(shape, kind, share, dither):
    # in-degrees of 48, 140, 8 and 133 divide none of the left layers
    found = [draw((kind, *shape, dither, share), seed) for seed in (1, 2, 3)]
    assert len(np.unique(found, axis=0)) == 3


def test_a_straddling_neuron_that_is_forgotten_is_found(monkeypatch):
    monkeypatch.setattr(Straddle, "tail", 0)
    with pytest.raises(PatternError) as error:
        draw((1, 100, 25, 12, 4, False, 1), 1)
    assert str(error.value) == (
        "pattern: right neuron 2 is joined twice to the same left neuron; its slots must join different ones"
    )


@pytest.mark.parametrize("change", [-1, 1])
def test_wrong_counts_are_found(monkeypatch, change):
    rows = Straddle._rows
    monkeypatch.setattr(Straddle, "_rows", lambda self, tail, head: rows(self, tail, head) + change * (head > 1))
    assert missing(2, 1, False)[1]


def test_a_pattern_that_is_not_there_is_found(monkeypatch):
    # all banks a row further on: sound sweeps that join neurons twice, which nothing else then sees
    monkeypatch.setattr("sw.pattern.clash_free.Pattern.check", lambda pattern: None)
    monkeypatch.setattr(Straddle, "draw", lambda self, rng, rows, order: ((rows - 1) % self.depth, order))
    assert missing(2, 1, False)[1]
