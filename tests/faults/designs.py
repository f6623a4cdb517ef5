"""The designs that faults are planted in: small, each with a property that some fault needs or must not have."""

from dataclasses import replace

from tests.hw.designs import corner_designs, make, quick

__all__ = [
    "BACK", "BALANCED", "COARSE", "DITHERED", "EQUAL", "FAR_ROWS", "FIVE_ROWS", "FOUR_ROWS", "MORE_ROWS", "NEXT_CLOCK",
    "NO_INTEGER_BITS", "ONE_ROW", "PADDED", "POOL", "QUICK", "SUMS", "TWO_ROWS", "WIDE",
]  # fmt: skip

# D = 2 and 1, a new group in every clock, C as short as an update takes, padding, two outputs per clock
QUICK = quick()
# numbers of 5 bits: many results lie halfway between two of them
COARSE = replace(quick(width=5, integer_bits=1, preactivation_integer_bits=1), name="coarse")
# of 4 bits: most outputs are equal to another
EQUAL = replace(quick(width=4, integer_bits=1, preactivation_integer_bits=1, table_bits=4), name="equal")
# five outputs of padding beside three classes
PADDED = make("padded", (6, 4, 8), (4, 4), (6, 4), kind=1, inputs=5, classes=3, rounding="stochastic", seed=4)
# groups of three clocks and of one; sums that leave the range
SUMS = make(
    "sums", (6, 4, 4), (4, 2), (2, 2), kind=1, inputs=5, rounding="stochastic", seed=4, preactivation_integer_bits=2
)
# left deltas of eight products each, which leave the range; rounding to nearest
BACK = make(
    "back", (4, 4, 8), (2, 8), (2, 4), kind=3, integer_bits=1, preactivation_integer_bits=1, rounding="nearest", read=1
)

# when a row comes back in junction 2: D = 2, always after two clocks; D = 4, after one, or always after four
TWO_ROWS = make("two-rows", (4, 8, 4), (4, 2), (4, 4), kind=3, rounding="stochastic")
NEXT_CLOCK = make("next-clock", (4, 8, 4), (4, 2), (4, 2), kind=1, rounding="stochastic", read=1)
FAR_ROWS = make("far-rows", (4, 8, 4), (4, 2), (4, 2), kind=3, rounding="stochastic")

# D = 1 in junction 2, and the same network with two rows there
ONE_ROW = make("one-row", (6, 4, 4), (2, 2), (3, 4), classes=3)
MORE_ROWS = make("more-rows", (6, 4, 4), (2, 2), (3, 2), classes=3)

# C_i = C in both junctions, and longer than an update takes
BALANCED = make("balanced", (6, 6, 3), (2, 1), (2, 1), rounding="stochastic", read=1)

# a start row per sweep, from which rows count up in a long cycle, modulo 5 and modulo 4
FIVE_ROWS = make("five-rows", (5, 13), (13,), (1,), kind=2, rounding="stochastic")
FOUR_ROWS = make("four-rows", (4, 9), (9,), (1,), kind=2, rounding="stochastic")

WIDE = make("wide", (34, 2), (1,), (34,), rounding="stochastic", stages=(1, 4, 1))  # two LFSRs
DITHERED = make("dithered-lanes", (6, 6, 4), (2, 4), (2, 6), kind=1, dither=True, rounding="stochastic", read=1)
# outputs that are exactly 1, a delta that the format has not
NO_INTEGER_BITS = make(
    "below-one", (4, 4, 4), (2, 2), (2, 2), width=6, integer_bits=0, preactivation_integer_bits=0, table_bits=2
)

# one lane, one output, longer lags than needed, three junctions, ReLU with crossbars, activations below 1
CORNERS = ("one-lane", "one-output", "long-lags", "two-hidden", "dithered-relu", "no-integer-bits")

POOL = (
    QUICK, COARSE, EQUAL, PADDED, SUMS, BACK, TWO_ROWS, NEXT_CLOCK, FAR_ROWS, ONE_ROW, MORE_ROWS, BALANCED, FIVE_ROWS,
    FOUR_ROWS, WIDE, NO_INTEGER_BITS, DITHERED, *(design for design in corner_designs() if design.name in CORNERS),
)  # fmt: skip
