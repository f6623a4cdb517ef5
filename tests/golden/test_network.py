"""The golden network as a machine: slots of all kinds, cut anywhere, states in and out."""

import itertools
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.design.states import load_state, save_state
from sw.golden.network import GoldenNetwork, Results, State
from tests.design.random_designs import random_design
from tests.design.random_slots import random_slots


def small(rounding="stochastic", classes=4) -> Design:
    return Design(
        name="small",
        network=Network((16, 8, 6), 16, classes, (4, 3), ("sigmoid", "sigmoid")),
        pattern=(PatternSettings(), PatternSettings()),
        arithmetic=Arithmetic(rounding=rounding),
        hardware=Hardware((2, 4)),
    )


def generator(*seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(list(seed)))


def training(design: Design, count: int, seed: int = 1) -> Slots:
    rng = generator(71, seed)
    net = design.network
    return Slots.train(
        rng.integers(0, 256, (count, net.inputs), dtype=np.uint8),
        rng.integers(0, net.classes, count),
        np.full(count, 3),
    )


def infer(design: Design, count: int, seed: int = 2) -> Slots:
    slots = training(design, count, seed)
    return Slots.infer(slots.features, slots.labels)


def same_state(a: State, b: State) -> bool:
    return all(
        np.array_equal(x, y)
        for mine, theirs in ((a.weights, b.weights), (a.biases, b.biases), (a.lfsr, b.lfsr))
        for x, y in zip(mine, theirs, strict=True)
    )


def same_results(a: Results, b: Results) -> bool:
    return (
        np.array_equal(a.predictions, b.predictions)
        and np.array_equal(a.correct, b.correct)
        and np.array_equal(a.activations, b.activations)
    )


def joined(*parts: Results) -> Results:
    return Results(*(
        np.concatenate([getattr(p, name) for p in parts])
        for name in ("predictions", "correct", "activations")
    ))


def test_starts_with_the_designs_weights_and_seeds():
    design = small()
    state = GoldenNetwork(design).state()
    for weights, initial in zip(state.weights, design.initial_weights(), strict=True):
        assert np.array_equal(weights, initial)
    assert all((b == 0).all() for b in state.biases)
    assert [s.dtype for s in state.lfsr] == [np.uint64] * 2


def test_results_have_the_documented_shapes_and_types():
    design = small()
    slots = Slots.join(training(design, 5), Slots.empty(2, 16), infer(design, 3))
    results = GoldenNetwork(design).run(slots)
    assert len(results) == 8
    assert results.predictions.shape == results.correct.shape == (8,)
    assert results.activations.shape == (8, 6)
    assert (results.predictions.dtype, results.correct.dtype) == (np.int64, bool)
    assert results.activations.dtype == np.int32


def test_a_sequence_can_be_cut_anywhere():
    for seed in range(15):
        rng = generator(72, seed)
        design = random_design(rng)
        # long runs of inference, so that cuts fall into batches too
        parts = [random_slots(design, 20, rng)]
        for _ in range(3):
            count = int(rng.integers(1, 40))
            parts += [
                Slots.infer(
                    rng.integers(0, 256, (count, design.network.inputs), dtype=np.uint8),
                    rng.integers(0, design.network.classes, count),
                ),
                random_slots(design, 12, rng),
            ]
        slots = Slots.join(*parts)
        whole, cut = GoldenNetwork(design), GoldenNetwork(design)
        results = whole.run(slots)
        places = [0, *sorted(rng.integers(0, len(slots) + 1, 6).tolist()), len(slots)]
        pieces = [cut.run(slots[a:b]) for a, b in itertools.pairwise(places)]
        assert same_results(joined(*pieces), results)
        assert same_state(whole.state(), cut.state())


def test_inference_and_empty_slots_change_nothing():
    design = small()
    golden = GoldenNetwork(design)
    golden.run(Slots.join(training(design, 20), golden.flush()))
    before = golden.state()
    golden.run(Slots.join(infer(design, 30), Slots.empty(9, 16), infer(design, 300)))
    assert same_state(golden.state(), before)
    assert not same_state(before, GoldenNetwork(design).state())


def test_slots_between_do_not_change_what_training_does():
    """They delay nothing: only the lag to a training slot's update is filled by other slots."""
    design = small()
    slots = training(design, 1)
    states = []
    for between in (Slots.empty(40, 16), infer(design, 40)):
        golden = GoldenNetwork(design)
        golden.run(slots)
        golden.run(between)
        golden.run(Slots.join(training(design, 3, 5), golden.flush()))
        states.append(golden.state())
    assert same_state(*states)


