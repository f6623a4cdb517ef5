"""A rehearsal of the schedule: every access of some slots is listed, timed and checked.

It checks that each read of the list in `sw.design.accesses` finds the very value it is due: complete,
of the right slot, written in an earlier clock and not yet overwritten.

An access is issued in a tick and happens ``stage`` clocks after it; pauses come between ticks. Of two
accesses of different ticks the distance in clocks can only grow with pauses, so the two extremes (no
pause; one longer than the pipeline after every tick) decide what all other patterns of pauses do.
"""

import numpy as np

from sw.design.accesses import Accesses, Memory, memories
from sw.design.errors import DesignError
from sw.design.schedule import Schedule

__all__ = ["check", "long_pauses", "no_pauses", "rehearse"]


def no_pauses(ticks: int) -> np.ndarray:
    """Clock of every tick of a machine that never pauses."""
    return np.arange(ticks)


def long_pauses(schedule: Schedule, ticks: int) -> np.ndarray:
    """Clock of every tick if the pipeline drains after each."""
    deepest = max(max(vars(stages).values()) for stages in schedule.stages)
    return np.arange(ticks) * (deepest + 2)


def rehearse(
    schedule: Schedule, *, slots: int | None = None, clock_of_tick: np.ndarray | None = None
) -> int:
    """Check every access of ``slots`` training slots; returns how many reads were checked.

    Without ``slots`` there are enough for every set to be used again and every update to be seen.
    ``clock_of_tick``, rising, gives the clock of each tick; without, both extremes are checked.

    Raises DesignError naming junction, memory, slot, location and the times of both accesses.
    """
    for i, (ff, bp, lag) in enumerate(
        zip(schedule.ff, schedule.bp, schedule.lags, strict=True), 1
    ):
        if bp - ff != lag * schedule.clocks:
            raise DesignError(
                f"junction {i}: one read of a weight must serve FF and BP, so these must be "
                f"lag * clocks = {lag * schedule.clocks} ticks apart; got {bp} - {ff}"
            )
    if slots is None:
        deepest = (*schedule.activation_sets, *schedule.delta_sets, *schedule.slope_sets)
        slots = max(schedule.lags) + max(deepest) + 2
    longest = max(schedule.beats, *(j.clocks for j in schedule.design.junctions))
    ticks = max(*schedule.ff, *schedule.bp) + slots * schedule.clocks + longest
    patterns = [no_pauses(ticks), long_pauses(schedule, ticks)]
    if clock_of_tick is not None:
        clock = np.asarray(clock_of_tick)
        if len(clock) < ticks or (np.diff(clock) < 1).any():
            raise DesignError(
                f"clock_of_tick must rise from tick to tick and have {ticks} entries at least, "
                f"got {len(clock)} entries"
            )
        patterns = [clock]
    checked = 0
    for clock in patterns:
        for memory in memories(schedule, slots):  # listed one at a time: those of a large design are long
            check(memory, clock)
            checked += len(memory.reads)
    return checked


def check(memory: Memory, clock_of_tick: np.ndarray) -> None:
    """Check all accesses of one memory; DesignError names the first that goes wrong."""
    writes, reads = memory.writes, memory.reads
    if not len(reads):
        return
    wrote, read = _clocks(writes, clock_of_tick), _clocks(reads, clock_of_tick)
    for accesses, clocks, verb in ((writes, wrote, "writes"), (reads, read, "reads")):
        _check_ports(memory, accesses, clocks, verb)

    # cell = set and location; one key orders all accesses by cell and then by clock
    locations = 1 + max(int(writes.location.max()), int(reads.location.max()))
    base = min(int(wrote.min()), int(read.min()))
    span = 2 + max(int(wrote.max()), int(read.max())) - base
    written = (writes.set * locations + writes.location) * span + wrote - base
    due = (reads.set * locations + reads.location) * span + read - base
    order = np.argsort(written, kind="stable")
    ordered = written[order]
    position = np.searchsorted(ordered, due, side="left") - 1  # the last write in an earlier clock
    seen = order[np.maximum(position, 0)]
    right = (position >= 0) & (ordered[position] // span == due // span)
    right &= writes.version[seen] == reads.version
    if not memory.read_first:
        right &= np.searchsorted(ordered, due, side="right") - 1 == position
    if right.all():
        return
    at = int(np.flatnonzero(~right)[np.argmin(read[~right])])
    same = (writes.location == reads.location[at]) & (writes.set == reads.set[at])
    wanted = np.flatnonzero(same & (writes.version == reads.version[at]))
    message = (
        f"junction {memory.junction}: {memory.name}: slot {reads.slot[at]} reads {memory.place} "
        f"{reads.location[at]} (set {reads.set[at]}) {_time(reads, read, at)}"
    )
    if not len(wanted):
        raise DesignError(f"{message}, but nothing writes its value there")
    if wrote[wanted[0]] >= read[at]:
        raise DesignError(
            f"{message}, but its value is written only {_time(writes, wrote, wanted[0])}"
        )
    between = np.flatnonzero(same & (wrote <= read[at]) & (wrote > wrote[wanted[0]]))
    by = int(between[np.argmax(wrote[between])])
    raise DesignError(
        f"{message}, but slot {writes.slot[by]} overwrites it {_time(writes, wrote, by)}"
    )


def _check_ports(memory: Memory, accesses: Accesses, clocks: np.ndarray, verb: str) -> None:
    """No two locations of a bank at once through one port, no location written twice at once."""
    clock = clocks - clocks.min()
    place = (accesses.port * memory.banks + accesses.location % memory.banks) * (1 + clock.max()) + clock
    cell = accesses.set * (1 + accesses.location.max()) + accesses.location
    order = np.lexsort((cell, place))
    at_once = np.diff(place[order]) == 0
    if verb == "reads":  # several may share what one read brings
        at_once &= np.diff(cell[order]) != 0
    at_once &= accesses.tick[order][1:] >= 0  # initial values are just there
    if at_once.any():
        k = int(np.argmax(at_once))
        a, b = order[k], order[k + 1]
        raise DesignError(
            f"junction {memory.junction}: {memory.name}: slot {accesses.slot[a]} {verb} "
            f"{memory.place} {accesses.location[a]} {_time(accesses, clocks, a)}, and slot "
            f"{accesses.slot[b]} {verb} {memory.place} {accesses.location[b]} of the same bank "
            f"{_time(accesses, clocks, b)}"
        )


def _clocks(accesses: Accesses, clock_of_tick: np.ndarray) -> np.ndarray:
    """When the accesses happen; those of tick -1 lie before everything."""
    clocks = clock_of_tick[np.maximum(accesses.tick, 0)] + accesses.stage
    return np.where(accesses.tick < 0, clock_of_tick[0] - 1, clocks)


def _time(accesses: Accesses, clocks: np.ndarray, at: int) -> str:
    return f"at tick {accesses.tick[at]} stage {accesses.stage[at]} (clock {clocks[at]})"
