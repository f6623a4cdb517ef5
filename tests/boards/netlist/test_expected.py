"""What a design must become on a device."""

from dataclasses import replace

import pytest

from boards.errors import BoardError
from boards.known import BOARDS, board
from boards.netlist.expected import expected, memories_of
from hw.circuit import circuit
from sw.cost.devices import device
from sw.cost.mapping import resolve, soft_multipliers
from sw.design.design import Design
from sw.design.files import load
from sw.design.multipliers import multiplier_groups
from tests.sim.designs import flagship, tiny


def with_multipliers(design: Design, mode: str | int) -> Design:
    return replace(design, hardware=replace(design.hardware, multipliers=mode))


def test_boards():
    assert {name: one.device.name for name, one in BOARDS.items()} == {
        "arty": "XC7A35T", "arty-100": "XC7A100T", "nexys4ddr": "XC7A100T", "ulx3s": "ECP5-85F",
    }  # fmt: skip
    assert [board(name).family for name in BOARDS] == ["xc7", "xc7", "xc7", "ecp5"]
    with pytest.raises(BoardError) as error:
        board("artix")
    assert str(error.value) == 'board must be one of arty, arty-100, nexys4ddr, ulx3s, got "artix"'


@pytest.mark.parametrize(("chip", "dsp"), [("XC7A35T", 90), ("XC7A100T", 240), ("ECP5-85F", 156)])
def test_auto_is_as_many_as_the_device_has(chip, dsp):
    design = resolve(with_multipliers(flagship(), "auto"), device(chip))
    assert design.hardware.multipliers == dsp
    assert expected(design, device(chip), "").dsp == dsp
    assert soft_multipliers(design) == 354 - dsp


def test_auto_is_all_of_them_where_the_device_has_enough():
    design = resolve(load("designs/mnist-arty.toml"), device("XC7A35T"))
    assert (design.hardware.multipliers, soft_multipliers(design)) == (89, 0)


def test_auto_counts_blocks_not_multipliers():
    wide = with_multipliers(tiny(), "auto")
    # on ECP5 a factor of 25 bits takes two blocks
    wide = replace(wide, arithmetic=replace(wide.arithmetic, width=18))
    ecp5 = replace(device("ECP5-85F"), dsp=9)
    design = resolve(wide, ecp5)
    assert [(g.name, g.count, g.in_dsp) for g in multiplier_groups(design)][:2] == [("up", 4, 4), ("ff", 4, 1)]
    assert expected(design, ecp5, "").dsp == 9


@pytest.mark.parametrize(("mode", "dsp"), [("dsp", 15), ("lut", 0), (5, 5)])
def test_what_the_design_says_stays(mode, dsp):
    design = resolve(with_multipliers(tiny(), mode), device("XC7A35T"))
    assert design.hardware.multipliers == mode
    assert (expected(design, device("XC7A35T"), "").dsp, soft_multipliers(design)) == (dsp, 15 - dsp)


def test_memories_by_name():
    found = memories_of(circuit(tiny()))
    assert found["junction_1.weights.memory_0"] == "distributed"
    assert found["junction_1.banks.ff_3"] == "distributed"
    assert found["junction_1.forward.activation.sigmoid"] == "block"
    assert set(found.values()) <= {"distributed", "block", "logic"}
    memories = ['  attribute \\ram_style "block"', "  memory width 1 size 2 \\a", "  memory width 1 size 2 \\b"]
    assert memories_of("\n".join(["module \\top", *memories, "end"])) == {"a": "block"}
