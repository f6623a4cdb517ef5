"""Three ways to compute a sparse junction, equal to rounding in values and gradients.

All take left activations x (seeds, batch, N_left), weights (seeds, weights) in the order of the edges and biases
(seeds, N_right) or None, and give (seeds, batch, N_right). Each seed has edges of its own; to `Gather` and `Blocks` the
junctions of all seeds are one junction that falls into parts.

Inside, `Gather` and `Blocks` hold activations as (neurons, batch): what is gathered then are rows, as fast as memory.
The result keeps that layout, and so a following layer need not turn it over again.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd import Function

from sw.pattern.edges import Edges
from sw.sparse.block_products import Blocks
from sw.sparse.errors import SparseError
from sw.sparse.execution import Execution, bags, bounds, united

__all__ = ["EXECUTIONS", "Gather", "Masked", "execution_named"]


class Masked(Execution):
    """A dense product with a matrix that is made from the weights each time, zero elsewhere."""

    places: Tensor

    def __init__(self, edges: Sequence[Edges]):
        super().__init__(edges)
        everything = united(edges)
        places = everything.right_of * self.left + everything.left_of % self.left
        self._full = np.array_equal(places, np.arange(len(edges) * self.left * self.right))
        self.hold("places", places)

    def matrix(self, weight: Tensor) -> Tensor:
        """(seeds, N_right, N_left)."""
        if self._full:
            return weight.view(-1, self.right, self.left)
        dense = weight.new_zeros(len(weight) * self.right * self.left)
        return dense.index_copy(0, self.places, weight.reshape(-1)).view(-1, self.right, self.left)

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        matrix = self.matrix(weight)
        # a layer before may have left its rows: thin products of what is turned over are slow
        in_rows = x.stride(2) != 1
        if len(matrix) == 1:  # a batch of one would keep to one thread
            whole, samples = matrix.squeeze(0), x.squeeze(0)
            if not in_rows:
                return nn.functional.linear(samples, whole, None if bias is None else bias.squeeze(0))[None]
            rows = whole @ samples.t() if bias is None else torch.addmm(bias.t(), whole, samples.t())
            return rows.t()[None]
        if not in_rows:
            y = torch.bmm(x, matrix.transpose(1, 2))
            return y if bias is None else y + bias[:, None]
        y = torch.bmm(matrix, x.transpose(1, 2))
        return (y if bias is None else y + bias[:, :, None]).transpose(1, 2)


class Gather(Execution):
    """For each edge a row of the left activations, times its weight, added to its right neuron's row.

    Written as an embedding bag, whose kernels keep no copy of the gathered rows.
    """

    left_of: Tensor
    right_bounds: Tensor
    right_of: Tensor
    by_left: Tensor
    left_bounds: Tensor

    def __init__(self, edges: Sequence[Edges]):
        super().__init__(edges)
        everything = united(edges)
        by_left = np.argsort(everything.left_of, kind="stable")
        self.hold("left_of", everything.left_of)
        self.hold("right_bounds", bounds(everything.in_degrees))
        self.hold("by_left", by_left)
        self.hold("right_of", everything.right_of[by_left])
        self.hold("left_bounds", bounds(everything.out_degrees))

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        rows, flat = self.rows(x), weight.reshape(-1)
        # gradients of the weights come from here, those of x, for which torch would add row after row, from below
        y = bags(self.left_of, rows.detach(), self.right_bounds, flat)
        y = _LeftGradient.apply(y, rows, flat.detach(), self)
        return self.from_rows(y if bias is None else y + bias.reshape(-1, 1))


class _LeftGradient(Function):
    """``y`` unchanged; its gradient times the weights is the gradient of the left activations."""

    @staticmethod
    def forward(ctx: Any, y: Tensor, rows: Tensor, weight: Tensor, plan: Gather) -> Tensor:
        ctx.plan = plan
        ctx.save_for_backward(weight)
        return y.view_as(y)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (of_y,), plan, (weight,) = gradients, ctx.plan, ctx.saved_tensors
        of_y = of_y.contiguous()
        of_rows = None
        if ctx.needs_input_grad[1]:
            of_rows = bags(plan.right_of, of_y, plan.left_bounds, weight.index_select(0, plan.by_left))
        return of_y, of_rows, None, None


EXECUTIONS: dict[str, type[Execution]] = {"masked": Masked, "gather": Gather, "blocks": Blocks}


def execution_named(name: str) -> type[Execution]:
    if name not in EXECUTIONS:
        raise SparseError(f'execution must be one of {", ".join(EXECUTIONS)}, got "{name}"')
    return EXECUTIONS[name]
