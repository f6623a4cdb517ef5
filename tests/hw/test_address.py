"""The address generator gives the rows of the pattern, one clock or two after any position."""

import numpy as np
import pytest

from hw.address import AddressGenerator
from sw.pattern.clash_free import make_pattern
from tests.hw.play import play

# kind, left, right, out-degree, z, sweeps per start vector
CASES = [
    (1, 12, 6, 3, 4, 1),  # D = 3
    (2, 12, 6, 3, 4, 1),
    (2, 12, 6, 3, 4, 2),
    (3, 12, 6, 3, 4, 1),
    (2, 20, 16, 4, 2, 3),  # D = 10, the last start vector serves one sweep
    (1, 8, 4, 2, 1, 1),  # one lane
    (2, 8, 4, 2, 4, 1),  # D = 2
    (3, 16, 4, 2, 4, 1),  # a power of two wraps by itself
    (1, 4, 4, 2, 4, 1),  # D = 1
    (2, 4, 4, 2, 4, 1),
    # cycles of more than ROWS_BY_CLOCK clocks: D = 12, 11 and 16
    (1, 36, 12, 6, 3, 1),
    (2, 36, 12, 6, 3, 1),
    (2, 44, 22, 4, 2, 3),
    (3, 64, 32, 6, 4, 1),
    (2, 64, 32, 6, 4, 2),
    # more lanes than share a copy of the position: looked up by the clock, in block RAM, counted
    (2, 68, 34, 2, 34, 1),
    (1, 34 * 20, 34, 4, 34, 1),
    (2, 34 * 20, 34, 4, 34, 1),
]


@pytest.mark.parametrize("latency", [1, 2])
@pytest.mark.parametrize(("kind", "left", "right", "out_degree", "z", "share"), CASES)
def test_rows_of_every_position_in_any_order(kind, left, right, out_degree, z, share, latency):
    pattern = make_pattern(
        kind=kind, left=left, right=right, out_degree=out_degree, z=z, seed=5, junction=1, sweeps_per_start=share
    )
    rng = np.random.Generator(np.random.PCG64(1))
    clocks = np.concatenate([np.arange(pattern.clocks), rng.integers(0, pattern.clocks, 30)])
    sweeps, steps = clocks // pattern.depth, clocks % pattern.depth
    starts = np.zeros_like(sweeps) if kind == 1 else sweeps // pattern.sweeps_per_start
    played = [{"clock": c, "start": s, "step": t} for c, s, t in zip(clocks, starts, steps, strict=True)]
    rows = play(AddressGenerator(pattern, latency), played, ["rows"])["rows"]
    assert (rows[latency:] == pattern.rows[clocks[:-latency]]).all()
    assert pattern.depth == 1 or len(np.unique(rows)) == pattern.depth
