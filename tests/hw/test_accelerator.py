"""The whole accelerator, bit for bit, with random pauses: corners of sizes, formats and stages."""

from itertools import product

import numpy as np
import pytest

from sim.harness.program import state_requests
from sw.design.design import Design
from sw.design.ports import CONFIG_LFSR, Ports
from sw.design.schedule import Schedule
from sw.design.slots import TRAIN, Slots
from sw.golden.network import GoldenNetwork, State
from tests.hw.bench import Run, check, compare_states
from tests.hw.designs import corner_designs, make, quick
from tests.hw.play import simulate
from tests.hw.stimulus import random_slots, random_state


@pytest.mark.parametrize("design", corner_designs(), ids=lambda d: d.name)
def test_corners(design):
    check(design, chance=0.3)


@pytest.mark.parametrize("chance", [0.0, 0.8])
def test_pauses_change_nothing(chance):
    check(quick(), chance=chance, seed=2)


def test_a_slow_host_loses_nothing():
    check(quick(), seed=3, slow=True)


def test_one_slot_per_cycle_when_nobody_pauses():
    """Clocks between the last result beats of consecutive slots are the schedule's, from the first slot on."""
    design = quick()
    schedule = Schedule.of(design)
    run, seen = Run(design), []
    slots = random_slots(design, 12, 1, kinds=[TRAIN] * 12)

    async def testbench(context):
        def note() -> bool:
            while len(seen) < len(run.results):
                seen.append(run.clocks)
            return False

        await run.offer(context, Slots.join(slots, GoldenNetwork(design).flush()), done=note)
        await run.rest(context)

    simulate(run.dut, testbench, domain=run.domain)
    beats = len(seen) // 12
    assert len(seen) == 12 * beats
    assert (np.diff(seen[beats - 1 :: beats]) == schedule.clocks).all()


def test_every_value_can_be_written_and_read_back():
    """A divisor that is no power of two, both ends of the range, every kind."""
    design = make("values", (6, 3, 3), (1, 3), (6, 3), width=7, rounding="stochastic")
    run, state = Run(design), random_state(design, 5)

    async def testbench(context):
        await run.load(context, state)
        compare_states(await run.read(context), state)
        # one write changes one value
        state.weights[1][4] = -state.weights[1][4] - 1
        one = state_requests(design, state)
        await run.configure(context, one[(one["junction"] == 1) & (one["kind"] == 0) & (one["index"] == 4)])
        compare_states(await run.read(context), state)

    simulate(run.dut, testbench, domain=run.domain)


def requests_for_nothing(design: Design) -> np.ndarray:
    """Of every kind and junction there may be: the first index that is not there, twice that, the highest."""
    known = state_requests(design)
    widths = {f.name: f.width for f in Ports.of(design).config}
    top = (1 << widths["index"]) - 1
    rows = []
    for junction, kind in product(range(1 << widths["junction"]), range(4)):
        count = int(((known["junction"] == junction) & (known["kind"] == kind)).sum())
        rows += [(junction, kind, index) for index in sorted({count, 2 * count, top}) if count <= index <= top]
    requests = np.zeros(len(rows), known.dtype)
    for name, column in zip(("junction", "kind", "index"), np.array(rows).T, strict=True):
        requests[name] = column
    return requests


@pytest.mark.parametrize("rounding", ["stochastic", "nearest"])
def test_requests_for_what_is_not_there_change_nothing_and_read_0(rounding):
    """Indices too large, kind 3, junction 3 of 0..2; and no LFSRs where rounding is to nearest."""
    design = make("nothing", (6, 3, 3, 2), (1, 1, 2), (6, 3, 3), width=7, rounding=rounding)
    run, state = Run(design), random_state(design, 5)
    if rounding == "nearest":
        state.lfsr.clear()
    reads = requests_for_nothing(design)
    assert {(r["junction"], r["kind"]) for r in reads} == set(product(range(4), range(4)))
    writes = reads.copy()
    writes["write"], writes["value"] = 1, [0, 5] * (len(writes) // 2) + [9] * (len(writes) % 2)
    stuck = state_requests(design, state)
    stuck = stuck[stuck["kind"] == CONFIG_LFSR]
    stuck["value"] = 0

    async def testbench(context):
        await run.load(context, state)
        await run.configure(context, np.concatenate([writes, stuck]))
        assert not (await run.configure(context, reads)).any()
        compare_states(await run.read(context), state)

    simulate(run.dut, testbench, domain=run.domain)


def test_a_value_of_many_lanes_is_read_in_time():
    """Of more than 256 lanes in two rows: three levels of registers choose one, and each read is of another lane."""
    design = make("lanes", (260, 2), (2,), (260,), width=4, integer_bits=1, preactivation_integer_bits=1, table_bits=4)
    run = Run(design)
    found = []

    async def testbench(context):
        requests = state_requests(design, State([np.zeros(520, int)], [np.zeros(2, int)], []))
        some = requests[[519, 0, 259]]
        some["value"] = [1, 2, 3]
        await run.configure(context, some)
        some["write"] = 0
        found.extend(await run.configure(context, some))

    simulate(run.dut, testbench, domain=run.domain)
    assert found == [1, 2, 3]


def test_reading_in_the_middle_of_a_run_is_a_pause():
    """Requests come between any two ticks; the results and the final state do not notice."""
    design = quick()
    golden, state = GoldenNetwork(design), random_state(design, 3)
    golden.load(state)
    slots = random_slots(design, 16, 3)
    due = golden.run(slots)
    golden.run(golden.flush())
    run = Run(design, chance=0.2, seed=3)
    requests = state_requests(design)
    rng = np.random.Generator(np.random.PCG64(4))

    async def testbench(context):
        await run.load(context, state)

        # one at a time: an endless run of requests would hold the machine for ever
        def ask() -> bool:
            if not run.asking and rng.random() < 0.05:
                run.ask(requests[rng.integers(len(requests))])
            return False

        await run.offer(context, Slots.join(slots, golden.flush()), done=ask)
        await run.rest(context)
        compare_states(await run.read(context), golden.state())

    simulate(run.dut, testbench, domain=run.domain)
    beats = len(run.results) // len(due)
    found = [beat["prediction"] for beat in run.results[beats - 1 :: beats]]
    assert found == due.predictions.tolist()
    assert [a for beat in run.results for a in beat["activations"]] == due.activations.reshape(-1).tolist()


def test_a_reset_in_the_middle_starts_anew():
    """Registers without reset hold junk of the run before; nothing of it may reach a result."""
    design = quick()
    golden, state = GoldenNetwork(design), random_state(design, 6)
    golden.load(state)
    slots = random_slots(design, 12, 6)
    due = golden.run(slots)
    golden.run(golden.flush())
    run = Run(design, seed=6)

    async def testbench(context):
        await run.load(context, random_state(design, 7))
        await run.offer(context, random_slots(design, 9, 8, kinds=[TRAIN] * 9))
        run.results.clear()
        context.set(run.domain.rst, 1)
        await context.tick()
        context.set(run.domain.rst, 0)
        await run.load(context, state)
        await run.offer(context, Slots.join(slots, golden.flush()))
        await run.rest(context)
        compare_states(await run.read(context), golden.state())
        assert context.get(run.dut.count_slots) == len(due)

    simulate(run.dut, testbench, domain=run.domain)
    assert [a for beat in run.results for a in beat["activations"]] == due.activations.reshape(-1).tolist()
