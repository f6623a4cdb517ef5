"""Every mapping that open tools get wrong is found; those that are right are not."""

import pytest

from boards.netlist.netlist import Cell, Netlist
from boards.netlist.risky import risky
from sw.cost.devices import device

SMALL, LARGE = device("XC7A35T"), device("XC7A100T")


def cell(kind: str, name: str = "one", pins: dict | None = None, **parameters) -> Cell:
    words = {key: format(value, "b") if isinstance(value, int) else value for key, value in parameters.items()}
    return Cell(name, kind, words, pins or {}, frozenset())


def widths(read: int, write: int) -> dict[str, int]:
    return {"READ_WIDTH_A": read, "READ_WIDTH_B": 0, "WRITE_WIDTH_A": 0, "WRITE_WIDTH_B": write}


WRONG = {
    "RAMB36E1 with a port of 1 or 9 bits": [
        cell("RAMB36E1", **widths(9, 0)), cell("RAMB36E1", **widths(18, 9)), cell("RAMB36E1", **widths(1, 1)),
    ],
    "RAMB36E1 that is written on one port": [
        cell("RAMB36E1", **widths(72, 72)), cell("RAMB36E1", RAM_MODE="SDP", **widths(36, 36)),
    ],
    "RAMB18E1 that is written on one port": [cell("RAMB18E1", RAM_MODE="SDP", **widths(36, 36))],
    "RAM128X1D, a memory in look-up tables": [cell("RAM128X1D")],
    "RAM32X1S, a memory in look-up tables": [cell("RAM32X1S")],
}  # fmt: skip
RIGHT = [
    cell("RAMB18E1", RAM_MODE="TDP", **widths(9, 9)), cell("RAMB36E1", RAM_MODE="TDP", **widths(18, 18)),
    cell("RAM32M"), cell("RAM64M"), cell("LUT6"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "one"), [(what, one) for what, cells in WRONG.items() for one in cells])
def test_found(what, one):
    (line,) = risky(Netlist((*RIGHT, one)), LARGE)
    assert line.startswith(what)
    assert line.endswith(": one")


def test_what_is_right_is_not_found():
    assert risky(Netlist(tuple(RIGHT)), SMALL) == []


def test_single_dsp_blocks_of_the_small_die():
    sixty = tuple(cell("DSP48E1", f"n{n}", {"PCIN": ("0",)}) for n in range(60))
    cascade = tuple(cell("DSP48E1", f"c{n}", {"PCIN": (n + 2,)}) for n in range(9))
    assert risky(Netlist((*sixty, *cascade)), SMALL) == []
    more = Netlist((*sixty, cell("DSP48E1")))
    assert risky(more, SMALL) == ["more than 60 single DSP blocks, 61, which its placer cannot place"]
    assert risky(more, LARGE) == []
