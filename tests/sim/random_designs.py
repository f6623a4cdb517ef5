"""Small random designs, drawn to reach every corner: each seed has a cell and a corner that it must reach.

The hardware is kept small, as a design's build costs far more than its run, and the junction cycles long, as
weights beyond the lanes cost next to nothing.
"""

from dataclasses import dataclass, replace

import numpy as np

from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings, Stages, Training, divisors
from tests.sim.corners import CELLS, WIDTHS, cell, reached, relation

__all__ = ["random_design"]

# 18 cells, 13 corners and 11 widths have no common divisor: in the long run each meets each. "" is none.
CORNERS = (
    "",
    "D = 1",
    "L = 1",
    "row comes back in the next clock, type 1",
    "C padded, C > max C_i",
    "one output neuron",
    "row comes back in the next clock, type 2",
    "activation latency > C",
    "L = 4",
    "row comes back in the next clock, type 1, dithered",
    "lags longer than needed",
    "several LFSRs in a junction",
    "row comes back in the next clock, type 2, dithered",
)
_WIDE, _WIDE_EVERY = "several LFSRs in a junction", 4  # 33 lanes at least: expensive, so not each time
_SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 20, 21, 24, 28, 30, 32, 36, 40, 48)
_WIDE_SIZES = (34, 36, 40, 48)
_OUTPUTS = (1, 2, 3, 4, 5, 6, 8, 9, 10, 12)
_MOST_LANES, _MOST_UNITS, _MOST_CLOCKS = 8, 5, 128
_MANY_WEIGHTS = 200


@dataclass(frozen=True)
class _Wish:
    """What the design of a seed must be. ``cell``: of one of its junctions."""

    kind: int
    dither: bool
    relation: str
    corner: str
    width: int

    @classmethod
    def of(cls, seed: int) -> "_Wish":
        corner = CORNERS[seed % len(CORNERS)]
        if corner == _WIDE and seed // len(CORNERS) % _WIDE_EVERY:
            corner = ""
        return cls(*CELLS[seed % len(CELLS)], corner, WIDTHS[seed % len(WIDTHS)])

    def granted(self, design: Design) -> bool:
        wanted = {cell(self.kind, self.dither, self.relation), self.corner} - {""}
        return wanted <= reached(design)


@dataclass(frozen=True)
class _Shape:
    """Sizes, degrees and lanes; ``chosen``: the junction (from 0) that shall have the wished cell."""

    neurons: tuple[int, ...]
    out_degree: tuple[int, ...]
    z: tuple[int, ...]
    chosen: int


def random_design(seed: int) -> Design:
    """A valid design, the same for the same seed: 1 to 4 junctions, all of them small."""
    rng = np.random.Generator(np.random.PCG64([seed, 0]))
    wish = _Wish.of(seed)
    while True:
        shape = _shape(rng, wish)
        if shape is None:
            continue
        try:
            design = _design(rng, f"random-{seed}", wish, shape)
        except DesignError:
            continue  # an edge joined twice: draw again
        if Schedule.of(design).clocks <= _MOST_CLOCKS and wish.granted(design):
            return design


def _shape(rng: np.random.Generator, wish: _Wish) -> _Shape | None:
    junctions = int(rng.choice([1, 2, 2, 2, 3, 3, 4]))
    if wish.corner.startswith("L ="):
        junctions = int(wish.corner[-1])
    # cycles as short as the pipeline, or long ones
    short = wish.corner in ("C padded, C > max C_i", "activation latency > C") or rng.random() < 0.1
    most = int(rng.integers(3, 12)) if short else int(np.exp(rng.uniform(np.log(30), np.log(_MOST_CLOCKS))))
    few = short or rng.random() < 0.1
    chosen = int(rng.integers(junctions))
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
        if i == wide:
            lanes = [k for k in lanes if k > 32]
        if not lanes:
            return None
        # the fewest lanes that do, most of the time
        z.append(lanes[min(len(lanes) - 1, int(rng.choice([0, 0, 0, 0, 1])))])
        out_degree.append(degree)
        done = max(1, z[-1] // d_in)
    if not few and sum(n * d for n, d in zip(neurons, out_degree, strict=False)) < _MANY_WEIGHTS:
        return None
    units = sum(max(1, k * n // (m * d)) for k, m, d, n in zip(z, neurons, out_degree, neurons[1:], strict=False))
    if sum(z) > _MOST_LANES + (48 if wide is not None else 0) or units > _MOST_UNITS:
        return None
    return _Shape(tuple(neurons), tuple(out_degree), tuple(z), chosen)


def _design(rng: np.random.Generator, name: str, wish: _Wish, shape: _Shape) -> Design:
    junctions = len(shape.z)
    integer_bits = int(rng.integers(0, min(5, wish.width - 4)))
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
            _pattern(rng, wish.kind, wish.dither) if i == shape.chosen else _pattern(rng, None, rng.random() < 0.3)
            for i in range(junctions)
        ),
        arithmetic=Arithmetic(
            width=wish.width,
            integer_bits=integer_bits,
            preactivation_integer_bits=int(rng.integers(integer_bits, min(8, integer_bits + 3) + 1)),
            table_bits=int(rng.choice([2, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 12])),
            rounding=rounding,
        ),
        hardware=Hardware(
            z=shape.z,
            multipliers=str(rng.choice(["auto", "dsp", "lut"])),
            stages=Stages(
                multiply=int(rng.integers(1, 5)),
                add=int(rng.integers(1, 4)),
                table=int(rng.integers(1, 4)),
                chain=int(rng.choice([1, 2, 3, 4, 8])),
            ),
        ),
        training=Training(weight_seed=int(rng.integers(1000))),
    )
    if wish.corner == "lags longer than needed":
        more = np.cumsum(rng.integers(0, 3, junctions))[::-1] + 1
        lags = tuple(int(lag + extra) for lag, extra in zip(design.lags, more, strict=True))
        design = replace(design, hardware=replace(design.hardware, lags=lags))
    return design


def _pattern(rng: np.random.Generator, kind: int | None, dither: bool) -> PatternSettings:
    kind = int(rng.choice([1, 2, 2, 3])) if kind is None else kind
    share = int(rng.choice([1, 1, 2, 3])) if kind == 2 else 1
    return PatternSettings(kind=kind, sweeps_per_start=share, dither=bool(dither), seed=int(rng.integers(1000)))
