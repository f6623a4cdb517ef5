"""Draws the edges of a junction: at random, structured (fixed degrees), or clash-free of the types 1 to 3.

The same arguments give the same edges; seeds and junctions have streams of random numbers of their own.
"""

from fractions import Fraction

import numpy as np

from sw.pattern.clash_free import Pattern, make_pattern
from sw.pattern.degrees import check_out_degree, divisors, edges_at, in_degree, nearest_out_degree, out_degree_at
from sw.pattern.edges import Edges, edges_of
from sw.pattern.errors import PatternError

__all__ = ["KINDS", "clash_free", "draw", "random_edges", "structured_edges"]

KINDS = ("random", "structured", 1, 2, 3)


def _generator(seed: int, junction: int) -> np.random.Generator:
    if seed < 0:
        raise PatternError(f"a pattern's seed must be at least 0, got {seed}")
    return np.random.Generator(np.random.PCG64([seed, junction]))


def random_edges(left: int, right: int, edges: int, seed: int, junction: int = 1) -> Edges:
    """That many edges, each set of them equally likely. Neurons may have any degree, 0 included."""
    if not 1 <= edges <= left * right:
        raise PatternError(f"a junction of {left} and {right} neurons has 1..{left * right} edges, got {edges}")
    chosen = _generator(seed, junction).choice(left * right, edges, replace=False, shuffle=False)
    right_of, left_of = np.divmod(np.sort(chosen), left)
    return Edges(left, right, left_of, right_of)


def structured_edges(left: int, right: int, out_degree: int, seed: int, junction: int = 1) -> Edges:
    """Every left neuron has ``out_degree`` edges and every right neuron in_degree; which ones is random.

    Right neurons choose in turn among the left neurons that have edges left; one that has as many left as there are
    right neurons to come is chosen by all of these. That always ends well: by counting, never more than in_degree
    left neurons are so pressed, and never fewer than in_degree have edges left. Not all junctions of these degrees
    are equally likely.
    """
    fan_in = in_degree(left, right, out_degree)
    rng = _generator(seed, junction)
    spare = np.full(left, out_degree)
    left_of = np.empty((right, fan_in), dtype=np.int64)
    for neuron in range(right):
        # the fan_in smallest keys win: pressed ones always, exhausted ones never
        key = rng.random(left)
        key[spare == right - neuron] = -1
        key[spare == 0] = 2
        chosen = np.argpartition(key, fan_in - 1)[:fan_in]
        spare[chosen] -= 1
        left_of[neuron] = np.sort(chosen)
    return Edges(left, right, left_of.reshape(-1), np.repeat(np.arange(right), fan_in))


def clash_free(
    kind: int, left: int, right: int, out_degree: int, z: int, *, sweeps_per_start: int = 1, dither: bool = False,
    local: bool = False, seed: int = 1, junction: int = 1,
) -> Pattern:
    """``make_pattern`` with its arguments checked: what a design's own rules check where there is a design."""
    check_out_degree(left, right, out_degree)
    if z < 1 or left % z:
        near = sorted(sorted(divisors(left), key=lambda d: abs(d - z))[:4])
        raise PatternError(f"z must divide the {left} left neurons; got {z}, nearest valid: {near}")
    if sweeps_per_start < 1 or (sweeps_per_start > 1 and kind != 2):
        raise PatternError(
            f"sweeps per start vector must be at least 1, and 1 but for kind 2; got {sweeps_per_start} with kind {kind}"
        )
    _generator(seed, junction)
    return make_pattern(
        kind=kind, left=left, right=right, out_degree=out_degree, z=z, seed=seed, junction=junction,
        sweeps_per_start=sweeps_per_start, dither=dither, local=local,
    )


def draw(
    kind: str | int, left: int, right: int, *, out_degree: int | None = None,
    density: float | Fraction | None = None, nearest: bool = False, z: int | None = None, sweeps_per_start: int = 1,
    dither: bool = False, local: bool = False, seed: int = 1, junction: int = 1,
) -> Edges:
    """The edges of a junction of ``left`` and ``right`` neurons.

    ``kind``: "random", edges anywhere, ceil(density * left * right) or left * out_degree of them; "structured", fixed
    in- and out-degree; 1, 2 or 3, clash-free of that type, the very edges of a design with these settings.
    Exactly one of ``out_degree`` and ``density`` (0 < density <= 1); with ``nearest``, a density that the junction
    cannot have becomes the nearest that it can. ``z``, ``sweeps_per_start``, ``dither`` and ``local``
    belong to the clash-free kinds, which need z. ``junction``: 1..L.

    Raises
    ------
    PatternError : unknown kind, degrees that do not divide, density that the junction cannot have or out of range,
        z that is missing, not wanted or does not divide ``left``; local without what that takes. All else has
        patterns, and one is drawn.
    """
    if kind not in KINDS:
        raise PatternError(f'a pattern\'s kind must be "random", "structured", 1, 2 or 3, got {kind!r}')
    if (out_degree is None) == (density is None):
        raise PatternError(f"give one of out_degree and density, got out_degree {out_degree} and density {density}")
    if isinstance(kind, str):
        if z is not None or sweeps_per_start != 1 or dither or local:
            raise PatternError(f'z, sweeps per start vector and dithering belong to the kinds 1 to 3, not to "{kind}"')
        if kind == "random":
            edges = edges_at(left, right, density) if density is not None else left * (out_degree or 0)
            return random_edges(left, right, edges, seed, junction)
    if density is not None:
        out_degree = (nearest_out_degree if nearest else out_degree_at)(left, right, density)
    assert out_degree is not None  # for the type checker
    if isinstance(kind, str):
        return structured_edges(left, right, out_degree, seed, junction)
    if z is None:
        raise PatternError(f"kind {kind} needs z, a divisor of the {left} left neurons: {divisors(left)}")
    pattern = clash_free(
        kind, left, right, out_degree, z, sweeps_per_start=sweeps_per_start, dither=dither, local=local, seed=seed,
        junction=junction,
    )
    return edges_of(pattern)
