"""The rehearsal: real schedules pass, and every planted fault is caught."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from sw.design.accesses import Accesses, Memory, memories
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.rehearsal import check, long_pauses, no_pauses, rehearse
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings, Stages
from tests.design.random_designs import random_design
from tests.design.shipped import flagship

# Queue depths, and the memory that has so many sets
SETS = {
    "feed_sets": "left activations for FF",
    "activation_sets": "left activations for UP",
    "delta_sets": "right deltas",
    "slope_sets": "slopes",
}


def design(**changes) -> Design:
    """Three junctions with one row per bank, so that every clock needs all its left neurons."""
    facts = {
        "name": "wide",
        "network": Network((12, 8, 6, 4), 12, 4, (4, 3, 4), ("sigmoid", "relu", "sigmoid")),
        "pattern": (PatternSettings(),) * 3,
        "arithmetic": Arithmetic(),
        "hardware": Hardware((12, 8, 6)),
    }
    return Design(**(facts | changes))


def changed(values: tuple, i: int, by: int) -> tuple:
    return tuple(v + by * (k == i) for k, v in enumerate(values))


def verdict(schedule: Schedule, **how) -> str:
    try:
        rehearse(schedule, **how)
    except DesignError as error:
        return str(error)
    return ""


def goes_wrong(schedule: Schedule, name: str, slots: int, junction: int | None = None) -> bool:
    """Whether the rehearsal of the memories of that name alone, of one junction or all, finds a fault."""
    for memory in memories(schedule, slots):
        if memory.name != name or junction not in (None, memory.junction):
            continue
        ticks = 1 + max(int(a.tick.max()) for a in (memory.writes, memory.reads))
        try:
            for pauses in (no_pauses(ticks), long_pauses(schedule, ticks)):
                check(memory, pauses)
        except DesignError:
            return True
    return False


def test_flagship_passes_and_something_was_checked():
    schedule = Schedule.of(flagship())
    slots = max(schedule.lags) + max(schedule.activation_sets) + 2
    # left activations twice, deltas, slopes, weights twice, biases twice; then partial deltas
    first = 4096 * 2 + 64 * 2 + 4096 * 2 + 64 * 2
    second = 1024 * 2 + 32 + 1024 * 2 + 32 * 2 + 1024 - 64
    assert rehearse(schedule) == 2 * slots * (first + second)


def test_random_designs_pass(long_run):
    rng = np.random.Generator(np.random.PCG64(11))
    seen = set()
    for number in range(2000 if long_run else 100):
        schedule = Schedule.of(random_design(rng))
        assert rehearse(schedule, slots=None if number % 4 == 0 else 5) > 0
        seen |= {(j.pattern.kind, j.depth == 1, j.clocks_per_group == 1, j.last)
                 for j in schedule.design.junctions}
    assert len(seen) == 3 * (2 * 2 * 2 - 2)  # with one row, z = left, every clock finishes a group


def test_random_pauses_pass():
    rng = np.random.Generator(np.random.PCG64(12))
    for _ in range(30):
        schedule = Schedule.of(random_design(rng))
        gaps = rng.choice((1, 1, 1, 2, 9, 40), 5000)
        assert rehearse(schedule, slots=6, clock_of_tick=np.cumsum(gaps)) > 0


def test_wrong_clocks():
    with pytest.raises(DesignError) as error:
        rehearse(Schedule.of(flagship()), clock_of_tick=np.zeros(10))
    assert str(error.value).startswith("clock_of_tick must rise from tick to tick and have ")
    assert str(error.value).endswith(" entries at least, got 10 entries")


@pytest.mark.parametrize("junction", [1, 2, 3])
@pytest.mark.parametrize("name", SETS)
def test_one_set_fewer_is_caught(name, junction):
    """The depths of this design are tight, each one."""
    schedule = Schedule.of(design())
    sets = getattr(schedule, name)
    if sets[junction - 1] < 2:
        assert (name, junction) in {("delta_sets", 3), ("slope_sets", 3)}
        return
    message = verdict(replace(schedule, **{name: changed(sets, junction - 1, -1)}))
    assert message.startswith(f"junction {junction}: {SETS[name]}: slot ")
    assert " overwrites it at tick " in message


def test_message_in_full():
    schedule = replace(Schedule.of(flagship()), slope_sets=(3, 0))
    assert verdict(schedule) == (
        "junction 1: slopes: slot 0 reads neuron 0 (set 0) at tick 159 stage 0 (clock 159), "
        "but slot 3 overwrites it at tick 127 stage 21 (clock 148)"
    )


def test_depths_of_random_designs_are_tight():
    """One set fewer fails wherever the order of accesses is fixed, and mostly elsewhere.

    With several rows per bank the pattern decides which row is needed last; the depths are those of
    the worst pattern.
    """
    rng = np.random.Generator(np.random.PCG64(14))
    caught, passed = dict.fromkeys(SETS, 0), dict.fromkeys(SETS, 0)
    for _ in range(30):
        schedule = Schedule.of(random_design(rng))
        for name in SETS:
            for i, sets in enumerate(getattr(schedule, name)):
                if sets < 2:
                    continue
                fewer = replace(schedule, **{name: changed(getattr(schedule, name), i, -1)})
                (caught if goes_wrong(fewer, SETS[name], sets + 1, i + 1) else passed)[name] += 1
    assert passed["slope_sets"] == 0
    for name in SETS:
        assert caught[name] > 30
        assert passed[name] < 0.1 * caught[name]  # over many seeds: 0.08 of the deltas' sets, 0.02 of the others


@pytest.mark.parametrize("junction", [2, 3])
def test_a_phase_one_tick_earlier_is_caught(junction):
    schedule = Schedule.of(design())
    i = junction - 1
    early = replace(
        schedule, ff=changed(schedule.ff, i, -1), bp=changed(schedule.bp, i, -1)
    )
    message = verdict(early)
    assert message.startswith(f"junction {junction}: left activations for FF: slot 0 reads neuron ")
    assert "but its value is written only at tick " in message


def test_an_input_phase_one_tick_earlier_is_caught():
    # relu and short stages: the first read comes soon after the last beat
    net = Network((12, 8), 12, 4, (4,), ("sigmoid",))
    schedule = Schedule.of(
        design(network=net, pattern=(PatternSettings(),), hardware=Hardware((12,)))
    )
    assert schedule.beats > 2
    late = replace(schedule, ff=(schedule.ff[0] - 1,), bp=(schedule.bp[0] - 1,))
    assert verdict(late).startswith("junction 1: left activations for FF: slot 0 reads neuron ")


@pytest.mark.parametrize("junction", [1, 2, 3])
def test_a_lag_one_slot_shorter_is_caught(junction):
    schedule = Schedule.of(design())
    i = junction - 1
    short = replace(
        schedule,
        lags=changed(schedule.lags, i, -1),
        bp=changed(schedule.bp, i, -schedule.clocks),
    )
    message = verdict(short)
    assert message.startswith(f"junction {junction}: right deltas: slot 0 reads neuron ")


def test_phases_that_break_the_lag_are_caught():
    schedule = Schedule.of(design())
    apart = replace(schedule, bp=changed(schedule.bp, 0, 1))
    lag = schedule.lags[0] * schedule.clocks
    assert verdict(apart) == (
        "junction 1: one read of a weight must serve FF and BP, so these must be lag * clocks = "
        f"{lag} ticks apart; got {schedule.bp[0] + 1} - {schedule.ff[0]}"
    )


@pytest.mark.parametrize(("stage", "memory"), [
    ("written", "left activations for FF"),
    ("activation", "slopes"),
    ("output_delta", "right deltas"),
    ("left_delta", "right deltas"),
    ("update", "weights"),
])
def test_a_stage_later_than_scheduled_is_caught(stage, memory):
    """Hardware whose pipeline is a whole cycle longer than the schedule believes."""
    rng = np.random.Generator(np.random.PCG64(14))
    caught = 0
    for _ in range(20):  # not all have slopes
        schedule = Schedule.of(random_design(rng))
        for i, times in enumerate(schedule.stages):
            later = replace(times, **{stage: getattr(times, stage) + schedule.clocks})
            stages = tuple(later if k == i else s for k, s in enumerate(schedule.stages))
            caught += goes_wrong(replace(schedule, stages=stages), memory, 6)
    assert caught >= 8


def test_an_update_latency_above_the_cycle_is_caught():
    schedule = Schedule.of(design())
    # this design is padded to its update latency, so one more stage is too many
    assert schedule.clocks == max(s.update_latency for s in schedule.stages)
    assert schedule.clocks > schedule.balanced_clocks
    slowest = int(np.argmax([s.update_latency for s in schedule.stages]))
    late = tuple(
        replace(s, update=s.update + (k == slowest)) for k, s in enumerate(schedule.stages)
    )
    message = verdict(replace(schedule, stages=late))
    assert message.startswith(f"junction {slowest + 1}: weights: slot ")
    assert "but its value is written only at tick " in message


def partial_deltas(settings: PatternSettings, junction: int = 2) -> tuple[Schedule, Memory]:
    network = Network((24, 16, 8), 24, 8, (8, 4), ("sigmoid", "sigmoid"))
    schedule = Schedule.of(
        design(network=network, pattern=(settings,) * 2, hardware=Hardware((12, 8)))
    )
    found = [
        m for m in memories(schedule, 4)
        if m.name == "partial left deltas" and m.junction == junction
    ]
    return schedule, found[0]


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_slow_read_modify_write_of_partial_deltas_is_caught(kind):
    """The fault of the published prototype: the sum is written clocks after it was read.

    With 2 rows per bank a row comes back after 2 clocks in type 3, after 1 to 3 in types 1 and 2.
    """
    schedule, memory = partial_deltas(PatternSettings(kind=kind))
    for pauses in (no_pauses(2000), long_pauses(schedule, 2000)):
        check(memory, pauses)
    safe = {1: 0, 2: 0, 3: 1}[kind]  # further clocks that would do without a pause
    for later in range(5):
        slow = replace(memory, writes=replace(memory.writes, stage=memory.writes.stage + later))
        if later <= safe:
            check(slow, no_pauses(2000))
            continue
        with pytest.raises(DesignError, match=r"^junction 2: partial left deltas: slot 0 reads "):
            check(slow, no_pauses(2000))


def tiny_memory(**changes) -> Memory:
    """Two slots write neurons 0..3 of one set in ticks 0 and 10 and read them in ticks 5 and 15."""
    slot = np.arange(2)[:, None]
    facts = {
        "junction": 1,
        "name": "tried",
        "place": "neuron",
        "banks": 4,
        "writes": Accesses.make(tick=10 * slot, stage=2, slot=slot, location=np.arange(4)),
        "reads": Accesses.make(tick=5 + 10 * slot, stage=1, slot=slot, location=np.arange(4)),
    }
    return Memory(**(facts | changes))


def reads_at(tick, stage) -> Accesses:
    slot = np.arange(2)[:, None]
    return Accesses.make(tick=tick + 10 * slot, stage=stage, slot=slot, location=np.arange(4))


@pytest.mark.parametrize(("tick", "stage", "message"), [
    (5, 1, ""),
    (3, 0, ""),
    (12, 0, ("slot 0 reads neuron 0 (set 0) at tick 12 stage 0 (clock 12), "
            "but slot 1 overwrites it at tick 10 stage 2 (clock 12)")),  # in the same clock
    (11, 0, ""),
    (2, 0, ("slot 0 reads neuron 0 (set 0) at tick 2 stage 0 (clock 2), "
           "but its value is written only at tick 0 stage 2 (clock 2)")),
    (1, 0, ("slot 0 reads neuron 0 (set 0) at tick 1 stage 0 (clock 1), "
           "but its value is written only at tick 0 stage 2 (clock 2)")),
])
def test_order_of_a_write_and_a_read(tick, stage, message):
    memory = tiny_memory(reads=reads_at(tick, stage))
    if not message:
        check(memory, no_pauses(50))
        return
    with pytest.raises(DesignError) as error:
        check(memory, no_pauses(50))
    assert str(error.value) == f"junction 1: tried: {message}"


def test_a_memory_that_reads_first_may_share_the_clock_of_the_next_write():
    memory = tiny_memory(reads=reads_at(12, 0), read_first=True)
    check(memory, no_pauses(50))


def test_a_read_of_what_nobody_writes_is_caught():
    reads = Accesses.make(tick=5, stage=0, slot=0, location=4)
    with pytest.raises(DesignError) as error:
        check(tiny_memory(reads=reads), no_pauses(50))
    assert str(error.value) == (
        "junction 1: tried: slot 0 reads neuron 4 (set 0) at tick 5 stage 0 (clock 5), "
        "but nothing writes its value there"
    )


def test_clashes_are_caught():
    # two banks only: neurons 0 and 2 share one
    with pytest.raises(DesignError) as error:
        check(tiny_memory(banks=2), no_pauses(50))
    assert str(error.value) == (
        "junction 1: tried: slot 0 writes neuron 0 at tick 0 stage 2 (clock 2), and slot 0 writes "
        "neuron 2 of the same bank at tick 0 stage 2 (clock 2)"
    )
    writes = Accesses.make(tick=np.arange(4), stage=2, slot=0, location=np.arange(4))
    reads = Accesses.make(tick=9, stage=2, slot=0, location=np.arange(4))
    with pytest.raises(DesignError, match=r"slot 0 reads neuron 0 .* reads neuron 2 of the same bank"):
        check(tiny_memory(banks=2, writes=writes, reads=reads), no_pauses(50))
    check(tiny_memory(writes=writes, reads=reads), no_pauses(50))
    # the same location for two purposes is one read
    check(tiny_memory(reads=Accesses.join(*[reads_at(5, 1)] * 2)), no_pauses(50))
    # but two writes of the same location are a clash
    writes = tiny_memory().writes
    with pytest.raises(DesignError, match=r"slot 0 writes neuron 0 .* writes neuron 0 of the same bank"):
        check(tiny_memory(writes=Accesses.join(writes, writes)), no_pauses(50))


def test_an_order_that_holds_only_without_pauses_is_caught():
    """Read first, but in a later tick at an earlier stage: a pause lets the pipeline overtake."""
    memory = tiny_memory(
        writes=Accesses.make(tick=[0, 4], stage=[0, 4], slot=[0, 1], location=0),
        reads=Accesses.make(tick=5, stage=2, slot=0, location=0),
    )
    check(memory, no_pauses(50))
    with pytest.raises(DesignError, match=r"slot 1 overwrites it at tick 4 stage 4 \(clock 44\)$"):
        check(memory, np.arange(50) * 10)


def test_sets_beyond_need_pass():
    schedule = Schedule.of(design())
    more = replace(
        schedule,
        activation_sets=tuple(s + 3 for s in schedule.activation_sets),
        delta_sets=tuple(s + 1 for s in schedule.delta_sets),
    )
    assert rehearse(more) > 0


def test_all_stage_settings_pass():
    for multiply in range(1, 5):
        for add in (1, 8):
            for table, read in product(range(1, 4), (1, 2)):
                stages = Stages(multiply=multiply, add=add, table=table, read=read)
                hardware = Hardware((12, 8, 6), stages=stages)
                assert rehearse(Schedule.of(design(hardware=hardware))) > 0
