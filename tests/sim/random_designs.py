"""Small random designs, drawn to reach every corner: each seed has a cell and a corner that it must reach.

The hardware is kept small, as a design's build costs far more than its run, and the junction cycles long, as
weights beyond the lanes cost next to nothing.
"""

from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings, Stages, Training
from sw.design.tables import slope_table
from sw.pattern.degrees import divisors
from tests.sim.corners import CELLS, WIDTHS, cell, comes_back, reached, relation

__all__ = ["random_design"]

_PADDED, _LATE, _WIDE, _LAGS = (
    "C padded, C > max C_i",
    "activation latency > C",
    "several LFSRs in a junction",
    "lags longer than needed",
)
# 18 cells, 13 corners and 11 widths have no common divisor: in the long run each meets each. "" is none.
_AGAIN = {comes_back(kind, dither): (kind, dither) for kind in (1, 2) for dither in (False, True)}
CORNERS = ("", "D = 1", "L = 1", _PADDED, "one output neuron", _LATE, "L = 4", _LAGS, _WIDE, *_AGAIN)
_WIDE_EVERY = 4  # 33 lanes at least are expensive, so not each time
_SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 20, 21, 24, 28, 30, 32, 36, 40, 48)
_WIDE_SIZES = (34, 36, 40, 48)
_OUTPUTS = (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 16, 20)
_MOST_LANES, _MOST_UNITS, _MOST_CLOCKS = 7, 4, 128
_MANY_WEIGHTS = 260
_PATIENCE = 300  # attempts until what was only preferred is drawn anew


@dataclass(frozen=True)
class _Wish:
    """What the design of a seed must be, so that what is hard to draw is not drawn less often.

    ``kind``, ``dither``, ``relation``: of one of its junctions. ``short``: cycles about as long as the pipeline;
    ``few``: weights may be few.
    """

    kind: int
    dither: bool
    relation: str
    corner: str
    width: int
    junctions: int
    short: bool
    few: bool

    @classmethod
    def of(cls, seed: int, rng: np.random.Generator, few: bool) -> "_Wish":
        corner = CORNERS[seed % len(CORNERS)]
        if corner == _WIDE and seed // len(CORNERS) % _WIDE_EVERY:
            corner = ""
        junctions = int(rng.choice([2, 2, 3] if corner in _AGAIN else [1, 2, 2, 2, 3, 3]))
        if corner.startswith("L ="):
            junctions = int(corner[-1])
        short = corner in (_PADDED, _LATE) or rng.random() < 0.05
        few = few or short or rng.random() < 0.05
        return cls(*CELLS[seed % len(CELLS)], corner, WIDTHS[seed % len(WIDTHS)], junctions, short, few)

    def granted(self, design: Design) -> bool:
        wanted = {cell(self.kind, self.dither, self.relation), self.corner} - {""}
        return wanted <= reached(design)


@dataclass(frozen=True)
class _Shape:
    """Sizes, degrees and lanes; ``kinds``: type and dithering of the junctions (from 0) where they matter."""

    neurons: tuple[int, ...]
    out_degree: tuple[int, ...]
    z: tuple[int, ...]
    kinds: dict[int, tuple[int, bool]]


