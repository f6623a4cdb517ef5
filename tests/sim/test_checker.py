"""The checker finds every planted fault, and names it; equal results pass and are counted."""

from dataclasses import replace

import numpy as np
import pytest

from sim.checker import Checker, Mismatch
from sim.errors import SimError
from sim.harness.process import record_type
from sw.design.settings import Arithmetic
from sw.golden.network import Results, State
from tests.sim.designs import tiny

COUNT, OUTPUTS = 10, 4
SLOTS = np.array([0, 1, 3, 4, 7, 8, 9, 12, 13, 14])


@pytest.fixture
def golden():
    rng = np.random.Generator(np.random.PCG64(5))
    return Results(
        rng.integers(0, 3, COUNT), rng.random(COUNT) < 0.5, rng.integers(0, 257, (COUNT, OUTPUTS)).astype(np.int32)
    )


@pytest.fixture
def state():
    design = tiny(arithmetic=Arithmetic(rounding="stochastic"))
    rng = np.random.Generator(np.random.PCG64(6))
    return State(
        [rng.integers(-9, 9, j.weights) for j in design.junctions],
        [rng.integers(-9, 9, j.right) for j in design.junctions],
        [rng.integers(1, 1 << 47, 1).astype(np.uint64) for _ in design.junctions],
    )


def simulated(golden):
    block = np.zeros(len(golden), record_type(OUTPUTS))
    block["prediction"], block["correct"] = golden.predictions, golden.correct
    block["activations"] = golden.activations
    return block


def part(golden, piece):
    return Results(golden.predictions[piece], golden.correct[piece], golden.activations[piece])


@pytest.mark.parametrize("ours", [1, 3, 10])
@pytest.mark.parametrize("theirs", [1, 4, 10])
@pytest.mark.parametrize("golden_first", [True, False])
def test_equal_results_pass_in_blocks_of_any_size(golden, ours, theirs, golden_first):
    checker, block = Checker(tiny()), simulated(golden)
    expect = [(checker.expect, SLOTS[i : i + theirs], part(golden, slice(i, i + theirs))) for i in range(0, 10, theirs)]
    observe = [(checker.observe, block[i : i + ours]) for i in range(0, 10, ours)]
    for call, *arguments in expect + observe if golden_first else observe + expect:
        call(*arguments)
    checker.finish()
    assert checker.results_compared == COUNT
    assert checker.values_compared == COUNT * (2 + OUTPUTS)
    assert not checker.expecting


@pytest.mark.parametrize(
    ("field", "what", "index", "junction"),
    [("prediction", "prediction", None, None), ("correct", "correct", None, None), ("activations", "activation", 2, 2)],
)
@pytest.mark.parametrize("row", [0, 6, COUNT - 1])
def test_a_wrong_result_is_found_and_named(golden, field, what, index, junction, row):
    checker, block = Checker(tiny()), simulated(golden)
    place = (row, index) if index is not None else row
    block[field][place] += 1
    checker.expect(SLOTS, golden)
    with pytest.raises(Mismatch) as caught:
        checker.observe(block)
    fault = caught.value
    assert (fault.slot, fault.what, fault.index, fault.junction) == (SLOTS[row], what, index, junction)
    assert fault.simulated == fault.golden + 1
    assert f"slot {SLOTS[row]}" in str(fault)
    assert what in str(fault)
    assert f"simulation {fault.simulated}, golden model {fault.golden}" in str(fault)


def test_the_first_of_several_faults_is_named(golden):
    checker, block = Checker(tiny()), simulated(golden)
    block["prediction"][7] += 1
    block["activations"][4, 1] += 1
    checker.observe(block)
    with pytest.raises(Mismatch, match=r"slot 7: junction 2, activation of neuron 1 \(the first of 1"):
        checker.expect(SLOTS, golden)


@pytest.mark.parametrize(("ours", "theirs", "slot"), [(9, 10, 14), (10, 9, 13), (0, 10, 0), (10, 0, -1)])
def test_missing_and_extra_results_are_found(golden, ours, theirs, slot):
    checker = Checker(tiny())
    checker.expect(SLOTS[:theirs], part(golden, slice(theirs)))
    checker.observe(simulated(golden)[:ours])
    with pytest.raises(Mismatch, match="number of results") as caught:
        checker.finish()
    fault = caught.value
    assert (fault.what, fault.slot, fault.simulated, fault.golden) == ("results", slot, ours, theirs)


def test_swapped_results_are_found(golden):
    checker, block = Checker(tiny()), simulated(golden)
    block[[2, 3]] = block[[3, 2]]
    checker.expect(SLOTS, golden)
    with pytest.raises(Mismatch, match=f"slot {SLOTS[2]}"):
        checker.observe(block)


def test_golden_results_without_their_slots_are_refused(golden):
    with pytest.raises(SimError, match="each golden result needs its slot number, got 9 for 10"):
        Checker(tiny()).expect(SLOTS[:9], golden)


@pytest.mark.parametrize(("name", "what"), [("weights", "weight"), ("biases", "bias"), ("lfsr", "lfsr")])
@pytest.mark.parametrize("junction", [1, 2])
def test_a_wrong_state_is_found_and_named(state, name, what, junction):
    checker = Checker(tiny(arithmetic=Arithmetic(rounding="stochastic")))
    checker.state(state, state, 5)
    assert checker.values_compared == 64 + 32 + 8 + 4 + 2
    arrays = [array.copy() for array in getattr(state, name)]
    index = len(arrays[junction - 1]) - 1
    arrays[junction - 1][index] ^= arrays[junction - 1].dtype.type(1)
    with pytest.raises(Mismatch, match=rf"state after 17 slots: junction {junction}, {what} {index} ") as caught:
        checker.state(replace(state, **{name: arrays}), state, 17)
    fault = caught.value
    assert (fault.what, fault.junction, fault.index, fault.slot) == (what, junction, index, 17)
    assert fault.simulated ^ fault.golden == 1


def test_lfsrs_count_only_where_the_hardware_has_them(state):
    checker = Checker(tiny())
    checker.state(State(state.weights, state.biases, []), state, 0)
    assert checker.values_compared == 64 + 32 + 8 + 4


def test_a_state_of_another_shape_is_refused(state):
    checker = Checker(tiny())
    short = State([state.weights[0][:-1], state.weights[1]], state.biases, [])
    with pytest.raises(SimError, match=r"junction 1: weights must have shape \(64,\), got \(63,\)"):
        checker.state(short, state, 0)
    with pytest.raises(SimError, match="weights of 2 junctions, got 1"):
        checker.state(State(state.weights[:1], state.biases, []), state, 0)


def test_a_wrong_counter_is_found():
    checker = Checker(tiny())
    checker.counter("count_slots", 7, 7)
    with pytest.raises(Mismatch, match="counter count_slots: simulation 6, golden model 7"):
        checker.counter("count_slots", 6, 7)
