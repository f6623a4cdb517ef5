"""Which execution a junction gets if none is asked for: the one with the lowest cost by figures that were measured.

The unit is a multiplication of the dense product, per sample. The factors were fitted to squares of 128 to 1024 neurons
of type 3, and of type 2 with 1, 4 and 16 sweeps per start vector, at 3 to 50 %, batch 256, one thread and two: making
the masked matrix adds a fifth to the dense product; an edge that is gathered costs as much as 6 dense ones; a neuron
that is moved into or out of a block 50, one that is turned over at a gathering layer's border 40; and every step has a
start that counts in small junctions. How wide the blocks are is in the number of neurons that they move.
"""

from collections.abc import Sequence

from sw.pattern.edges import Edges
from sw.sparse.blocks import decompose, neurons_moved

__all__ = ["choose", "costs"]

_MASKED, _GATHERED, _TURNED, _MOVED = 1.2, 6.0, 40.0, 50.0
_START = {"gather": 5_000, "blocks": 15_000}


def choose(edges: Sequence[Edges]) -> str:
    """Name of the cheapest execution; the edges of the first seed stand for all."""
    found = costs(edges[0])
    return min(found, key=lambda name: found[name])


def costs(edges: Edges) -> dict[str, float]:
    """Of each execution, in multiplications of the dense product."""
    dense, border = edges.left * edges.right, edges.left + edges.right
    if edges.weights == dense:
        # the matrix is the weights as they are; nothing can be quicker
        return {"masked": float(dense)}
    moved = neurons_moved(decompose(edges))
    return {
        "masked": _MASKED * dense,
        "gather": _START["gather"] + _GATHERED * edges.weights + _TURNED * border,
        "blocks": _START["blocks"] + edges.weights + _MOVED * moved,
    }
