"""What is printed of connection patterns, and of the degrees that a network can have."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import log2

from sw.app.pattern_pictures import Drawn
from sw.pattern.count import clash_free_networks
from sw.pattern.degrees import densities, out_degrees
from sw.pattern.scatter import scatter_of

__all__ = ["JunctionFacts", "degree_lines", "fact_lines", "facts", "overall"]

_PATHS_MAX = 1 << 24  # cells of a matrix up to which the scatter is worked out


@dataclass(frozen=True)
class JunctionFacts:
    """What is printed of a junction. ``z``, ``networks_log2``: None if it is not clash-free."""

    name: str
    left: int
    right: int
    weights: int
    density: float
    out_degree: tuple[int, int]  # least and largest
    in_degree: tuple[int, int]
    z: int | None
    networks_log2: float | None
    scatter_from_right: float | None
    scatter_from_left: float | None


def facts(network: Sequence[Drawn]) -> tuple[list[JunctionFacts], list[float]]:
    """Of every junction; and the scatter of all paths, from the outputs and from the inputs, empty for large layers."""
    small = all(d.edges.left * d.edges.right <= _PATHS_MAX for d in network)
    scatters = scatter_of([d.edges for d in network]) if small else []
    found = []
    for i, drawn in enumerate(network):
        edges, p = drawn.edges, drawn.pattern
        found.append(JunctionFacts(
            name=drawn.name, left=edges.left, right=edges.right, weights=edges.weights, density=edges.density,
            out_degree=(int(edges.out_degrees.min()), int(edges.out_degrees.max())),
            in_degree=(int(edges.in_degrees.min()), int(edges.in_degrees.max())),
            z=p.z if p else None, networks_log2=_networks_log2(drawn),
            scatter_from_right=scatters[2 * i] if small else None,
            scatter_from_left=scatters[2 * i + 1] if small else None,
        ))
    return found, scatters[2 * len(network):]


def _networks_log2(drawn: Drawn) -> float | None:
    p = drawn.pattern
    if p is None:
        return None
    return log2(clash_free_networks(
        p.kind, p.left, p.right, p.out_degree, p.z, sweeps_per_start=p.sweeps_per_start, dither=p.orders is not None
    ))


def degree_lines(neurons: Sequence[int]) -> list[str]:
    """Degrees and densities that each junction can have; of many, the first and the last."""
    lines = []
    for i, (left, right) in enumerate(pairwise(neurons), 1):
        allowed = out_degrees(left, right)
        some = [f"{d} ({_percent(rho)})" for d, rho in zip(allowed, densities(left, right), strict=True)]
        if len(some) > 12:
            some = [*some[:6], "...", *some[-2:]]
        lines.append(f"junction {i}, {left} to {right}: out-degrees are multiples of {allowed.step}, "
                     f"{len(allowed)} in all: {', '.join(some)}")
    return lines


def fact_lines(found: Sequence[JunctionFacts], paths: Sequence[float]) -> list[str]:
    """What ``facts`` has found: one line per junction, and one for the network if it has several."""
    lines = []
    for f in found:
        degrees = ", ".join(f"{side}-degree {low}" if low == high else f"{side}-degree {low} to {high}"
                            for side, (low, high) in (("out", f.out_degree), ("in", f.in_degree)))
        parts = [f"{f.left} to {f.right}, {degrees}, {f.weights:,} weights ({_percent(f.density)})"]
        if f.networks_log2 is not None:
            parts.append(f"z {f.z}, {_networks(f.networks_log2)}")
        if f.scatter_from_right is not None:
            parts.append(f"scatter {f.scatter_from_right:.3f} from the right, {f.scatter_from_left:.3f} from the left")
        lines.append(f"{f.name}: {'; '.join(parts)}")
    if len(found) > 1:
        weights = sum(f.weights for f in found)
        line = f"network: {weights:,} weights ({_percent(overall(found))})"
        if paths:
            line += f"; scatter of the paths {paths[0]:.3f} from the outputs, {paths[1]:.3f} from the inputs"
        lines.append(line)
    return lines


def _networks(found: float) -> str:
    if found < 40:
        return f"{round(2**found):,} network{'s' if found else ''}"
    return f"2^{found:.1f} networks"


def _percent(share: float | Fraction) -> str:
    return f"{100 * float(share):.4g} %"


def overall(found: Sequence[JunctionFacts]) -> float:
    """Density of the whole network."""
    return sum(f.weights for f in found) / sum(f.left * f.right for f in found)
