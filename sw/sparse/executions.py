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

from sw.design.edges import Edges
from sw.sparse.blocks import decompose
from sw.sparse.errors import SparseError

__all__ = ["EXECUTIONS", "Blocks", "Execution", "Gather", "Masked", "united"]


def united(edges: Sequence[Edges]) -> Edges:
    """Junctions side by side as one: neurons and edges numbered on from one to the next."""
    if len(edges) == 1:
        return edges[0]
    left, right = edges[0].left, edges[0].right
    return Edges(
        left * len(edges), right * len(edges),
        np.concatenate([e.left_of + n * left for n, e in enumerate(edges)]),
        np.concatenate([e.right_of + n * right for n, e in enumerate(edges)]),
    )


class Execution(nn.Module):
    """Holds index tensors of a junction, as buffers that are not saved; no parameters."""

    def __init__(self, edges: Sequence[Edges]):
        super().__init__()
        self.left, self.right = edges[0].left, edges[0].right

    def hold(self, name: str, values: Any) -> None:
        self.register_buffer(name, torch.as_tensor(np.ascontiguousarray(values, np.int64)), persistent=False)

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        raise NotImplementedError

    def rows(self, x: Tensor) -> Tensor:
        """(seeds, batch, N_left) as contiguous (seeds * N_left, batch)."""
        return x.transpose(1, 2).reshape(-1, x.shape[1]).contiguous()

    def from_rows(self, y: Tensor) -> Tensor:
        """Back, (seeds, batch, N_right)."""
        return y.view(-1, self.right, y.shape[1]).transpose(1, 2)


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
        if len(matrix) == 1 and x.stride(2) == 1:
            of_bias = None if bias is None else bias.squeeze(0)
            return nn.functional.linear(x.squeeze(0), matrix.squeeze(0), of_bias)[None]
        if x.stride(2) == 1:
            y = torch.bmm(x, matrix.transpose(1, 2))
            return y if bias is None else y + bias[:, None]
        # a layer before has left its rows: thin products of what is turned over are slow
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
        self.hold("right_bounds", _bounds(everything.in_degrees))
        self.hold("by_left", by_left)
        self.hold("right_of", everything.right_of[by_left])
        self.hold("left_bounds", _bounds(everything.out_degrees))

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        rows, flat = self.rows(x), weight.reshape(-1)
        # gradients of the weights come from here, those of x, for which torch would add row after row, from below
        y = _bags(self.left_of, rows.detach(), self.right_bounds, flat)
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
            of_rows = _bags(plan.right_of, of_y, plan.left_bounds, weight.index_select(0, plan.by_left))
        return of_y, of_rows, None, None


