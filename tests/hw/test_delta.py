"""Right deltas: times f' once, rounded; then shifted for every rate."""

import numpy as np
import pytest

from hw.delta import RightDelta
from sw.design.schedule import Schedule
from sw.golden.junction import GoldenJunction
from tests.hw.designs import make
from tests.hw.play import play

CLOCKS = 120
# activation of the hidden layer, junction (from 0), width, integer bits
CASES = [
    ("sigmoid", 0, 4, 1), ("sigmoid", 0, 6, 0), ("sigmoid", 0, 18, 2), ("relu", 0, 8, 1), ("sigmoid", 1, 8, 3),
    ("relu", 0, 4, 1),
]  # fmt: skip


@pytest.mark.parametrize(("multiply", "read"), [(1, 1), (1, 2), (3, 1), (3, 2)])
@pytest.mark.parametrize(("activation", "index", "width", "integer_bits"), CASES)
def test_delta_and_its_shifts_at_the_stage_of_the_schedule(activation, index, width, integer_bits, multiply, read):
    design = make(
        "delta", (4, 4, 2), (2, 2), (4, 2), activation=(activation, "sigmoid"), width=width,
        integer_bits=integer_bits, preactivation_integer_bits=3, stages=(multiply, 1, 1), read=read,
    )  # fmt: skip
    junction, number = design.junctions[index], design.arithmetic.number
    scaled = design.scaled_delta(junction)
    stages = Schedule.of(design).stages[index]
    operands = stages.operands
    rng = np.random.Generator(np.random.PCG64([width, index]))
    units = junction.per_clock
    raw = rng.integers(number.minimum, number.maximum + 1, (CLOCKS, units))
    raw[:2] = [[number.minimum], [number.maximum]]
    rates = np.concatenate([np.arange(16), rng.integers(0, 16, CLOCKS - 16)])
    relu = junction.activation == "relu"
    slopes = rng.integers(0, 2 if relu else (1 << (number.fraction_bits - 2)) + 1, (CLOCKS, units))
    slopes[:2] = slopes.max()

    # what was read is there `read` clocks after stage 0; behind the multiplier the rate, then one register or two
    slope_stage, raw_stage = read, read + scaled
    rate_stage = raw_stage + (multiply if scaled and not relu else 0)
    assert operands == rate_stage + (1, 3)[read - 1]
    steps = []
    for clock in range(CLOCKS + operands):
        step = {
            "raw": raw[(clock - raw_stage) % CLOCKS],
            "rate_shift": rates[(clock - rate_stage) % CLOCKS],
        }
        if scaled:
            step["slope"] = slopes[(clock - slope_stage) % CLOCKS]
        steps.append(step)
    slope_bits = 1 if relu else max(1, number.fraction_bits - 1)
    seen = play(RightDelta(design, junction, stages, slope_bits, 1), steps, ["delta", "weight_delta", "bias_delta"])
    seen = {name: values[operands:] for name, values in seen.items()}

    due = raw
    if scaled:
        unit = number.fraction_bits if relu else 0
        due = GoldenJunction(design, junction).scale(raw, slopes << unit)
        assert (due == np.floor(raw * (slopes << unit) / 2.0**number.fraction_bits + 0.5)).all()
    assert (seen["delta"] == due).all()
    assert (seen["weight_delta"] == due << (7 - rates % 8)[:, None]).all()
    assert (seen["bias_delta"] == due << (15 - rates)[:, None]).all()
    assert len(np.unique(due)) > 2
