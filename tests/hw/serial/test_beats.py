"""The queue in front of the accelerator: no beat is lost, doubled or out of order, whoever it comes from."""

import numpy as np
import pytest

from hw.serial.beats import BeatQueue
from sw.design.schedule import Schedule
from tests.hw.designs import quick
from tests.hw.play import simulate

LATE = 7  # clocks from a claim to its beat
CHANGE, CLOCKS = 500, 4000


@pytest.mark.parametrize("share", [1.0, 0.7, 0.1])
def test_beats_of_two_sources_come_out_in_order(share):
    """``share``: of the clocks in which a beat may be taken, while beats come."""
    dut = BeatQueue(Schedule.of(quick()), 2)
    rng = np.random.default_rng(4)
    due, found, taken, full = [], [], [], []
    coming = [None] * LATE  # beats that have been claimed, by clocks

    async def testbench(context):
        bits, payload, at, room = dut.layout.size, dut.slots.payload.as_value(), 0, 0
        for clock in range(CLOCKS):
            full.append(not room)
            assert not context.get(dut.sources[at].empty) or len(due) == len(found)
            comes = clock % CHANGE < CHANGE * 3 // 4
            claim = int(room and comes and rng.random() < 0.9)
            context.set(dut.sources[at].claim, claim)
            room = context.get(dut.sources[at].room)
            if claim:
                due.append(int.from_bytes(rng.bytes(bits // 8 + 1), "little") & ((1 << bits) - 1))
            coming.append(due[-1] if claim else None)
            beat = coming.pop(0)
            context.set(dut.sources[at].write, int(beat is not None))
            context.set(dut.sources[at].beat.as_value(), beat or 0)
            if clock % CHANGE == CHANGE - 1:  # the other one goes on
                assert context.get(dut.sources[at].empty)
                at ^= 1
            take = int(not comes or rng.random() < share)
            context.set(dut.slots.ready, take)
            if take and context.get(dut.slots.valid):
                found.append(context.get(payload))
            await context.tick()
            taken.append(context.get(dut.taken))

    simulate(dut, testbench)
    assert len(due) > CLOCKS * share * 0.6
    assert found == due
    assert sum(taken) == len(found)
    assert any(full[2:]) == (share < 1)
