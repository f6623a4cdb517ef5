"""Rates and kinds that change with every slot, in machines that work in every clock; changes larger than a weight."""

import numpy as np

from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.slots import INFER, TRAIN, Slots
from tests.design.random_states import random_state
from tests.hw.bench import Run
from tests.hw.designs import make
from tests.hw.play import simulate


def check(design: Design, kinds: list[int], shifts: list[int], seed: int) -> None:
    """Such slots, from any state, give the results and the state of the golden model."""
    rng, count, network = np.random.Generator(np.random.PCG64(seed)), len(kinds), design.network
    features = rng.integers(0, 256, (count, network.inputs), dtype=np.uint8)
    slots = Slots(features, rng.integers(0, network.classes, count), np.array(kinds, np.uint8), np.array(shifts))
    run, start = Run(design), random_state(design, seed)
    offered = run.expect(start, slots)

    async def testbench(context):
        await run.poke(context, start)
        await run.offer(context, offered)
        await run.finish(context, ported=False)

    simulate(run.dut, testbench, domain=run.domain)


def test_the_last_clock_of_a_slot_has_its_own_rate():
    """Nothing lies between it and the first clock of the next slot: C_i = C, and no pause."""
    design = make("busy", (6, 6, 3), (2, 1), (2, 1), rounding="stochastic")
    assert {j.clocks for j in design.junctions} == {Schedule.of(design).clocks}
    kinds = [TRAIN, TRAIN, TRAIN, INFER, TRAIN, INFER, TRAIN, TRAIN] * 2
    check(design, kinds, [1, 9, 3, 15, 0, 0, 8, 7] * 2, seed=1)


def test_a_change_may_be_larger_than_any_weight():
    """Behind a rectifier an activation, and a left delta, are as large as a weight: their product is larger."""
    design = make(
        "large", (4, 4, 4, 2), (2, 2, 2), (4, 4, 4), activation=("relu", "relu", "sigmoid"), width=8, integer_bits=3,
        preactivation_integer_bits=3,
    )  # fmt: skip
    check(design, [TRAIN] * 8, [0] * 8, seed=2)
