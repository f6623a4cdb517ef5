"""The golden model against plain Python integers, word for word."""

import numpy as np
import pytest

from sw.design.design import Arithmetic, Hardware, Network, PatternSettings
from sw.design.slots import EMPTY
from sw.golden.network import GoldenNetwork
from tests.design.random_designs import random_design, random_slots
from tests.golden.plain_integers import PlainNetwork


def compare(design, slots) -> dict:
    """Run both, assert that everything is equal; returns every intermediate word."""
    words = {}

    def trace(slot, junction, name, values):
        assert (slot, junction, name) not in words
        words[slot, junction, name] = values.tolist()

    plain = PlainNetwork(design)
    traced, quick = GoldenNetwork(design, trace=trace), GoldenNetwork(design)
    expected = [
        plain.slot(f, int(label), int(kind), int(k))
        for f, label, kind, k in zip(
            slots.features, slots.labels, slots.kinds, slots.rate_shifts, strict=True
        )
    ]
    expected = [e for e in expected if e is not None]
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
    assert words.keys() == plain.words.keys()
    for key, values in words.items():
        assert values == plain.words[key], key
    return words


def test_random_designs(long_run):
    for seed in range(1000 if long_run else 80):
        rng = np.random.Generator(np.random.PCG64([51, seed]))
        design = random_design(rng, weights=120)
        compare(design, random_slots(rng, design, 30))


@pytest.mark.parametrize("rounding", ["nearest", "stochastic"])
@pytest.mark.parametrize(("width", "integer_bits"), [(5, 0), (12, 3), (18, 2)])
def test_widths(width, integer_bits, rounding):
    """From formats that saturate at once to sums that need 64 bits."""
    rng = np.random.Generator(np.random.PCG64([53, width]))
    design = random_design(
        rng, weights=150,
        network=Network((24, 12, 6), 20, 5, (4, 3), ("relu", "sigmoid"), "quadratic"),
        pattern=(PatternSettings(), PatternSettings(kind=1)),
        hardware=Hardware((24, 6)),
        arithmetic=Arithmetic(
            width=width,
            integer_bits=integer_bits,
            preactivation_integer_bits=integer_bits,
            rounding=rounding,
        ),
    )
    words = compare(design, random_slots(rng, design, 150))
    number, wide = design.arithmetic.number, design.arithmetic.preactivation
    seen = {
        name: {v for (_, _, n), values in words.items() if n == name for v in values}
        for name in ("preactivation", "weights", "left_delta")
    }
    if width == 5:  # both ends are reached, so saturation was compared too
        assert {number.minimum, number.maximum} <= seen["weights"]
        assert wide.maximum in seen["preactivation"]
    dtypes = {j.dtype for j in GoldenNetwork(design).junctions}
    assert dtypes == ({np.int64} if width == 18 else {np.int32})


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
    compare(design, random_slots(rng, design, 50))  # beyond one block of random numbers


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
    slots = random_slots(rng, design, 30)
    assert (slots.kinds != EMPTY).sum() > 10
    compare(design, slots)
    plain, golden = PlainNetwork(design), GoldenNetwork(design)
    plain.junctions[0].lfsr[0] ^= 1 << 14
    for f, label, kind, k in zip(
        slots.features, slots.labels, slots.kinds, slots.rate_shifts, strict=True
    ):
        plain.slot(f, int(label), int(kind), int(k))
    golden.run(slots)
    assert golden.state().weights[0].tolist() != plain.junctions[0].weights
