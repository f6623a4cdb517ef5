"""Deltas and updates are the derivatives of the cost, taken numerically with the true sigmoid."""

import numpy as np
import pytest

from sw.design.slots import Slots
from sw.golden.network import GoldenNetwork
from tests.golden.float_network import matrix
from tests.golden.test_float_sgd import FINE, random_training, small

# the table's steps of 2^-8 in the pre-activation: half of one, times the largest slope, and twice that
TOLERANCE = 1e-3


def cost_of(design, weights, biases, x, label, shift=None) -> float:
    """The cost in float64; ``shift`` (junction, vector) is added to pre-activations."""
    a = x
    for i, j in enumerate(design.junctions):
        s = matrix(j, weights[i]) @ a + biases[i]
        if shift is not None and shift[0] == i:
            s = s + shift[1]
        a = np.maximum(s, 0) if j.activation == "relu" else 1 / (1 + np.exp(-s))
    y = np.arange(len(a)) == label
    if design.network.cost == "quadratic":
        return float(((a - y) ** 2).sum() / 2)
    return float(-np.log(np.where(y, a, 1 - a)).sum())


def derivative(function, at: np.ndarray) -> np.ndarray:
    """Central differences of a function of an array."""
    h, result = 1e-6, np.zeros_like(at)
    for i in range(len(at)):
        step = np.zeros_like(at)
        step[i] = h
        result[i] = (function(at + step) - function(at - step)) / (2 * h)
    return result


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("cost", ["cross_entropy", "quadratic"])
@pytest.mark.parametrize("seed", range(3))
def test_gradients(activation, cost, seed):
    design = small(FINE, activation, cost)
    one = random_training(1, seed)
    slots = Slots.train(one.features, one.labels, [0])  # a rate of one: the update is the gradient
    unit = 2.0**-22
    deltas = {}

    def trace(slot, junction, name, raw):
        if name == "delta":
            deltas[junction - 1] = raw * unit

    golden = GoldenNetwork(design, trace=trace)
    before = golden.state()
    golden.run(Slots.join(slots, golden.flush()))
    after = golden.state()
    x, label = one.features[0] / 256, int(one.labels[0])
    weights = [w * unit for w in before.weights]
    biases = [b * unit for b in before.biases]

    for i, j in enumerate(design.junctions):
        def with_weights(w, i=i):
            return cost_of(design, [*weights[:i], w, *weights[i + 1 :]], biases, x, label)

        def with_biases(b, i=i):
            return cost_of(design, weights, [*biases[:i], b, *biases[i + 1 :]], x, label)

        def with_shift(v, i=i):
            return cost_of(design, weights, biases, x, label, (i, v))

        for name, function, at, found in (
            ("weights", with_weights, weights[i], (before.weights[i] - after.weights[i]) * unit),
            ("biases", with_biases, biases[i], (before.biases[i] - after.biases[i]) * unit),
            ("deltas", with_shift, np.zeros(j.right), deltas[i]),
        ):
            gradient = derivative(function, at)
            assert np.abs(found - gradient).max() < TOLERANCE, f"{name} of junction {i + 1}"
            # neither vanishing nor so small that any factor would do
            assert np.abs(gradient).max() > 20 * TOLERANCE


def test_a_cost_of_the_wrong_kind_is_noticed():
    """The check tells the two costs apart: their gradients differ by f' of the output."""
    one = random_training(1, 0)
    x, label = one.features[0] / 256, int(one.labels[0])
    gradients = []
    for cost in ("cross_entropy", "quadratic"):
        design = small(FINE, "sigmoid", cost)
        weights = [w * 2.0**-22 for w in design.initial_weights()]
        gradients.append(derivative(
            lambda v, d=design, w=weights: cost_of(d, w, [0, v], x, label), np.zeros(4)
        ))
    assert np.abs(gradients[0] - gradients[1]).max() > 50 * TOLERANCE
