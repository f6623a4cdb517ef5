"""Sizes and degrees that lanes can divide."""

from __future__ import annotations

import pytest

from sw.codesign.sizes import SIZES, input_neurons, out_degree_near
from sw.pattern.degrees import divisors, in_degree, out_degrees


@pytest.mark.parametrize(
    ("inputs", "neurons"), [(1, 4), (4, 4), (13, 16), (30, 32), (64, 64), (100, 100), (320, 320), (784, 800)]
)
def test_input_neurons(inputs, neurons):
    assert input_neurons(inputs) == neurons


def test_inputs_are_padded_by_a_sixteenth_at_most():
    for inputs in range(64, 4000):
        assert 0 <= input_neurons(inputs) - inputs < inputs / 16
        assert len(divisors(input_neurons(inputs))) >= 3


@pytest.mark.parametrize("left", [4, 64, 100, 320, 800])
def test_out_degrees_are_legal_and_their_in_degrees_have_small_factors(left):
    for right in SIZES:
        for density in (0.01, 0.1, 0.5, 1.0):
            found = out_degree_near(left, right, density)
            assert found in out_degrees(left, right)
            rest = in_degree(left, right, found)
            for prime in (2, 3, 5):
                while rest % prime == 0:
                    rest //= prime
            assert rest == 1


def test_the_nearest_degree_is_taken():
    assert [out_degree_near(64, 128, d) for d in (0.001, 0.25, 0.26, 1.0)] == [2, 32, 32, 128]
    # classes that share no factor with the hidden neurons leave full connection alone
    assert out_degree_near(64, 7, 0.1) == 7
