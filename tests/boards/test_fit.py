"""Coefficients from counts: those that were planted in made counts, and what limits them."""

from dataclasses import replace

import numpy as np
import pytest

from boards.fit import fit
from boards.sample import CALIBRATION, sample
from sw.cost.coefficients import TABLE, Coefficient, read, values
from sw.cost.logic import logic

DESIGNS = [sample(seed) for seed in CALIBRATION]


@pytest.fixture(scope="module")
def planted() -> dict[str, Coefficient]:
    """The table with other values, of three digits, all within their limits."""
    rng = np.random.Generator(np.random.PCG64(8))

    def other(line: Coefficient) -> float:
        return float(f"{line.least + rng.uniform(0.1, 0.9) * (line.most - line.least):.3g}")

    return {name: replace(line, value=other(line)) for name, line in read(TABLE).items()}


def counted(designs, table):
    """The designs with reports that say what the model says."""
    reports = []
    for design in designs:
        units, lutram = logic(design, values(table)), 4 * len(design.junctions)
        reports.append({"lut": sum(units.lut.values()) + lutram, "lutram": lutram, "ff": sum(units.ff.values())})
    return list(zip(designs, reports, strict=True))


def test_planted_coefficients_are_found(planted):
    assert fit(counted(DESIGNS, planted), read(TABLE), pull=0) == planted


def test_a_wrong_count_gives_others(planted):
    made = counted(DESIGNS, planted)
    made[3][1]["ff"] += 40
    found = fit(made, read(TABLE), pull=0)
    changed = {name for name, line in found.items() if line != planted[name]}
    assert {"design_ff", "control_ff"} <= changed
    assert all(name.endswith("_ff") for name in changed)


def test_values_stay_within_their_limits(planted):
    beyond = planted | {"rate_lut": replace(planted["rate_lut"], value=100.0)}
    found = fit(counted(DESIGNS, beyond), read(TABLE), pull=0)
    assert found["rate_lut"].value == found["rate_lut"].most
    assert all(line.least <= line.value <= line.most for line in found.values())


def test_what_the_designs_do_not_tell_stays_at_its_guess(planted):
    without = [d for d in DESIGNS if "relu" not in d.network.activation and d.arithmetic.rounding == "nearest"]
    found = fit(counted(without, planted), planted)
    silent = {"relu_lut", "rate_relu_lut", "lfsr_lut"}
    for name in silent:
        assert found[name].value == found[name].guess != planted[name].value, name
    assert found["control_ff"].value != found["control_ff"].guess
