"""Right neurons with edges of two sweeps that are drawn independently: how many ways there are, and one of them.

A pattern is a chain of groups of sweeps; those of a group are alike (type 1: a sweep each, type 2: those of a start
vector, type 3: all). d_in <= N_left, so a right neuron has slots of two sweeps at most. Where d_in does not divide the
slots before a group, one right neuron straddles: it has the last ``tail`` slots of the group before and the first
``head`` ones of this group, tail + head = d_in. In a bank it takes the last T rows of the one and the first H of the
other; they must differ, and nothing else ties groups together. Choices:

- type 1: rows for the first H clocks from D - T others, the rest in any order: (D-T)! / (D-T-H)! * (D-H)!
- type 2: the first row 0 to D-T-H after the one that would go on counting; any of the D rows if T or H is 0
- dithering gives the banks other lanes. With tail = q z + r, the last r lanes have T = q + 1, the others q; with
  head = p z + s, the first s lanes have H = p + 1, the others p. If j of the r banks with the longer T are among the
  s with the longer H: C(r, j) C(z-r, s-j) s! (z-s)! orders, and all of them leave the same number of choices of rows,
  the product over the banks. A bank that is longer on both sides may have none, where q + p = D - 1; then j is 0.

None of these numbers depends on which rows and lanes the group before has; so if each group is drawn uniformly after
the one before, all patterns are equally likely. None is 0: the group before once more is always a choice, as d_in <=
N_left slots in a row are then of different left neurons.
"""

from dataclasses import dataclass
from functools import cached_property
from math import comb, factorial, gcd, perm, prod

import numpy as np

__all__ = ["Straddle"]


@dataclass(frozen=True)
class Straddle:
    """The start of a group of sweeps of kind 1, 2 or 3, after ``before`` slots of the groups before."""

    kind: int
    left: int
    in_degree: int
    z: int
    dither: bool
    before: int

    @property
    def tail(self) -> int:
        """Slots that the straddling neuron has before; 0 if there is none."""
        return self.before % self.in_degree

    @property
    def head(self) -> int:
        """Slots that the straddling neuron has in this group."""
        return -self.before % self.in_degree

    @property
    def depth(self) -> int:
        return self.left // self.z

    def choices(self) -> int:
        """Ways to draw the group, after any one before it."""
        if not self.dither:
            return prod(map(self._rows, *(lanes.tolist() for lanes in self._lanes)))
        scale, weights = self._overlaps
        longer = self.head % self.z
        return sum(weights.values()) * scale**self.z * factorial(longer) * factorial(self.z - longer)

    def draw(self, rng: np.random.Generator, rows: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """One of these ways, all equally likely: the group's rows and its order of the lanes, after those given.

        ``rows``: kind 1 (D, z), of every clock and bank; kinds 2 and 3 (z,), the start rows. ``order``: (z,).
        """
        tails, heads = np.empty((2, self.z), dtype=np.int64)  # T and H of every bank
        tails[order] = self._lanes[0]
        if self.dither:
            order = self._draw_order(rng, order)
        heads[order] = self._lanes[1]
        if self.kind != 1:
            starts = np.where((tails > 0) & (heads > 0), self.depth - tails - heads + 1, self.depth)
            return (rows + rng.integers(0, starts)) % self.depth, order
        clock = np.arange(self.depth)[:, None]
        # the rows by their old clocks, the last T behind the others; the first H stay, those behind them are shuffled
        ranked = np.argsort(rng.random(rows.shape) + (clock >= self.depth - tails), axis=0)
        shuffle = np.argsort(np.where(clock < heads, clock - self.depth, rng.random(rows.shape)), axis=0)
        return np.take_along_axis(rows, np.take_along_axis(ranked, shuffle, axis=0), axis=0), order

    def _draw_order(self, rng: np.random.Generator, order: np.ndarray) -> np.ndarray:
        _, weights = self._overlaps
        total = sum(weights.values())
        both = rng.choice(list(weights), p=[weight / total for weight in weights.values()])
        shorter, longer = self.z - self.tail % self.z, self.head % self.z
        short, long = rng.permutation(order[:shorter]), rng.permutation(order[shorter:])
        first = np.concatenate([short[: longer - both], long[:both]])
        rest = np.concatenate([short[longer - both :], long[both:]])
        return np.concatenate([rng.permutation(first), rng.permutation(rest)])

    @property
    def _lanes(self) -> tuple[np.ndarray, np.ndarray]:
        """(z,) each: T and H of every lane."""
        lane = np.arange(self.z)
        return (self.tail + lane) // self.z, (self.head + self.z - 1 - lane) // self.z

    def _rows(self, tail: int, head: int) -> int:
        """Choices of rows in a bank with that T and H."""
        if self.kind == 1:
            return perm(self.depth - tail, head) * factorial(self.depth - head)
        return self.depth - tail - head + 1 if tail and head else self.depth

    @cached_property
    def _overlaps(self) -> tuple[int, dict[int, int]]:
        """``scale``, and for every j the choices of the banks with the longer H, times those of rows / scale^z."""
        (q, r), (p, s) = divmod(self.tail, self.z), divmod(self.head, self.z)
        rows = [self._rows(t, h) for t in (q, q + (r > 0)) for h in (p, p + (s > 0))]
        scale = gcd(*rows)
        neither, late, early, both = (n // scale for n in rows)
        return scale, {
            j: comb(r, j) * comb(self.z - r, s - j)
            * both**j * early ** (r - j) * late ** (s - j) * neither ** (self.z - r - s + j)
            for j in range(max(0, r + s - self.z), min(r, s) + 1)
        }  # fmt: skip
