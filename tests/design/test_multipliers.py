"""Which multipliers a design has, and which get the DSP blocks."""

from dataclasses import replace

import numpy as np
import pytest

from sw.cost.balance import multipliers
from sw.design.design import Design
from sw.design.multipliers import multiplier_groups
from sw.design.settings import Hardware
from tests.design.random_designs import random_design
from tests.design.shipped import flagship


def with_multipliers(mode) -> Design:
    return replace(flagship(), hardware=Hardware((128, 32), multipliers=mode))


def test_flagship_by_hand():
    assert [(g.junction, g.name, g.count, g.bits) for g in multiplier_groups(flagship())] == [
        (1, "up", 128, (9, 19)),
        (1, "ff", 128, (9, 12)),
        (1, "scaled", 2, (12, 8)),
        (2, "up", 32, (10, 19)),
        (2, "ff", 32, (10, 12)),
        (2, "bp", 32, (12, 12)),
    ]


@pytest.mark.parametrize(
    ("mode", "in_dsp"),
    [
        ("auto", [128, 128, 2, 32, 32, 32]),
        ("dsp", [128, 128, 2, 32, 32, 32]),
        ("lut", [0, 0, 0, 0, 0, 0]),
        (0, [0, 0, 0, 0, 0, 0]),
        (130, [128, 2, 0, 0, 0, 0]),
        (300, [128, 128, 2, 32, 10, 0]),
        (1000, [128, 128, 2, 32, 32, 32]),
    ],
)
def test_the_first_ones_are_in_dsp_blocks(mode, in_dsp):
    assert [g.in_dsp for g in multiplier_groups(with_multipliers(mode))] == in_dsp


def test_their_number_is_that_of_the_balance():
    rng = np.random.Generator(np.random.PCG64(3))
    for _ in range(40):
        design = random_design(rng)
        assert sum(g.count for g in multiplier_groups(design)) == multipliers(design)
