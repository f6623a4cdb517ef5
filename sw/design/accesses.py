"""Every access to every memory of the machine, listed from phases, stages and patterns.

This knows nothing of the closed forms of `sw.design.schedule`. It takes from there only what the
hardware takes (phases, lags, stages, sets) and lists who writes and reads which location for which
slot in which tick and stage. `sw.design.rehearsal` checks the list.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sw.design.design import Junction
from sw.design.schedule import INPUT_WRITE, Schedule

__all__ = ["Accesses", "Memory", "memories"]


@dataclass(frozen=True)
class Accesses:
    """Accesses to one memory, one entry each in arrays of int64.

    ``tick``: the access is issued then; ``stage``: it happens so many clocks later. ``slot``: on whose
    behalf; ``location``: in a set; ``set``; ``version``: which of the location's values is written or
    due; ``port``: one port serves one location of a bank per clock.
    """

    tick: np.ndarray
    stage: np.ndarray
    slot: np.ndarray
    location: np.ndarray
    set: np.ndarray
    version: np.ndarray
    port: np.ndarray

    @classmethod
    def make(cls, *, tick, stage, slot, location, sets=1, version=None, port=0) -> "Accesses":
        """Accesses of the arguments broadcast against each other; a slot is in set ``slot % sets``."""
        slot = np.asarray(slot)
        version = slot if version is None else version
        return cls(*(
            np.ravel(a).astype(np.int64)
            for a in np.broadcast_arrays(tick, stage, slot, location, slot % sets, version, port)
        ))

    @classmethod
    def join(cls, *parts: "Accesses") -> "Accesses":
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))

    def __len__(self) -> int:
        return len(self.tick)


@dataclass(frozen=True)
class Memory:
    """One kind of memory of junction ``junction`` (1..L) and all that happens to it.

    ``place``: what a location is called. ``banks``: location n is in bank n % banks. ``read_first``: a
    read and a write may share a clock, and the read gets the old value; elsewhere this is a fault.
    """

    junction: int
    name: str
    place: str
    banks: int
    writes: Accesses
    reads: Accesses
    read_first: bool = False


def memories(schedule: Schedule, slots: int) -> Iterator[Memory]:
    """Every memory of the machine with the accesses of slots 0..slots-1, all of them training."""
    for j in schedule.design.junctions:
        yield _left_activations(schedule, j, slots, "FF", schedule.ff, schedule.feed_sets)
        yield _left_activations(schedule, j, slots, "UP", schedule.bp, schedule.activation_sets)
        yield _right_deltas(schedule, j, slots)
        if schedule.design.scaled_delta(j):
            yield _slopes(schedule, j, slots)
        weights = np.arange(j.weights).reshape(j.clocks, j.z)
        yield _parameters(schedule, j, slots, "weights", weights, np.arange(j.clocks))
        # a bias is read and written with the first weights of its neuron
        yield _parameters(schedule, j, slots, "biases", _groups(j), _first(j))
        if j.index > 1:
            yield _partial_deltas(schedule, j, slots)


# Accesses have three axes: slots, clocks of a cycle, locations.


def _slots(slots: int) -> np.ndarray:
    return np.arange(slots)[:, None, None]


def _ticks(schedule: Schedule, first: int, clocks: np.ndarray, slots: int) -> np.ndarray:
    """Ticks of some clocks of the cycles of the slots; slot 0's begins in tick ``first``."""
    return first + clocks[:, None] + _slots(slots) * schedule.clocks


def _groups(j: Junction) -> np.ndarray:
    """The right neurons that are worked on together: (groups, per_clock)."""
    return np.arange(j.right).reshape(-1, j.per_clock)


def _first(j: Junction) -> np.ndarray:
    """Clock of the cycle in which each group of right neurons gets its first weights."""
    return np.arange(0, j.clocks, j.clocks_per_group)


def _done(j: Junction) -> np.ndarray:
    """Clock of the cycle in which each group of right neurons gets its last weights."""
    return _first(j) + j.clocks_per_group - 1


def _left(j: Junction) -> np.ndarray:
    """Left neurons of every clock and lane: (clocks, z)."""
    return j.pattern.left_of.reshape(j.clocks, j.z)


def _finished(schedule: Schedule, j: Junction, slots: int, stage: int, sets: int) -> Accesses:
    """Writes of what FF makes of each group of right neurons."""
    return Accesses.make(
        tick=_ticks(schedule, schedule.ff[j.index - 1], _done(j), slots),
        stage=stage,
        slot=_slots(slots),
        location=_groups(j),
        sets=sets,
    )


