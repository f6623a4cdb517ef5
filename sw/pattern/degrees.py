"""Which degrees and densities a junction can have.

A structured junction gives every left neuron ``out_degree`` edges and every right neuron ``in_degree``; so
left * out_degree = right * in_degree, and with g = gcd(left, right) the densities are k/g, k = 1..g. Source: S. Dey
et al., "Pre-defined sparse neural networks with hardware acceleration", JETCAS 2019.

Densities are exact fractions; a float stands for the fraction it was rounded from.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, gcd

from sw.pattern.errors import PatternError

__all__ = [
    "check_out_degree",
    "densities",
    "divisors",
    "edges_at",
    "in_degree",
    "near_out_degrees",
    "near_out_degrees_of",
    "nearest_out_degree",
    "out_degree_at",
    "out_degrees",
    "overall_density",
    "weights",
]

# A float that was computed as k/g is this near to it, relatively; far below the spacing of any real densities.
_ROUNDING = Fraction(1, 10**12)


def divisors(n: int) -> list[int]:
    """All divisors of n >= 1, rising."""
    return [d for d in range(1, n + 1) if n % d == 0]


def _check_sizes(left: int, right: int) -> None:
    if left < 1 or right < 1:
        raise PatternError(f"a junction needs at least 1 neuron on each side, got {left} and {right}")


def _exact(density: float | Fraction) -> Fraction:
    if not 0 < density <= 1:  # also refuses nan
        raise PatternError(f"a density must be above 0 and at most 1, got {density}")
    return Fraction(density)


def out_degrees(left: int, right: int) -> range:
    """All out-degrees that give every right neuron the same in-degree, rising."""
    _check_sizes(left, right)
    step = right // gcd(left, right)
    return range(step, right + 1, step)


def densities(left: int, right: int) -> list[Fraction]:
    """All densities of a structured junction, rising: k/g, each that of the same entry of ``out_degrees``."""
    return [Fraction(d, right) for d in out_degrees(left, right)]


def check_out_degree(left: int, right: int, out_degree: int, name: str = "the out-degree") -> None:
    """Raise PatternError, with ``name`` for what was wrong, if the junction cannot have this out-degree."""
    allowed = out_degrees(left, right)
    if out_degree not in allowed:
        raise PatternError(
            f"{name} must be a multiple of {allowed.step} up to {right}, so that "
            f"{left} * out-degree divides by {right}; got {out_degree}"
        )


def in_degree(left: int, right: int, out_degree: int) -> int:
    """Edges of every right neuron. PatternError if ``out_degree`` is none of ``out_degrees(left, right)``."""
    check_out_degree(left, right, out_degree)
    return left * out_degree // right


def nearest_out_degree(left: int, right: int, density: float | Fraction) -> int:
    """The allowed out-degree whose density is nearest; of two equally near ones the larger."""
    wanted, allowed = _exact(density), out_degrees(left, right)
    return max(1, floor(wanted * len(allowed) + Fraction(1, 2))) * allowed.step


def out_degree_at(left: int, right: int, density: float | Fraction) -> int:
    """The out-degree of exactly this density. PatternError names the nearest ones where there is none."""
    nearest, wanted = nearest_out_degree(left, right, density), _exact(density)
    found = Fraction(nearest, right)
    if abs(found - wanted) > _ROUNDING * found:
        step = out_degrees(left, right).step
        below = floor(wanted * (right // step)) * step
        near = [d for d in (below, below + step) if 1 <= d <= right]
        raise PatternError(
            f"a structured junction of {left} and {right} neurons has the densities k/{right // step}, not {density}; "
            f"near it: {', '.join(f'{d / right:.6g} (out-degree {d})' for d in near)}"
        )
    return nearest


def edges_at(left: int, right: int, density: float | Fraction) -> int:
    """Edges of a random junction: ceil(density * left * right)."""
    _check_sizes(left, right)
    exact = _exact(density) * left * right
    nearest = round(exact)
    return nearest if nearest and abs(exact - nearest) <= _ROUNDING * nearest else ceil(exact)


def weights(neurons: Sequence[int], out_degree: Sequence[int]) -> tuple[int, ...]:
    """Weights of every junction of a network. PatternError if a junction cannot have its out-degree."""
    if len(neurons) < 2 or len(out_degree) != len(neurons) - 1:
        raise PatternError(
            f"{len(neurons)} layers, {list(neurons)}, need one out-degree per junction, got {list(out_degree)}"
        )
    for i, d in enumerate(out_degree, 1):
        check_out_degree(neurons[i - 1], neurons[i], d, f"junction {i}: the out-degree")
    return tuple(left * d for left, d in zip(neurons[:-1], out_degree, strict=True))


def overall_density(neurons: Sequence[int], out_degree: Sequence[int]) -> Fraction:
    """Weights of the network per weight of the fully connected one; biases do not count."""
    full = sum(left * right for left, right in pairwise(neurons))
    return Fraction(sum(weights(neurons, out_degree)), full)


def near_out_degrees(neurons: Sequence[int], density: float | Fraction, lean: float = 1) -> tuple[int, ...]:
    """Out-degrees of a network with an overall density near ``density``: `near_out_degrees_of` its junctions.

    See ``overall_density`` for what has come of it.
    """
    if len(neurons) < 2 or min(neurons) < 1:
        raise PatternError(f"a network needs at least 2 layers of at least 1 neuron, got {list(neurons)}")
    return near_out_degrees_of(list(pairwise(neurons)), density, lean)


def near_out_degrees_of(
    junctions: Sequence[tuple[int, int]], density: float | Fraction, lean: float = 1
) -> tuple[int, ...]:
    """Out-degrees of junctions, each (left, right), that have together about ``density`` of all weights.

    Each junction is about ``lean`` times as dense as the one before, and no more than fully connected: above 1, later
    junctions are denser. Junctions are rounded to what they can have, those of the fewest weights first, and the next
    ones make up for it.
    """
    wanted = _exact(density)
    if not 0 < lean < float("inf"):
        raise PatternError(f"a junction's density by that of the one before must be above 0, got {lean}")
    for left, right in junctions:
        _check_sizes(left, right)
    full = [left * right for left, right in junctions]
    share = [Fraction(lean) ** i for i in range(len(full))]
    found: dict[int, int] = {}
    remaining, spare = set(range(len(full))), wanted * sum(full)
    while remaining:
        scale = spare / sum(share[i] * full[i] for i in remaining)
        # one that cannot be as dense as its share is fully connected; the others then share more
        i = min(remaining, key=lambda i: (share[i] * scale < 1, full[i], i))
        left, right = junctions[i]
        wish = min(share[i] * scale, Fraction(1))
        found[i] = nearest_out_degree(left, right, wish) if wish > 0 else out_degrees(left, right).step
        spare -= left * found[i]
        remaining.remove(i)
    return tuple(found[i] for i in range(len(full)))
