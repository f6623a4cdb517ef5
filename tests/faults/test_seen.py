"""What the golden model's runs say of a fault: ties, padding, and the same fault planted there."""

import numpy as np
import pytest

from sw.golden.junction import GoldenJunction
from tests.faults import runs, seen
from tests.faults.designs import COARSE, QUICK, SUMS
from tests.faults.plant import Plant
from tests.hw.designs import make, quick

# two outputs a clock; classes 0 to 4 of 8, in three clocks
EIGHT = make("eight", (4, 4, 8), (2, 4), (2, 4), kind=3, classes=5)
# four outputs a clock, of which one is a class in the first clock and none in the second
ONE_CLASS = make("one-class", (8, 8), (1,), (4,), kind=1, classes=1)


@pytest.mark.parametrize(("row", "due"), [
    ([1, 2, 3, 4, 5, 0, 0, 0], ""),
    ([9, 2, 3, 4, 9, 0, 0, 0], "TIE TIE_OF_CLOCKS"),
    ([1, 2, 7, 7, 5, 0, 0, 0], "TIE TIE_IN_A_CLOCK"),
    ([7, 2, 7, 7, 5, 0, 0, 0], "TIE TIE_OF_CLOCKS"),  # the second clock's tie is of no interest to the first
    ([7, 7, 7, 7, 5, 0, 0, 0], "TIE TIE_IN_A_CLOCK TIE_OF_CLOCKS"),
    ([1, 2, 3, 4, 5, 6, 0, 0], "PADDING"),
    ([1, 2, 3, 4, 5, 5, 5, 5], ""),  # the class comes first
])  # fmt: skip
def test_ties_and_padding(row, due, monkeypatch):
    monkeypatch.setattr(runs, "_sound", lambda design: [[np.array([[9, 0, 0, 0, 0, 0, 0, 0], row])]])
    names = ("TIE", "TIE_IN_A_CLOCK", "TIE_OF_CLOCKS", "PADDING")
    assert " ".join(name for name in names if getattr(seen, name)(EIGHT)) == due


def test_padding_at_a_place_without_classes_takes_no_part(monkeypatch):
    monkeypatch.setattr(runs, "_sound", lambda design: [[np.array([[3, 9, 9, 9, 0, 9, 9, 9]])]])
    assert not seen.PADDING(ONE_CLASS)


def test_a_fault_shows_where_a_word_changes():
    harmless = Plant(GoldenJunction, "forward", (("s += self._operand_half", "s += self._operand_half + 0"),))
    assert not runs.shows(QUICK, harmless)
    assert runs.shows(QUICK, Plant(GoldenJunction, "forward", (("s += self._operand_half", "s += 0"),)))


def test_the_same_fault_in_the_golden_model():
    """Sums that leave their range half-way do so in the design that is made for it, not where the range is wide."""
    wide = quick(preactivation_integer_bits=8)
    assert seen.FF_SATURATED_BY_CLOCKS(SUMS)
    assert not seen.FF_SATURATED_BY_CLOCKS(wide)
    assert seen.FF_SATURATED(SUMS)
    assert not seen.FF_SATURATED(wide)
    assert seen.SCALED_ROUNDED(COARSE)