def random_design(seed: int) -> Design:
    """A valid design, the same for the same seed: 1 to 4 junctions, all of them small."""
    rng = np.random.Generator(np.random.PCG64([seed, 0]))
    for attempt in count():
        if attempt % _PATIENCE == 0:
            wish = _Wish.of(seed, rng, few=attempt >= 2 * _PATIENCE)
        # what is hard to reach may be larger
        shape = _shape(rng, wish, attempt // _PATIENCE)
        if shape is None:
            continue
        design = _design(rng, f"random-{seed}", wish, shape)
        if Schedule.of(design).clocks <= _MOST_CLOCKS and _learns(design) and wish.granted(design):
            return design
    raise AssertionError("not reached")


def _learns(design: Design) -> bool:
    """Whether f' of the sigmoid, at most 1/4, reaches 1/64, which a coarse table of a wide range may not grant."""
    sigmoid = any(design.scaled_delta(j) and j.activation == "sigmoid" for j in design.junctions)
    enough = max(1, (1 << design.arithmetic.number.fraction_bits) >> 6)
    return not sigmoid or int(slope_table(design.arithmetic).max()) >= enough


def _shape(rng: np.random.Generator, wish: _Wish, more: int) -> _Shape | None:
    junctions = wish.junctions
    most = int(rng.integers(3, 12)) if wish.short else int(np.exp(rng.uniform(np.log(30), np.log(_MOST_CLOCKS))))
    chosen, again = int(rng.integers(junctions)), None
    kinds = {chosen: (wish.kind, wish.dither)}
    if wish.corner in _AGAIN:
        # partial left deltas come back in junctions 2..L
        again = int(rng.integers(1, junctions))
        if kinds.setdefault(again, _AGAIN[wish.corner]) != _AGAIN[wish.corner]:
            return None
    neurons = [int(n) for n in rng.choice(_SIZES[1:], junctions)]
    neurons.append(1 if wish.corner == "one output neuron" else int(rng.choice(_OUTPUTS)))
    wide = int(rng.integers(junctions)) if wish.corner == _WIDE else None
    if wide is not None:
        neurons[wide] = int(rng.choice(_WIDE_SIZES))
    out_degree, z, done = [], [], 1
    for i in range(junctions):
        left, right = neurons[i], neurons[i + 1]
        degrees = [d for d in range(1, right + 1) if left * d % right == 0]
        degree = int(rng.choice(degrees))
        d_in = left * degree // right
        lanes = [
            k
            for k in divisors(left)
            if (k % d_in == 0 or d_in % k == 0) and k % done == 0 and left * degree <= k * most
        ]
        if i == chosen:
            least = 1 + (wish.dither or wish.relation == "=")
            lanes = [k for k in lanes if relation(k, d_in) == wish.relation and k >= least]
        if i == again:
            lanes = [k for k in lanes if 1 + _AGAIN[wish.corner][1] <= k < left and degree > 1]
        if i == wide:
            lanes = [k for k in lanes if k > 32]
        if not lanes:
            return None
        # the fewest lanes that do, most of the time
        z.append(lanes[min(len(lanes) - 1, int(rng.choice([0, 0, 0, 0, 1])))])
        out_degree.append(degree)
        done = max(1, z[-1] // d_in)
    if not wish.few and sum(n * d for n, d in zip(neurons, out_degree, strict=False)) < _MANY_WEIGHTS:
        return None
    units = sum(max(1, k * n // (m * d)) for k, m, d, n in zip(z, neurons, out_degree, neurons[1:], strict=False))
    if sum(z) > _MOST_LANES + more + (48 if wide is not None else 0) or units > _MOST_UNITS + more:
        return None
    return _Shape(tuple(neurons), tuple(out_degree), tuple(z), kinds)


def _design(rng: np.random.Generator, name: str, wish: _Wish, shape: _Shape) -> Design:
    junctions = len(shape.z)
    integer_bits = int(rng.integers(0, min(5, wish.width - 4)))
    wide_sums = int(rng.integers(integer_bits, min(8, integer_bits + 3) + 1))
    # large tables take longer to build than all the rest
    table_bits = int(rng.integers(2, 7) if rng.random() < 0.9 else rng.integers(7, 13))
    if wish.width <= 9 and rng.random() < 0.3:
        wide_sums, table_bits = integer_bits, 12  # an entry for every pre-activation
    rounding = "stochastic" if wish.corner == _WIDE else str(rng.choice(["nearest", "stochastic"]))
    design = Design(
        name=name,
        network=Network(
            neurons=shape.neurons,
            inputs=int(rng.integers(max(1, shape.neurons[0] - 3), shape.neurons[0] + 1)),
            classes=int(rng.integers(max(1, shape.neurons[-1] - 3), shape.neurons[-1] + 1)),
            out_degree=shape.out_degree,
            activation=(*(str(a) for a in rng.choice(["sigmoid", "relu"], junctions - 1)), "sigmoid"),
            cost=str(rng.choice(["cross_entropy", "quadratic"])),
        ),
        pattern=tuple(
            _pattern(rng, *shape.kinds.get(i, (int(rng.choice([1, 2, 2, 3])), rng.random() < 0.3)))
            for i in range(junctions)
        ),
        arithmetic=Arithmetic(
            width=wish.width,
            integer_bits=integer_bits,
            preactivation_integer_bits=wide_sums,
            table_bits=table_bits,
            rounding=rounding,
        ),
        hardware=Hardware(
            z=shape.z,
            multipliers=str(rng.choice(["auto", "dsp", "lut"])),
            stages=Stages(
                multiply=int(rng.choice([1, 1, 2, 2, 3, 4])),
                add=int(rng.integers(1, 4)),
                table=int(rng.choice([1, 1, 2, 3])),
                chain=int(rng.choice([1, 2, 3, 4, 8])),
            ),
        ),
        training=Training(weight_seed=int(rng.integers(1000))),
    )
    if wish.corner == _LAGS:
        more = np.cumsum(rng.integers(0, 3, junctions))[::-1] + 1
        lags = tuple(int(lag + extra) for lag, extra in zip(Schedule.of(design).lags, more, strict=True))
        design = replace(design, hardware=replace(design.hardware, lags=lags))
    return design


def _pattern(rng: np.random.Generator, kind: int, dither: bool) -> PatternSettings:
    share = int(rng.choice([1, 1, 2, 3])) if kind == 2 else 1
    return PatternSettings(kind=kind, sweeps_per_start=share, dither=dither, seed=int(rng.integers(1000)))
