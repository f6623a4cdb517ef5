"""Pins of each board, and the constraints made of them."""

import re

import pytest

from boards.known import BOARDS
from boards.pins import Pin, lpf, pins, vivado_xdc, xdc
from boards.pll import settings
from boards.top import BoardTop
from hw.circuit import converted
from sw.design.files import load
from tests.boards.cores import Blinker

# from the boards' manuals and master constraint files
SITES = {
    "arty": {"clk": "E3", "rx": "A9", "tx": "D10", "led_0": "H5", "led_3": "T10"},
    "arty-100": {"clk": "E3", "rx": "A9", "tx": "D10", "led_0": "H5", "led_3": "T10"},
    "nexys4ddr": {"clk": "E3", "rx": "C4", "tx": "D4", "led_0": "H17", "led_15": "V11"},
    "ulx3s": {"clk": "G2", "rx": "M1", "tx": "L4", "led_0": "B2", "led_7": "H3", "high_0": "L2"},
}


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_sites(board):
    sites = {pin.port: pin.site for pin in pins(board)}
    assert sites | SITES[board.name] == sites
    assert len(set(sites.values())) == len(sites), "no site twice"
    assert {pin.port for pin in pins(board) if not pin.output} == {"clk", "rx"}


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_the_top_module_has_these_ports_and_the_familys_pll(board):
    found = pins(board)
    made = settings(board.family, board.clock_mhz, board.mhz)
    text = converted(lambda: BoardTop(Blinker(), found, made), "top")
    _, top, *_ = text.split("\nmodule ")
    ports = {name: way for way, name in re.findall(r"wire width 1 (input|output) \d+ +\\(\w+)", top)}
    assert ports == {pin.port: "output" if pin.output else "input" for pin in found}
    assert {"xc7": "cell \\PLLE2_ADV", "ecp5": "cell \\EHXPLLL"}[board.family] in text


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_the_boards_own_design_can_be_loaded(board):
    assert load(board.design).name


TWO = [Pin("clk", "E3", False, {"IOSTANDARD": "LVCMOS33"}), Pin("led_0", "H5", True, {"DRIVE": "4"})]


def test_xdc():
    assert xdc(TWO).splitlines() == [
        "set_property LOC E3 [get_ports clk]", "set_property IOSTANDARD LVCMOS33 [get_ports clk]",
        "set_property LOC H5 [get_ports led_0]", "set_property DRIVE 4 [get_ports led_0]",
    ]  # fmt: skip
    assert "create_clock -name clk -period 10 [get_ports clk]" in vivado_xdc(100.0)


def test_lpf():
    assert lpf(TWO, 25.0).splitlines() == [
        'FREQUENCY PORT "clk" 25 MHZ;',
        'LOCATE COMP "clk" SITE "E3";', 'IOBUF PORT "clk" IOSTANDARD=LVCMOS33;',
        'LOCATE COMP "led_0" SITE "H5";', 'IOBUF PORT "led_0" DRIVE=4;',
    ]  # fmt: skip
