"""The schedule: known figures, the formulas by another road, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest

from sw.design.errors import DesignError
from sw.design.schedule import INPUT_WRITE, Schedule, StageTimes, after
from sw.design.settings import Hardware, Stages
from tests.design.random_designs import random_design
from tests.design.shipped import flagship


def designs(count: int, seed: int = 1):
    rng = np.random.Generator(np.random.PCG64(seed))
    return [random_design(rng) for _ in range(count)]


def test_flagship():
    schedule = Schedule.of(flagship())
    assert schedule.clocks == schedule.balanced_clocks == 32
    assert schedule.lags == (4, 1)
    assert (schedule.features_per_beat, schedule.beats) == (32, 32)
    assert schedule.ff == (31, 82)
    assert schedule.bp == (31 + 4 * 32, 82 + 32)
    assert schedule.feed_sets == (3, 3)
    assert schedule.activation_sets == (7, 4)
    assert schedule.delta_sets == (2, 1)
    assert schedule.slope_sets == (4, 0)
    assert schedule.flush_slots == 6


def test_flagship_for_the_small_board():
    schedule = Schedule.of(flagship(z=(32, 8)))
    assert schedule.clocks == 128
    assert schedule.features_per_beat == 8


def test_stages_of_the_flagship_by_hand():
    # two registers in a multiplier, one adder level per register, two in the table, reads of two clocks
    first, second = Schedule.of(flagship()).stages
    assert first == StageTimes(
        fetch=0,
        raw=2 + 1,  # two to read, one to select
        delta=3 + 2,  # in the multiplier
        left_address=6,
        address=6,
        operands=5 + 3,  # shifted in two clocks; once more before the lanes' multipliers
        product=10,
        partial=11,  # once more before the sum
        tree=10 + 3 + 4,  # 64 products in chains of four
        total=18,
        preactivation=19,
        activation=21,
        written=22,
        output_delta=22,
        left_delta=13,
        update=12,
    )
    assert second == StageTimes(
        fetch=0, raw=2, delta=2, left_address=3, address=3, operands=5, product=7, partial=8,
        tree=7 + 3 + 3, total=14, preactivation=15, activation=17, written=18,
        output_delta=18, left_delta=10, update=9,
    )
    assert first.update_latency == second.update_latency == 2 + 2 + 3  # read, multiply, round and subtract, write


def test_stages_of_short_reads_by_hand():
    """One clock of a read, and no register before the lanes' multipliers: an update takes a clock less."""
    base = flagship()
    short = replace(base, hardware=Hardware((128, 32), stages=Stages(table=1, read=1)))
    first, second = Schedule.of(short).stages
    assert first == StageTimes(
        fetch=0, raw=2, delta=4, left_address=4, address=4, operands=5, product=7, partial=7,
        tree=7 + 3 + 4, total=15, preactivation=16, activation=17, written=18,
        output_delta=18, left_delta=9, update=9,
    )  # fmt: skip
    assert second == StageTimes(
        fetch=0, raw=1, delta=1, left_address=1, address=1, operands=2, product=4, partial=4,
        tree=4 + 3 + 3, total=11, preactivation=12, activation=13, written=14,
        output_delta=14, left_delta=6, update=6,
    )  # fmt: skip
    assert first.update_latency == second.update_latency == 6


def test_stages_follow_the_registers():
    base = flagship()
    stages = Stages(multiply=3, add=2, table=3)
    slow = replace(base, hardware=Hardware((128, 32), stages=stages))
    first, second = Schedule.of(slow).stages
    assert first.operands == 3 + 3 + 3
    assert first.product == first.operands + 3
    assert first.tree == first.product + 5  # chains of four, then four levels, two per register
    assert second.tree == second.product + 5  # three levels
    assert first.activation == first.preactivation + 3


@pytest.mark.parametrize("read", [1, 2])
def test_a_crossbar_costs_a_clock_before_the_operands_and_one_before_the_banks(read):
    """The latter takes the place of the register that long reads have there."""
    base = replace(flagship(), hardware=Hardware((128, 32), stages=Stages(read=read)))
    crossed = replace(base, pattern=tuple(replace(p, dither=True) for p in base.pattern))
    for there, here in zip(Schedule.of(crossed).stages, Schedule.of(base).stages, strict=True):
        later = dict.fromkeys(vars(here), 1) | {"left_address": 0, "partial": 3 - read, "left_delta": 3 - read}
        assert vars(there) == {name: stage + later[name] for name, stage in vars(here).items()}


