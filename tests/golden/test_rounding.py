"""Rounding of updates: unbiased where it is stochastic, to nearest elsewhere, one unit at most."""

import math

import numpy as np
import pytest

from sw.design.design import Design
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings
from sw.design.slots import Slots
from sw.golden.network import GoldenNetwork


def updates(rounding: str, shift: int, slots: int = 400) -> dict[str, np.ndarray]:
    """Exact and rounded changes of every weight and bias in every slot, in units, saturated ones left out.

    Rows: exact, rounded.
    """
    design = Design(
        name="rounding",
        network=Network((16, 8, 4), 16, 4, (4, 2), ("sigmoid", "sigmoid")),
        pattern=(PatternSettings(), PatternSettings()),
        arithmetic=Arithmetic(rounding=rounding),
        hardware=Hardware((8, 4)),
    )
    rng = np.random.Generator(np.random.PCG64([81, shift]))
    features = rng.integers(0, 256, (slots, 16), dtype=np.uint8)
    given = Slots.train(features, rng.integers(0, 4, slots), np.full(slots, shift))
    before = {}
    words = {}
    found: dict[str, list] = {"weights": [], "biases": []}

    def trace(slot, junction, name, raw):
        if name in ("delta", "activation"):
            words[slot, junction, name] = raw.astype(np.int64)
        if name in found:
            raw = raw.astype(np.int64)
            j = design.junctions[junction - 1]
            delta = words[slot, junction, "delta"]
            if name == "biases":
                exact = delta / 2.0**shift
            else:
                left = features[slot] if junction == 1 else words[slot, junction - 1, "activation"]
                product = left[j.pattern.left_of].astype(np.int64) * np.repeat(delta, j.in_degree)
                exact = product / 2.0 ** (j.operand_fraction + shift)
            kept = abs(raw) < 2047
            change = before[junction, name] - raw
            found[name].append(np.stack([exact[kept], change[kept]]))
            before[junction, name] = raw

    golden = GoldenNetwork(design, trace=trace)
    state = golden.state()
    for i in (1, 2):
        before[i, "weights"], before[i, "biases"] = state.weights[i - 1], state.biases[i - 1]
    golden.run(given)
    return {name: np.concatenate(parts, axis=1) for name, parts in found.items()}


def bias_in_sigmas(exact: np.ndarray, rounded: np.ndarray) -> float:
    """Mean error over its standard deviation for independent rounding up with the fraction's chance."""
    fraction = exact - np.floor(exact)
    spread = math.sqrt((fraction * (1 - fraction)).sum())
    return float((rounded - exact).sum() / spread)


@pytest.mark.parametrize("shift", [0, 1, 3, 5, 7])
@pytest.mark.parametrize("name", ["weights", "biases"])
def test_stochastic_rounding_is_unbiased(name, shift):
    exact, rounded = updates("stochastic", shift)[name]
    assert ((rounded == np.floor(exact)) | (rounded == np.ceil(exact))).all()
    if name == "biases" and shift == 0:
        assert np.array_equal(rounded, exact)  # nothing to round
        return
    assert np.abs(exact).max() > 1
    assert abs(bias_in_sigmas(exact, rounded)) < 5
    fraction = exact - np.floor(exact)
    for low in np.arange(0, 1, 0.25):  # also for each size of the fraction by itself
        part = (fraction >= low) & (fraction < low + 0.25) & (fraction > 0)
        if not part.any():  # biases at a rate of 1/2 have no other fraction than one half
            continue
        assert part.sum() > 100
        assert abs(bias_in_sigmas(exact[part], rounded[part])) < 5


@pytest.mark.parametrize("shift", [1, 3, 7])
@pytest.mark.parametrize("name", ["weights", "biases"])
def test_rounding_to_nearest_is_half_up_of_the_change(name, shift):
    exact, rounded = updates("nearest", shift)[name]
    assert len(exact) > 1000
    assert np.array_equal(rounded, np.floor(exact + 0.5))


def test_bias_check_finds_rounding_to_nearest_and_to_zero():
    exact, rounded = updates("nearest", 5)["weights"]
    small = (abs(exact) < 0.5) & (exact > 0)
    assert abs(bias_in_sigmas(exact[small], rounded[small])) > 5
    assert abs(bias_in_sigmas(exact, np.floor(exact))) > 5


def test_rates_finer_than_the_random_bits_lose_only_the_last_ones():
    """At 2^-15 a change has 23 surplus bits and 15 random ones: the error is below 2^-15 units."""
    exact, rounded = updates("stochastic", 15, slots=600)["weights"]
    assert set(np.unique(rounded)) <= {-1, 0, 1}
    assert abs(bias_in_sigmas(exact, rounded)) < 5
    assert (rounded != 0).sum() > 10
