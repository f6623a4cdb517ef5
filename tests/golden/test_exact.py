"""int32 where the largest possible sum fits, int64 from there on: at the ends of every range nothing wraps."""

import itertools

import numpy as np
import pytest

from sw.design.design import Design, Junction
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings
from sw.golden.junction import GoldenJunction
from sw.golden.plain import PlainJunction


def design(width, integer_bits, neurons, out_degree, rounding="nearest") -> Design:
    """One lane per left neuron. Hidden layers are rectifiers."""
    layers = len(out_degree)
    return Design(
        name="exact",
        network=Network(neurons, neurons[0], 1, out_degree, ("relu",) * (layers - 1) + ("sigmoid",)),
        pattern=(PatternSettings(),) * layers,
        arithmetic=Arithmetic(
            width=width, integer_bits=integer_bits, preactivation_integer_bits=8, rounding=rounding
        ),
        hardware=Hardware(neurons[:-1]),
    )


def largest_operand(design: Design, j: Junction) -> int:
    return 255 if j.index == 1 else design.arithmetic.number.maximum


# The last junction of each is under test. Products of weights and features: 514 of them and a bias are still below
# 2^31, the bound knows it of 510. Products of two numbers of 16 bits: one is below 2^31, two are not.
CASES = [
    (15, 3, (510, 1), (1,), np.int32),
    (15, 3, (511, 1), (1,), np.int64),
    (15, 3, (516, 1), (1,), np.int64),
    (15, 3, (3, 7, 7), (7, 7), np.int32),
    (15, 3, (4, 8, 8), (8, 8), np.int64),
    (16, 8, (1, 1), (1,), np.int32),
    (16, 8, (2, 2), (2,), np.int64),
    (18, 1, (1, 1, 1), (1, 1), np.int64),
]


@pytest.mark.parametrize(("width", "integer_bits", "neurons", "out_degree", "dtype"), CASES)
def test_ends_of_every_range(width, integer_bits, neurons, out_degree, dtype):
    base = design(width, integer_bits, neurons, out_degree)
    j, number = base.junctions[-1], base.arithmetic.number
    ends = (number.minimum, number.maximum)
    for rounding, k in (("nearest", 0), ("nearest", 15), ("stochastic", 15)):
        for weight, delta in itertools.product(ends, ends):
            this = design(width, integer_bits, neurons, out_degree, rounding)
            golden, plain = GoldenJunction(this, j), PlainJunction(this, j, [weight] * j.weights)
            assert golden.dtype == dtype
            golden.weights[:], golden.biases[:], plain.biases = weight, weight, [weight] * j.right
            left, deltas = np.full(j.left, largest_operand(this, j), dtype), np.full(j.right, delta, dtype)
            edges = np.zeros(golden.shape, dtype)
            s, a = golden.forward(left, edges)
            assert (s.tolist(), a.tolist()) == plain.forward(left.tolist())
            assert golden.backward(deltas).tolist() == plain.backward(deltas.tolist())
            golden.update(edges, deltas, k)
            plain.update(left.tolist(), deltas.tolist(), k)
            assert golden.weights.tolist() == plain.weights
            assert golden.biases.tolist() == plain.biases


def test_the_largest_delta_times_the_slope_of_a_rectifier():
    this = design(16, 0, (1, 1, 1), (1, 1))
    golden = GoldenJunction(this, this.junctions[0])
    deltas = np.array([this.arithmetic.number.minimum], golden.dtype)
    assert golden.scale(deltas, golden.slope(np.array([5], golden.dtype))).tolist() == deltas.tolist()
