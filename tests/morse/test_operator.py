"""Operators' timing as ranges of lengths."""

import numpy as np
import pytest

from sw.morse.generator import generate
from sw.morse.operator import Operator
from sw.morse.settings import BASELINE, MorseError, MorseSettings


@pytest.mark.parametrize(("knobs", "dot", "dash", "space"), [
    ({}, (1, 3), (4, 8), (1, 3)),
    ({"unit": 2, "ratio": 3.25, "jitter": 0.4}, (1, 3), (4, 9), (1, 3)),  # the baseline
    ({"unit": 3, "jitter": 0}, (3, 3), (9, 9), (3, 3)),
    ({"unit": 1, "ratio": 2, "gap": 0.1, "jitter": 0.9}, (1, 2), (1, 4), (1, 1)),
    ({"gap": 1.5, "jitter": 0.5}, (1, 3), (3, 9), (2, 5)),
])
def test_ranges(knobs, dot, dash, space):
    keyed = Operator(**knobs).keying(MorseSettings(frame=100))
    assert (keyed.dot, keyed.dash, keyed.space) == (dot, dash, space)
    assert keyed.frame == 100


def test_frames_follow_the_operator():
    keyed = Operator(unit=2, ratio=4, jitter=0).keying(MorseSettings(classes=(30,)))  # A: .-
    x, _ = generate(keyed, samples=5, seed=1)
    assert np.array_equal(x > 0, np.tile([1] * 2 + [0] * 2 + [1] * 8 + [0] * 52, (5, 1)))


@pytest.mark.parametrize(("knobs", "message"), [
    ({"unit": 0.5}, "unit must be at least 1 position, got 0.5"),
    ({"ratio": 0}, "ratio must be above 0, got 0"),
    ({"gap": -1.0}, "gap must be above 0, got -1.0"),
    ({"jitter": 1}, "jitter must be at least 0 and below 1, got 1"),
    ({"jitter": float("nan")}, "jitter must be a finite number, got nan"),
    ({"unit": True}, "unit must be a finite number, got True"),
    ({"unit": 3}, "frame must hold the longest codeword: symbol 0 (-----) takes up to 81 positions, got frame 64"),
])
def test_wrong_operator(knobs, message):
    with pytest.raises(MorseError) as error:
        Operator(**knobs).keying(BASELINE)
    assert str(error.value) == message
