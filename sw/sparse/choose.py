"""Which execution a junction gets if none is asked for: the one with the lowest cost by figures that were measured.

The unit is a multiplication of the dense product, per sample. Measured with `sw.app.bench_sparse` (squares of 1024 to
4096 neurons, batch 256, two threads): making the masked matrix adds a fifth to the dense product; an edge that is
gathered costs as much as 6 dense ones; a neuron that is moved into or out of a block, or turned over at the layer's
border, as much as 40. How wide the blocks are is in the number of neurons that they move.
"""

from collections.abc import Sequence

from sw.design.edges import Edges
from sw.sparse.blocks import decompose, neurons_moved

__all__ = ["choose", "costs"]

_MASKED, _GATHERED, _MOVED = 1.2, 6.0, 40.0


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
        "gather": _GATHERED * edges.weights + _MOVED * border,
        "blocks": edges.weights + _MOVED * moved,
    }
