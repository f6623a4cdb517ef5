"""Clash-free connection patterns (interleavers) of one junction.

Left neuron n lives in bank n % z, row n // z; there are D = N_left / z rows. In clock c of a junction
cycle row ``rows[c, b]`` of bank b is read, and lane k gets bank b = ``banks[c, k]``, so weight c*z + k joins
left neuron rows[c, b]*z + b to right neuron (c*z + k) // d_in. One pass over all D rows is a sweep; a
junction cycle is d_out sweeps. Without dithering lane k gets bank k; with it, each sweep has an order of its own.
Every valid pattern of a kind is equally likely to be drawn, and there always is one (sw/pattern/straddle.py).
Source of the three types: S. Dey et al., "Interleaver design for deep neural networks", ACSSC 2017.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sw.pattern.errors import PatternError
from sw.pattern.interleaver import check_slots
from sw.pattern.straddle import Straddle

__all__ = ["Pattern", "make_pattern"]


@dataclass(frozen=True)
class Pattern:
    """Rows of the banks, clock by clock, and the banks of the lanes, sweep by sweep.

    ``kind`` 1: ``table`` is (D * d_out, z), the row of every clock and bank, each sweep a permutation.
    ``kind`` 2 or 3: ``table`` is (start vectors, z); sweep s starts at ``table[s // sweeps_per_start]``
    and then counts up by one modulo D. Kind 3 has one start vector.

    ``orders``, with dithering: (orders, z), the bank of every lane in sweep s is ``orders[s // sweeps_per_start]``.
    """

    kind: int
    sweeps_per_start: int
    left: int
    right: int
    out_degree: int
    z: int
    table: np.ndarray
    orders: np.ndarray | None = None

    @property
    def depth(self) -> int:
        """D, rows of a bank."""
        return self.left // self.z

    @property
    def in_degree(self) -> int:
        return self.left * self.out_degree // self.right

    @property
    def clocks(self) -> int:
        """Clocks of a junction cycle, d_out sweeps of D clocks."""
        return self.depth * self.out_degree

    @cached_property
    def rows(self) -> np.ndarray:
        """(clocks, z) int64: the row of each bank that is read in each clock."""
        if self.kind == 1:
            return self.table
        clock = np.arange(self.clocks)
        sweep, step = clock // self.depth, clock % self.depth
        return (self.table[sweep // self.sweeps_per_start] + step[:, None]) % self.depth

    @cached_property
    def banks(self) -> np.ndarray:
        """(clocks, z) int64: the bank of each lane in each clock."""
        if self.orders is None:
            return np.broadcast_to(np.arange(self.z), (self.clocks, self.z))
        return self.orders[np.arange(self.clocks) // self.depth // self.sweeps_per_start]

    @cached_property
    def left_of(self) -> np.ndarray:
        """(weights,) int64: left neuron of every weight, in slot order."""
        return (np.take_along_axis(self.rows, self.banks, axis=1) * self.z + self.banks).reshape(-1)

    def check(self) -> None:
        """Exhaustive check: the tables' shapes; no clash, every sweep complete, no edge twice (``check_slots``)."""
        shared = -(-self.out_degree // self.sweeps_per_start)  # sets of sweeps that share start rows and order
        for name, array, length, most in (
            ("table", self.table, self.clocks if self.kind == 1 else shared, self.depth),
            ("orders", self.orders, shared, self.z),
        ):
            if array is None:
                continue
            fits = array.shape == (length, self.z) and array.dtype == np.int64
            if not fits or array.min() < 0 or array.max() >= most:
                got = f"{array.min()}..{array.max()}" if fits else f"shape {array.shape} of {array.dtype}"
                raise PatternError(f"pattern: {name} must be {(length, self.z)} integers 0..{most - 1}, got {got}")
        check_slots(self.left_of, left=self.left, right=self.right, z=self.z)


def make_pattern(
    *, kind: int, left: int, right: int, out_degree: int, z: int, seed: int, junction: int, sweeps_per_start: int = 1,
    dither: bool = False, local: bool = False, drawn: tuple[np.ndarray, np.ndarray | None] | None = None,
) -> Pattern:
    """Draw the pattern of ``junction`` (1..L) from ``seed`` and check it.

    ``sweeps_per_start`` applies to kind 2; kind 3 is kind 2 whose sweeps all share one start vector. With
    ``dither`` those sweeps also share an order of the lanes. ``local`` (kind 2, start vectors of one sweep, no dither):
    each right neuron has left neurons in a row. ``drawn``: table and orders, where they are given and not
    drawn.
    """
    share = {1: 1, 2: sweeps_per_start, 3: out_degree}[kind]
    rng = np.random.Generator(np.random.PCG64([seed, junction]))
    if local and (kind, sweeps_per_start, dither) != (2, 1, False):
        raise PatternError(
            "a local pattern needs kind 2 with a start vector for every sweep and without dithering; got kind "
            f"{kind}, {sweeps_per_start} sweeps per start vector, {'' if dither else 'no '}dithering"
        )
    if drawn is None and local:
        drawn = _draw_local(rng, left, right, out_degree, z), None
    elif drawn is None:
        drawn = _draw(rng, kind, left, right, out_degree, z, share, dither)
    pattern = Pattern(kind, share, left, right, out_degree, z, *drawn)
    pattern.check()
    return pattern


def _draw(
    rng: np.random.Generator, kind: int, left: int, right: int, out_degree: int, z: int, share: int, dither: bool
) -> tuple[np.ndarray, np.ndarray | None]:
    """Table and orders of a pattern whose sweeps share them ``share`` at a time."""
    depth, groups, dithered = left // z, -(-out_degree // share), dither and z > 1
    if kind == 1:
        table = rng.permuted(np.tile(np.arange(depth)[None, :, None], (groups, 1, z)), axis=1)
    else:
        table = rng.integers(0, depth, size=(groups, z))
    orders = np.tile(np.arange(z), (groups, 1))
    if dithered:
        orders = rng.permuted(orders, axis=1)
    for group in range(1, groups):
        straddle = Straddle(kind, left, left * out_degree // right, z, dither, before=group * share * left)
        if straddle.tail:
            table[group], orders[group] = straddle.draw(rng, table[group - 1], orders[group - 1])
    return table.reshape(-1, z), orders if dithered else None


def _draw_local(rng: np.random.Generator, left: int, right: int, out_degree: int, z: int) -> np.ndarray:
    """Start rows of sweeps that read the left layer in its order, each from another neuron on (and round its end).

    Whole right neurons fit in a sweep, so neuron r of a sweep from neuron s on has s + r * d_in and those that follow.
    d_in starts give different neurons; only if there are more sweeps, some start alike.
    """
    d_in = left * out_degree // right
    if left % d_in or d_in % z:
        raise PatternError(
            f"a local pattern needs an in-degree that divides its {left} left neurons and is a multiple of z; got "
            f"in-degree {d_in}, z {z}"
        )
    start = rng.permutation(d_in)[np.arange(out_degree) % d_in]
    # banks whose neuron of the first row comes before the start have been left behind: they begin a row later
    return (start[:, None] // z + (np.arange(z) < start[:, None] % z)) % (left // z)
