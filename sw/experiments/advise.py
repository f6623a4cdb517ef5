"""Advice from what was measured: out-degrees, lanes, pattern and lambda for a network, each with its reason.

    python -m sw.experiments advise --neurons 784,112,10 --density 0.2 --clocks 200

Reasons come from the reports of `python -m sw.experiments ...`; those that are kept are in docs/experiments.
"""

import argparse
import heapq
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from sw.common.command import command
from sw.common.report import write_report
from sw.cost.balance import propose_z
from sw.design.errors import DesignError
from sw.experiments.finding import Finding
from sw.experiments.kept import MEASURED, data_of, kept
from sw.pattern.degrees import near_out_degrees, out_degrees, overall_density
from sw.sparse.errors import SparseError

__all__ = ["ABOUT", "Advice", "advise", "main"]

ABOUT = "out-degrees and z for a network, with reasons from what was measured (`advise --help`)"
_NO_LEAN = 1.0
_NEAR = 0.2  # logarithm of the factor by which an out-degree may differ for the sake of lanes
_TRIED = 400
#: what the reasons of a subject are: findings that test these claims of `sw.experiments.claims`
_SUBJECTS = {"pattern": ("clash-free", "type-3", "shared"), "lambda": ("lambda",), "inputs": ("inputs",),
             "width": ("large-sparse",)}


@dataclass(frozen=True)
class Advice:
    """``out_degrees`` per junction; ``z`` per junction or None where no speed was wished; ``reasons`` by subject."""

    neurons: tuple[int, ...]
    out_degrees: tuple[int, ...]
    densities: tuple[float, ...]
    density: float
    weights: int
    z: tuple[int, ...] | None
    reasons: dict[str, list[str]]


