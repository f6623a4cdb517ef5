"""Settings of PLLs: within the limits, as near the wish as any are; wishes out of range in one line."""

from fractions import Fraction
from itertools import product

import pytest

from boards.errors import BoardError
from boards.known import BOARDS
from boards.pll import LIMITS, settings


def every_output(family: str, clock: int) -> set[Fraction]:
    """All clocks that a PLL can make, by counting through its dividers in exact fractions."""
    limits = LIMITS[family]
    found = set()
    for divide, multiply in product(range(1, limits.divide + 1), range(1, limits.multiply + 1)):
        compared = Fraction(clock, divide)
        oscillator = compared * multiply * limits.feedback
        if limits.detector[0] <= compared <= limits.detector[1]:
            if limits.oscillator[0] <= oscillator <= limits.oscillator[1]:
                found |= {oscillator / n for n in range(1, limits.output_divide + 1)}
    return {one for one in found if limits.output[0] <= one <= limits.output[1]}


@pytest.mark.parametrize(("family", "clock"), [("xc7", 100), ("ecp5", 25), ("xc7", 33), ("ecp5", 100)])
def test_the_highest_clock_that_is_not_above_the_wish(family, clock):
    possible = sorted(every_output(family, clock))
    for wish in (15, 37.5, 50, 66, 80, 83.3, 99.9, 100, 116, 123, 155, 200):
        made = settings(family, clock, wish)
        best = max(one for one in possible if one <= wish)
        assert made.mhz == pytest.approx(float(best), rel=1e-9)


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
@pytest.mark.parametrize("wish", [20, 62.5, 80, 100, 110])
def test_within_the_limits(board, wish):
    made, limits = settings(board.family, board.clock_mhz, wish), LIMITS[board.family]
    assert limits.detector[0] <= board.clock_mhz / made.divide <= limits.detector[1]
    assert limits.oscillator[0] <= made.oscillator_mhz <= limits.oscillator[1]
    assert 1 <= made.divide <= limits.divide
    assert 1 <= made.multiply <= limits.multiply
    assert 1 <= made.output_divide <= limits.output_divide
    assert wish * 0.97 < made.mhz <= wish


@pytest.mark.parametrize(("family", "clock", "wish", "rule"), [
    ("xc7", 100, 500, "the clock of a PLL of xc7 must be 6.25 to 464 MHz, got 500"),
    ("ecp5", 25, 5, "the clock of a PLL of ecp5 must be 10 to 400 MHz, got 5"),
    ("ecp5", 4, 50, "the oscillator of a PLL of ecp5 must be 8 to 400 MHz, got 4"),
    ("xc7", 900, 50, "the oscillator of a PLL of xc7 must be 19 to 800 MHz, got 900"),
])
def test_out_of_range(family, clock, wish, rule):
    with pytest.raises(BoardError, match=rule):
        settings(family, clock, wish)
