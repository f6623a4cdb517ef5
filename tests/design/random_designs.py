"""Random small designs: any number of layers, sizes, degrees, lanes, patterns, formats and stages.

`random_design` draws any; tests.design.wishes has those that together must reach every corner.
"""

from dataclasses import dataclass, replace

import numpy as np

from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings, Stages, Training
from sw.pattern.degrees import divisors
from tests.design.corners import relation

__all__ = ["Limits", "Wish", "attempt", "random_design"]

_SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 20, 21, 24, 28, 30, 32, 36, 40, 48)
_WIDE_SIZES = (34, 36, 40, 48)
_OUTPUTS = (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 16, 20)


@dataclass(frozen=True)
class Wish:
    """What a design must be; without a value anything.

    ``cell``: type, dithering, lanes against the in-degree, of one of its junctions. ``again``: type and dithering
    of a junction of which a partial left delta comes back in the next clock. ``short``: cycles about as long as the
    pipeline. ``least``: weights in all. ``wide``: more lanes in a junction than an LFSR serves. ``lags``: longer
    than needed.
    """

    cell: tuple[int, bool, str] | None = None
    again: tuple[int, bool] | None = None
    junctions: int | None = None
    width: int | None = None
    outputs: int | None = None
    short: bool = False
    least: int = 0
    wide: bool = False
    lags: bool | None = None


@dataclass(frozen=True)
class Limits:
    """``weights`` per junction; ``lanes`` and ``units`` (neurons that finish in a clock) in all: few of them keep a
    circuit small, and lanes are then mostly the fewest that do; ``clocks`` of a junction cycle.
    """

    weights: int = 300
    lanes: int | None = None
    units: int | None = None
    clocks: int | None = None


@dataclass(frozen=True)
class _Shape:
    """Sizes, degrees and lanes; ``kinds``: type and dithering of the junctions (from 0) where they matter."""

    neurons: tuple[int, ...]
    out_degree: tuple[int, ...]
    z: tuple[int, ...]
    kinds: dict[int, tuple[int, bool]]


def random_design(rng: np.random.Generator, *, weights: int = 300, **changes) -> Design:
    """A valid design of at most ``weights`` weights per junction; ``changes`` replace its fields."""
    while True:
        if (design := attempt(rng, "random", Wish(), Limits(weights), **changes)) is not None:
            return design


def attempt(rng: np.random.Generator, name: str, wish: Wish, limits: Limits, **changes) -> Design | None:
    """A valid design, as wished as far as a shape can be; None where the draw was in vain."""
    shape = _shape(rng, wish, limits)
    if shape is None:
        return None
    design = _design(rng, name, wish, shape, changes)
    if limits.clocks and Schedule.of(design).clocks > limits.clocks:
        return None
    longer = rng.integers(4) == 0 if wish.lags is None else wish.lags
    if longer and "hardware" not in changes:
        more = np.cumsum(rng.integers(0, 3, len(shape.z)))[::-1] + int(bool(wish.lags))
        lags = tuple(int(lag + extra) for lag, extra in zip(Schedule.of(design).lags, more, strict=True))
        design = replace(design, hardware=replace(design.hardware, lags=lags))
    return design


