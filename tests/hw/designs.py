"""Small designs for the hardware's tests: cheap to simulate, each with corners of its own."""

from typing import Any

from sw.design.design import Design
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings, Stages

__all__ = ["corner_designs", "make", "quick"]


def make(
    name: str,
    neurons: tuple[int, ...],
    out_degree: tuple[int, ...],
    z: tuple[int, ...],
    *,
    activation: tuple[str, ...] = (),
    cost: str = "cross_entropy",
    kind: int = 2,
    sweeps_per_start: int = 1,
    dither: bool = False,
    seed: int = 1,
    inputs: int | None = None,
    classes: int | None = None,
    stages: tuple[int, ...] = (1, 2, 1),
    read: int = 2,
    lags: tuple[int, ...] = (),
    width: int = 10,
    integer_bits: int = 2,
    preactivation_integer_bits: int = 3,
    table_bits: int = 8,
    rounding: str = "nearest",
) -> Design:
    """A design from few words; all junctions share a kind of pattern. ``stages``: multiply, add, table (, chain)."""
    return Design(
        name=name,
        network=Network(
            neurons,
            neurons[0] if inputs is None else inputs,
            neurons[-1] if classes is None else classes,
            out_degree,
            activation or ("sigmoid",) * len(z),
            cost,
        ),
        pattern=(PatternSettings(kind=kind, sweeps_per_start=sweeps_per_start, dither=dither, seed=seed),) * len(z),
        arithmetic=Arithmetic(width, integer_bits, preactivation_integer_bits, table_bits, rounding),
        hardware=Hardware(z=z, stages=Stages(*stages, read=read), lags=lags),
    )


def quick(**changes) -> Design:
    """(6, 4, 4): groups of two clocks, rows that come back at once, two outputs per clock, padding."""
    facts: dict[str, Any] = {"kind": 1, "inputs": 5, "classes": 3, "rounding": "stochastic", "seed": 4}
    return make("quick", (6, 4, 4), (2, 2), (3, 4), **(facts | changes))


def corner_designs() -> list[Design]:
    """The narrowest and the widest numbers, single neurons, lanes and rows, every count of stages, long lags."""
    return [
        make(
            "narrowest", (4, 4, 2), (2, 2), (4, 2), width=4, integer_bits=1, preactivation_integer_bits=1, table_bits=4
        ),
        make(
            "no-integer-bits", (4, 4, 2), (2, 2), (2, 2), activation=("relu", "sigmoid"), width=6, integer_bits=0,
            preactivation_integer_bits=0, table_bits=2, rounding="stochastic", read=1,
        ),
        make(
            "widest", (4, 4, 2), (2, 2), (4, 2), activation=("relu", "sigmoid"), width=18, integer_bits=4,
            preactivation_integer_bits=8, rounding="stochastic", stages=(4, 1, 2),
        ),
        make("one-lane", (3, 2, 2), (2, 2), (1, 1), kind=1, stages=(1, 8, 3), read=1),
        make(
            "one-row", (4, 4, 4), (2, 2), (4, 4), cost="quadratic", classes=3, activation=("relu", "sigmoid"), read=1,
        ),
        make("one-output", (6, 3, 1), (1, 1), (2, 1), cost="quadratic", integer_bits=0, rounding="stochastic"),
        make("one-of-each", (1, 1), (1,), (1,)),
        make(
            "long-lags", (6, 6, 3), (2, 1), (2, 2), kind=2, sweeps_per_start=2, classes=2, lags=(9, 4),
            rounding="stochastic", stages=(3, 2, 2), read=1,
        ),
        make("four-outputs", (4, 4, 8), (2, 4), (2, 4), kind=3, classes=7),
        make("dithered", (12, 8, 4), (2, 2), (6, 4), kind=1, dither=True, rounding="stochastic"),
        make(
            "dithered-relu", (6, 6, 3), (2, 1), (2, 6), dither=True, activation=("relu", "sigmoid"), cost="quadratic",
            read=1,
        ),
        make("dithered-row", (4, 4, 4, 2), (2, 2, 1), (4, 4, 4), kind=2, sweeps_per_start=2, dither=True),
        make("dithered-once", (6, 6, 4), (2, 2), (6, 3), kind=3, dither=True, stages=(2, 1, 2), seed=4),
        make("dithered-sums", (8, 6, 3), (3, 3), (2, 3), kind=1, dither=True, rounding="stochastic", read=1),
        make("two-hidden", (4, 3, 2, 2), (3, 2, 2), (2, 3, 1), activation=("relu", "sigmoid", "sigmoid")),
    ]
