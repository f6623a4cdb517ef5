"""The fastest circuit that fits, against trying all."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from sw.codesign.fitting import FILLED, fastest
from sw.cost.cost import cost
from sw.cost.devices import device
from sw.cost.mapping import resolve, soft_multipliers
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.files import load
from sw.pattern.degrees import divisors

ARTY = device("XC7A35T")


@pytest.fixture(scope="module")
def tiny() -> Design:
    return load("designs/tiny.toml")


def all_of(design: Design, rows: tuple[int, ...] = (32, 64, 128, 256)):
    """(clocks, share) of every z and kind of memory that the design may have."""
    left = design.network.neurons[:-1]
    for z, lutram_rows in product(product(*map(divisors, left)), rows):
        try:
            made = replace(design, hardware=replace(design.hardware, z=z, lutram_rows=lutram_rows))
        except DesignError:
            continue
        found = cost(resolve(made, ARTY), ARTY)
        yield found.clocks, max(found.lut / ARTY.lut, found.ff / ARTY.ff, found.dsp / ARTY.dsp,
                                found.block / ARTY.memory_blocks)


@pytest.mark.parametrize("room", [FILLED, 0.3, 0.15, 0.1])
def test_no_other_circuit_is_faster(tiny, room):
    found = fastest(tiny, ARTY, room)
    allowed = [clocks for clocks, share in all_of(tiny) if share <= room]
    assert found.share <= room
    assert found.clocks == min(allowed)
    counted = cost(resolve(found.design, ARTY), ARTY)
    assert found.cost == counted
    assert counted.fits(ARTY)


def test_less_room_is_slower(tiny):
    clocks = [fastest(tiny, ARTY, room).clocks for room in (FILLED, 0.2, 0.1)]
    assert clocks == sorted(clocks)
    assert clocks[0] < clocks[-1]


def test_no_room_at_all(tiny):
    assert fastest(tiny, ARTY, 0.01) is None


def test_a_family_without_a_model_of_its_logic_gets_no_multipliers_in_look_up_tables():
    chip = device("ECP5-85F")
    found = fastest(load("designs/mnist.toml"), chip)
    assert soft_multipliers(resolve(found.design, chip)) == 0
    assert found.cost.lut is None
    assert found.cost.lutram <= 0.25 * chip.lut
    whole = fastest(load("designs/tiny.toml"), chip, room=1.0)  # lanes would go on where blocks end
    assert soft_multipliers(resolve(whole.design, chip)) == 0
