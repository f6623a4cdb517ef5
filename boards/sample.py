"""Designs that the cost model is fitted to, and others to hold it against: mid-sized, of every kind."""

from itertools import pairwise
from pathlib import Path

import numpy as np

from sw.design.design import Design
from sw.design.files import load
from sw.design.multipliers import multiplier_groups
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings, Stages
from sw.pattern.degrees import divisors

__all__ = ["CALIBRATION", "HELD_OUT", "held_out_designs", "sample"]

# seeds; 139 has tables in plain logic, 142 and 179 rows that count up
CALIBRATION, HELD_OUT = (*range(100, 123), 139, 142, 179), range(5)
_SHIPPED = ("tiny", "digits", "odd", "mnist-arty", "mnist")
_FEWEST, _MOST = 20, 140  # multipliers
_SIZES = (8, 10, 12, 16, 20, 24, 32, 40, 48, 60, 64, 96, 128, 256)


def sample(seed: int) -> Design:
    """A random design of 20 to 140 multipliers, the same for the same seed."""
    rng = np.random.Generator(np.random.PCG64([seed, 11]))
    while True:
        design = _draw(rng, f"sample-{seed}")
        if design and _FEWEST <= sum(g.count for g in multiplier_groups(design)) <= _MOST and _whole(design):
            return design


def held_out_designs() -> list[Design]:
    """Five that ship and five samples; the cost model is fitted to none of them."""
    return [*(load(Path("designs") / f"{name}.toml") for name in _SHIPPED), *map(sample, HELD_OUT)]


def _whole(design: Design) -> bool:
    """Whether no right neuron has edges of two sweeps drawn independently. None had when the model was worked out."""
    return all(j.pattern.kind == 3 or j.left % j.in_degree == 0 for j in design.junctions)


def _draw(rng: np.random.Generator, name: str) -> Design | None:
    junctions = int(rng.choice([1, 2, 2, 2, 3]))
    hidden = sorted((int(n) for n in rng.choice(_SIZES, junctions)), reverse=True)
    neurons = [*hidden, int(rng.choice([4, 8, 10, 16]))]
    out_degree, z = [], []
    for i, (left, right) in enumerate(pairwise(neurons)):
        degrees = [d for d in range(1, right + 1) if left * d % right == 0]
        out_degree.append(int(rng.choice(degrees)))
        d_in = left * out_degree[i] // right
        done = max(1, z[-1] // (neurons[i - 1] * out_degree[i - 1] // left)) if z else 1
        lanes = [
            k for k in divisors(left) if (k % d_in == 0 or d_in % k == 0) and k % done == 0 and 4 <= k <= 48
            and 8 <= left * out_degree[i] // k <= 160
        ]  # fmt: skip
        if not lanes:
            return None
        z.append(int(rng.choice(lanes)))
    width = int(rng.integers(8, 17))
    integer_bits = int(rng.integers(1, 4))
    kind = int(rng.choice([1, 2, 2, 3]))
    dither = bool(rng.random() < 0.2)
    choices = (2, 2, 3, 4), (1, 1, 1, 2), (1, 2, 2), (4, 4, 2, 1), (2, 2, 2, 1)
    multiply, add, table, chain, read = (int(rng.choice(choice)) for choice in choices)
    return Design(
        name=name,
        network=Network(
            neurons=tuple(neurons),
            inputs=neurons[0],
            classes=neurons[-1],
            out_degree=tuple(out_degree),
            activation=(*(str(a) for a in rng.choice(["sigmoid", "sigmoid", "relu"], junctions - 1)), "sigmoid"),
            cost=str(rng.choice(["cross_entropy", "cross_entropy", "quadratic"])),
        ),
        pattern=(PatternSettings(kind=kind, dither=dither, seed=int(rng.integers(1000))),) * junctions,
        arithmetic=Arithmetic(
            width=width,
            integer_bits=integer_bits,
            preactivation_integer_bits=int(rng.integers(integer_bits, integer_bits + 3)),
            table_bits=int(rng.integers(7, 12)),
            rounding=str(rng.choice(["nearest", "stochastic", "stochastic"])),
        ),
        hardware=Hardware(
            z=tuple(z),
            stages=Stages(multiply, add, table, chain, read),
            lutram_rows=int(rng.choice([32, 64, 64, 128])),
            multipliers="dsp" if rng.random() < 0.5 else int(rng.integers(0, 60)),
        ),
    )
