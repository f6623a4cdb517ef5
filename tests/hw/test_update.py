# amaranth: UnusedElaboratable=no

"""The update unit against Python's integers: every rate, both roundings, the ends of every range."""

from itertools import product

import numpy as np
import pytest

from hw.delta import BIAS_SHIFT, UP_SHIFT
from hw.update import UpdateLanes
from sw.design import lfsr
from sw.design.fixed import Format
from tests.hw.play import play

LATENCY = 3
# integer and fraction bits of the number, fraction bits and width of the left activations
FORMATS = [
    (1, 2, 8, 8),  # 4 bits wide
    (0, 3, 3, 4),
    (2, 4, 8, 8),
    (3, 8, 8, 9),
    (0, 17, 17, 18),
    (8, 9, 9, 17),  # a rectifier's activations
]


def cases(fmt: Format, operand_bits: int, seed: int, number: int = 60):
    """(old, activation, delta, k, random word): all k at the ends of the ranges, then anything."""
    ends = (fmt.minimum, fmt.maximum)
    top, most = (1 << operand_bits) - 1, (1 << lfsr.WINDOW) - 1
    for k in range(16):
        yield from product(ends, (top,), ends, (k,), (0, most))
        yield 0, 1, -1, k, 1
        yield 0, 1, 1, k, most
    rng = np.random.Generator(np.random.PCG64(seed))
    for _ in range(number):
        old, delta = (int(v) for v in rng.integers(fmt.minimum, fmt.maximum + 1, 2))
        yield old, int(rng.integers(0, top + 1)), delta, int(rng.integers(0, 16)), int(rng.integers(0, most + 1))


def rounded(value: int, drop: int, word: int | None, used: int) -> int:
    """Q: ``value`` without its lowest ``drop`` bits, to nearest, or with the top ``used`` bits of a random word."""
    if word is None:
        return (2 * value + (1 << drop)) >> (drop + 1)
    # a uniform number below one unit of the last kept place, known to `used` bits
    noise = (word >> (lfsr.WINDOW - used) << drop) >> used
    return (value + noise) >> drop


def check(unit, fmt, steps, due):
    seen = play(unit, [*steps, *[{}] * LATENCY], ["new"])["new"][:, 0]
    due = [int(fmt.saturate(value)) for value in due]
    assert seen[LATENCY:].tolist() == due
    assert {fmt.minimum, fmt.maximum} < set(due)


@pytest.mark.parametrize("stochastic", [False, True])
@pytest.mark.parametrize(("integer_bits", "fraction_bits", "operand_fraction", "operand_bits"), FORMATS)
def test_weights(integer_bits, fraction_bits, operand_fraction, operand_bits, stochastic):
    fmt, drop = Format(integer_bits, fraction_bits), operand_fraction + UP_SHIFT
    used = min(lfsr.WINDOW, drop)
    change_bits = operand_bits + fmt.width + UP_SHIFT
    unit = UpdateLanes(
        lanes=1, fmt=fmt, change_bits=change_bits, drop=drop, random_bits=used if stochastic else 1
    )
    steps, due = [], []
    for old, activation, delta, k, word in cases(fmt, operand_bits, fmt.width):
        steps.append(
            {"old": [old], "change": [activation * delta << (7 - k % 8)], "coarse": k >= 8,
             "random": [word >> (lfsr.WINDOW - used) if stochastic else 1]}
        )  # fmt: skip
        due.append(old - rounded(activation * delta, operand_fraction + k, word if stochastic else None, used))
    check(unit, fmt, steps, due)


@pytest.mark.parametrize("stochastic", [False, True])
@pytest.mark.parametrize(("integer_bits", "fraction_bits"), [f[:2] for f in FORMATS])
def test_biases(integer_bits, fraction_bits, stochastic):
    fmt = Format(integer_bits, fraction_bits)
    used = lfsr.WINDOW
    unit = UpdateLanes(
        lanes=1, fmt=fmt, change_bits=fmt.width + BIAS_SHIFT, drop=BIAS_SHIFT, random_bits=used if stochastic else 1
    )
    steps, due = [], []
    for old, _, delta, k, word in cases(fmt, 1, fmt.width):
        steps.append({"old": [old], "change": [delta << (15 - k)], "random": [word if stochastic else 1]})
        due.append(old - rounded(delta, k, word if stochastic else None, used))
    check(unit, fmt, steps, due)


def test_load_replaces_the_result_one_clock_later():
    unit = UpdateLanes(lanes=1, fmt=Format(2, 4), change_bits=20, drop=15, random_bits=1)
    steps = [{"old": [3], "value": -64, "load": 0}, {"load": 1}, {"load": 0}, {}, {}]
    assert play(unit, steps, ["new"])["new"][:, 0].tolist()[2:] == [-64, 3, 3]


@pytest.mark.parametrize("bits", [0, 16])
def test_random_bits_below_the_kept_ones_only(bits):
    with pytest.raises(ValueError, match=rf"^random bits must be 1\.\.15 \(the fraction bits to drop\), got {bits}$"):
        UpdateLanes(lanes=1, fmt=Format(2, 4), change_bits=20, drop=15, random_bits=bits)
