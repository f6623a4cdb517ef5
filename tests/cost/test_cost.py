"""The cost of a design, put together; what fits on a device and what does not."""

from dataclasses import replace

import pytest

from sw.cost.cost import Cost, cost
from sw.cost.devices import device
from sw.design.files import load
from sw.design.memories import memories
from sw.design.schedule import Schedule
from tests.hw.designs import make

DESIGN = make("small", (8, 4, 4), (2, 2), (4, 4), table_bits=4, rounding="stochastic")
FULL = Cost(
    clocks=1, multipliers=0, dsp=90, memory_bits=0, lutram=800, block=50, lut_logic=20_000, ff=41_600
)  # a XC7A35T and no more


def with_multipliers(count: int | str) -> Cost:
    return cost(replace(DESIGN, hardware=replace(DESIGN.hardware, multipliers=count)), device("XC7A35T"))


def test_a_small_design():
    found = cost(DESIGN, device("XC7A35T"))
    assert found.clocks == Schedule.of(DESIGN).clocks
    assert found.multipliers == 4 * 2 + 1 + 4 * 3  # UP and FF, f', UP, FF and BP
    kept = [m for m in memories(DESIGN) if m.kind != "logic"]
    assert len(kept) < len(memories(DESIGN))
    assert found.memory_bits == sum(m.count * m.rows * m.bits for m in kept)
    assert found.lut == found.lut_logic + found.lutram > found.lut_logic > 0
    assert found.ff > 0


def test_multipliers_outside_of_dsp_blocks_take_none():
    assert [with_multipliers(count).dsp for count in ("lut", 3, "dsp", "auto")] == [0, 3, 21, 21]
    assert with_multipliers("lut").lut_logic > with_multipliers("dsp").lut_logic


def test_logic_is_counted_for_one_family():
    found = cost(DESIGN, device("ECP5-85F"))
    assert (found.lut_logic, found.lut, found.ff) == (None, None, None)
    assert found.lutram > 0
    assert found.fits(device("ECP5-85F"))


@pytest.mark.parametrize("name", ["dsp", "ff", "block", "lutram", "lut_logic"])
def test_what_is_full_is_full(name):
    small = device("XC7A35T")
    assert FULL.fits(small)
    assert not replace(FULL, **{name: getattr(FULL, name) + 1}).fits(small)


@pytest.mark.parametrize(("name", "chip", "weights"), [
    ("mnist-arty", "XC7A35T", 5_120), ("mnist-small", "XC7A35T", 8_000), ("mnist-accurate", "XC7A100T", 88_000),
])
def test_shipped_designs_fit_the_boards_that_they_are_for(name, chip, weights):
    design = load(f"designs/{name}.toml")
    assert sum(j.weights for j in design.junctions) == weights
    assert cost(design, device(chip)).fits(device(chip))
    if chip != "XC7A35T":
        assert not cost(design, device("XC7A35T")).fits(device("XC7A35T"))
