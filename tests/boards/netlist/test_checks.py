"""Each check of mapped cells passes on a netlist that is right, and finds its fault when one is planted."""

from dataclasses import replace

import pytest

from boards.netlist.checks import CHECKS, check
from boards.netlist.expected import Expected
from boards.netlist.netlist import Cell, Netlist
from tests.boards.netlists import cell, ff, lut, netlist

WANTED = Expected(
    dsp=1, lutram=8, block=0.5, memories={"part.weights": "distributed", "part.banks": "block", "part.table": "logic"}
)
CELLS = {
    "start": ff(20, 10),
    "logic": lut([10], 20, "logic"),
    "ram 0": cell("part.weights.0.0", "RAM32M", ADDRA=[10] * 5, DOA=[30, 31], WCLK=1),
    "ram 1": cell("part.weights.0.1", "RAM32M", ADDRA=[10] * 5, DOA=[32, 33], WCLK=1),
    "block": cell("part.banks.0.0", "RAMB18E1", CLKARDCLK=1, DOADO=[34]),
    "dsp": cell("dsp", "DSP48E1", {"MREG": "1"}, A=[30], B=[31], P=[35, 36], CLK=1),
    "end": ff(35, 11),
}


def made(**changes: Cell | None) -> Netlist:
    """The right netlist with some cells changed, added, or taken away (None)."""
    cells: dict[str, Cell | None] = {**CELLS, **{name.replace("_", " "): one for name, one in changes.items()}}
    return netlist(*(one for one in cells.values() if one is not None), outputs={"out": [11]}, names={20: "sum"})


def failed(one: Netlist, wanted: Expected = WANTED) -> dict[str, str]:
    return {name: said for name, said in check(one, "xc7", wanted).items() if said}


def test_all_pass_on_what_is_right():
    assert check(made(), "xc7", WANTED) == dict.fromkeys(CHECKS, "")


MEMORIES = "memories must be of the kind that the design says, are not: "
FAULTS = {
    "a cell that was not mapped": (
        "cells are mapped", made(extra=cell("left", "$mul", A=[10], B=[10], Y=[40])),
        "every cell must be one of the device's, are not: left ($mul)",
    ),
    "a latch": (
        "no latch", made(extra=cell("held", "LDCE", D=10, G=20, Q=40)), "there must be no latch, there are: held (LDCE)"
    ),
    "a latch that was not mapped": (
        "no latch", made(extra=cell("held", "$_DLATCH_P_", D=10, E=20, Q=40)),
        "there must be no latch, there are: held ($_DLATCH_P_)",
    ),
    "an input that hangs in the air": (
        "inputs are driven", made(logic=lut([99], 20, "logic")), "every input must be driven, are not: logic.I0"
    ),
    "an output that hangs in the air": (
        "inputs are driven", made(end=None), "every input must be driven, are not: output out"
    ),
    "two drivers of a net": (
        "one driver each", made(extra=lut([10], 20, "second")), "every net must have one driver, have more: sum (LUT1)"
    ),
    "a loop": (
        "no loop without a register", made(logic=lut([20], 20, "logic")),
        "there must be a register in every loop, there is none in: logic (LUT1)",
    ),
    "a multiplier that did not become a DSP block": (
        "DSP blocks", made(dsp=lut([30], 35)), "there must be 1 DSP blocks, there are 0"
    ),
    "one DSP block too many": (
        "DSP blocks", made(extra=cell("two", "DSP48E1", A=[10], B=[10], P=[40])),
        "there must be 1 DSP blocks, there are 2",
    ),
    "registers where a memory should be": (
        "kind of each memory", made(ram_0=ff(10, 30), ram_1=ff(10, 31)),
        f"{MEMORIES}part.weights (logic or flip-flops instead of lutram)",
    ),
    "block RAM where LUTRAM should be": (
        "kind of each memory", made(ram_0=cell("part.weights.0.0", "RAMB18E1", DOADO=[30, 31]), ram_1=None),
        f"{MEMORIES}part.weights (block instead of lutram)",
    ),
    "a memory that is partly block RAM": (
        "kind of each memory", made(extra=cell("part.weights.1.0", "RAMB18E1", DOADO=[40])),
        f"{MEMORIES}part.weights (block and lutram instead of lutram)",
    ),
    "a table of constants in block RAM": (
        "kind of each memory", made(extra=cell("part.table.0.0", "RAMB18E1", DOADO=[40])),
        f"{MEMORIES}part.table (block instead of logic)",
    ),
    "half of a memory": (
        "LUTRAM and memory blocks in all", made(ram_1=None),
        "there must be 8 look-up tables of LUTRAM, there are 4",
    ),
    "a memory twice": (
        "LUTRAM and memory blocks in all", made(extra=cell("part.banks.0.1", "RAMB18E1", DOADO=[40])),
        "there must be 0.5 memory blocks, there are 1",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault(fault):
    name, broken, message = FAULTS[fault]
    assert failed(broken)[name] == message


def test_every_check_has_a_planted_fault():
    assert {name for name, _, _ in FAULTS.values()} == set(CHECKS)


def test_where_no_number_of_lutram_is_known_none_is_asked_for():
    assert failed(made(ram_1=None), replace(WANTED, lutram=None)) == {}
