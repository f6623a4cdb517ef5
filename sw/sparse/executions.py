"""Three ways to compute a sparse junction, equal to rounding in values and gradients.

All take left activations x (seeds, batch, N_left), weights (seeds, weights) in the order of the edges and biases
(seeds, N_right) or None, and give (seeds, batch, N_right); weights and biases of one seed may lack its dimension. Each
seed has edges of its own; to `Gather` and `Blocks` the junctions of all seeds are one junction that falls into parts.

Inside, `Gather` and `Blocks` hold activations as (neurons, batch): what is gathered then are rows, as fast as memory.
The result keeps that layout, and so a following layer need not turn it over again.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from sw.pattern.edges import Edges
from sw.sparse.block_products import Blocks
from sw.sparse.errors import SparseError
from sw.sparse.execution import Execution, bags, bounds, in_rows, united
from sw.sparse.operators import operator

__all__ = ["EXECUTIONS", "Gather", "GatherProducts", "Masked", "execution_named"]


class Masked(Execution):
    """A dense product with a matrix that is made from the weights each time, zero elsewhere."""

    places: Tensor

    def __init__(self, edges: Sequence[Edges]):
        super().__init__(edges)
        everything = united(edges)
        places = everything.right_of * self.left + everything.left_of % self.left
        self.seeds = len(edges)
        self._full = np.array_equal(places, np.arange(len(edges) * self.left * self.right))
        self.hold("places", places)

    def matrix(self, weight: Tensor) -> Tensor:
        """(seeds, N_right, N_left)."""
        if self._full:
            return weight.view(-1, self.right, self.left)
        dense = weight.new_zeros(self.seeds * self.right * self.left)
        return dense.index_copy(0, self.places, weight.reshape(-1)).view(-1, self.right, self.left)

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        matrix = self.matrix(weight)
        # a layer before may have left its rows: thin products of what is turned over are slow
        turned = x.stride(2) != 1
        if self.seeds == 1:  # a batch of one would keep to one thread
            whole, samples = matrix.squeeze(0), x.squeeze(0)
            if not turned:
                return nn.functional.linear(samples, whole, None if bias is None else bias.view(-1))[None]
            rows = whole @ samples.t() if bias is None else torch.addmm(bias.view(-1, 1), whole, samples.t())
            return rows.t()[None]
        if not turned:
            y = torch.bmm(x, matrix.transpose(1, 2))
            return y if bias is None else y + bias[:, None]
        y = torch.bmm(matrix, x.transpose(1, 2))
        return (y if bias is None else y + bias[:, :, None]).transpose(1, 2)


class Gather(Execution):
    """For each edge a row of the left activations, times its weight, added to its right neuron's row.

    Written as an embedding bag, whose kernels keep no copy of the gathered rows.
    """

    def __init__(self, edges: Sequence[Edges]):
        super().__init__(edges)
        everything = united(edges)
        by_left = np.argsort(everything.left_of, kind="stable")
        self.hold("left_of", everything.left_of)
        self.hold("right_of", everything.right_of)
        self.hold("right_bounds", bounds(everything.in_degrees))
        self.hold("by_left", by_left)
        self.hold("right_by_left", everything.right_of[by_left])
        self.hold("left_bounds", bounds(everything.out_degrees))

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return _gather(x, weight, bias, self.held(), [0])  # torch wants a number there


class GatherProducts:
    """`sw.sparse.operators.Products` by gathering. ``places``: the index lists of `Gather`, in its order."""

    def __init__(self, places: list[Tensor], _: list[int]):
        self.left_of, self.right_of, self.right_bounds, self.by_left, self.right_by_left, self.left_bounds = places

    def ff(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor]:
        lefts = in_rows(x)
        rows = bags(self.left_of, lefts, self.right_bounds, weight.reshape(-1))
        if bias is not None:
            rows.add_(bias.reshape(-1, 1))
        kept = x.new_empty(0) if x.transpose(1, 2).is_contiguous() else lefts
        return rows.view(x.shape[0], -1, x.shape[1]).transpose(1, 2), kept

    def bp_up(
        self, of_y: Tensor, x: Tensor, weight: Tensor, kept: Tensor, want: tuple[bool, bool]
    ) -> tuple[Tensor | None, Tensor | None]:
        deltas = in_rows(of_y)
        of_x = of_weight = None
        if want[0]:
            of_x = bags(self.right_by_left, deltas, self.left_bounds, weight.reshape(-1).index_select(0, self.by_left))
            of_x = of_x.view(x.shape[0], -1, x.shape[1]).transpose(1, 2)
        if want[1]:
            # the kernel of torch's embedding bag, mode 0 being a sum: per edge a product over the batch
            of_weight = torch.ops.aten._embedding_bag_per_sample_weights_backward(
                deltas, kept if kept.numel() else in_rows(x), self.left_of, self.right_bounds, self.right_of, 0
            ).view(weight.shape)
        return of_x, of_weight


_gather = operator("gather", GatherProducts)

EXECUTIONS: dict[str, type[Execution]] = {"masked": Masked, "gather": Gather, "blocks": Blocks}


def execution_named(name: str) -> type[Execution]:
    if name not in EXECUTIONS:
        raise SparseError(f'execution must be one of {", ".join(EXECUTIONS)}, got "{name}"')
    return EXECUTIONS[name]
