"""The whole accelerator, bit for bit, with random pauses: corners of sizes, formats and stages."""

from itertools import product

import numpy as np
import pytest

from sim.checker import Mismatch
from sim.harness.program import state_requests
from sw.design.design import Design
from sw.design.ports import CONFIG_LFSR, Ports
from sw.design.schedule import Schedule
from sw.golden.network import State
from tests.design.random_slots import random_slots, training_slots
from tests.design.random_states import random_state
from tests.hw.bench import Run, check
from tests.hw.designs import corner_designs, make, quick
from tests.hw.play import simulate


@pytest.mark.parametrize("design", corner_designs(), ids=lambda d: d.name)
def test_corners(design):
    check(design, chance=0.3, ported=True)


@pytest.mark.parametrize("chance", [0.0, 0.8])
def test_pauses_change_nothing(chance):
    check(quick(), chance=chance, seed=2)


def test_a_slow_host_loses_nothing():
    check(quick(), seed=3, slow=True)


def test_one_slot_per_cycle_when_nobody_pauses():
    """Clocks between the last result beats of consecutive slots are the schedule's, from the first slot on."""
    design = quick()
    run, state = Run(design), random_state(design, 1)
    offered = run.expect(state, training_slots(design, 12, 1))

    async def testbench(context):
        await run.poke(context, state)
        await run.offer(context, offered)
        await run.finish(context, ported=False)

    simulate(run.dut, testbench, domain=run.domain)
    assert len(run.ends) == 12
    assert (np.diff(run.ends) == Schedule.of(design).clocks).all()


def test_every_value_can_be_written_and_read_back():
    """A divisor that is no power of two, both ends of the range, every kind."""
    design = make("values", (6, 3, 3), (1, 3), (6, 3), width=7, rounding="stochastic")
    run, state = Run(design), random_state(design, 5)
    for weights in state.weights:
        weights[:2] = design.arithmetic.number.minimum, design.arithmetic.number.maximum

    async def testbench(context):
        await run.load(context, state)
        run.checker.state(await run.read(context), state, 0)
        # one write changes one value
        state.weights[1][4] = -state.weights[1][4] - 1
        with pytest.raises(Mismatch, match=r"junction 2, weight 4 \(the first of 1 "):
            run.checker.state(await run.read(context), state, 0)
        one = state_requests(design, state)
        await run.configure(context, one[(one["junction"] == 1) & (one["kind"] == 0) & (one["index"] == 4)])
        run.checker.state(await run.read(context), state, 0)

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
        run.checker.state(await run.read(context), state, 0)

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
    run, state = Run(design, chance=0.2, seed=3), random_state(design, 3)
    offered = run.expect(state, random_slots(design, 16, 3))
    requests = state_requests(design)
    rng = np.random.Generator(np.random.PCG64(4))

    # one at a time: an endless run of requests would hold the machine for ever
    def ask() -> None:
        if not run.asking and rng.random() < 0.05:
            run.ask(requests[rng.integers(len(requests))])

    async def testbench(context):
        await run.load(context, state)
        await run.offer(context, offered, meanwhile=ask)
        await run.finish(context)

    simulate(run.dut, testbench, domain=run.domain)


def test_a_reset_in_the_middle_starts_anew():
    """Registers without reset hold junk of the run before; nothing of it may reach a result."""
    design = quick()
    run, state = Run(design, seed=6), random_state(design, 6)

    async def testbench(context):
        other = random_state(design, 7)
        await run.load(context, other)
        await run.offer(context, run.expect(other, training_slots(design, 9, 8)))
        await run.reset(context)
        offered = run.expect(state, random_slots(design, 12, 6))
        await run.load(context, state)
        await run.offer(context, offered)
        await run.finish(context)

    simulate(run.dut, testbench, domain=run.domain)
