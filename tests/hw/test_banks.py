# amaranth: UnusedElaboratable=no

"""Banks and queues keep what was written, per set, row and neuron."""

import numpy as np
import pytest

from hw.banks import LeftBanks, Queue
from tests.hw.play import play

CLOCKS = 150


@pytest.mark.parametrize(
    ("z", "depth", "sets", "per_write"), [(4, 3, 3, 2), (6, 2, 5, 6), (3, 1, 2, 1), (1, 5, 1, 1)]
)
def test_left_banks(z, depth, sets, per_write):
    rng = np.random.Generator(np.random.PCG64([z, depth]))
    kept, steps, ff_due, up_due = np.zeros((sets, depth, z), int), [], [], []
    for _ in range(CLOCKS):
        rows, ff_set, up_set = rng.integers(0, depth, z), *rng.integers(0, sets, 2)
        ff_due.append(kept[ff_set, rows, range(z)])
        up_due.append(kept[up_set, rows, range(z)])
        write, part = int(rng.integers(0, 2)), int(rng.integers(0, z // per_write))
        row, data = int(rng.integers(0, depth)), rng.integers(0, 32, per_write)
        held = int(rng.integers(0, sets))
        lanes = slice(part * per_write, (part + 1) * per_write)
        if (rows[lanes] == row).any() and held in (ff_set, up_set):
            write = 0  # the schedule never reads a row while it is written
        steps.append(
            {"write": write, "write_part": part, "write_row": row, "write_set": held, "write_data": data,
             "rows": rows, "ff_set": ff_set, "up_set": up_set}
        )  # fmt: skip
        if write:
            kept[held, row, lanes] = data
    seen = play(
        LeftBanks(z=z, depth=depth, sets=sets, width=5, per_write=per_write), steps, ["ff_data", "up_data"]
    )
    assert (seen["ff_data"][1:] == np.array(ff_due)[:-1]).all()
    assert (seen["up_data"][1:] == np.array(up_due)[:-1]).all()
    assert seen["ff_data"].any()


def test_banks_are_written_in_whole_parts():
    with pytest.raises(ValueError, match=r"^neurons per write must divide z = 4, got 3$"):
        LeftBanks(z=4, depth=1, sets=1, width=5, per_write=3)


@pytest.mark.parametrize(("groups", "sets", "per_group"), [(3, 3, 2), (1, 2, 3), (5, 1, 1)])
def test_queue(groups, sets, per_group):
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
    seen = play(Queue(groups=groups, sets=sets, shape=5, per_group=per_group), steps, ["read_data"])["read_data"]
    assert (seen[1:] == np.array(due)[:-1]).all()
    assert groups * sets == 1 or seen.any()
