"""Random designs that together reach every corner: each seed has a cell, a width and a corner that it must reach.

The hardware is kept small, as a design's build costs far more than its run, and the junction cycles long, as
weights beyond the lanes cost next to nothing.
"""

from itertools import count

import numpy as np

from sw.design.design import Design
from tests.design.corners import CELLS, WIDTHS, cell, comes_back, reached
from tests.design.learning import learning_runs
from tests.design.random_designs import Limits, Wish, attempt

__all__ = ["CORNERS", "RUNS", "due", "wished_design"]

RUNS = (0, 1)
"""Of each design. A junction that does not learn in one of them would show too little: then it is drawn again."""

_SMALL = Limits(weights=1000, lanes=7, units=4, clocks=128)
_LARGER = Limits(weights=1000, lanes=9, units=6, clocks=128)  # for what is hard to reach
_PADDED, _LATE, _WIDE, _LAGS = (
    "C padded, C > max C_i",
    "activation latency > C",
    "several LFSRs in a junction",
    "lags longer than needed",
)
_AGAIN = {comes_back(kind, dither): (kind, dither) for kind in (1, 2) for dither in (False, True)}
# 13 corners and 18 cells have no common divisor: each meets each. "" is none.
CORNERS = ("", "D = 1", "L = 1", _PADDED, "one output neuron", _LATE, "L = 4", _LAGS, _WIDE, *_AGAIN)
_WIDE_EVERY = 5  # 33 lanes at least are expensive, so not each time; 13 * 5 and 18 have no common divisor either
_MANY_WEIGHTS = 260
_PATIENCE = 300  # attempts until what was only preferred is drawn anew


def due(seed: int) -> set[str]:
    """The rows of the coverage table that the design of a seed must reach."""
    return {cell(*CELLS[seed % len(CELLS)]), f"width {_width(seed)}", _corner(seed)} - {""}


def wished_design(seed: int) -> Design:
    """A valid design, the same for the same seed: 1 to 4 junctions, all of them small."""
    rng = np.random.Generator(np.random.PCG64([seed, 0]))
    for number in count():
        if number % _PATIENCE == 0:
            wish = _wish(seed, rng, few=number >= 2 * _PATIENCE)
        design = attempt(rng, f"random-{seed}", wish, _SMALL if number < _PATIENCE else _LARGER)
        if design is not None and due(seed) <= reached(design) and all(learning_runs(design, [seed, n]) for n in RUNS):
            return design
    raise AssertionError("not reached")


def _width(seed: int) -> int:
    """They move on by one from round to round of the cells, so that each cell meets each."""
    return WIDTHS[(seed + seed // len(CELLS)) % len(WIDTHS)]


def _corner(seed: int) -> str:
    corner = CORNERS[seed % len(CORNERS)]
    return "" if corner == _WIDE and seed // len(CORNERS) % _WIDE_EVERY else corner


def _wish(seed: int, rng: np.random.Generator, few: bool) -> Wish:
    corner = _corner(seed)
    junctions = int(rng.choice([2, 2, 3] if corner in _AGAIN else [1, 2, 2, 2, 3, 3]))
    short = corner in (_PADDED, _LATE) or rng.random() < 0.05
    few = few or short or rng.random() < 0.05
    return Wish(
        cell=CELLS[seed % len(CELLS)],
        again=_AGAIN.get(corner),
        junctions=int(corner[-1]) if corner.startswith("L =") else junctions,
        width=_width(seed),
        outputs=1 if corner == "one output neuron" else None,
        short=short,
        least=0 if few else _MANY_WEIGHTS,
        wide=corner == _WIDE,
        lags=corner == _LAGS,
    )
