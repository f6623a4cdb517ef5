"""Random numbers are drawn for many slots at once, in bounded memory, and any block gives the same numbers."""

import tracemalloc

import numpy as np
import pytest

from sw.design import lfsr
from sw.design.design import Design
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings
from sw.design.slots import Slots
from sw.golden.network import GoldenNetwork


def one_junction(z: int, *, neurons=(256, 16), out_degree=16, width=12) -> Design:
    """4096 weights, unless told otherwise."""
    return Design(
        name="draws",
        network=Network(neurons, 16, 16, (out_degree,), ("sigmoid",)),
        pattern=(PatternSettings(),),
        arithmetic=Arithmetic(rounding="stochastic", width=width),
        hardware=Hardware((z,)),
    )


class Recorder:
    """In place of sw.design.lfsr.draws: remembers the slots of each call."""

    def __init__(self) -> None:
        self.slots: list[int] = []

    def __call__(self, state, slots, clocks, z):
        self.slots.append(slots)
        return lfsr.draws(state, slots, clocks, z)


def training(count: int) -> Slots:
    rng = np.random.Generator(np.random.PCG64(91))
    return Slots.train(
        rng.integers(0, 256, (count, 16), dtype=np.uint8), rng.integers(0, 16, count), np.full(count, 2)
    )


# 4096 numbers, and 7 bits per clock and LFSR: 2^19 of them in all
@pytest.mark.parametrize(("z", "width", "block"), [(1, 12, 16), (4, 12, 46), (256, 12, 105), (256, 18, 105)])
def test_a_block_is_bounded_and_amortised(z, width, block):
    draws = Recorder()
    golden = GoldenNetwork(one_junction(z, width=width), draws=draws)
    slots = training(120)
    tracemalloc.start()
    golden.run(slots)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert draws.slots == [block] * -(-119 // block)  # the last slot's update is still due
    assert peak < 3_500_000


@pytest.mark.parametrize(("neurons", "out_degree", "z", "block"), [((16, 16), 1, 16, 128), ((1024, 256), 256, 1, 1)])
def test_tiny_junctions_draw_for_128_slots_and_huge_ones_for_one(neurons, out_degree, z, block):
    draws = Recorder()
    golden = GoldenNetwork(one_junction(z, neurons=neurons, out_degree=out_degree), draws=draws)
    golden.run(training(12))
    assert set(draws.slots) == {block}


def test_where_a_block_ends_does_not_matter():
    """One LFSR walked on by hand gives what a run over several blocks ends with."""
    golden = GoldenNetwork(one_junction(1))
    slots = training(40)
    golden.run(Slots.join(slots, golden.flush()))
    _, states = lfsr.draws(lfsr.seeds(1, 1), len(slots), 4096, 1)
    assert np.array_equal(golden.state().lfsr[0], states[-1])