def advise(
    neurons: Sequence[int], density: float, *, clocks: int | None = None, multipliers: int | None = None,
    measured: Path = MEASURED,
) -> Advice:
    """What to choose for layers of ``neurons`` at an overall ``density``, and for a wished speed or size.

    Raises
    ------
    SparseError : a report in ``measured`` that is none.
    DesignError : a network, density or wish that cannot be; see `near_out_degrees`, `propose_z`.
    """
    reports = [report for _, report in kept(measured)]
    reasons: dict[str, list[str]] = {}
    near_out_degrees(neurons, density)  # refuses what is no network or density
    lean, reasons["out-degrees"] = _lean(reports, neurons, density)
    degrees, z = _with_lanes(neurons, near_out_degrees(neurons, density, lean), clocks, multipliers)
    real = float(overall_density(neurons, degrees))
    reasons["accuracy"] = _costs(reports, real)
    for subject, claims in _SUBJECTS.items():
        reasons[subject] = _findings(reports, claims)
    if z is not None:
        cycles = [left * d // lanes for left, d, lanes in zip(neurons[:-1], degrees, z, strict=True)]
        in_degrees = [left * d // right for left, right, d in zip(neurons[:-1], neurons[1:], degrees, strict=True)]
        wide = [n for n, (lanes, fan_in) in enumerate(zip(z, in_degrees, strict=True), 1) if lanes > fan_in]
        reasons["z"] = [f"junction cycles of {', '.join(map(str, cycles))} clocks; the longest is that of a sample"]
        reasons["z"] += [f"junction {n} has more lanes than an in-degree: dither it (docs/patterns.md)" for n in wide]
    layers = list(zip(neurons[:-1], neurons[1:], degrees, strict=True))
    return Advice(
        tuple(neurons), degrees, tuple(d / right for _, right, d in layers), real,
        sum(left * d for left, _, d in layers), z, {name: lines or ["not measured"] for name, lines in reasons.items()},
    )


def _with_lanes(
    neurons: Sequence[int], degrees: tuple[int, ...], clocks: int | None, multipliers: int | None
) -> tuple[tuple[int, ...], tuple[int, ...] | None]:
    """Out-degrees near those given, for which there are lanes as wished, and these.

    z must divide the left layer and be a divisor or a multiple of the in-degree, so that one out-degree can allow
    hundreds of lanes and the next one eight.
    """
    if clocks is None and multipliers is None:
        return degrees, None
    steps = [out_degrees(left, right) for left, right in pairwise(neurons)]
    near = [sorted((away, d) for d in allowed if (away := abs(math.log(d / wish))) <= _NEAR)
            for allowed, wish in zip(steps, degrees, strict=True)]
    activation = (*("relu",) * (len(neurons) - 2), "sigmoid")
    found, refused = [], None
    for chosen in islice(_nearest_first(near), _TRIED):
        try:
            z = propose_z(neurons, chosen, clocks=clocks, multipliers=multipliers, activation=activation)
        except DesignError as error:
            refused = refused or error  # of the nearest ones, which are those that were asked for
            continue
        if clocks is not None:
            return chosen, z
        cycle = max(left * d / lanes for left, d, lanes in zip(neurons[:-1], chosen, z, strict=True))
        found.append((cycle, len(found), chosen, z))
    if not found:
        assert refused is not None
        raise refused
    return min(found)[2:]


def _nearest_first(near: list[list[tuple[float, int]]]) -> Iterator[tuple[int, ...]]:
    """Every choice of one from each rising list of (away, out-degree), the smallest sums first, one at a time: five
    junctions of 5,040 neurons have more choices than fit in memory."""
    first = (0,) * len(near)
    heap, met = [(sum(options[0][0] for options in near), first)], {first}
    while heap:
        _, places = heapq.heappop(heap)
        yield tuple(options[i][1] for options, i in zip(near, places, strict=True))
        for junction, place in enumerate(places):
            later = (*places[:junction], place + 1, *places[junction + 1 :])
            if place + 1 < len(near[junction]) and later not in met:
                met.add(later)
                heapq.heappush(heap, (sum(options[i][0] for options, i in zip(near, later, strict=True)), later))


def _lean(reports: list[dict[str, Any]], neurons: Sequence[int], density: float) -> tuple[float, list[str]]:
    """How much denser each junction should be than the one before: what did best at the nearest density.

    What a dense last junction takes from the others hangs on how large it is. So of several measured networks that
    one decides in which it has the most similar share of the weights.
    """
    found = []
    for name, rows in _densities(reports):
        by_lean = {lean: min((r for r in rows if r["lean"] == lean), key=lambda r: _away(r, density))
                   for lean in {r["lean"] for r in rows}}
        if len(by_lean) < 2:
            continue
        equal, (lean, other) = by_lean[_NO_LEAN], max(one for one in by_lean.items() if one[0] != _NO_LEAN)
        own, share = _last_share(neurons), _last_share([int(size) for size in equal["neurons"].split("-")])
        line = (f"{name}: {_accuracy(other)} with junctions {lean:g} times as dense as the one before "
                f"({other['density']:.1%} in all), {_accuracy(equal)} with equal ones ({equal['density']:.1%})")
        why = (f"{name} decides: there the last junction has {share:.1%} of the weights of a fully connected network, "
               f"here {own:.1%}")
        better = other["test_accuracy"] > equal["test_accuracy"]
        found.append((abs(math.log(share / own)), name, line, lean if better else _NO_LEAN, why))
    if not found:
        return _NO_LEAN, []
    found.sort()
    _, _, _, decided, why = found[0]
    return decided, [line for _, _, line, _, _ in found] + ([why] if len(found) > 1 else [])


def _last_share(neurons: Sequence[int]) -> float:
    """Of the last junction, of the weights of a fully connected network."""
    return neurons[-2] * neurons[-1] / sum(left * right for left, right in pairwise(neurons))


def _costs(reports: list[dict[str, Any]], density: float) -> list[str]:
    lines = []
    for name, rows in _densities(reports):
        full = max(rows, key=lambda r: r["density"])
        if density == 1:
            lines.append(f"{name}: {_accuracy(full)} fully connected")
            continue
        near = min((r for r in rows if r is not full), key=lambda r: (round(_away(r, density), 1), -r["test_accuracy"]))
        lines.append(f"{name}: {_accuracy(near)} at {near['density']:.1%} ({near['neurons']}), "
                     f"{full['test_accuracy'] - near['test_accuracy']:.2f} points less than fully connected")
    return lines


def _densities(reports: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for report in reports:
        if report["experiment"] == "density":
            yield data_of(report), report["rows"]


def _findings(reports: list[dict[str, Any]], claims: tuple[str, ...]) -> list[str]:
    return [f"{data_of(report)}: {Finding.of(record)}" for report in reports for record in report["findings"]
            if record["claim"] in claims]


def _away(row: dict[str, Any], density: float) -> float:
    return abs(math.log(row["density"] / density))


def _accuracy(row: dict[str, Any]) -> str:
    half = row["test_interval"]
    return f"{row['test_accuracy']:.2f} %" if half is None else f"{row['test_accuracy']:.2f} ± {half:.2f} %"


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 done, 2 it could not be done."""
    parser = argparse.ArgumentParser(prog="python -m sw.experiments advise", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--neurons", required=True, help="of each layer, such as 784,112,10")
    parser.add_argument("--density", type=float, required=True, help="share of the fully connected network's weights")
    parser.add_argument("--clocks", type=int, help="at most so many per sample: z with the fewest multipliers")
    parser.add_argument("--multipliers", type=int, help="at most so many: z with the fewest clocks")
    parser.add_argument("--measured", type=Path, default=MEASURED, help=f"folder of reports ({MEASURED})")
    parser.add_argument("--json", type=Path, help="file for the same as JSON")
    options = parser.parse_args(arguments)
    try:
        neurons = [int(size) for size in options.neurons.split(",")]
    except ValueError:
        raise SparseError(f"--neurons must be whole numbers with commas, got '{options.neurons}'") from None
    if options.clocks is not None and options.multipliers is not None:
        raise SparseError("--clocks and --multipliers are one wish each: give one of them")
    found = advise(neurons, options.density, clocks=options.clocks, multipliers=options.multipliers,
                   measured=options.measured)
    if options.json:
        write_report(options.json, {**vars(found), "z": found.z}, {"z": "no --clocks or --multipliers"})
    print(f"neurons {'-'.join(map(str, found.neurons))}: {found.weights:,} weights, {found.density:.1%}")
    print(f"out-degrees  {', '.join(map(str, found.out_degrees))}"
          f"  ({', '.join(f'{d:.1%}' for d in found.densities)})")
    print(f"z            {', '.join(map(str, found.z)) if found.z else 'for a speed give --clocks or --multipliers'}")
    for subject, lines in found.reasons.items():
        for number, line in enumerate(lines):
            print(f"{subject if number == 0 else '':<13}{line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
