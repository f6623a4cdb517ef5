"""Checks of slots and interleavers: sound ones pass, each planted fault is named with its place."""

import numpy as np
import pytest

from sw.pattern.draw import draw, structured_edges
from sw.pattern.errors import PatternError
from sw.pattern.interleaver import check_interleaver, check_slots, interleaver_of

LEFT, RIGHT, Z = 24, 12, 6  # 4 rows, out-degree 4, in-degree 8
JUNCTION = {"left": LEFT, "right": RIGHT, "z": Z}


def slots(kind=2, dither=True, seed=1) -> np.ndarray:
    return draw(kind, LEFT, RIGHT, out_degree=4, z=Z, dither=dither, seed=seed).left_of


def complaint(check, slots, **how) -> str:
    with pytest.raises(PatternError) as error:
        check(np.asarray(slots), **how)
    return str(error.value)


@pytest.mark.parametrize("dither", [False, True])
@pytest.mark.parametrize("kind", [1, 2, 3])
def test_drawn_patterns_pass(kind, dither):
    for seed in range(10):
        left_of = slots(kind, dither, seed)
        check_slots(left_of, **JUNCTION)
        check_slots(left_of, **JUNCTION, sweeps=False)
        interleaver = interleaver_of(left_of, LEFT)
        assert sorted(interleaver) == list(range(LEFT * 4))
        assert np.array_equal(interleaver // 4, left_of)
        assert np.array_equal(interleaver % 4, np.repeat(np.arange(4), LEFT))
        check_interleaver(interleaver, **JUNCTION)


def test_a_clash_is_found():
    left_of = slots()
    # two clocks of one right neuron exchange neurons of different banks: the matrix stays the same
    first = left_of[:Z].tolist()
    a = next(k for k in range(Z) if first[k] % Z != left_of[Z] % Z)
    left_of[[a, Z]] = left_of[[Z, a]]
    bank = left_of[a] % Z
    expected = f"a clock must touch every bank exactly once; clock 0 touches bank {bank} more than once"
    assert complaint(check_slots, left_of, **JUNCTION) == f"pattern: {expected}"
    assert complaint(check_slots, left_of, **JUNCTION, sweeps=False) == f"pattern: {expected}"
    assert complaint(check_interleaver, interleaver_of(left_of, LEFT), **JUNCTION) == f"interleaver: {expected}"


def test_the_clock_of_a_clash_is_named():
    """Of a later clock, and of a bank that is not the first."""
    left_of = slots()
    clock, lanes = 4, left_of[4 * Z : 5 * Z]
    bank = int(np.sort(lanes % Z)[-2])
    lanes[np.argmax(lanes % Z)] = lanes[np.argmax(lanes % Z == bank)]  # the last bank's neuron by another's
    said = complaint(check_slots, left_of, **JUNCTION)
    assert said == (
        f"pattern: a clock must touch every bank exactly once; clock {clock} touches bank {bank} more than once"
    )


def test_a_sound_matrix_with_clashes_is_found():
    edges = structured_edges(LEFT, RIGHT, 4, seed=1)
    assert (edges.out_degrees == 4).all()
    assert "a clock must touch every bank exactly once" in complaint(check_slots, edges.left_of, **JUNCTION)
    check_slots(edges.left_of, left=LEFT, right=RIGHT, z=1, sweeps=False)  # one lane never clashes


def test_what_clashes_depends_on_z():
    left_of = slots()
    check_slots(left_of, left=LEFT, right=RIGHT, z=6)
    assert "a clock must touch every bank" in complaint(check_slots, left_of, left=LEFT, right=RIGHT, z=8)


def test_a_neuron_twice_in_a_sweep_is_found():
    left_of = slots(1, dither=False)
    lost = int(left_of[LEFT + 1])  # of sweep 1, bank 1
    left_of[LEFT + 1] = (lost + Z) % LEFT
    assert complaint(check_slots, left_of, **JUNCTION) == (
        f"pattern: a sweep must visit every row of every bank exactly once; sweep 1 misses row {lost // Z} of bank 1"
    )
    assert complaint(check_slots, left_of, **JUNCTION, sweeps=False) == (
        f"pattern: every left neuron must have 4 slots, neuron {min(lost, (lost + Z) % LEFT)} has "
        f"{3 if lost < (lost + Z) % LEFT else 5}"
    )


def test_neurons_exchanged_between_sweeps_are_found_if_sweeps_are_asked_for():
    left_of = slots(1, dither=False)
    there = LEFT + Z * int(np.argmax(left_of[LEFT : 2 * LEFT : Z] != left_of[0]))
    left_of[[0, there]] = left_of[[there, 0]]
    assert "sweep 0 misses row" in complaint(check_slots, left_of, **JUNCTION)


@pytest.mark.parametrize("wrong", [LEFT, LEFT + 2 * Z, -Z])
def test_a_neuron_that_is_not_there_is_found(wrong):
    left_of = slots(2, dither=False)
    left_of[0] = wrong
    assert "sweep 0 misses row" in complaint(check_slots, left_of, **JUNCTION)
    assert complaint(check_slots, left_of, **JUNCTION, sweeps=False) == (
        f"pattern: left neurons must be 0..23, got {wrong}"
    )


def test_an_edge_twice_is_found():
    # sweeps of 4 and an in-degree of 3: right neuron 1 has slots 3, 4, 5
    twice = [0, 1, 2, 3, 2, 3, 0, 1, 0, 1, 2, 3]
    assert complaint(check_slots, twice, left=4, right=4, z=2) == (
        "pattern: right neuron 1 is joined twice to the same left neuron; its slots must join different ones"
    )
    once = [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]
    check_slots(np.array(once), left=4, right=4, z=2)
    # a matrix does not show it: the edge is there, and so are the others
    numbered = interleaver_of(np.array(twice), 4)
    assert "right neuron 1 is joined twice" in complaint(check_interleaver, numbered, left=4, right=4, z=2)


def test_an_edge_twice_without_straddling_is_found():
    twice = [0, 1, 0, 1, 2, 3, 2, 3]  # no sweeps; right neuron 0 has slots 0 to 3
    assert complaint(check_slots, twice, left=4, right=2, z=2, sweeps=False) == (
        "pattern: right neuron 0 is joined twice to the same left neuron; its slots must join different ones"
    )


def test_an_interleaver_that_is_no_permutation_is_found():
    interleaver = interleaver_of(slots(), LEFT)
    for wrong, found in ((interleaver[1], f"{interleaver[1]} comes more than once"), (96, "got 96"), (-1, "got -1")):
        changed = interleaver.copy()
        changed[0] = wrong
        assert complaint(check_interleaver, changed, **JUNCTION) == (
            f"interleaver: must be a permutation of 0..95; {found}"
        )


def test_edges_of_a_neuron_numbered_otherwise_are_no_fault():
    interleaver = interleaver_of(slots(), LEFT)
    check_interleaver(interleaver // 4 * 4 + (3 - interleaver % 4), **JUNCTION)


@pytest.mark.parametrize(("size", "how", "expected"), [
    (95, JUNCTION, "needs a list of slots, a multiple of the 24 left neurons, got (95,)"),
    (0, JUNCTION, "needs a list of slots, a multiple of the 24 left neurons, got (0,)"),
    (96, {**JUNCTION, "z": 5}, "z must divide the 24 left neurons, got 5"),
    (96, {**JUNCTION, "z": 0}, "z must divide the 24 left neurons, got 0"),
    (96, {**JUNCTION, "right": 36},
     "the out-degree must be a multiple of 3 up to 36, so that 24 * out-degree divides by 36; got 4"),
    (96, {**JUNCTION, "right": 3},
     "the out-degree must be a multiple of 1 up to 3, so that 24 * out-degree divides by 3; got 4"),
])  # fmt: skip
def test_slots_of_another_junction(size, how, expected):
    assert complaint(check_slots, np.arange(size), **how) == f"pattern: {expected}"
    assert complaint(check_interleaver, np.arange(size), **how) == f"interleaver: {expected}"
