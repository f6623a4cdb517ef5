"""The coverage table: what counts for a row, what a hole is; the golden model that notes corners stays itself."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from sim.errors import SimError
from sw.design.schedule import Schedule
from sw.design.slots import TRAIN, Slots
from sw.golden.network import GoldenNetwork, State
from tests.design.corners import CELLS, TWO_CLOCKS, WIDTHS, activation_latencies, cell, comes_back, reached, rows
from tests.design.learning import learning_runs
from tests.design.random_states import STARTS
from tests.design.wishes import CORNERS, RUNS, due, wished_design
from tests.hw.designs import make
from tests.sim.coverage import ROWS, Coverage, Covered
from tests.sim.designs import tiny
from tests.sim.random_runs import check_learned
from tests.sim.random_segments import OFFERED, offered, random_segments
from tests.sim.watched import EVENTS, changed, watched


def covered(seed=0, *, without="", weights=200):
    found = tuple(row for row in ROWS if row != without)
    return Covered(seed, found, weights, 70, 1000)


def test_full_table_and_each_hole():
    full = Coverage()
    full.add(covered())
    assert full.missing() == []
    assert full.table()[-1] == "every row is covered"
    for row in ROWS:
        holed = Coverage()
        holed.add(covered(without=row))
        assert holed.missing() == [f"no design with: {row}"]
        assert f"      0  {row}" in holed.table()
    assert len(set(ROWS)) == len(ROWS)


def test_nothing_covered_is_all_holes():
    assert len(Coverage().missing()) == len(ROWS) + 1  # the median


@pytest.mark.parametrize("seed", [2, 43])
def test_every_junction_learns(seed):
    """Also of numbers so narrow that few states let it; a run in which one does not is no proof of anything."""
    design = wished_design(seed)
    assert design.arithmetic.width < 8
    for number in RUNS:
        golden, seen = watched(design)
        features, segments = random_segments(design, [seed, number])
        for segment in segments:
            golden.load(segment.start)
            golden.run(Slots.join(segment.slots(features, slice(None)), golden.flush()))
        check_learned(design, seen)
        del seen[changed(1)]
        with pytest.raises(SimError, match=r"^no weight of junction 1 has changed: "):
            check_learned(design, seen)


def test_a_design_that_cannot_learn_has_no_runs():
    """An f' of few entries over a wide range, all of them 0; with more there are runs."""
    coarse = {"cost": "quadratic", "width": 6, "integer_bits": 1, "preactivation_integer_bits": 4}
    assert len(learning_runs(make("fine", (4, 2), (2,), (4,), table_bits=6, **coarse), 1)) == len(STARTS)
    flat = make("flat", (4, 2), (2,), (4,), table_bits=2, **coarse)
    assert learning_runs(flat, 1) is None


def test_a_design_counts_once_and_for_known_rows():
    coverage = Coverage()
    coverage.add(covered(3))
    with pytest.raises(ValueError, match="seed 3: must be new"):
        coverage.add(covered(3))
    with pytest.raises(ValueError, match=r"seed 4: .*\['D = 7'\]"):
        coverage.add(replace(covered(4), rows=("D = 7",)))


def test_covered_survives_the_way_to_another_process():
    assert Covered.from_text(covered(5).as_text()) == covered(5)


@pytest.mark.parametrize("seed", range(40))
def test_a_seed_keeps_what_it_is_due_to_cover(seed):
    found = reached(wished_design(seed))
    assert due(seed) <= found <= set(rows())
    kind, dither, sign = seed % 18 // 6 + 1, bool(seed % 6 // 3), "<=>"[seed % 3]
    assert cell(kind, dither, sign) in due(seed)


def test_each_cell_meets_each_width_and_each_corner():
    met = {pair for seed in range(18 * 13 * 15 * 5) for pair in permutations(due(seed), 2)}
    for kind, dither, sign in CELLS:
        others = {other for one, other in met if one == cell(kind, dither, sign)}
        assert others >= {f"width {width}" for width in WIDTHS}
        assert len(others) == len(WIDTHS) + len(CORNERS) - 1  # "" is no corner


