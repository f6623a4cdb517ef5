# amaranth: UnusedElaboratable=no

"""The LFSR draws what sw.design.lfsr writes down, steps when told to, and can be loaded and reset."""

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.lfsr import Lfsr
from sw.design import lfsr
from tests.hw.play import play

CLOCKS = 60


class Lanes(wiring.Component):
    """An LFSR with the numbers of all its lanes as ports."""

    def __init__(self, seed: int):
        self.seed = seed
        super().__init__(
            {
                "step": In(1),
                "load": In(1),
                "value": In(lfsr.LENGTH),
                "state": Out(lfsr.LENGTH),
                "numbers": Out(lfsr.WINDOW).array(lfsr.GROUP),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.lfsr = unit = Lfsr(seed=self.seed)
        m.d.comb += [unit.step.eq(self.step), unit.load.eq(self.load), unit.value.eq(self.value)]
        m.d.comb += self.state.eq(unit.state)
        for first, lanes in ((0, 8), (8, 23), (31, 1)):
            shared = unit.numbers(first, lanes)
            m.d.comb += [self.numbers[first + i].eq(shared[i : i + lfsr.WINDOW]) for i in range(lanes)]
            assert len(shared) == lanes + lfsr.WINDOW - 1
        return m


def test_each_lane_has_its_own_bits_of_the_sequence():
    """By the recurrence alone: b[t + 47] = b[t] xor b[t + 5]; after n steps lane l has 15 bits from b[7 n + l] on."""
    seed = int(lfsr.seeds(1, 1)[0])
    bits = [seed >> i & 1 for i in range(47)]
    while len(bits) < 7 * CLOCKS + 64:
        bits.append(bits[-47] ^ bits[-42])
    due = [
        [sum(bits[7 * n + lane + i] << i for i in range(15)) for lane in range(32)] for n in range(CLOCKS)
    ]
    seen = play(Lanes(seed), [{"step": 1}] * CLOCKS, ["numbers"])["numbers"]
    assert seen.tolist() == due
    assert all(len(set(numbers)) > 16 for numbers in due)


def test_numbers_of_every_lane_and_states_over_steps_with_gaps():
    seed = lfsr.seeds(2, 1)
    numbers, states = lfsr.draws(seed, CLOCKS, 1, lfsr.GROUP)
    states = np.concatenate([seed[None], states])[:, 0].astype(np.int64)
    steps = np.random.Generator(np.random.PCG64(3)).integers(0, 2, CLOCKS)
    seen = play(Lanes(int(seed[0])), [{"step": s} for s in steps], ["state", "numbers"])
    done = np.concatenate([[0], np.cumsum(steps)[:-1]])
    assert (seen["state"] == states[done]).all()
    assert (seen["numbers"] == numbers[done]).all()
    assert done[-1] > CLOCKS // 4


def test_load_comes_before_step():
    value = 0x5A5A_1234_5678
    seen = play(Lanes(1), [{"step": 1, "load": 1, "value": value}, {"load": 0, "step": 0}], ["state"])["state"]
    assert seen.tolist() == [1, value]


@pytest.mark.parametrize("seed", [0, 1 << lfsr.LENGTH])
def test_a_seed_that_is_no_state_is_refused(seed):
    with pytest.raises(ValueError, match=rf"^an LFSR seed must be 1\.\.2\^47 - 1, got {seed}$"):
        Lfsr(seed=seed)
