"""A trained network as a design, and a state back: exact numbers, chosen bits, accuracies, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sw.design import files
from sw.design.fixed import Format
from sw.design.slots import Slots
from sw.design.states import load_state
from sw.golden.network import GoldenNetwork
from sw.sources import load as load_data
from sw.sparse.hardware import accuracies, quantise, restore, restored
from sw.sparse.mlp import SparseMLP
from sw.sparse.ranges import Measured, arithmetic_for, saturated
from sw.sparse.settings import Samples, Settings
from sw.sparse.train import evaluate, train


@pytest.fixture(scope="module")
def digits():
    return load_data("digits")


@pytest.fixture(scope="module")
def odd(digits):
    """Three junctions, one of them into ReLUs; its own pattern types. (design, model, training samples)."""
    design = files.load("designs/odd.toml")
    model, samples = SparseMLP.of(design, seed=1), Samples.of(digits.xtr, digits.ytr)
    train(model, samples, Settings(epochs=20, batch=32, rate=1e-2))
    return design, model, samples


def test_written_design_holds_the_weights(odd, tmp_path):
    """Read again by the readers of the design files, each raw number is the weight rounded to the format."""
    design, model, samples = odd
    trained = quantise(model, design, samples, name="odd-trained", limit=0)
    path = trained.save(tmp_path)
    read = files.load(path)
    assert read == trained.design
    assert read.training.start == "odd-trained.npz"
    _, weights, biases, _ = load_state(tmp_path / read.training.start, read)
    scale = 2.0**read.arithmetic.number.fraction_bits
    for layer, w, b in zip(model.layers(), weights, biases, strict=True):
        assert np.array_equal(w, np.floor(layer.weight.detach().double().numpy() * scale + 0.5))
        assert np.array_equal(b, np.floor(layer.bias.detach().double().numpy() * scale + 0.5))
    # what shapes the network is the template's
    assert (read.network, read.pattern, read.hardware) == (design.network, design.pattern, design.hardware)
    assert not any(count for kind, (count, _) in trained.saturated.items() if "weights" in kind or "biases" in kind)


def test_accuracies(odd, digits):
    """Float, quantised and golden are within a point of each other; weights in other slots are not."""
    design, model, samples = odd
    trained = quantise(model, design, samples, name="t")
    table = accuracies(model, trained, digits)
    assert list(table) == ["float", "quantised", "golden"]
    assert table["float"] > 0.9
    assert max(table.values()) - min(table.values()) < 0.01
    # planted: the weights of a junction in another order
    wrong = replace(trained, state=replace(trained.state, weights=[w[::-1] for w in trained.state.weights]))
    assert accuracies(model, wrong, digits)["golden"] < 0.5


def test_pre_activations_of_the_golden_model(odd, digits):
    """Slot by slot: raw sums are those of torch with the quantised weights, within what rounding can do."""
    design, model, samples = odd
    trained = quantise(model, design, samples, name="t", limit=0)
    seen = {}
    golden = GoldenNetwork(trained.design, trace=lambda n, i, what, values: seen.update({(n, i, what): values.copy()}))
    golden.load(trained.state)
    count = 20
    golden.run(Slots.infer(digits.xte[:count], digits.yte[:count]))
    same = restored(trained.design, trained.state)
    sums = same.preactivations(Samples.of(digits.xte[:count], digits.yte[:count]).features)[0].detach().numpy()
    before = trained.design.arithmetic.preactivation
    due = np.clip(sums * 2.0**before.fraction_bits, before.minimum, before.maximum)
    found = np.stack([seen[n, 1, "preactivation"] for n in range(count)])
    # one rounding of half a unit, and that of float32
    assert np.abs(found - due).max() < 0.51


def test_golden_state_back_into_torch(odd, digits):
    """Trained on in integers, then back: the same numbers, the same accuracy within a point, and trainable again."""
    design, model, samples = odd
    trained = quantise(model, design, samples, name="t")
    golden = GoldenNetwork(trained.design)
    golden.load(trained.state)
    count = 300
    golden.run(Slots.train(digits.xtr[:count], digits.ytr[:count], np.full(count, 5)))
    golden.run(golden.flush())
    state = golden.state()
    assert not all(np.array_equal(a, b) for a, b in zip(state.weights, trained.state.weights, strict=True))
    back = restored(trained.design, state)
    number = trained.design.arithmetic.number
    for layer, w, b in zip(back.layers(), state.weights, state.biases, strict=True):
        assert np.array_equal(layer.weight.detach().double().numpy() * 2.0**number.fraction_bits, w)
        assert np.array_equal(layer.bias.detach().double().numpy() * 2.0**number.fraction_bits, b)
    test = Samples.of(digits.xte, digits.yte)
    share = golden.run(Slots.infer(digits.xte, digits.yte)).correct.mean()
    assert abs(evaluate(back, test)[1][0] - share) < 0.01
    # there and back again changes no number, as long as the format is the same
    again = quantise(back, trained.design, samples, name="t", limit=0.01)
    if again.design.arithmetic == trained.design.arithmetic:
        for found, due in zip(again.state.weights, state.weights, strict=True):
            assert np.array_equal(found, due)
    before = [p.clone() for p in back.parameters()]
    train(back, samples, Settings(epochs=1))
    assert not torch.equal(before[0], next(back.parameters()))


def test_softmax_outputs_are_centred(digits):
    """Large outputs would all be 1 in a sigmoid and ties go to the first class; moved together, they are told apart."""
    design = files.load("designs/digits.toml")
    model, samples = SparseMLP.of(design, seed=1, output="softmax"), Samples.of(digits.xtr, digits.ytr)
    train(model, samples, Settings(epochs=15, batch=32, rate=1e-2))
    with torch.no_grad():
        model.layers()[-1].bias.add_(7.0)  # no prediction of a softmax depends on it
    bias = model.layers()[-1].bias.detach().clone()
    table = accuracies(model, quantise(model, design, samples, name="t"), digits)
    assert table["float"] > 0.95
    assert abs(table["golden"] - table["float"]) < 0.01
    assert torch.equal(model.layers()[-1].bias, bias)  # the model is as it was


# The choice of integer bits


def measured(**changes):
    small = np.array([0.1, -0.2])
    facts = {"activation": "sigmoid", "weights": small, "biases": small, "preactivations": small, "activations": small}
    return Measured(**(facts | changes))


@pytest.mark.parametrize(("changes", "integer", "preactivation"), [
    ({}, 0, 0),
    ({"weights": np.array([-1.0, 0.5])}, 0, 0),
    ({"weights": np.array([1.01, 0.5])}, 1, 1),
    ({"biases": np.array([-5.0])}, 3, 3),
    ({"preactivations": np.array([3.0])}, 0, 2),
    # into a sigmoid no more than (n + 1) ln 2 counts: 12 ln 2 = 8.3
    ({"preactivations": np.array([1000.0])}, 0, 4),
    ({"preactivations": np.array([100.0]), "activation": "relu"}, 0, 7),
    ({"activations": np.array([100.0])}, 0, 0),
    ({"activations": np.array([100.0]), "activation": "relu"}, 7, 7),
])
def test_integer_bits(changes, integer, preactivation):
    arithmetic = files.load("designs/digits.toml").arithmetic
    found = arithmetic_for([measured(), measured(**changes)], arithmetic, 0.0)
    assert (found.width, found.integer_bits, found.preactivation_integer_bits) == (12, integer, preactivation)


def test_share_that_may_saturate():
    arithmetic = files.load("designs/digits.toml").arithmetic
    weights = np.array([0.5] * 98 + [3.0, 7.0])
    bits = [arithmetic_for([measured(weights=weights)], arithmetic, limit).integer_bits for limit in (0, 0.01, 0.02)]
    assert bits == [3, 2, 0]


def test_too_few_bits():
    arithmetic = files.load("designs/digits.toml").arithmetic
    with pytest.raises(ValueError) as raised:
        arithmetic_for([measured(weights=np.array([600.0]))], arithmetic, 0.0)
    assert str(raised.value) == (
        "integer bits: a width of 12 leaves at most 8, and the largest value 600 needs 10; use more bits, a larger "
        "lambda, or let more than 0 of the values saturate"
    )


def test_saturated_counts_what_from_real_clamps():
    number = Format(1, 3)
    values = np.array([-2.1, -2.0626, -2.0624, -2.0, 1.875, 1.9374, 1.9376, 5.0])
    assert saturated(values, number) == 4
    assert number.from_real(values).tolist() == [-16, -16, -16, -16, 15, 15, 15, 15]


# What is refused


@pytest.mark.parametrize(("make", "message"), [
    (lambda design: SparseMLP.of(design, seed=(1, 2)),
     "a design takes one network, got 2 seeds; take one with single(n)"),
    (lambda design: SparseMLP.of(design, classes=9), "classes must be those of design tiny, 10, got 9"),
    (lambda design: SparseMLP.of(replace(design, network=replace(design.network, activation=("relu", "sigmoid")))),
     "hidden activations must be those of design tiny, ('sigmoid',), got ('relu',)"),
    (lambda design: SparseMLP.of(replace(design, pattern=tuple(replace(p, seed=2) for p in design.pattern))),
     "junction 1: the edges must be the pattern of design tiny; make the network with SparseMLP.of(design)"),
])
def test_another_network(make, message):
    design = files.load("designs/tiny.toml")
    state = [design.initial_weights(), [np.zeros(j.right, np.int64) for j in design.junctions]]
    with pytest.raises(ValueError) as raised:
        restore(make(design), design, *state)
    assert str(raised.value) == message


def test_failed_save_leaves_nothing(odd, tmp_path):
    design, model, samples = odd
    trained = quantise(model, design, samples, name="t")
    (tmp_path / "t.toml").mkdir()
    with pytest.raises(ValueError, match="cannot be written"):
        trained.save(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["t.toml"]