def test_rows_mean_what_they_say():
    """Designs whose corners are known by hand."""
    one_row = reached(make("one-row", (4, 4, 4), (2, 2), (4, 4)))
    assert {"D = 1", "L = 2", cell(2, False, ">"), "C padded, C > max C_i"} <= one_row
    assert not any(row.startswith("row comes back") for row in one_row)
    # type 3 starts each sweep where the last one has stopped, plus one: with D = 2 never the same row twice
    three = reached(make("three", (4, 4, 4), (2, 2), (2, 2), kind=3))
    assert [row for row in three if "comes back" in row] == [TWO_CLOCKS[0]]
    # in junction 1 there are no partial left deltas
    assert not any("comes back" in row for row in reached(make("single", (8, 4), (4,), (2,), kind=1)))
    back = reached(make("back", (4, 8, 4), (2, 4), (2, 2), kind=1, seed=3))
    assert comes_back(1, False) in back
    assert TWO_CLOCKS[1] in reached(make("later", (4, 6, 6), (3, 4), (2, 2), kind=1, seed=10))
    assert {f"reads of {n} clocks" for n in (1, 2)} == {
        row for n in (1, 2) for row in reached(make("reads", (2, 2), (1,), (1,), read=n)) if row.startswith("reads of")
    }
    unbalanced = reached(make("unbalanced", (8, 4, 2), (4, 2), (1, 1)))
    assert {"C_i unbalanced", "a junction idles, C_i < C"} <= unbalanced
    assert "C_i unbalanced" not in reached(make("balanced", (8, 8, 8), (4, 4), (1, 1)))


def test_latency_is_what_a_clock_by_clock_count_gives():
    schedule = Schedule.of(tiny())
    first, last = schedule.stages
    # a read in the clock after the write sees it
    assert activation_latencies(schedule) == [
        first.written - first.address + 1, last.output_delta - last.address + 1
    ]  # fmt: skip
    assert "activation latency > C" not in reached(tiny())


def test_watching_changes_nothing():
    for seed in range(4):
        design = wished_design(seed)
        features, segments = random_segments(design, seed)
        plain, (other, seen) = GoldenNetwork(design), watched(design)
        for segment in segments:
            slots = segment.slots(features, slice(None))
            for golden in (plain, other):
                golden.load(segment.start)
            a, b = plain.run(slots), other.run(slots)
            assert np.array_equal(a.activations, b.activations)
        for name in ("weights", "biases", "lfsr"):
            for a, b in zip(getattr(plain.state(), name), getattr(other.state(), name), strict=True):
                assert np.array_equal(a, b)
        assert set(seen) <= {*EVENTS, *(changed(j.index) for j in design.junctions)}


def test_what_a_run_offers():
    design = tiny()
    features, segments = random_segments(design, 1)
    assert len(segments) == len(STARTS)
    assert offered(features, segments) == set(OFFERED)
    small = [replace(segment, rate_shifts=segment.rate_shifts % 7 + 1) for segment in segments[:2]]
    assert offered(features | 1, small) == {*OFFERED[:2], "features all 255"}


@pytest.mark.parametrize("sign", [1, -1])
def test_saturation_is_seen_and_only_where_it_is(sign):
    design = make("plain", (4, 4, 2), (4, 2), (4, 4), integer_bits=2, preactivation_integer_bits=2, kind=1)
    number = design.arithmetic.number
    quiet = Slots(np.zeros((12, 4), np.uint8), np.zeros(12, np.int64), np.full(12, TRAIN, np.uint8), np.full(12, 15))
    for weight, expected in ((0, False), (number.maximum if sign > 0 else number.minimum, True)):
        golden, seen = watched(design)
        golden.load(State([np.full(j.weights, weight) for j in design.junctions],
                          [np.full(j.right, weight) for j in design.junctions], []))  # fmt: skip
        slots = replace(quiet, features=np.full((12, 4), 255, np.uint8)) if expected else quiet
        golden.run(slots)
        golden.run(golden.flush())
        assert (seen["pre-activation saturated"] > 0) == expected
        assert (seen["left delta saturated"] > 0) in ({False} if not expected else {False, True})


def test_weights_at_the_end_of_their_range_are_seen_to_saturate():
    design = make("edge", (4, 2), (2,), (2,), integer_bits=2)
    number = design.arithmetic.number
    golden, seen = watched(design)
    low = [np.full(j.weights, number.minimum) for j in design.junctions]
    golden.load(State(low, [np.full(j.right, number.minimum) for j in design.junctions], []))
    # outputs 0 where the label wants 0: only the label's neuron learns, upwards; the other way round it saturates
    features = np.full((8, 4), 255, np.uint8)
    golden.run(Slots(features, np.zeros(8, np.int64), np.full(8, TRAIN, np.uint8), np.zeros(8, np.int64)))
    golden.run(golden.flush())
    assert seen["weight saturated"] == seen["bias saturated"] == 0
    golden, seen = watched(design)
    high = [np.full(j.weights, number.maximum) for j in design.junctions]
    golden.load(State(high, [np.full(j.right, number.minimum) for j in design.junctions], []))
    golden.run(Slots(features // 255, np.zeros(8, np.int64), np.full(8, TRAIN, np.uint8), np.zeros(8, np.int64)))
    golden.run(golden.flush())
    assert seen["weight saturated"] > 0 or seen["bias saturated"] > 0
