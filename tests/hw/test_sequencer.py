# amaranth: UnusedElaboratable=no

"""Where every junction stands at every tick, against plain arithmetic on the schedule, with pauses in between."""

import numpy as np
import pytest
from amaranth.hdl import Const

from hw.sequencer import JunctionSequencer, slot_bits, slot_descriptor
from sw.design.design import Design
from sw.design.schedule import Schedule
from tests.hw.designs import corner_designs, make, quick
from tests.hw.play import play

DESIGNS = [
    quick(),
    # the first junction idles at the end of its cycle, in-degrees above and below z, shared start vectors
    make("uneven", (6, 6, 4, 3), (2, 2, 3), (6, 3, 2), sweeps_per_start=3, activation=("relu", "sigmoid", "sigmoid")),
    *(d for d in corner_designs() if d.name in ("one-lane", "one-of-each", "long-lags", "four-outputs")),
]
CASES = [(d, j.index) for d in DESIGNS for j in d.junctions]
POSITION = ("go", "clock", "start", "step", "first_sweep", "last_sweep", "group", "part", "row", "first", "last")


def position(design: Design, index: int, c: int) -> tuple[int, ...]:
    """What the names of POSITION are in clock ``c`` of the junction's cycle."""
    j = design.junctions[index - 1]
    sweep, step = divmod(c, j.depth)
    group = c // j.clocks_per_group
    neuron = group * j.per_clock
    z = neuron + 1 if j.last else design.junctions[index].z
    within = c % j.clocks_per_group
    return (
        1, c, sweep // j.pattern.sweeps_per_start, step, sweep == 0, sweep == j.out_degree - 1,
        group, 0 if j.last else neuron % z // j.per_clock, group if j.last else neuron // z,
        within == 0, within == j.clocks_per_group - 1,
    )  # fmt: skip


@pytest.mark.parametrize(("design", "index"), CASES, ids=lambda v: getattr(v, "name", str(v)))
def test_every_tick(design, index):
    schedule = Schedule.of(design)
    unit = JunctionSequencer(schedule, index)
    layout, span = slot_descriptor(schedule), 1 << slot_bits(schedule)
    C, first, lag = schedule.clocks, schedule.ff[index - 1], schedule.lags[index - 1]
    ticks = first + (lag + 4) * C
    rng = np.random.Generator(np.random.PCG64(index))

    def descriptor(slot: int) -> dict[str, int]:
        if slot < 0:
            return {"kind": 0, "label": 0, "rate_shift": 0}
        return {"kind": 1 + slot % 3, "label": slot % 2, "rate_shift": slot % 16}

    junk = {"kind": 3, "label": 1, "rate_shift": 15}
    steps, of_tick = [], []
    for tick in range(ticks):
        while rng.random() < 0.3:
            steps.append({"tick": 0, "ff_next": junk, "up_next": junk})
        slot, c = divmod(tick - first, C)
        enters = c == 0
        of_tick.append(len(steps))
        steps.append(
            {"tick": 1, "ff_next": descriptor(slot) if enters else junk,
             "up_next": descriptor(slot - lag) if enters else junk}
        )  # fmt: skip
    steps.append({"tick": 0})
    seen = play(unit, steps, [*POSITION, "ff_slot", "up_slot", "ff", "up"])
    assert (seen["go"][np.setdiff1d(np.arange(len(steps)), of_tick)] == 0).all()

    worked, uses_start = 0, design.junctions[index - 1].pattern.kind != 1
    for tick, at in enumerate(of_tick):
        slot, c = divmod(tick - first, C)
        if c >= design.junctions[index - 1].clocks:
            assert seen["go"][at] == 0, tick
            continue
        worked += 1
        found = {name: int(seen[name][at]) for name in POSITION}
        due = dict(zip(POSITION, map(int, position(design, index, c)), strict=True))
        if not uses_start:
            del found["start"], due["start"]
        assert found == due, f"tick {tick}"
        assert seen["ff_slot"][at] == slot % span
        assert seen["up_slot"][at] == (slot - lag) % span
        if slot >= 0:  # valid at stage 1
            assert seen["ff"][at + 1] == Const(descriptor(slot), layout).as_value().value
            assert seen["up"][at + 1] == Const(descriptor(slot - lag), layout).as_value().value
    assert worked > 4


@pytest.mark.parametrize(("design", "index"), CASES, ids=lambda v: getattr(v, "name", str(v)))
def test_descriptor_age_counts_the_slots_that_entered_in_between(design, index):
    schedule = Schedule.of(design)
    for slot in range(3):
        starts = schedule.ff[index - 1] + slot * schedule.clocks
        entered = [n for n in range(100) if n * schedule.clocks < starts]  # in an earlier tick
        assert entered[-1] - slot == JunctionSequencer(schedule, index).descriptor_age


def test_slot_bits_tell_all_sets_apart():
    for design, _ in CASES:
        schedule = Schedule.of(design)
        for sets in (schedule.activation_sets, schedule.delta_sets, schedule.slope_sets):
            assert max(sets) <= 1 << slot_bits(schedule)
