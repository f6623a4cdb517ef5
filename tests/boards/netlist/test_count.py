"""How cells are counted."""

import pytest

from boards.errors import BoardError
from boards.netlist.count import CLASSES, Count, class_of, count


def test_xc7():
    cells = {
        "LUT1": 1, "LUT6": 10, "INV": 2, "CARRY4": 7, "MUXF7": 3, "RAM32M": 2, "RAM64X1D": 3, "SRL16E": 5, "SRLC32E": 1,
        "FDRE": 20, "FDSE": 2, "DSP48E1": 4, "RAMB36E1": 1, "RAMB18E1": 3,
    }  # fmt: skip
    found = count(cells, "xc7")
    assert found == Count(lut_logic=13, lutram=14, srl=6, ff=22, dsp=4, block=2.5)
    assert found.lut == 33


def test_ecp5():
    cells = {"LUT4": 10, "CCU2C": 3, "PFUMX": 4, "TRELLIS_DPR16X4": 2, "TRELLIS_FF": 9, "MULT18X18D": 1, "DP16KD": 2}
    found = count(cells, "ecp5")
    assert found == Count(lut_logic=16, lutram=12, srl=0, ff=9, dsp=1, block=2)
    assert found.lut == 28


def test_unknown_types_are_named():
    with pytest.raises(BoardError) as error:
        count({"LUT4": 1, "MAGIC": 2, "$mul": 1}, "ecp5")
    assert str(error.value) == "cells of ecp5 must be of types that can be counted, got $mul, MAGIC"


def test_a_type_is_in_one_class():
    for family, classes in CLASSES.items():
        types = [kind for made in classes.values() for kind in made]
        assert len(types) == len(set(types))
        assert class_of(family, "LUT4") == "logic"