def _fetched(schedule: Schedule, j: Junction, slots: int, sets: int) -> Accesses:
    """Reads, in every clock of BP/UP, of what belongs to the group of right neurons of that clock."""
    clocks = np.arange(j.clocks)
    return Accesses.make(
        tick=_ticks(schedule, schedule.bp[j.index - 1], clocks, slots),
        stage=schedule.stages[j.index - 1].fetch,
        slot=_slots(slots),
        location=_groups(j)[clocks // j.clocks_per_group],
        sets=sets,
    )


def _left_activations(
    schedule: Schedule, j: Junction, slots: int, reader: str, first: tuple[int, ...], kept: tuple[int, ...]
) -> Memory:
    """The copy that FF reads, or UP; junction i's reads for slot 0 begin in tick ``first[i]``."""
    i = j.index - 1
    sets = kept[i]
    if i == 0:
        writes = Accesses.make(
            tick=_ticks(schedule, 0, np.arange(schedule.beats), slots),
            stage=INPUT_WRITE,
            slot=_slots(slots),
            location=np.arange(j.left).reshape(schedule.beats, -1),
            sets=sets,
        )
    else:
        before = schedule.design.junctions[i - 1]
        writes = _finished(schedule, before, slots, schedule.stages[i - 1].written, sets)
    reads = Accesses.make(
        tick=_ticks(schedule, first[i], np.arange(j.clocks), slots),
        stage=schedule.stages[i].left_address,
        slot=_slots(slots),
        location=_left(j),
        sets=sets,
    )
    return Memory(j.index, f"left activations for {reader}", "neuron", j.z, writes, reads)


def _right_deltas(schedule: Schedule, j: Junction, slots: int) -> Memory:
    i = j.index - 1
    sets = schedule.delta_sets[i]
    if j.last:
        banks = j.per_clock
        writes = _finished(schedule, j, slots, schedule.stages[i].output_delta, sets)
    else:  # the last sweep over the left neurons of the next junction finishes them
        above = schedule.design.junctions[i + 1]
        banks = above.z
        final = np.arange(above.clocks - above.depth, above.clocks)
        writes = Accesses.make(
            tick=_ticks(schedule, schedule.bp[i + 1], final, slots),
            stage=schedule.stages[i + 1].left_delta,
            slot=_slots(slots),
            location=_left(above)[final],
            sets=sets,
        )
    reads = _fetched(schedule, j, slots, sets)
    return Memory(j.index, "right deltas", "neuron", banks, writes, reads)


def _slopes(schedule: Schedule, j: Junction, slots: int) -> Memory:
    sets = schedule.slope_sets[j.index - 1]
    writes = _finished(schedule, j, slots, schedule.stages[j.index - 1].activation, sets)
    reads = _fetched(schedule, j, slots, sets)
    return Memory(j.index, "slopes", "neuron", j.per_clock, writes, reads)


def _parameters(
    schedule: Schedule, j: Junction, slots: int, name: str, location: np.ndarray, clock: np.ndarray
) -> Memory:
    """Weights or biases, in the clocks given. Version m + 1 is slot m's update, 0 the initial value."""
    i = j.index - 1
    st, slot = schedule.stages[i], _slots(slots)
    updates = _ticks(schedule, schedule.bp[i], clock, slots)
    # FF of slot n and BP of slot n - lag share a read; both are due slot n - lag - 1's update
    reads = (
        Accesses.make(tick=tick, stage=st.address, slot=slot, location=location, version=version)
        for tick, version in (
            (_ticks(schedule, schedule.ff[i], clock, slots), np.maximum(slot - schedule.lags[i], 0)),
            (updates, slot),
        )
    )
    writes = (
        Accesses.make(tick=-1, stage=0, slot=-1, location=np.unique(location), version=0),
        Accesses.make(tick=updates, stage=st.update, slot=slot, location=location, version=slot + 1),
    )
    place, banks = ("weight", j.z) if name == "weights" else ("neuron", j.per_clock)
    return Memory(j.index, name, place, banks, Accesses.join(*writes), Accesses.join(*reads))


def _partial_deltas(schedule: Schedule, j: Junction, slots: int) -> Memory:
    """Sums over the sweeps so far, read, added to and written back; the first sweep starts anew."""
    i = j.index - 1
    clocks = np.arange(j.clocks)
    sweep = (clocks // j.depth)[:, None]
    version = _slots(slots) * j.out_degree + sweep
    later = clocks[j.depth :]
    writes, reads = (
        Accesses.make(
            tick=_ticks(schedule, schedule.bp[i], part, slots),
            stage=schedule.stages[i].partial,
            slot=_slots(slots),
            location=_left(j)[part],
            version=version[:, part] - older,
        )
        for part, older in ((clocks, 0), (later, 1))
    )
    return Memory(
        j.index, "partial left deltas", "neuron", j.z, writes, reads, read_first=True
    )
