"""Numbers of networks: against every pattern there is, one by one, built from the definition of the three types."""

from itertools import combinations, product
from math import comb, factorial

import pytest

from sw.pattern.count import clash_free_networks, random_networks
from sw.pattern.degrees import divisors, out_degrees
from sw.pattern.errors import PatternError
from tests.pattern.enumeration import networks

# left, out-degree, right, z, dithering, type, networks: what was counted or derived for the papers' reference
TABLE = [
    (9, 2, 6, 3, False, 1, 46656), (9, 2, 6, 3, False, 2, 729), (9, 2, 6, 3, False, 3, 27),
    (9, 2, 6, 3, True, 1, 46656), (9, 2, 6, 3, True, 2, 729), (9, 2, 6, 3, True, 3, 27),
    (12, 2, 12, 4, True, 2, 236196), (12, 2, 12, 4, True, 3, 486),
    (12, 2, 12, 4, False, 2, 6561), (12, 2, 12, 4, False, 3, 81),
    (8, 1, 4, 4, True, 1, 96), (8, 1, 4, 4, True, 2, 96), (8, 1, 4, 4, False, 1, 16),
    (6, 2, 4, 2, True, 1, 324), (6, 2, 4, 2, True, 2, 324), (6, 2, 4, 2, True, 3, 18),
    (6, 2, 4, 2, False, 1, 81), (6, 2, 4, 2, False, 2, 81),
    (8, 2, 4, 2, False, 1, 1296), (8, 2, 4, 2, False, 2, 256), (8, 2, 4, 2, False, 3, 16),
    (6, 2, 3, 3, False, 1, 8), (6, 2, 3, 3, False, 2, 8), (6, 2, 3, 3, False, 3, 8),
    (6, 2, 3, 3, True, 1, 60), (6, 2, 3, 3, True, 2, 60), (6, 2, 3, 3, True, 3, 48),
]  # fmt: skip


@pytest.mark.parametrize(("left", "out_degree", "right", "z", "dither", "kind", "expected"), TABLE)
def test_known_junctions(left, out_degree, right, z, dither, kind, expected):
    assert clash_free_networks(kind, left, right, out_degree, z, dither=dither) == expected
    assert networks(kind, left, right, out_degree, z, dither) == expected


@pytest.mark.parametrize(("dither", "sweep", "expected"), [(True, 7776, 60466176), (False, 1296, 1679616)])
def test_known_junctions_with_too_many_networks(dither, sweep, expected):
    # each of the two sweeps feeds six right neurons of its own, so one sweep is enough to list
    assert networks(1, 12, 6, 1, 4, dither) == sweep
    assert clash_free_networks(1, 12, 12, 2, 4, dither=dither) == expected == sweep**2


SMALL = [
    (left, right, out_degree, z)
    for left in range(1, 9) for right in range(1, 9) for out_degree in out_degrees(left, right)
    for z in divisors(left) if z <= 4
]  # fmt: skip


@pytest.mark.parametrize("dither", [False, True])
@pytest.mark.parametrize(("kind", "share", "least"), [(1, 1, 190), (2, 1, 230), (2, 2, 235), (2, 3, 240), (3, 1, 240)])
def test_every_small_junction(kind, share, least, dither):
    counted = 0
    for left, right, out_degree, z in SMALL:
        if kind == 1 and factorial(left // z) ** z > 2000:
            continue
        expected = clash_free_networks(kind, left, right, out_degree, z, sweeps_per_start=share, dither=dither)
        if expected <= 5000:
            assert networks(kind, left, right, out_degree, z, dither, share) == expected, (left, right, out_degree, z)
            counted += 1
    assert counted >= least


@pytest.mark.parametrize("dither", [False, True])
@pytest.mark.parametrize("share", [1, 2, 3, 4])
def test_sweeps_that_share_a_start_vector(share, dither):
    counted = clash_free_networks(2, 6, 8, 4, 2, sweeps_per_start=share, dither=dither)
    assert counted == networks(2, 6, 8, 4, 2, dither, share)
    assert counted == clash_free_networks(3, 6, 8, 4, 2, dither=dither) ** (-(-4 // share))


def test_the_published_count_of_type_one_is_too_large_if_a_neuron_takes_several_clocks():
    assert (24**2) ** 2 == 331776 != clash_free_networks(1, 8, 4, 2, 2) == 1296


# the reference's counts are of all matrices, those with too few edges included
@pytest.mark.parametrize(("kind", "dither", "everything", "valid"), [
    (1, True, 64, 16), (2, True, 64, 16), (2, False, 16, 4), (3, True, 8, 8),
])  # fmt: skip
def test_straddling_sweeps(kind, dither, everything, valid):
    assert networks(kind, 4, 4, 3, 2, dither, collapsed=True) == everything
    assert networks(kind, 4, 4, 3, 2, dither) == valid == clash_free_networks(kind, 4, 4, 3, 2, dither=dither)


def test_groups_of_sweeps_straddle_where_they_end_inside_a_neuron():
    # an in-degree of 4; three sweeps are 18 slots, four and a half right neurons
    for share, dither in product((2, 3, 4, 6), (False, True)):
        counted = networks(2, 6, 9, 6, 2, dither, share)
        assert counted == clash_free_networks(2, 6, 9, 6, 2, sweeps_per_start=share, dither=dither)
        assert (counted == networks(2, 6, 9, 6, 2, dither, share, collapsed=True)) == (share != 3)


def test_fully_connected_is_one():
    for kind in (1, 2, 3):
        for dither in (False, True):
            assert clash_free_networks(kind, 12, 5, 5, 4, dither=dither) == 1


def test_large_numbers_are_exact():
    # mnist.toml's first junction: z = 128, 8 rows, in-degree 64 < z; in a clock, two right neurons
    number = clash_free_networks(1, 1024, 64, 4, 128)
    assert number == (40320**128) ** 4
    assert clash_free_networks(2, 1024, 64, 4, 128, dither=True) == (comb(128, 64) * 8**128) ** 4


@pytest.mark.parametrize(("left", "right", "edges"), [(2, 3, 0), (2, 3, 2), (3, 3, 4), (2, 3, 6)])
def test_random_networks(left, right, edges):
    assert random_networks(left, right, edges) == len(list(combinations(range(left * right), edges)))


@pytest.mark.parametrize(("kind", "z"), [(4, 2), (1, 3), (1, 0)])
def test_arguments_wrong(kind, z):
    with pytest.raises(PatternError) as error:
        clash_free_networks(kind, 8, 4, 2, z)
    assert str(error.value) == f"networks are counted for kind 1, 2 or 3 and z that divides 8, got {kind} and {z}"
