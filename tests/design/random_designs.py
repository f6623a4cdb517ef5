"""Random small designs and slots for tests: any number of layers, sizes, lanes, stages, formats."""

import itertools
from dataclasses import replace

import numpy as np

from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Data, Hardware, Network, PatternSettings, Stages, Training
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.pattern.degrees import divisors

__all__ = ["random_design", "random_slots"]

SIZES = (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 18, 20, 24)


def random_design(rng: np.random.Generator, *, weights: int = 300, **changes) -> Design:
    """A valid design of at most ``weights`` weights per junction; ``changes`` replace its fields."""
    while True:
        junctions = int(rng.integers(1, 5))
        neurons = tuple(int(n) for n in rng.choice(SIZES, junctions + 1))
        out_degree = [_out_degree(rng, *pair) for pair in itertools.pairwise(neurons)]
        if any(n * d > weights for n, d in zip(neurons, out_degree, strict=False)):
            continue
        z = _lanes(rng, neurons, out_degree)
        if z is None:
            continue
        integer_bits = int(rng.integers(0, 4))
        facts = {
            "network": Network(
                neurons=neurons,
                inputs=int(rng.integers(1, neurons[0] + 1)),
                classes=int(rng.integers(1, neurons[-1] + 1)),
                out_degree=tuple(out_degree),
                activation=(*(str(a) for a in rng.choice(("sigmoid", "relu"), junctions - 1)), "sigmoid"),
                cost=str(rng.choice(("cross_entropy", "quadratic"))),
            ),
            "pattern": tuple(_pattern(rng) for _ in range(junctions)),
            "arithmetic": Arithmetic(
                width=int(rng.integers(integer_bits + 3, 14)) if integer_bits else int(rng.integers(4, 14)),
                integer_bits=integer_bits,
                preactivation_integer_bits=integer_bits + int(rng.integers(0, 3)),
                table_bits=int(rng.integers(4, 13)),
                rounding=str(rng.choice(("nearest", "stochastic"))),
            ),
            "hardware": Hardware(
                z=z,
                stages=Stages(*(int(rng.integers(1, high)) for high in (5, 4, 4))),
            ),
            "training": Training(weight_seed=int(rng.integers(1000))),
            "data": Data(),
        }
        design = Design(name="random", **(facts | changes))
        if rng.integers(4) == 0 and "hardware" not in changes:  # longer lags than needed
            lags, more = list(Schedule.of(design).lags), 0
            for i in reversed(range(junctions)):
                more += int(rng.integers(0, 3))
                lags[i] += more
            design = replace(design, hardware=replace(design.hardware, lags=tuple(lags)))
        return design


def random_slots(rng: np.random.Generator, design: Design, count: int) -> Slots:
    """Slots of all kinds, in runs of random length, with rates of their own."""
    kinds = np.repeat(
        rng.choice((EMPTY, TRAIN, TRAIN, TRAIN, INFER), count), rng.integers(1, 5, count)
    )[:count]
    labels = rng.integers(0, design.network.classes, count)
    labels[(kinds != TRAIN) & (rng.random(count) < 0.3)] = design.network.classes  # none
    return Slots(
        features=rng.integers(0, 256, (count, design.network.inputs), dtype=np.uint8),
        labels=labels,
        kinds=kinds.astype(np.uint8),
        rate_shifts=rng.choice((0, 1, 2, 3, 4, 7, 8, 15), count),
    )


def _out_degree(rng: np.random.Generator, left: int, right: int) -> int:
    step = right // int(np.gcd(left, right))
    return step * int(rng.integers(1, right // step + 1))


def _lanes(rng: np.random.Generator, neurons: tuple, out_degree: list) -> tuple[int, ...] | None:
    z: list[int] = []
    step = 1  # neurons that the junction before finishes per clock
    for left, right, d_out in zip(neurons, neurons[1:], out_degree, strict=False):
        d_in = left * d_out // right
        valid = [
            d for d in divisors(left) if (d % d_in == 0 or d_in % d == 0) and d % step == 0
        ]
        if not valid:
            return None
        z.append(int(rng.choice(valid)))
        step = max(1, z[-1] // d_in)
    return tuple(z)


def _pattern(rng: np.random.Generator) -> PatternSettings:
    kind = int(rng.integers(1, 4))
    return PatternSettings(
        kind=kind,
        sweeps_per_start=int(rng.integers(1, 4)) if kind == 2 else 1,
        dither=bool(rng.random() < 0.4),
        seed=int(rng.integers(1 << 20)),
    )
