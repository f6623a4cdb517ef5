"""Limits of FPGAs."""

import pytest

from sw.cost.devices import DEVICES, device
from sw.design.errors import DesignError


def test_figures():
    small, big, lattice = (device(name) for name in ("XC7A35T", "XC7A100T", "ECP5-85F"))
    assert (small.lut, small.ff, small.dsp, small.memory_blocks) == (20800, 41600, 90, 50)
    assert (big.lut, big.ff, big.dsp, big.memory_blocks) == (63400, 126800, 240, 135)
    assert (lattice.lut, lattice.dsp, lattice.memory_blocks) == (84000, 156, 208)
    assert [d.memory_kbit for d in (small, big, lattice)] == [36, 36, 18]
    assert [d.lut_inputs for d in (small, big, lattice)] == [6, 6, 4]
    assert all(name == d.name for name, d in DEVICES.items())


def test_wrong_name():
    with pytest.raises(DesignError) as error:
        device("XC7A36T")
    assert str(error.value) == (
        'device must be one of XC7A35T, XC7A100T, ECP5-85F, got "XC7A36T"'
    )
