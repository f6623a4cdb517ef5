"""What a design reaches of all that designs can be: the rows of the coverage table that a design alone decides."""

from dataclasses import replace
from itertools import product

import numpy as np

from sw.design import lfsr
from sw.design.design import Design, Junction
from sw.design.schedule import Schedule

__all__ = ["CELLS", "WIDTHS", "activation_latencies", "cell", "comes_back", "reached", "relation", "rows"]

RELATIONS = ("<", "=", ">")
CELLS = tuple(product((1, 2, 3), (False, True), RELATIONS))
"""Type of pattern, dithering, z against the in-degree."""
WIDTHS = range(4, 19)


def relation(lanes: int, in_degree: int) -> str:
    return "<" if lanes < in_degree else "=" if lanes == in_degree else ">"


def cell(kind: int, dither: bool, sign: str) -> str:
    """The row of a cell."""
    return f"type {kind}, {'dithered' if dither else 'lanes in order'}, z {sign} d_in"


def comes_back(kind: int, dither: bool) -> str:
    """The row of designs in which a partial left delta is wanted again in the next clock."""
    return f"row comes back in the next clock, type {kind}" + ", dithered" * dither


#: the rows of designs in which one is wanted again in the clock after the next
TWO_CLOCKS = ("row comes back after two clocks, D = 2", "row comes back after two clocks, D > 2")


def rows() -> list[str]:
    """Every row, as the table has them."""
    return [
        *(cell(*one) for one in CELLS),
        *(f"L = {count}" for count in range(1, 5)),
        "D = 1",
        "D = 2",
        *(comes_back(kind, dither) for kind in (1, 2) for dither in (False, True)),
        *TWO_CLOCKS,
        "sweeps that share a start",
        "out-degree 1 in BP",
        "in-degree of 32 or more",
        "C_i unbalanced",
        "a junction idles, C_i < C",
        "C padded, C > max C_i",
        "activation latency > C",
        "lags longer than needed",
        "several LFSRs in a junction",
        "hidden layer sigmoid",
        "hidden layer ReLU",
        "cost cross-entropy",
        "cost quadratic",
        "rounding nearest",
        "rounding stochastic",
        *(f"width {width}" for width in WIDTHS),
        "no integer bits",
        "pre-activation of more integer bits",
        "table smaller than the pre-activation",
        "table of every pre-activation",
        "one output neuron",
        "padding outputs",
        "padding features",
        "several features per beat",
        "several output beats per result",
        *(f"multiplier of {count} registers" for count in range(1, 5)),
        *(f"{count} adder levels per register" for count in range(1, 4)),
        *(f"table of {count} registers" for count in range(1, 4)),
        *(f"reads of {count} clocks" for count in (1, 2)),
        "products not chained",
        "chains of products, and a tree over them",
    ]


def reached(design: Design) -> set[str]:
    """The rows that a design reaches."""
    schedule, arithmetic, network = Schedule.of(design), design.arithmetic, design.network
    stages, junctions = design.hardware.stages, design.junctions
    clocks = {j.clocks for j in junctions}
    found = {
        f"L = {len(junctions)}",
        f"cost {network.cost.replace('_', '-')}",
        f"rounding {arithmetic.rounding}",
        f"width {arithmetic.width}",
        f"multiplier of {stages.multiply} registers",
        f"{stages.add} adder levels per register",
        f"table of {stages.table} registers",
        f"reads of {stages.read} clocks",
    }
    found |= {f"hidden layer {'ReLU' if name == 'relu' else name}" for name in network.activation[:-1]}
    found |= {f"D = {j.depth}" for j in junctions if j.depth <= 2}
    for j, settings in zip(junctions, design.pattern, strict=True):
        dithered = _permuted(j)
        if dithered == settings.dither and (j.z > 1 or j.in_degree > 1):
            found.add(cell(settings.kind, dithered, relation(j.z, j.in_degree)))
        if j.index > 1 and settings.kind < 3 and _comes_back(j):
            found.add(comes_back(settings.kind, dithered))
        if j.index > 1 and _comes_back(j, clocks=2):
            found.add(TWO_CLOCKS[j.depth > 2])
    rest = {
        "sweeps that share a start": any(
            p.sweeps_per_start > 1 and j.out_degree > 1 for p, j in zip(design.pattern, junctions, strict=True)
        ),
        "out-degree 1 in BP": any(j.out_degree == 1 for j in junctions[1:]),
        "in-degree of 32 or more": any(j.in_degree >= 32 for j in junctions),
        "C_i unbalanced": len(clocks) > 1,
        "a junction idles, C_i < C": min(clocks) < schedule.clocks,
        "C padded, C > max C_i": schedule.clocks > schedule.balanced_clocks,
        "activation latency > C": max(activation_latencies(schedule)) > schedule.clocks,
        "lags longer than needed": _longer_lags(design),
        "several LFSRs in a junction": arithmetic.rounding == "stochastic"
        and any(lfsr.groups(j.z) > 1 for j in junctions),
        "no integer bits": arithmetic.integer_bits == 0,
        "pre-activation of more integer bits": arithmetic.preactivation_integer_bits > arithmetic.integer_bits,
        "table smaller than the pre-activation": arithmetic.index_bits < arithmetic.preactivation.width,
        "table of every pre-activation": arithmetic.index_bits == arithmetic.preactivation.width,
        "one output neuron": network.neurons[-1] == 1,
        "padding outputs": network.classes < network.neurons[-1],
        "padding features": network.inputs < network.neurons[0],
        "several features per beat": schedule.features_per_beat > 1,
        "several output beats per result": junctions[-1].per_clock < junctions[-1].right,
        "products not chained": stages.chain == 1 and any(_lanes(j) > 1 for j in junctions),
        "chains of products, and a tree over them": any(1 < stages.chain < _lanes(j) for j in junctions),
    }
    return found | {name for name, holds in rest.items() if holds}


def activation_latencies(schedule: Schedule) -> list[int]:
    """Per junction the clocks from reading a weight until its right neuron's activation can be read.

    Of the last junction: until its output delta can be read.
    """
    return [
        (st.output_delta if j.last else st.written) + 1 - st.address
        for st, j in zip(schedule.stages, schedule.design.junctions, strict=True)
    ]


def _lanes(j: Junction) -> int:
    """Products that are summed in one clock."""
    return min(j.z, j.in_degree)


def _permuted(j: Junction) -> bool:
    return bool((j.pattern.banks != np.arange(j.z)).any())


def _comes_back(j: Junction, clocks: int = 1) -> bool:
    """Whether some bank is asked for the same row so many clocks later, which only the border of sweeps can do."""
    return j.depth > 1 and bool((j.pattern.rows[:-clocks] == j.pattern.rows[clocks:]).any())


def _longer_lags(design: Design) -> bool:
    given = design.hardware.lags
    if not given:
        return False
    least = Schedule.of(replace(design, hardware=replace(design.hardware, lags=()))).lags
    return any(a > b for a, b in zip(given, least, strict=True))
