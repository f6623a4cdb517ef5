"""Every pattern there is, one by one, built from the definition of the three types and of what is valid."""

from collections.abc import Iterator
from itertools import permutations, product
from math import factorial

__all__ = ["networks", "patterns", "sweeps_there_are"]


def sweeps_there_are(kind: int, left: int, z: int, dither: bool) -> int:
    """Choices that a sweep of this kind can make."""
    depth = left // z
    return (factorial(depth) if kind == 1 else depth) ** z * (factorial(z) if dither else 1)


def _sweeps(kind: int, left: int, z: int, dither: bool) -> Iterator[list[int]]:
    """Left neurons of a sweep in slot order, of every choice that it can make."""
    depth = left // z
    if kind == 1:
        columns = list(permutations(range(depth)))
    else:
        columns = [tuple((start + step) % depth for step in range(depth)) for start in range(depth)]
    for rows in product(columns, repeat=z):  # rows[b][clock]
        for banks in permutations(range(z)) if dither else [tuple(range(z))]:
            yield [rows[b][clock] * z + b for clock in range(depth) for b in banks]


def _groups(
    kind: int, left: int, right: int, out_degree: int, z: int, dither: bool, share: int, collapsed: bool = False,
) -> Iterator[list[tuple[int, tuple[int, ...]]]]:
    """Per group of sweeps that make the same choice: for every choice the edges, bits of a number, and the slots.

    Each sweep feeds the right neurons of its own slots. Choices that join neurons twice are left out, but for
    ``collapsed``.
    """
    fan_in = left * out_degree // right
    share = out_degree if kind == 3 else share
    choices = [tuple(choice) for choice in _sweeps(kind, left, z, dither)]
    for first in range(0, out_degree, share):
        sweeps = range(first, min(first + share, out_degree))
        slots = range(sweeps.start * left, sweeps.stop * left)
        group = []
        for choice in choices:
            bits = {1 << (e // fan_in * left + choice[e % left]) for e in slots}
            if collapsed or len(bits) == len(slots):
                group.append((sum(bits), choice * len(sweeps)))
        yield group


def networks(kind, left, right, out_degree, z, dither=False, share=1, collapsed=False) -> int:
    """Different adjacency matrices of all patterns; with ``collapsed`` also of those that join neurons twice.

    Prefixes of sweeps that make the same matrix are continued once.
    """
    seen = {0}
    for group in _groups(kind, left, right, out_degree, z, dither, share, collapsed):
        matrices = {edges for edges, _ in group}
        seen = {a | b for a in seen for b in matrices if collapsed or not a & b}
    return len(seen)


def patterns(kind, left, right, out_degree, z, dither=False, share=1) -> dict[tuple[int, ...], int]:
    """Left neurons in slot order, of every pattern that joins no neurons twice; and its edges, the bits of a number."""
    found = {(): 0}
    for group in _groups(kind, left, right, out_degree, z, dither, share):
        found = {slots + more: a | b for slots, a in found.items() for b, more in group if not a & b}
    return found