def _shape(rng: np.random.Generator, wish: Wish, limits: Limits) -> _Shape | None:
    junctions = wish.junctions or int(rng.integers(1, 5))
    most = limits.weights
    if limits.clocks:
        most = int(rng.integers(3, 12)) if wish.short else int(np.exp(rng.uniform(np.log(30), np.log(limits.clocks))))
    kinds: dict[int, tuple[int, bool]] = {}
    chosen = again = wide = None
    if wish.cell:
        chosen = int(rng.integers(junctions))
        kinds[chosen] = wish.cell[:2]
    if wish.again:
        # partial left deltas come back in junctions 2..L
        again = int(rng.integers(1, junctions))
        if kinds.setdefault(again, wish.again) != wish.again:
            return None
    neurons = [int(n) for n in rng.choice(_SIZES, junctions)]
    neurons.append(wish.outputs or int(rng.choice(_OUTPUTS)))
    if wish.wide:
        wide = int(rng.integers(junctions))
        neurons[wide] = int(rng.choice(_WIDE_SIZES))
    out_degree: list[int] = []
    z: list[int] = []
    units, done = 0, 1  # neurons that finish per clock: in all, of the junction before
    for i in range(junctions):
        left, right = neurons[i], neurons[i + 1]
        degree = int(rng.choice([d for d in range(1, right + 1) if left * d % right == 0]))
        d_in = left * degree // right
        lanes = [
            k
            for k in divisors(left)
            if (k % d_in == 0 or d_in % k == 0) and k % done == 0 and left * degree <= k * most
        ]
        if i == chosen and wish.cell:
            _, dither, sign = wish.cell
            lanes = [k for k in lanes if relation(k, d_in) == sign and k >= 1 + (dither or sign == "=")]
        if i == again and wish.again:
            lanes = [k for k in lanes if 1 + wish.again[1] <= k < left and degree > 1]
        if i == wide:
            lanes = [k for k in lanes if k > 32]
        if not lanes or left * degree > limits.weights:
            return None
        few = lanes[min(len(lanes) - 1, int(rng.choice([0, 0, 0, 0, 1])))]
        z.append(few if limits.lanes else int(rng.choice(lanes)))
        out_degree.append(degree)
        done = max(1, z[-1] // d_in)
        units += done
    if sum(n * d for n, d in zip(neurons, out_degree, strict=False)) < wish.least:
        return None
    if limits.lanes and sum(z) > limits.lanes + (48 if wish.wide else 0):
        return None
    if limits.units and units > limits.units:
        return None
    return _Shape(tuple(neurons), tuple(out_degree), tuple(z), kinds)


def _design(rng: np.random.Generator, name: str, wish: Wish, shape: _Shape, changes: dict) -> Design:
    junctions = len(shape.z)
    facts = {
        "network": Network(
            neurons=shape.neurons,
            inputs=int(rng.integers(max(1, shape.neurons[0] - 3), shape.neurons[0] + 1)),
            classes=int(rng.integers(max(1, shape.neurons[-1] - 3), shape.neurons[-1] + 1)),
            out_degree=shape.out_degree,
            activation=(*(str(a) for a in rng.choice(["sigmoid", "relu"], junctions - 1)), "sigmoid"),
            cost=str(rng.choice(["cross_entropy", "quadratic"])),
        ),
        "pattern": tuple(
            _pattern(rng, *shape.kinds.get(i, (int(rng.choice([1, 2, 2, 3])), rng.random() < 0.3)))
            for i in range(junctions)
        ),
        "arithmetic": _arithmetic(rng, wish),
        "hardware": Hardware(
            z=shape.z,
            multipliers=str(rng.choice(["auto", "dsp", "lut"])),
            stages=Stages(
                multiply=int(rng.choice([1, 1, 2, 2, 3, 4])),
                add=int(rng.integers(1, 4)),
                table=int(rng.choice([1, 1, 2, 3])),
                chain=int(rng.choice([1, 2, 3, 4, 8])),
                read=int(rng.choice([1, 2])),
            ),
        ),
        "training": Training(weight_seed=int(rng.integers(1000))),
    }
    return Design(name=name, **(facts | changes))


def _arithmetic(rng: np.random.Generator, wish: Wish) -> Arithmetic:
    width = wish.width or int(rng.integers(4, 14))
    integer_bits = int(rng.integers(0, min(5, width - 2)))
    preactivation = int(rng.integers(integer_bits, min(8, integer_bits + 3) + 1))
    # large tables take longer to build than all the rest
    table_bits = int(rng.integers(2, 7) if rng.random() < 0.9 else rng.integers(7, 13))
    if width <= 9 and rng.random() < 0.3:
        preactivation, table_bits = integer_bits, 12  # an entry for every pre-activation
    rounding = "stochastic" if wish.wide else str(rng.choice(["nearest", "stochastic"]))
    return Arithmetic(width, integer_bits, preactivation, table_bits, rounding)


def _pattern(rng: np.random.Generator, kind: int, dither: bool) -> PatternSettings:
    share = int(rng.choice([1, 1, 2, 3])) if kind == 2 else 1
    return PatternSettings(kind=kind, sweeps_per_start=share, dither=dither, seed=int(rng.integers(1000)))
