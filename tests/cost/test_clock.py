"""The clock that a design can be expected to reach."""

from dataclasses import replace

import pytest

from sw.cost.clock import expected_mhz
from sw.cost.devices import device
from sw.design.files import load


def test_clocks():
    arty, tiny = (load(f"designs/{name}.toml") for name in ("mnist-arty", "tiny"))
    xc7 = device("XC7A35T")
    assert 60 < expected_mhz(arty, xc7) < 200
    # more lanes than multipliers are there: some are built in look-up tables, and the design is larger
    more = replace(arty, hardware=replace(arty.hardware, z=(64, 16), multipliers="auto"))
    assert expected_mhz(more, xc7) < expected_mhz(arty, xc7)
    # with multipliers of one kind the larger design is slower
    dsp = replace(more, hardware=replace(more.hardware, multipliers="dsp"))
    assert expected_mhz(dsp, device("XC7A100T")) < expected_mhz(arty, device("XC7A100T"))
    # no cost model counts the look-up tables of an ECP5: one clock for all
    assert expected_mhz(tiny, device("ECP5-85F")) == pytest.approx(expected_mhz(arty, device("ECP5-85F")))
