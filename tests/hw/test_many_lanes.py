"""More lanes than one register's multiplexer chooses among: each is written and read alone, and so is each LFSR."""

import numpy as np

from sim.harness.program import state_requests
from sw.design import lfsr
from sw.golden.network import State
from tests.hw.bench import Run, check
from tests.hw.designs import make
from tests.hw.play import simulate

# 34 lanes are three parts of sixteen, five copies of random bits, and two LFSRs
DESIGN = make("lanes", (34, 1), (1,), (34,), width=7, rounding="stochastic")


def test_every_lane_is_written_and_read_alone():
    state = State([np.arange(34) - 17], [np.array([5])], [lfsr.seeds(1, 34)])
    other = State([state.weights[0] * 3], [np.array([-5])], [state.lfsr[0] + 2])
    run, requests = Run(DESIGN), state_requests(DESIGN, other)
    changed = requests[[1, 16, 33, 34, 36]]  # weights of each part, the bias, the second LFSR
    found = []

    async def testbench(context):
        await run.load(context, state)
        found.append(await run.read(context))
        await run.configure(context, changed)
        found.append(await run.read(context))

    simulate(run.dut, testbench, domain=run.domain)
    weights = state.weights[0].copy()
    weights[[1, 16, 33]] *= 3
    states = [int(state.lfsr[0][0]), int(state.lfsr[0][1]) + 2]
    assert [s.weights[0].tolist() for s in found] == [state.weights[0].tolist(), weights.tolist()]
    assert [s.biases[0].tolist() for s in found] == [[5], [-5]]
    assert [s.lfsr[0].tolist() for s in found] == [state.lfsr[0].tolist(), states]


def test_every_lane_is_trained_with_its_own_numbers():
    check(DESIGN, chance=0.3)
