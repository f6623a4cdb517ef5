"""The C++ harness, its programs and its records, on a stand-in whose answers are known."""

import numpy as np
import pytest

from sim.checker import Checker, Mismatch
from sim.errors import SimError
from sim.harness.build import build_harness
from sim.harness.process import Counters, Harness
from sim.harness.program import Pauses, Program, state_from_values
from sw.design.slots import EMPTY, TRAIN, Slots
from sw.golden.network import State
from tests.sim.designs import tiny
from tests.sim.standin import standin_results, standin_verilog

pytestmark = pytest.mark.verilator
ROWS, COUNT = 12, 60


@pytest.fixture
def stand_in(build_cache, tmp_path, verilator):
    """A function: the harness of the stand-in with a planted fault."""

    def build(fault=""):
        source = tmp_path / "top.v"
        source.write_text(standin_verilog(tiny(), fault))
        return build_harness(source, cache=build_cache, fast=True).executable

    return build


@pytest.fixture
def state():
    rng = np.random.Generator(np.random.PCG64(3))
    junctions = tiny().junctions
    return State(
        [rng.integers(-2048, 2048, j.weights) for j in junctions],
        [rng.integers(-2048, 2048, j.right) for j in junctions],
        [],
    )


def run(executable, state, pauses=None):
    """Load, read, slots of all kinds, read; every block of the harness is checked."""
    design, rng = tiny(), np.random.Generator(np.random.PCG64(4))
    features = rng.integers(0, 256, (ROWS, 13), dtype=np.uint8)
    rows, kinds = rng.integers(0, ROWS, COUNT), rng.integers(0, 3, COUNT).astype(np.uint8)
    labels, shifts = rng.integers(0, 6, COUNT), rng.integers(0, 16, COUNT)
    kinds[-1] = TRAIN
    program = Program(design, 13, pauses or Pauses())
    program.load(state)
    program.read()
    program.run(rows, labels, kinds, shifts)
    program.flush()
    program.read()
    checker, states, clocks = Checker(design), [], []
    slots = Slots(features[rows], labels, kinds, shifts)
    checker.expect(np.flatnonzero(kinds != EMPTY), standin_results(design, slots))
    with Harness(executable, program, features) as harness:
        for block in harness:
            if isinstance(block, Counters):
                counters = block
            elif block.dtype.names:
                checker.observe(block)
                clocks += block["clock"].tolist()
            else:
                states.append(state_from_values(design, block))
                checker.state(states[-1], state, 0)
    checker.finish()
    assert len(states) == 2
    assert checker.results_compared == (kinds != EMPTY).sum() == counters.slots
    assert counters.correct == (kinds == TRAIN).sum()
    assert sorted(clocks) == clocks
    assert clocks[-1] < counters.clocks
    assert counters.seconds > 0
    return clocks


def test_records_are_what_the_model_says(stand_in, state):
    steady = run(stand_in(), state)
    # a slot's 16 beats, then its 4 beats of results: nothing in between costs a clock
    assert np.diff(steady).min() == 16 + 4


@pytest.mark.parametrize("seed", [1, 2])
def test_pauses_change_the_clocks_and_nothing_else(stand_in, state, seed):
    executable = stand_in()
    slow, again = (run(executable, state, Pauses(0.2, seed)) for _ in range(2))
    assert slow == again
    assert slow[-1] > 1.3 * run(executable, state)[-1]
    assert slow != run(executable, state, Pauses(0.2, seed + 10))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("hang", r"status 2: no progress for \d+ clocks at clock \d+ while offering a slot: slot \d+, 4 of . results"),
        ("withdraw", "status 1: stream results: a beat offered before clock .* was withdrawn or changed"),
        ("early last", r"status 1: result 4 at clock \d+: beat 1 of 4 has last = 1"),
        ("drop readback", r"status 2: no progress for \d+ clocks .* while waiting for read-back"),
    ],
)
def test_a_broken_protocol_stops_the_run_with_one_line(stand_in, state, fault, message):
    with pytest.raises(SimError, match=message) as caught:
        run(stand_in(fault), state, Pauses(0.3, 1))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fault", ["change", "extra"])
def test_wrong_and_extra_results_reach_the_checker(stand_in, state, fault):
    with pytest.raises(Mismatch):
        run(stand_in(fault), state)


def test_a_row_beyond_the_features_is_refused(stand_in):
    program = Program(tiny(), 13)
    program.run(np.array([0, 3]), np.zeros(2), TRAIN)
    with (
        pytest.raises(SimError, match="status 3: features: there is no row 3"),
        Harness(stand_in(), program, np.zeros((3, 13), np.uint8)) as harness,
    ):
        list(harness)


def test_leaving_early_ends_the_child(stand_in):
    program = Program(tiny(), 13)
    program.run(np.zeros(200_000, np.int64), np.zeros(200_000), TRAIN)
    program.flush()
    with Harness(stand_in(), program, np.zeros((1, 13), np.uint8)) as harness:
        first = harness.next()
        child = harness._child
    assert len(first) == 256
    assert child.poll() is not None


def test_features_must_fit_the_program(tmp_path):
    with pytest.raises(SimError, match=r"must be \(rows, 13\) uint8, got \(2, 12\) uint8"):
        Harness(tmp_path / "none", Program(tiny(), 13), np.zeros((2, 12), np.uint8))
    with pytest.raises(SimError, match=r"must be 1..16 \(the first layer's neurons\), got 17"):
        Program(tiny(), 17)


def test_an_executable_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SimError, match="none does not run: "):
        Harness(tmp_path / "none", Program(tiny(), 13), np.zeros((2, 13), np.uint8))


def test_pauses_are_checked():
    with pytest.raises(SimError, match=r"at least 0 and below 1, got 1\.0"):
        Pauses(1.0)
    with pytest.raises(SimError, match="seed of the pauses"):
        Pauses(0.1, -1)


def test_read_back_of_another_length_is_refused():
    with pytest.raises(SimError, match="the state has 108 values, got 107"):
        state_from_values(tiny(), np.zeros(107, np.int64))
