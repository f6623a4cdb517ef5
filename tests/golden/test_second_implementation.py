"""The golden model against plain Python integers, word for word."""

import numpy as np
import pytest

from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings
from sw.design.slots import EMPTY, Slots
from sw.golden.network import GoldenNetwork, State
from sw.golden.plain import PlainNetwork
from tests.design.random_designs import random_design
from tests.design.random_slots import random_slots


class Words(dict):
    """A trace: ``[slot, junction, name]`` is a list of integers, told once."""

    def __call__(self, slot, junction, name, values):
        assert (slot, junction, name) not in self
        self[slot, junction, name] = np.asarray(values).tolist()


def run(plain: PlainNetwork, slots: Slots) -> list[tuple]:
    given = zip(slots.features, slots.labels.tolist(), slots.kinds.tolist(), slots.rate_shifts.tolist(), strict=True)
    results = [plain.slot(features, label, kind, k) for features, label, kind, k in given]
    return [result for result in results if result is not None]


def compare(design, slots, state=None) -> PlainNetwork:
    """Run both, from a given state, and assert that everything is equal."""
    words, expected_words = Words(), Words()
    plain = PlainNetwork(design, Schedule.of(design).lags, trace=expected_words)
    traced, quick = GoldenNetwork(design, trace=words), GoldenNetwork(design)
    if state is not None:
        for i, junction in enumerate(plain.junctions):
            junction.weights = state.weights[i].tolist()
            junction.biases = state.biases[i].tolist()
        for golden in (traced, quick):
            golden.load(state)
    expected = run(plain, slots)
    for golden in (traced, quick):
        results = golden.run(slots)
        assert results.predictions.tolist() == [e[0] for e in expected]
        assert results.correct.tolist() == [e[1] for e in expected]
        assert results.activations.tolist() == [e[2] for e in expected]
        state = golden.state()
        for i, junction in enumerate(plain.junctions):
            assert state.weights[i].tolist() == junction.weights
            assert state.biases[i].tolist() == junction.biases
            assert state.lfsr[i].tolist() == junction.lfsr
    assert words == expected_words
    return plain


def test_random_designs(long_run):
    for seed in range(1000 if long_run else 80):
        rng = np.random.Generator(np.random.PCG64([51, seed]))
        design = random_design(rng, weights=120)
        compare(design, random_slots(design, 30, rng))


def two_junctions(rng, **arithmetic):
    return random_design(
        rng,
        network=Network((24, 12, 6), 20, 5, (4, 3), ("relu", "sigmoid")),
        pattern=(PatternSettings(), PatternSettings(kind=1)),
        hardware=Hardware((24, 6)),
        arithmetic=Arithmetic(**arithmetic),
    )


@pytest.mark.parametrize("rounding", ["nearest", "stochastic"])
@pytest.mark.parametrize(("width", "dtype"), [(4, np.int32), (12, np.int32), (18, np.int64)])
def test_widths(width, dtype, rounding):
    rng = np.random.Generator(np.random.PCG64([53, width]))
    design = two_junctions(rng, width=width, integer_bits=1, rounding=rounding)
    assert {j.dtype for j in GoldenNetwork(design).junctions} == {dtype}
    compare(design, random_slots(design, 40, rng))


@pytest.mark.parametrize("integer_bits", [0, 2])
def test_saturation_of_everything_that_can_saturate(integer_bits):
    """From weights and biases at the ends of their range; each end of each kind is reached."""
    rng = np.random.Generator(np.random.PCG64([56, integer_bits]))
    design = two_junctions(
        rng, width=6, integer_bits=integer_bits, preactivation_integer_bits=integer_bits
    )
    number = design.arithmetic.number
    ends = (number.minimum, number.maximum)
    saturated = set()
    for _ in range(12):
        state = State(
            [rng.choice(ends, j.weights) for j in design.junctions],
            [rng.choice(ends, j.right) for j in design.junctions],
            [],
        )
        slots = random_slots(design, 12, rng)
        slots.rate_shifts[:] = 0
        plain = compare(design, slots, state)
        saturated |= set().union(*(j.saturated for j in plain.junctions))
    expected = {
        (what, top) for what in ("preactivation", "left delta", "weight", "bias")
        for top in (False, True)
    }
    if integer_bits == 0:  # an output of 1 with target 0 is just beyond the largest delta
        expected.add(("output delta", True))
    assert saturated == expected  # a rectifier's output is as wide as its pre-activation here


def test_a_rectifier_saturates_where_the_preactivation_has_more_integer_bits():
    rng = np.random.Generator(np.random.PCG64(57))
    design = two_junctions(rng, width=8, integer_bits=1, preactivation_integer_bits=4)
    state = State(
        [np.full(j.weights, 127) for j in design.junctions],
        [np.full(j.right, 127) for j in design.junctions],
        [],
    )
    plain = compare(design, random_slots(design, 12, rng), state)
    assert ("relu", True) in plain.junctions[0].saturated


def test_more_than_one_lfsr():
    rng = np.random.Generator(np.random.PCG64(54))
    design = random_design(
        rng,
        network=Network((40, 8), 40, 8, (2,), ("sigmoid",)),
        pattern=(PatternSettings(),),
        hardware=Hardware((40,)),
        arithmetic=Arithmetic(rounding="stochastic"),
    )
    assert len(GoldenNetwork(design).state().lfsr[0]) == 2
    compare(design, random_slots(design, 50, rng))


def test_comparison_would_find_a_fault():
    """The two models part company if one bit of one of them differs."""
    rng = np.random.Generator(np.random.PCG64(55))
    design = random_design(
        rng, weights=80,
        network=Network((8, 4, 4), 8, 4, (2, 2), ("sigmoid", "sigmoid")),
        pattern=(PatternSettings(), PatternSettings()),
        hardware=Hardware((4, 4)),
        arithmetic=Arithmetic(rounding="stochastic"),
    )
    slots = random_slots(design, 30, rng)
    assert (slots.kinds != EMPTY).sum() > 10
    compare(design, slots)
    plain, golden = PlainNetwork(design, Schedule.of(design).lags), GoldenNetwork(design)
    plain.junctions[0].lfsr[0] ^= 1 << 14
    run(plain, slots)
    golden.run(slots)
    assert golden.state().weights[0].tolist() != plain.junctions[0].weights
