"""Look-up tables and flip-flops unit by unit: linear in the coefficients, every one of which counts."""

from dataclasses import asdict, fields

import numpy as np
import pytest

from hw.parameters import NARROWED
from sw.cost.coefficients import Coefficients, present
from sw.cost.lanes import DECODED
from sw.cost.logic import logic
from sw.cost.units import choice, saturation, soft_multiplier
from tests.hw.designs import corner_designs, make

VARIED = make("varied", (16, 8, 4), (4, 2), (8, 4), activation=("relu", "sigmoid"), dither=True)


def test_every_unit_of_a_varied_design_counts():
    units = logic(VARIED, present())
    for counts in (units.lut, units.ff):
        assert all(amount >= 0 for amount in counts.values())
        assert {"updates", "sums", "left deltas", "crossbars", "results", "configuration port"} <= set(counts)


@pytest.mark.parametrize("design", [VARIED, *corner_designs()], ids=lambda design: design.name)
def test_counts_are_linear_in_the_coefficients(design):
    names = [field.name for field in fields(Coefficients)]
    sets = np.random.Generator(np.random.PCG64(3)).integers(0, 1000, (2, len(names))) / 8  # sums are exact

    def counts(values) -> tuple[float, float]:
        units = logic(design, Coefficients(**dict(zip(names, values.tolist(), strict=True))))
        return sum(units.lut.values()), sum(units.ff.values())

    nothing = counts(sets[0] * 0)
    for whole, one, other, without in zip(counts(sets.sum(0)), counts(sets[0]), counts(sets[1]), nothing, strict=True):
        assert whole == pytest.approx(one + other - without, rel=1e-12)


def test_arrays_of_coefficients_are_counted_one_by_one():
    names = list(asdict(present()))
    sets = np.arange(3 * len(names)).reshape(len(names), 3).astype(float)
    together = logic(VARIED, Coefficients(**dict(zip(names, sets, strict=True))))
    for number in range(3):
        alone = logic(VARIED, Coefficients(**dict(zip(names, sets[:, number].tolist(), strict=True))))
        for arrays, counts in ((together.lut, alone.lut), (together.ff, alone.ff)):
            assert {unit: np.broadcast_to(array, 3)[number] for unit, array in arrays.items()} == counts


def test_lanes_that_are_chosen_among_at_once_are_those_of_the_hardware():
    assert DECODED == 1 << NARROWED


def test_small_things():
    c = present()
    assert [choice(count, c) for count in (1, 2, 4, 6)] == [0, 1, 1, 6 * c.choice_lut]
    assert [choice(count, c, select=3) for count in (1, 3, 4)] == [0, 1, 4 * c.choice_lut]
    assert [saturation(bits, 8) for bits in (8, 9, 11, 12, 13, 14)] == [0, 7, 7, 8, 8, 10]
    # one off what docs/synthesis.md has counted, 85 and 125
    assert (soft_multiplier((9, 12)), soft_multiplier((19, 9))) == (84, 126)