class Blocks(Execution):
    """Left activations are gathered into dense blocks, multiplied in a batch, and put in the right order.

    The floating-point operations are density times those of the dense product, forward and backward. What is left
    besides is moving data, so nothing is moved that need not be: in a type-3 pattern the weights, the right activations
    and their gradients of a block lie at fixed steps, and are read and written in place.
    """

    left_of: Tensor
    right_of: Tensor
    weight_order: Tensor
    weight_back: Tensor

    def __init__(self, edges: Sequence[Edges]):
        super().__init__(edges)
        everything = united(edges)
        stacks = decompose(everything)
        #: (blocks, o, i) of each stack
        self.shapes = [tuple(s.weights.shape) for s in stacks]
        self.hold("left_of", np.concatenate([s.left.reshape(-1) for s in stacks]))
        self.hold("right_of", np.concatenate([s.right.reshape(-1) for s in stacks]))
        self.to_right = _SumOfRows(self.right_of, everything.right)
        self.to_left = _SumOfRows(self.left_of, everything.left)
        #: where a neuron or weight of a block is, if all lie at fixed steps
        self.weight_steps = _steps(stacks[0].weights) if len(stacks) == 1 else None
        self.right_steps = _steps(stacks[0].right) if len(stacks) == 1 and self.to_right.once else None
        # whole rows of weights are moved where all stacks have their weights in rows of the same length
        rows = [s.rows for s in stacks]
        self.unit = self.shapes[0][2] if len({shape[2] for shape in self.shapes}) == 1 else 1
        if self.unit == 1 or any(r is None for r in rows):
            self.unit, rows = 1, [s.weights.reshape(-1) for s in stacks]
        order = np.concatenate([r for r in rows if r is not None])
        self.hold("weight_order", order)
        self.hold("weight_back", np.argsort(order))

    def matrices(self, weight: Tensor) -> list[Tensor]:
        """Per stack (blocks, o, i), from (weights,)."""
        if self.weight_steps:
            return [weight.as_strided(self.shapes[0], self.weight_steps)]
        flat = weight.view(-1, self.unit).index_select(0, self.weight_order).view(-1)
        return [p.view(s) for p, s in zip(flat.split([int(np.prod(s)) for s in self.shapes]), self.shapes, strict=True)]

    def weight_gradient(self, deltas: list[Tensor], lefts: list[Tensor]) -> Tensor:
        """(weights,), from each block's (o, batch) and (i, batch)."""
        if self.weight_steps:
            found = deltas[0].new_empty(int(np.prod(self.shapes[0])))
            torch.bmm(deltas[0], lefts[0].transpose(1, 2), out=found.as_strided(self.shapes[0], self.weight_steps))
            return found
        changes = [torch.bmm(d, a.transpose(1, 2)) for d, a in zip(deltas, lefts, strict=True)]
        return _joined([c.view(-1, self.unit) for c in changes]).index_select(0, self.weight_back).view(-1)

    def gathered(self, x: Tensor) -> list[Tensor]:
        """Per stack (blocks, i, batch), from (seeds, batch, N_left) in either layout."""
        if self.by_sample(x):
            parts = x[0].index_select(1, self.left_of).split([s[0] * s[2] for s in self.shapes], 1)
            return [p.unflatten(1, (s[0], s[2])).permute(1, 2, 0) for p, s in zip(parts, self.shapes, strict=True)]
        parts = self.rows(x).index_select(0, self.left_of).split([s[0] * s[2] for s in self.shapes])
        return [p.view(s[0], s[2], -1) for p, s in zip(parts, self.shapes, strict=True)]

    def left_gradient(self, x: Tensor, matrices: list[Tensor], deltas: list[Tensor]) -> Tensor:
        """(seeds, batch, N_left), laid out as x is."""
        if self.by_sample(x):
            found = x.new_empty(x.shape[1], len(self.left_of))
            parts = found.split([s[0] * s[2] for s in self.shapes], 1)
            for part, shape, m, d in zip(parts, self.shapes, matrices, deltas, strict=True):
                torch.bmm(d.transpose(1, 2), m, out=part.unflatten(1, (shape[0], shape[2])).transpose(0, 1))
            return found.index_select(1, self.to_left.order)[None]
        rows = self.to_left([torch.bmm(m.transpose(1, 2), d) for m, d in zip(matrices, deltas, strict=True)])
        return rows.view(-1, self.left, x.shape[1]).transpose(1, 2)

    def by_sample(self, x: Tensor) -> bool:
        """Whether columns are gathered from x as it is, rather than rows after turning it over."""
        return len(x) == 1 and x.stride(2) == 1 and self.to_left.once

    def right_rows(self, matrices: list[Tensor], lefts: list[Tensor]) -> Tensor:
        """(N_right, batch)."""
        if self.right_steps:
            batch = lefts[0].shape[2]
            found = lefts[0].new_empty(len(self.right_of), batch)
            torch.bmm(matrices[0], lefts[0], out=self._right_view(found))
            return found
        return self.to_right([torch.bmm(m, a) for m, a in zip(matrices, lefts, strict=True)])

    def deltas(self, rows: Tensor) -> list[Tensor]:
        """Per stack (blocks, o, batch), from (N_right, batch)."""
        if self.right_steps:
            return [self._right_view(rows)]
        parts = rows.index_select(0, self.right_of).split([s[0] * s[1] for s in self.shapes])
        return [p.view(s[0], s[1], -1) for p, s in zip(parts, self.shapes, strict=True)]

    def _right_view(self, rows: Tensor) -> Tensor:
        blocks, of_block, _ = self.shapes[0]
        assert self.right_steps is not None
        return rows.as_strided((blocks, of_block, rows.shape[1]), [*(s * rows.shape[1] for s in self.right_steps), 1])

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        flat = None if bias is None else bias.reshape(-1)
        return self.from_rows(_BlockProducts.apply(x, weight.reshape(-1), flat, self))


