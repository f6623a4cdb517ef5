# amaranth: UnusedElaboratable=no

"""Banks and queues keep what was written, per set, row and neuron."""

import numpy as np
import pytest

from hw.banks import LeftBanks, Queue
from tests.hw.play import play

CLOCKS = 150


def banks_of(z: int, depth: int, ff_sets: int, up_sets: int, per_write: int, read_clocks: int = 1) -> LeftBanks:
    return LeftBanks(
        z=z, depth=depth, ff_sets=ff_sets, up_sets=up_sets, width=5, per_write=per_write, slot_bits=3, lutram_rows=16,
        read_clocks=read_clocks,
    )  # fmt: skip


@pytest.mark.parametrize("read_clocks", [1, 2])
@pytest.mark.parametrize(
    ("z", "depth", "ff_sets", "up_sets", "per_write"),
    # the last has more lanes than share a copy of a register, in parts that begin within a group of them
    [(4, 3, 2, 4, 2), (6, 2, 4, 8, 6), (3, 1, 2, 2, 1), (1, 5, 2, 4, 1), (40, 2, 2, 2, 10)],
)
def test_left_banks(z, depth, ff_sets, up_sets, per_write, read_clocks):
    """Sets counted in powers of two, as the banks round them up.

    A write happens a clock after it is given, a read's slots are given a clock before its rows.
    """
    rng = np.random.Generator(np.random.PCG64([z, depth]))
    kept = {ff_sets: np.zeros((ff_sets, depth, z), int), up_sets: np.zeros((up_sets, depth, z), int)}
    ff_slot, up_slot = rng.integers(0, 8, 2)
    steps, ff_due, up_due = [{"ff_slot": ff_slot, "up_slot": up_slot}], [], []
    for _ in range(CLOCKS):
        rows = rng.integers(0, depth, z)
        ff_due.append(kept[ff_sets][ff_slot % ff_sets, rows, range(z)])
        up_due.append(kept[up_sets][up_slot % up_sets, rows, range(z)])
        write, part = int(rng.integers(0, 2)), int(rng.integers(0, z // per_write))
        row, data = int(rng.integers(0, depth)), rng.integers(0, 32, per_write)
        slot = int(rng.integers(0, 8))
        lanes = slice(part * per_write, (part + 1) * per_write)
        read = slot % ff_sets == ff_slot % ff_sets or slot % up_sets == up_slot % up_sets
        if (rows[lanes] == row).any() and read:
            write = 0  # the schedule never reads a row while it is written
        # given in the clock before
        steps[-1] |= {"write": write, "write_parts": 1 << part, "write_row": row, "write_slot": slot}
        steps[-1]["write_data"] = data
        ff_slot, up_slot = rng.integers(0, 8, 2)
        steps.append({"rows": rows, "write": 0, "ff_slot": ff_slot, "up_slot": up_slot})
        if write:
            for sets, banks in kept.items():
                banks[slot % sets, row, lanes] = data
    seen = play(banks_of(z, depth, ff_sets, up_sets, per_write, read_clocks), steps, ["ff_data", "up_data"])
    assert (seen["ff_data"][1 + read_clocks :] == np.array(ff_due)[:-read_clocks]).all()
    assert (seen["up_data"][1 + read_clocks :] == np.array(up_due)[:-read_clocks]).all()
    assert seen["ff_data"].any()


def test_banks_are_written_in_whole_parts():
    with pytest.raises(ValueError, match=r"^neurons per write must divide z = 4, got 3$"):
        banks_of(4, 1, 1, 1, 3)


@pytest.mark.parametrize("read_clocks", [1, 2])
@pytest.mark.parametrize(("groups", "sets", "per_group"), [(3, 3, 2), (1, 2, 3), (5, 1, 1)])
def test_queue(groups, sets, per_group, read_clocks):
    rng = np.random.Generator(np.random.PCG64([groups, sets]))
    kept, steps, due = np.zeros((sets, groups, per_group), int), [], []
    for _ in range(CLOCKS):
        group, held = int(rng.integers(0, groups)), int(rng.integers(0, sets))
        due.append(kept[held, group].copy())
        to, into = int(rng.integers(0, groups)), int(rng.integers(0, sets))
        write, data = int((to, into) != (group, held)), rng.integers(0, 32, per_group)
        steps.append(
            {"write": write, "write_group": to, "write_set": into, "write_data": data,
             "read_group": group, "read_set": held}
        )  # fmt: skip
        if write:
            kept[into, to] = data
    queue = Queue(groups=groups, sets=sets, shape=5, per_group=per_group, lutram_rows=16, read_clocks=read_clocks)
    seen = play(queue, steps, ["read_data"])["read_data"]
    assert (seen[read_clocks:] == np.array(due)[:-read_clocks]).all()
    assert groups * sets == 1 or seen.any()