def test_flush_is_just_enough():
    for seed in range(10):
        design = random_design(generator(73, seed))
        golden = GoldenNetwork(design)
        slots = training(design, 6)
        golden.run(Slots.join(slots, golden.flush()))
        flushed = golden.state()
        golden.run(golden.flush())
        assert same_state(golden.state(), flushed)
        # lag - 1 slots after the last one its first junction still waits
        golden = GoldenNetwork(design)
        words = []
        golden.trace = lambda slot, junction, name, raw, w=words: w.append((slot, junction, name))
        golden.run(Slots.join(slots, Slots.empty(Schedule.of(design).lags[0] - 1, design.network.inputs)))
        assert (5, 1, "weights") not in words
        golden.run(Slots.empty(1, design.network.inputs))
        assert (5, 1, "weights") in words


def test_each_junction_updates_its_lag_after_the_slot():
    design = small()
    seen = {}
    position = 0

    def trace(slot, junction, name, raw):
        if name == "weights":
            seen[slot, junction] = position

    golden = GoldenNetwork(design, trace=trace)
    slots = Slots.join(training(design, 8), golden.flush())
    for position in range(len(slots)):
        golden.run(slots[position : position + 1])
    assert seen == {
        (slot, i + 1): slot + lag for slot in range(8) for i, lag in enumerate(Schedule.of(design).lags)
    }


def test_inference_in_batches_equals_slot_by_slot():
    for seed in range(3):
        design = random_design(generator(74, seed))
        slots = Slots.join(training(design, 10), infer(design, 600))
        batched, single = GoldenNetwork(design), GoldenNetwork(design)
        results = batched.run(slots)
        assert same_results(
            results, joined(*(single.run(slots[n : n + 1]) for n in range(len(slots))))
        )
        assert same_state(batched.state(), single.state())
        traced = GoldenNetwork(design, trace=lambda *word: None)  # a trace wants single slots
        assert same_results(results, traced.run(slots))


def test_training_goes_on_correctly_after_a_batch():
    design = small()
    slots = Slots.join(
        training(design, 4), infer(design, 300), training(design, 4, 3), infer(design, 300, 4),
        Slots.empty(3, 16), training(design, 20, 5), Slots.empty(10, 16),
    )
    batched, traced = GoldenNetwork(design), GoldenNetwork(design, trace=lambda *word: None)
    assert same_results(batched.run(slots), traced.run(slots))
    assert same_state(batched.state(), traced.state())
    seen = []
    batched.trace = lambda slot, *word: seen.append(slot)
    batched.run(infer(design, 1))
    assert set(seen) == {len(slots)}


def zeros(design: Design) -> State:
    return State(
        [np.zeros(j.weights, np.int64) for j in design.junctions],
        [np.zeros(j.right, np.int64) for j in design.junctions],
        [],
    )


def test_lowest_index_wins_a_tie():
    design = small()
    golden = GoldenNetwork(design)
    state = zeros(design)
    golden.load(state)
    assert golden.run(infer(design, 1)).predictions.tolist() == [0]
    state.biases[1][:] = [-9, 7, 7, -9, 7, 7]
    golden.load(state)
    results = golden.run(infer(design, 1))
    assert results.activations[0, 1] == results.activations[0, 2] > results.activations[0, 0]
    assert results.predictions.tolist() == [1]


def test_padding_is_never_predicted_but_reported():
    design = small(classes=4)
    golden = GoldenNetwork(design)
    state = zeros(design)
    state.biases[1][:] = [-300, -300, -250, -300, 900, 900]
    golden.load(state)
    results = golden.run(infer(design, 300))
    assert (results.predictions == 2).all()
    assert results.activations[0, 4] > results.activations[0, 2]


def test_padding_outputs_are_trained_towards_zero():
    design = small("nearest")
    golden = GoldenNetwork(design)
    golden.run(training(design, 1500))
    outputs = golden.run(infer(design, 100)).activations
    assert (outputs[:, 4:] < 16).all()
    assert (outputs[:, :4].max(axis=1) > 32).all()


def test_correct_compares_with_the_label_and_no_label_is_never_correct():
    design = small()
    golden = GoldenNetwork(design)
    golden.load(zeros(design))  # predicts 0
    slots = Slots.infer(np.zeros((4, 16), np.uint8), [0, 1, design.network.classes, 0])
    assert golden.run(slots).correct.tolist() == [True, False, False, True]


