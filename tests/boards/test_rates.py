"""Rates of a report: what limits the one over the serial line."""

from pathlib import Path

import pytest

from boards.known import board
from boards.rates import rates
from sw.design.files import load
from sw.design.frames import FRAME_MAX, PAYLOAD_MAX, SLOT_HEAD

DESIGN = load(Path(__file__).parents[2] / "designs" / "digits.toml")


@pytest.mark.parametrize(("mhz", "baud"), [(120, 12e6), (72, 12e6), (60, 10e6)])
def test_a_bit_takes_six_clocks_at_least(mhz, baud):
    found = rates(DESIGN, board("arty"), mhz)
    assert (found["peak"], found["store"]) == (int(1e6 * mhz / 32), int(1e6 * mhz / 32))
    assert found["serial"] == int(baud / 10 * PAYLOAD_MAX / FRAME_MAX / (SLOT_HEAD + 64))
