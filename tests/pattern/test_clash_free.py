"""Connection patterns: clash-free, every sweep complete, the three types, no edge twice."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from sw.pattern.clash_free import Pattern, make_pattern
from sw.pattern.errors import PatternError

SHAPES = [  # left, right, out-degree, z
    (8, 4, 1, 2),
    (8, 4, 2, 4),
    (12, 6, 3, 12),
    (1024, 64, 4, 128),
    (15, 6, 2, 5),
    (6, 6, 6, 6),
    (7, 1, 1, 1),
    (12, 9, 6, 4),  # from here on, right neurons straddle sweeps
    (100, 25, 12, 4),
    (6, 6, 5, 3),
    (4, 4, 3, 4),
]


def draw(shape, kind, seed=1, junction=1, **how) -> Pattern:
    left, right, out_degree, z = shape
    return make_pattern(
        kind=kind, left=left, right=right, out_degree=out_degree, z=z, seed=seed, junction=junction,
        **how,
    )


@pytest.mark.parametrize("dither", [False, True])
@pytest.mark.parametrize("kind", [1, 2, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_edges_by_the_definition(shape, kind, dither):
    left, right, out_degree, z = shape
    pattern = draw(shape, kind, dither=dither)
    d_in, depth = left * out_degree // right, left // z
    assert (pattern.in_degree, pattern.depth, pattern.clocks) == (d_in, depth, depth * out_degree)
    left_of = pattern.left_of
    assert left_of.shape == (left * out_degree,)
    for clock in range(pattern.clocks):  # clash-free: the z neurons of a clock lie in z banks
        lanes = left_of[clock * z : (clock + 1) * z]
        assert sorted(n % z for n in lanes) == list(range(z))
        assert [n // z for n in lanes] == pattern.rows[clock][pattern.banks[clock]].tolist()
        assert dither or [n % z for n in lanes] == list(range(z))
    for sweep in range(out_degree):  # each sweep touches each left neuron once
        assert sorted(left_of[sweep * left : (sweep + 1) * left]) == list(range(left))
    edges = {(int(n), w // d_in) for w, n in enumerate(left_of)}
    assert len(edges) == left * out_degree
    for neuron in range(right):
        assert sum(r == neuron for _, r in edges) == d_in


def test_rows_of_types_two_and_three_count_up():
    for kind in (2, 3):
        pattern = draw((24, 12, 6, 3), kind)
        rows = pattern.rows.reshape(6, 8, 3)
        assert ((rows[:, 1:] - rows[:, :-1]) % 8 == 1).all()


@pytest.mark.parametrize(("how", "starts"), [
    ({"kind": 2}, 6),
    ({"kind": 2, "sweeps_per_start": 2}, 3),
    ({"kind": 2, "sweeps_per_start": 4}, 2),
    ({"kind": 2, "sweeps_per_start": 9}, 1),
    ({"kind": 3}, 1),
])
def test_sweeps_that_share_a_start_vector(how, starts):
    pattern = draw((240, 12, 6, 3), **how)
    assert pattern.table.shape == (starts, 3)
    share = how.get("sweeps_per_start", 6 if how["kind"] == 3 else 1)
    first = pattern.rows.reshape(6, 80, 3)[:, 0]
    for sweep in range(6):
        assert first[sweep].tolist() == pattern.table[sweep // share].tolist()
    assert len(np.unique(first, axis=0)) == starts


def test_type_one_permutes_each_bank_of_each_sweep_on_its_own():
    rows = draw((240, 12, 6, 3), 1).rows.reshape(6, 80, 3)
    columns = {tuple(rows[sweep, :, bank]) for sweep in range(6) for bank in range(3)}
    assert len(columns) == 18


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_same_seed_same_pattern(kind):
    shape = (240, 12, 6, 3)
    table = draw(shape, kind, seed=5).table
    assert np.array_equal(draw(shape, kind, seed=5).table, table)
    assert not np.array_equal(draw(shape, kind, seed=6).table, table)
    assert not np.array_equal(draw(shape, kind, seed=5, junction=2).table, table)


@pytest.mark.parametrize("shape", [(12, 6, 3, 3), (24, 12, 4, 4), (24, 6, 2, 8), (20, 20, 5, 1), (6, 2, 1, 3)])
def test_local_neurons_have_left_neurons_in_a_row(shape):
    left, right, out_degree, _ = shape
    d_in = left * out_degree // right
    pattern = draw(shape, 2, local=True)
    pattern.check()
    inputs = pattern.left_of.reshape(right, d_in)
    runs = {frozenset((start + np.arange(d_in)) % left): start for start in range(left)}
    starts = [runs[frozenset(neuron)] for neuron in inputs]
    assert len(set(starts)) == right  # as there are no more sweeps than starts
    assert all((b - a) % left == d_in for a, b in pairwise(starts[: left // d_in]))
    if d_in > 2:
        assert any(not np.array_equal(draw(shape, 2, seed=s, local=True).table, pattern.table) for s in range(2, 9))


def test_local_starts_come_again_only_when_all_have_been():
    inputs = draw((8, 16, 8, 2), 2, local=True).left_of.reshape(16, 4)
    assert sorted(Counter(frozenset(neuron) for neuron in inputs).values()) == [2] * 8


@pytest.mark.parametrize(("shape", "d_in", "z"), [((6, 6, 5, 1), 5, 1), ((12, 6, 3, 12), 6, 12)])
def test_where_there_is_no_local_pattern(shape, d_in, z):
    with pytest.raises(PatternError) as error:
        draw(shape, 2, local=True)
    assert str(error.value) == (
        f"a local pattern needs an in-degree that divides its {shape[0]} left neurons and is a multiple of z; got "
        f"in-degree {d_in}, z {z}"
    )


@pytest.mark.parametrize(("how", "got"), [
    ({"kind": 1}, "kind 1, 1 sweeps per start vector, no dithering"),
    ({"kind": 2, "sweeps_per_start": 2}, "kind 2, 2 sweeps per start vector, no dithering"),
    ({"kind": 2, "dither": True}, "kind 2, 1 sweeps per start vector, dithering"),
])
def test_local_patterns_are_of_kind_two(how, got):
    with pytest.raises(PatternError) as error:
        draw((12, 6, 3, 3), **how, local=True)
    assert str(error.value) == (
        "a local pattern needs kind 2 with a start vector for every sweep and without dithering; got " + got
    )


def test_repeated_edge_message():
    table = np.array([[0], [1], [2], [2], [1], [0]])
    with pytest.raises(PatternError) as error:
        Pattern(1, 1, 3, 3, 2, 1, table).check()
    assert str(error.value) == (
        "pattern: right neuron 1 is joined twice to the same left neuron; its slots must join different ones"
    )


@pytest.mark.parametrize(("how", "orders"), [
    ({"kind": 1}, 6), ({"kind": 2}, 6), ({"kind": 2, "sweeps_per_start": 4}, 2), ({"kind": 3}, 1),
])  # fmt: skip
def test_dithering_orders_the_lanes_of_a_sweep_anew(how, orders):
    plain, dithered = (draw((24, 12, 6, 8), **how, dither=dither) for dither in (False, True))
    assert dithered.orders.shape == (orders, 8)
    assert len(np.unique(dithered.orders, axis=0)) == orders
    assert np.array_equal(plain.table, dithered.table)
    assert plain.orders is None
    banks = dithered.banks.reshape(6, 3, 8)
    assert (banks == banks[:, :1]).all()
    share = how.get("sweeps_per_start", 6 // orders)
    assert np.array_equal(banks[:, 0], dithered.orders[np.arange(6) // share])


def test_a_bank_touched_twice_is_found():
    pattern = draw((24, 12, 6, 3), 2, dither=True)
    orders = pattern.orders.copy()
    orders[4, 1] = 2
    orders[4, 0] = 2
    with pytest.raises(PatternError) as error:
        replace(pattern, orders=orders).check()
    assert str(error.value) == (
        "pattern: a clock must touch every bank exactly once; clock 32 touches bank 2 more than once"
    )


def test_a_sweep_that_misses_a_row_is_found():
    pattern = draw((24, 12, 6, 3), 1)
    table = pattern.table.copy()
    table[9, 1] = table[10, 1]
    with pytest.raises(PatternError) as error:
        replace(pattern, table=table).check()
    assert str(error.value) == (
        "pattern: a sweep must visit every row of every bank exactly once; "
        f"sweep 1 misses row {pattern.table[9, 1]} of bank 1"
    )


def test_rows_swapped_between_sweeps_are_found():
    pattern = draw((24, 12, 6, 3), 1)
    table = pattern.table.copy()
    a, b = 0, 8 + int(np.argmax(table[8:16, 0] != table[0, 0]))
    table[[a, b], 0] = table[[b, a], 0]
    with pytest.raises(PatternError, match=r"^pattern: a sweep must visit every row"):
        replace(pattern, table=table).check()


def test_a_table_of_the_wrong_shape_is_found():
    pattern = draw((24, 12, 6, 3), 1)
    with pytest.raises(PatternError) as error:
        replace(pattern, table=pattern.table[:-1]).check()
    assert str(error.value) == "pattern: table must be (48, 3) integers 0..7, got shape (47, 3) of int64"