def test_learns_what_can_be_learnt():
    design = replace(small(), network=replace(small().network, classes=2))
    rng = generator(75)
    features = rng.integers(0, 256, (3000, 16), dtype=np.uint8)
    labels = (features[:, :8].sum(axis=1, dtype=int) > features[:, 8:].sum(axis=1, dtype=int))
    golden = GoldenNetwork(design)
    slots = Slots.train(features, labels.astype(np.int64), np.full(3000, 1))
    results = golden.run(slots)
    assert results.correct[-500:].mean() > 0.85
    assert results.correct[:500].mean() < results.correct[-500:].mean()


@pytest.mark.parametrize("width", [12, 18], ids=["int32", "int64"])
def test_state_is_a_copy(width):
    design = replace(small(), arithmetic=Arithmetic(width=width, rounding="stochastic"))
    golden = GoldenNetwork(design)
    state = golden.state()
    expected = deepcopy(state)
    state.weights[0][:] = 7
    state.biases[0][:] = 7
    state.lfsr[0][:] = 7
    assert same_state(golden.state(), expected)
    golden.load(expected)
    golden.run(Slots.join(training(design, 5), golden.flush()))
    assert not same_state(golden.state(), expected)


def test_a_state_may_be_loaded_at_any_time():
    """What was drawn ahead from other LFSR states is not used any more."""
    design = small()
    state = GoldenNetwork(design).state()
    used, fresh = GoldenNetwork(design), GoldenNetwork(design)
    used.run(Slots.join(training(design, 37), used.flush()))
    more = Slots.join(training(design, 20, 9), used.flush())
    used.load(state)
    assert same_results(used.run(more), fresh.run(more))
    assert same_state(used.state(), fresh.state())


@pytest.mark.parametrize("rounding", ["nearest", "stochastic"])
def test_a_saved_state_continues_bit_for_bit(tmp_path, rounding):
    design = small(rounding)
    golden = GoldenNetwork(design)
    golden.run(Slots.join(training(design, 37), golden.flush()))
    state = golden.state()
    save_state(tmp_path / "s.npz", design, state.weights, state.biases, state.lfsr)
    resumed = GoldenNetwork(design)
    resumed.load(State(*load_state(tmp_path / "s.npz", design)[1:]))
    more = Slots.join(training(design, 50, 9), golden.flush(), infer(design, 20))
    assert same_results(golden.run(more), resumed.run(more))
    assert same_state(golden.state(), resumed.state())
    # without the LFSR states the weights part company, where they matter
    forgot = GoldenNetwork(design)
    forgot.load(State(state.weights, state.biases, []))
    forgot.run(more)
    same = all(
        np.array_equal(a, b)
        for a, b in zip(forgot.state().weights, golden.state().weights, strict=True)
    )
    assert same == (rounding == "nearest")


def test_a_state_can_be_loaded_after_a_run():
    """Random numbers that were already drawn for the slots to come are none of the loaded state."""
    design = small()
    used, fresh = GoldenNetwork(design), GoldenNetwork(design)
    start = used.state()
    used.run(Slots.join(training(design, 5), used.flush()))
    used.load(start)
    slots = Slots.join(training(design, 20, 9), used.flush())
    assert same_results(used.run(slots), fresh.run(slots))
    assert same_state(used.state(), fresh.state())


def test_only_training_slots_step_the_lfsrs():
    design = small()
    golden = GoldenNetwork(design)
    start = golden.state().lfsr
    kinds = np.array([INFER, EMPTY, TRAIN, INFER, TRAIN, EMPTY], np.uint8)
    slots = training(design, 6)
    golden.run(Slots.join(replace(slots, kinds=kinds), golden.flush()))
    for i, j in enumerate(design.junctions):
        state = int(start[i][0])
        for _ in range(2 * j.clocks * 7):
            state = state >> 1 | ((state ^ state >> 5) & 1) << 46
        assert int(golden.state().lfsr[i][0]) == state


def test_invalid_slots_are_refused_before_any_is_consumed():
    design = small()
    golden = GoldenNetwork(design)
    before = golden.state()
    slots = training(design, 30)
    slots.labels[29] = design.network.classes
    with pytest.raises(DesignError, match=r"^slots.labels\[29\] must be 0..3 in a training slot, got 4$"):
        golden.run(slots)
    assert same_state(golden.state(), before)
    slots.labels[29] = 0
    again, fresh = golden.run(slots), GoldenNetwork(design).run(slots)
    assert same_results(again, fresh)