class _BlockProducts(Function):
    """(seeds, batch, N_left), (weights,), (N_right,) or None to (N_right, batch)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, plan: Blocks) -> Tensor:
        lefts, matrices = plan.gathered(x), plan.matrices(weight)
        ctx.plan = plan
        ctx.save_for_backward(x, *lefts, *matrices)
        y = plan.right_rows(matrices, lefts)
        return y if bias is None else y.add_(bias[:, None])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (of_y,), plan, (x, *saved) = gradients, ctx.plan, ctx.saved_tensors
        lefts, matrices = saved[: len(plan.shapes)], saved[len(plan.shapes) :]
        needs = ctx.needs_input_grad
        of_y = of_y.contiguous()
        deltas = plan.deltas(of_y)
        of_x = plan.left_gradient(x, matrices, deltas) if needs[0] else None
        of_weight = plan.weight_gradient(deltas, lefts) if needs[1] else None
        return of_x, of_weight, of_y.sum(1) if needs[2] else None, None


def _steps(places: np.ndarray) -> tuple[int, ...] | None:
    """Steps along each axis if places are 0, .. and lie evenly, so that a view with these strides is all there is."""
    corner = (0,) * places.ndim
    if places[corner] != 0:
        return None
    steps = [int(places[tuple(np.eye(places.ndim, dtype=int)[axis])]) if places.shape[axis] > 1 else 1
             for axis in range(places.ndim)]
    grid = np.ogrid[tuple(slice(0, size) for size in places.shape)]
    even = np.array_equal(places, sum(axis * step for axis, step in zip(grid, steps, strict=True)))
    return tuple(steps) if even else None


class _SumOfRows(nn.Module):
    """Row n of the result is the sum of the rows whose entry of ``of`` is n."""

    order: Tensor
    bounds: Tensor

    def __init__(self, of: Tensor, count: int):
        super().__init__()
        counts = torch.bincount(of, minlength=count)
        self.once = bool((counts == 1).all())
        self.register_buffer("order", torch.argsort(of, stable=True), persistent=False)
        self.register_buffer("bounds", torch.as_tensor(_bounds(counts.numpy())), persistent=False)

    def forward(self, blocks: list[Tensor]) -> Tensor:
        rows = _joined([b.flatten(0, 1) for b in blocks])
        return rows.index_select(0, self.order) if self.once else _bags(self.order, rows, self.bounds, None)


def _joined(parts: list[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def _bounds(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)])


def _bags(rows: Tensor, of: Tensor, bounds: Tensor, weight: Tensor | None) -> Tensor:
    return nn.functional.embedding_bag(
        rows, of, bounds, mode="sum", per_sample_weights=weight, include_last_offset=True
    )


EXECUTIONS: dict[str, type[Execution]] = {"masked": Masked, "gather": Gather, "blocks": Blocks}


def execution_named(name: str) -> type[Execution]:
    if name not in EXECUTIONS:
        raise SparseError(f'execution must be one of {", ".join(EXECUTIONS)}, got "{name}"')
    return EXECUTIONS[name]
