"""The compiled twin against the golden model: results, weights, biases and LFSR states, bit for bit."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from itertools import count, pairwise
from pathlib import Path

import numpy as np
import pytest

from sw.design import files
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings
from sw.design.slots import Slots
from sw.golden.compiled import CompiledNetwork
from sw.golden.errors import GoldenError
from sw.golden.network import GoldenNetwork, State
from tests.design.random_designs import Limits, Wish, attempt
from tests.design.random_slots import random_slots, training_slots
from tests.design.random_states import STARTS, random_state

SHIPPED = sorted(Path("designs").glob("*.toml"))
WIDTHS = range(4, 19)


def compare(design: Design, slots: Slots, state: State | None = None, cuts: Sequence[int] = ()) -> None:
    """Run both, from a given state, with a look at everything at each cut and at the end."""
    golden, compiled = GoldenNetwork(design), CompiledNetwork(design)
    if state is not None:
        golden.load(state)
        compiled.load(state)
    for first, end in pairwise((0, *cuts, len(slots))):
        expected, found = golden.run(slots[first:end]), compiled.run(slots[first:end])
        for mine, theirs in zip(astuple(found), astuple(expected), strict=True):
            np.testing.assert_array_equal(mine, theirs, strict=True)
        for mine, theirs in zip(astuple(compiled.state()), astuple(golden.state()), strict=True):
            for array, other in zip(mine, theirs, strict=True):
                np.testing.assert_array_equal(array, other, strict=True)


def random_case(seed: int) -> tuple[Design, State, Slots, list[int]]:
    """A design of any width, a state of any kind, slots and where to cut them."""
    rng = np.random.Generator(np.random.PCG64([81, seed]))
    wish = Wish(width=WIDTHS[seed % len(WIDTHS)], wide=seed % 4 == 0)
    design = next(d for _ in count() if (d := attempt(rng, "random", wish, Limits(500))) is not None)
    state = random_state(design, rng, list(STARTS)[seed % len(STARTS)])
    slots = (training_slots if seed % 3 == 0 else random_slots)(design, int(rng.integers(30, 60)), rng)
    return design, state, slots, sorted(rng.integers(0, len(slots) + 1, 3).tolist())


def features_of(design: Design) -> set[str]:
    """What of the arithmetic and of the loops a design needs."""
    network = design.network
    found = {design.arithmetic.rounding, network.cost, f"{len(design.junctions)} junctions", *network.activation[:-1]}
    found.add(f"width {design.arithmetic.width}")
    found |= {f"pattern {pattern.kind}" for pattern in design.pattern}
    for j in design.junctions:
        found.add("dithered" if j.pattern.orders is not None else "not dithered")
        found.add("padded to 16" if j.in_degree < 16 else "padded to more" if j.in_degree % 16 else "not padded")
        if j.z > 32:
            found.add("several LFSRs")
    if network.inputs % 8:
        found.add("a rest of features")
    if design.hardware.lags:
        found.add("given lags")
    return found


FEATURES = {
    "stochastic", "nearest", "cross_entropy", "quadratic", "sigmoid", "relu", "dithered", "not dithered",
    "padded to 16", "padded to more", "not padded", "several LFSRs", "a rest of features", "given lags",
    *(f"{n} junctions" for n in range(1, 5)), *(f"width {n}" for n in WIDTHS), *(f"pattern {n}" for n in range(1, 4)),
}  # fmt: skip


def test_random_designs(long_run):
    reached = set()
    for seed in range(1200 if long_run else 120):
        design, state, slots, cuts = random_case(seed)
        compare(design, slots, state, cuts)
        reached |= features_of(design)
    assert reached == FEATURES


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_designs_that_ship(path):
    design = files.load(path)
    compare(design, random_slots(design, 40, 82), cuts=(13,))


def with_large_sums(width: int) -> Design:
    """Rectifiers whose sums have more products than the type of one holds."""
    return Design(
        name="large",
        network=Network((640, 80, 8), 640, 8, (80, 8), ("relu", "sigmoid")),
        pattern=(PatternSettings(),) * 2,
        arithmetic=Arithmetic(width=width, integer_bits=3, preactivation_integer_bits=8, rounding="stochastic"),
        hardware=Hardware((640, 80)),
    )


@pytest.mark.parametrize("width", [13, 14, 15, 16, 18])
@pytest.mark.parametrize("highest", [True, False])
def test_sums_of_the_largest_products(width, highest):
    design = with_large_sums(width)
    number = design.arithmetic.number
    ends = (number.maximum, number.maximum if highest else number.minimum)
    state = State([np.full(j.weights, w) for j, w in zip(design.junctions, ends, strict=True)],
                  [np.full(j.right, number.maximum) for j in design.junctions], [])
    slots = training_slots(design, 12, 83)
    slots.features[:6] = 255
    slots.rate_shifts[6:] = 15
    compare(design, slots, state)


@pytest.mark.parametrize("width", [14, 15, 16])
def test_activations_and_slopes_of_one(width):
    """Without integer bits, 1 needs a bit more than any weight."""
    design = with_large_sums(width)
    arithmetic = Arithmetic(width=width, integer_bits=0, preactivation_integer_bits=8)
    network = replace(design.network, cost="quadratic")
    for activation in ("relu", "sigmoid"):
        this = replace(design, arithmetic=arithmetic, network=replace(network, activation=(activation, "sigmoid")))
        slots = training_slots(this, 12, 92)
        slots.rate_shifts[:] = 0
        compare(this, slots, random_state(this, 93, "all highest"))


def test_rates_of_the_whole_range():
    for rounding in ("nearest", "stochastic"):
        design = replace(with_large_sums(12), arithmetic=Arithmetic(rounding=rounding))
        slots = training_slots(design, 32, 84)
        slots.rate_shifts[:] = np.arange(32) % 16
        compare(design, slots, random_state(design, 85, "in the middle quarter"))


def test_more_slots_than_lags_reach():
    """Every ring comes round, also where lags are much longer than needed."""
    design = files.load("designs/tiny.toml")
    for lags in ((), (19, 8)):
        longer = replace(design, hardware=replace(design.hardware, lags=lags))
        slots = random_slots(longer, 150, 86)
        compare(longer, Slots.join(slots, GoldenNetwork(longer).flush()), cuts=(1, 2, 3, 50, 57, 149))
    assert Schedule.of(longer).lags == lags


def test_inference_leaves_no_trace_and_training_goes_on():
    design = files.load("designs/tiny.toml")
    slots = training_slots(design, 40, 87)
    infer = Slots.infer(slots.features, slots.labels + 5)
    compare(design, Slots.join(slots, infer, infer, slots, Slots.empty(9, design.network.inputs), slots, infer))


def test_arrays_of_any_layout():
    design = files.load("designs/tiny.toml")
    slots = training_slots(design, 40, 88)
    for part in (
        Slots(slots.features[::2], slots.labels[::2], slots.kinds[::2], slots.rate_shifts[::2]),
        Slots(np.asfortranarray(slots.features), slots.labels.astype(np.int32), slots.kinds.astype(np.int64),
              slots.rate_shifts.astype(np.uint8)),
        Slots(slots.features[:, :13], slots.labels, slots.kinds, slots.rate_shifts),
        slots[:0],
    ):
        compare(design, part)


def test_runs_longer_than_a_chunk(monkeypatch):
    design = files.load("designs/tiny.toml")
    monkeypatch.setattr("sw.golden.compiled._CHUNK", 7)
    compare(design, random_slots(design, 60, 94), cuts=(20, 48))


def test_several_in_threads():
    design = files.load("designs/tiny.toml")
    slots = training_slots(design, 3000, 89)
    expected = CompiledNetwork(design).run(slots).activations
    networks = [CompiledNetwork(design) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda network: network.run(slots).activations, networks):
            np.testing.assert_array_equal(found, expected)


def test_a_state_is_a_copy():
    design = files.load("designs/tiny.toml")
    network = CompiledNetwork(design)
    start, slots = network.state(), training_slots(design, 30, 90)
    first = network.run(slots)
    for arrays in astuple(network.state()):
        for array in arrays:
            array[:] = 1
    network.load(start)
    network.run(network.flush())  # what was still due
    network.load(start)
    np.testing.assert_array_equal(network.run(slots).activations, first.activations)


def test_what_is_not_valid_is_refused_before_anything_changes():
    design = files.load("designs/tiny.toml")
    network, slots = CompiledNetwork(design), training_slots(design, 3, 91)
    slots.rate_shifts[2] = 16
    with pytest.raises(DesignError, match=r"^slots.rate_shifts\[2\] must be 0..15 in a training slot, got 16$"):
        network.run(slots)
    state = network.state()
    state.biases[1][3] = 2048
    with pytest.raises(GoldenError, match=r"^weights and biases must be -2048..2047, got 0..2048$"):
        network.load(state)
    np.testing.assert_array_equal(network.state().weights[0], GoldenNetwork(design).state().weights[0])
