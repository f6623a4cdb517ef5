"""A pattern as dense blocks: sets of left neurons that are fully connected to sets of right neurons.

Right neurons with the same left neurons make one block. In a type-3 pattern the right neurons of all sweeps at the same
place in their sweep do, so that there are N_left / d_in blocks of d_in x d_out; b sweeps that share a start vector give
blocks of d_in x b. Whether lanes are dithered, and whether an in-degree is more or less than the depth of the banks,
makes no difference. Where the in-degree does not divide N_left, a right neuron's weights straddle two sweeps, and left
neurons with the same right neurons can make the larger blocks, each right neuron then being part of several.

Everything is found from the edges, whatever has drawn them; an edge list whose slots come in sweeps is also cut where
sweeps stop sharing a start vector. Of these ways the one is taken that moves the fewest neurons in and out of blocks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sw.pattern.edges import Edges

__all__ = ["Stack", "decompose", "fixed_steps", "neurons_moved"]

Block = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Stack:
    """Equal blocks, for one batched product. Block n joins left neurons ``left[n]`` to right neurons ``right[n]``.

    ``left`` (blocks, i), ``right`` (blocks, o), ``weights`` (blocks, o, i): numbers of neurons and of edges, int64.
    """

    left: np.ndarray
    right: np.ndarray
    weights: np.ndarray

    @property
    def rows(self) -> np.ndarray | None:
        """(blocks * o,): row of each right neuron if the weights are read as rows of i, None if they are not rows."""
        first, size = self.weights[:, :, 0].reshape(-1), self.weights.shape[2]
        in_rows = (first % size == 0).all() and (np.diff(self.weights, axis=2) == 1).all()
        return first // size if in_rows else None


def decompose(edges: Edges) -> list[Stack]:
    """Stacks in which every edge is once; as many blocks as right neurons where nothing can be shared."""
    everything = np.arange(edges.weights)
    ways = [[everything]]
    groups = _sweep_groups(edges)
    if 1 < len(groups) < edges.weights // edges.left:  # else no two sweeps differ, or none share anything
        ways.append(groups)
    return min((_stacks(edges, parts) for parts in ways), key=neurons_moved)


def neurons_moved(stacks: Iterable[Stack]) -> int:
    """Neurons that are gathered into blocks and scattered out of them, per sample."""
    return sum(s.left.size + s.right.size for s in stacks)


def fixed_steps(places: np.ndarray) -> tuple[int, ...] | None:
    """Steps along each axis if places are 0, .. and lie evenly, so that a view with these strides is all there is."""
    corner = (0,) * places.ndim
    if places[corner] != 0:
        return None
    steps = [int(places[tuple(np.eye(places.ndim, dtype=int)[axis])]) if places.shape[axis] > 1 else 1
             for axis in range(places.ndim)]
    grid = np.ogrid[tuple(slice(0, size) for size in places.shape)]
    even = np.array_equal(places, sum(axis * step for axis, step in zip(grid, steps, strict=True)))
    return tuple(steps) if even else None


def _sweep_groups(edges: Edges) -> list[np.ndarray]:
    """Edges of consecutive sweeps that visit the left neurons in the same order; one group if there are no sweeps."""
    if edges.weights == 0 or edges.weights % edges.left:
        return []
    sweeps = edges.left_of.reshape(-1, edges.left)
    if not (np.sort(sweeps, axis=1) == np.arange(edges.left)).all():
        return []
    new = 1 + np.flatnonzero((sweeps[1:] != sweeps[:-1]).any(axis=1))
    return np.split(np.arange(edges.weights), new * edges.left)


def _stacks(edges: Edges, parts: list[np.ndarray]) -> list[Stack]:
    found: dict[tuple[int, int], list[Block]] = {}
    for part in parts:
        left, right = edges.left_of[part], edges.right_of[part]
        by_right = _equal_sets(right, left, part)
        by_left = [(one, other, ids.T) for other, one, ids in _equal_sets(left, right, part)]
        for block in min((by_right, by_left), key=lambda blocks: sum(len(a) + len(b) for a, b, _ in blocks)):
            found.setdefault(block[2].shape, []).append(_in_slot_order(*block))
    stacks = []
    for shape in sorted(found):
        lefts, rights, ids = zip(*found[shape], strict=True)
        stacks.append(Stack(np.stack(lefts), np.stack(rights), np.stack(ids)))
    return stacks


def _equal_sets(own: np.ndarray, other: np.ndarray, ids: np.ndarray) -> list[Block]:
    """Neurons of ``own`` by their set in ``other``: (the set (i,), those that have it (o,), their edges (o, i))."""
    order = np.argsort(own * (other.max(initial=0) + 1) + other)
    own, other, ids = own[order], other[order], ids[order]
    bounds = [0, *(1 + np.flatnonzero(np.diff(own))).tolist(), len(own)]
    groups: dict[bytes, list[int]] = {}
    for begin, end in pairwise(bounds):
        if end > begin:
            groups.setdefault(other[begin:end].tobytes(), []).append(begin)
    blocks = []
    for key, begins in groups.items():
        members = np.frombuffer(key, other.dtype)
        places = np.array(begins)[:, None] + np.arange(len(members))
        blocks.append((members, own[begins], ids[places]))
    return blocks


def _in_slot_order(left: np.ndarray, right: np.ndarray, ids: np.ndarray) -> Block:
    """A block with its left neurons in the order of the first right neuron's slots."""
    order = np.argsort(ids[0])
    return left[order], right, ids[:, order]