def test_deltas_of_a_rectifier_are_gated_not_multiplied():
    base = flagship()
    gated = replace(base, network=replace(base.network, activation=("relu", "sigmoid")))
    first, second = Schedule.of(gated).stages
    assert (first.raw, first.delta) == (3, 3)  # read, select and gate
    assert first.operands == 3 + 3
    assert second == Schedule.of(base).stages[1]


def times_in_clocks(gaps) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(1 + np.array(gaps))])


def test_after_is_the_earliest_tick_that_is_safe_under_every_pattern_of_pauses():
    tick = 6
    patterns = [[0] * 24, [50] * 24]
    for first in range(24):  # one long pause anywhere
        patterns.append([50 if i == first else 0 for i in range(24)])
    clocks = [times_in_clocks(p) for p in patterns]
    for write in range(8):
        for read in range(8):
            safe = [
                all(c[tick] + write < c[later] + read for c in clocks) for later in range(24)
            ]
            earliest = max(i for i in range(24) if not safe[i]) + 1
            assert after(tick, write, read) == earliest


@pytest.mark.parametrize("design", designs(60), ids=lambda d: f"{len(d.junctions)} junctions")
def test_formulas_by_another_road(design):
    """Phases and lags in clocks between memory accesses instead of ticks and stages."""
    schedule = Schedule.of(design)
    junctions, stages = design.junctions, schedule.stages
    needed = [s.update - s.address + 1 for s in stages]
    assert schedule.clocks == max([j.clocks for j in junctions] + needed)
    assert schedule.beats * schedule.features_per_beat == junctions[0].left
    assert junctions[0].z % schedule.features_per_beat == 0
    assert schedule.beats <= schedule.clocks
    # the numbers of sets rely on it: what waits for BP/UP is fetched before it can be written
    above = [s.output_delta for s in stages[-1:]] + [s.left_delta for s in stages[1:]]
    assert max(s.fetch for s in stages) < min(*above, *(s.activation for s in stages))
    for i, j in enumerate(junctions):
        read = schedule.ff[i] + stages[i].left_address  # clock of the first read of an activation
        if i == 0:
            last_write = schedule.beats - 1 + INPUT_WRITE
            issued = max(1, schedule.beats - 1)
        else:
            issued = schedule.ff[i - 1] + junctions[i - 1].clocks - 1
            last_write = issued + stages[i - 1].written
        assert read > last_write
        assert schedule.ff[i] >= issued
        # not a tick later than needed
        assert read == last_write + 1 or schedule.ff[i] == issued
        assert schedule.bp[i] == schedule.ff[i] + schedule.lags[i] * schedule.clocks
        if j.last:
            ready = schedule.ff[i] + j.clocks_per_group - 1 + stages[i].output_delta
        else:
            above = junctions[i + 1]
            ready = schedule.bp[i + 1] + above.clocks - 1 + stages[i + 1].left_delta
        asked = schedule.bp[i] + stages[i].fetch
        assert asked > ready
        if not design.hardware.lags:
            assert asked - schedule.clocks <= ready
    assert schedule.flush_slots == schedule.lags[0] + 2
    assert all(a > b for a, b in zip(schedule.lags, schedule.lags[1:], strict=False))


def test_short_cycles_are_padded_to_the_latency_of_an_update():
    padded = 0
    for design in designs(60):
        schedule = Schedule.of(design)
        latency = max(s.update_latency for s in schedule.stages)
        assert schedule.clocks == max(schedule.balanced_clocks, latency)
        padded += schedule.clocks > schedule.balanced_clocks
    assert padded > 0


def with_lags(lags, **changes):
    return replace(flagship(), hardware=Hardware((128, 32), lags=lags, **changes))


def test_given_lags_are_kept():
    schedule = Schedule.of(with_lags((6, 2)))
    assert schedule.lags == (6, 2)
    assert schedule.bp == (31 + 6 * 32, 82 + 2 * 32)
    # also when fewer stages would allow shorter ones
    assert Schedule.of(with_lags((4, 1), stages=Stages(multiply=1, add=8))).lags == (4, 1)


@pytest.mark.parametrize(("lags", "message"), [
    ((3, 1), "junction 1: hardware.lags is 3 but its pipeline needs at least 4 slots"),
    ((4, 0), "junction 2: hardware.lags is 0 but its pipeline needs at least 1 slots"),
    ((4, 2), "junction 1: hardware.lags is 4 but its pipeline needs at least 5 slots"),
    ((-4, 1), "junction 1: hardware.lags is -4 but its pipeline needs at least 4 slots"),
])
def test_wrong_lags(lags, message):
    with pytest.raises(DesignError) as error:
        Schedule.of(with_lags(lags))
    assert str(error.value) == message
