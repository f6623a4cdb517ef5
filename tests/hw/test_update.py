# amaranth: UnusedElaboratable=no

"""The update unit against Python's integers: every rate, both roundings, the ends of every range."""

from itertools import product

import numpy as np
import pytest
from amaranth.hdl import Module, Mux, Signal

from hw.update import UpdateLanes, half, noise, repeated
from sw.design import lfsr
from sw.design.fixed import Format
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT
from tests.hw.play import play, simulate

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


def rounded(value: int, drop: int, word: int | None, used: int, k: int) -> int:
    """Q: ``value`` without its lowest ``drop`` bits, to nearest, or with the top ``used`` bits of a random word."""
    if word is None:
        return (2 * value + (1 << drop)) >> (drop + 1)
    # a uniform number below one unit of the last kept place; where k is large, its low bits stand before it too
    word >>= lfsr.WINDOW - used
    if k >= 8:
        word, used = word % 256 * 2**used + word, used + 8
    return (value + ((word << drop) >> used)) >> drop


def noise_of(word: int | None, drop: int, coarse: int) -> int:
    """hw.update.noise, or half, as a number."""
    source, large = Signal(lfsr.WINDOW), Signal()
    again = Mux(large, source, 0)[: repeated(drop)]
    expression = half(drop, large) if word is None else noise(source, again, drop)
    found = []

    async def testbench(context):
        context.set(source, word or 0)
        context.set(large, coarse)
        found.append(context.get(expression))

    simulate(Module(), testbench)
    return found[0]


def check(unit, fmt, steps, due):
    """``due``: of each step, for each of the two lanes."""
    seen = play(unit, [*steps, *[{}] * UpdateLanes.latency], ["new"])["new"]
    due = fmt.saturate(np.array(due)).tolist()
    assert seen[UpdateLanes.latency :].tolist() == due
    for lane in zip(*due, strict=True):
        assert {fmt.minimum, fmt.maximum} < set(lane)


@pytest.mark.parametrize("stochastic", [False, True])
@pytest.mark.parametrize(("integer_bits", "fraction_bits", "operand_fraction", "operand_bits"), FORMATS)
def test_weights(integer_bits, fraction_bits, operand_fraction, operand_bits, stochastic):
    fmt, drop = Format(integer_bits, fraction_bits), operand_fraction + UP_SHIFT
    used = min(lfsr.WINDOW, drop)
    change_bits = max(operand_bits + fmt.width + UP_SHIFT, drop + lfsr.COARSE + 1) + 1
    bits = fmt.width + operand_bits - operand_fraction
    unit = UpdateLanes(lanes=2, fmt=fmt, drop=drop, bits=bits, change_bits=change_bits)
    steps, due = [], []
    for old, activation, delta, k, word in cases(fmt, operand_bits, fmt.width):
        random = word if stochastic else None
        added, olds, changes = noise_of(random, drop, k >= 8), (old, ~old), (activation * delta, activation * ~delta)
        steps.append({"old": olds, "change": [(c << (7 - k % 8)) + added for c in changes], "coarse": [k >= 8] * 2})
        due.append(
            [o - rounded(c, operand_fraction + k, random, used, k) for o, c in zip(olds, changes, strict=True)]
        )
    check(unit, fmt, steps, due)


@pytest.mark.parametrize("stochastic", [False, True])
@pytest.mark.parametrize(("integer_bits", "fraction_bits"), [f[:2] for f in FORMATS])
def test_biases(integer_bits, fraction_bits, stochastic):
    fmt = Format(integer_bits, fraction_bits)
    unit = UpdateLanes(lanes=2, fmt=fmt, drop=BIAS_SHIFT, bits=fmt.width, change_bits=fmt.width + BIAS_SHIFT + 1)
    steps, due = [], []
    for old, _, delta, k, word in cases(fmt, 1, fmt.width):
        random = word if stochastic else None
        added, olds, deltas = noise_of(random, BIAS_SHIFT, 0), (old, ~old), (delta, ~delta)
        steps.append({"old": olds, "change": [(d << (15 - k)) + added for d in deltas]})
        due.append([o - rounded(d, k, random, lfsr.WINDOW, 0) for o, d in zip(olds, deltas, strict=True)])
    check(unit, fmt, steps, due)


def test_load_replaces_the_result_one_clock_later_in_each_lane_alone():
    unit = UpdateLanes(lanes=3, fmt=Format(2, 4), drop=15, bits=7, change_bits=20)
    steps = [
        {"old": [3, 4, 5], "value": [-64, 63, 7], "load": [0, 0, 0]}, {"load": [1, 0, 1]}, {"load": [0, 1, 0]},
        {"load": [0, 0, 0]}, {},
    ]  # fmt: skip
    found = play(unit, steps, ["new"])["new"][2:]
    assert found.tolist() == [[-64, 4, 7], [3, 63, 5], [3, 4, 5]]


def test_lanes_drop_bits_each_by_its_own_rate():
    unit = UpdateLanes(lanes=2, fmt=Format(2, 4), drop=3, bits=9, change_bits=12)
    steps = [{"old": [0, 0], "change": [-1024, -1024], "coarse": [0, 1]}, {"coarse": [1, 0]}, {}, {}]
    found = play(unit, steps, ["new"])["new"][2:]
    assert found.tolist() == [[63, 1], [1, 63]]


def test_a_change_that_is_all_dropped_is_refused():
    with pytest.raises(ValueError, match=r"^a change must have more than the 15 bits that it drops, got 15$"):
        UpdateLanes(lanes=1, fmt=Format(2, 4), drop=15, bits=7, change_bits=15)
