"""The execution of a sparse junction by dense blocks: gather, multiply in a batch, put in order.

The floating-point operations are density times those of the dense product, forward and backward. What is left is moving
data, so little of it is moved:

- Left activations, and gradients of either side, come as (batch, neurons) from a dense layer and as (neurons, batch)
  from a sparse one. Each layout is gathered as it is: turning one over costs more than a gather.
- In a type-3 pattern the right neurons and the weights of a block lie at fixed steps. Weights and gradients are then
  read and written in place, by a view.

What is quickest depends on the number of threads: see `_multiply` and `_columns`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from sw.pattern.edges import Edges
from sw.sparse.blocks import decompose
from sw.sparse.execution import Execution, bags, bounds, united

__all__ = ["Blocks", "fixed_steps"]


class Blocks(Execution):
    """Left activations are gathered into dense blocks, multiplied in a batch, and put in the right order."""

    weight_order: Tensor
    weight_back: Tensor

    def __init__(self, edges: Sequence[Edges]):
        super().__init__(edges)
        everything = united(edges)
        stacks = decompose(everything)
        #: (blocks, o, i) of each stack
        self.shapes = [tuple(s.weights.shape) for s in stacks]
        self.lefts = BlockNeurons([s.left for s in stacks], everything.left)
        self.rights = BlockNeurons([s.right for s in stacks], everything.right)
        #: where a weight of a block is, if all lie at fixed steps
        self.weight_steps = fixed_steps(stacks[0].weights) if len(stacks) == 1 else None
        # whole rows of weights are moved where all stacks have their weights in rows of the same length
        rows = [s.rows for s in stacks]
        self.unit = self.shapes[0][2] if len({shape[2] for shape in self.shapes}) == 1 else 1
        if self.unit == 1 or any(r is None for r in rows):
            self.unit, rows = 1, [s.weights.reshape(-1) for s in stacks]
        order = np.concatenate([r for r in rows if r is not None])
        self.hold("weight_order", order)
        self.hold("weight_back", np.argsort(order))

    def matrices(self, weight: Tensor) -> list[Tensor]:
        """Per stack (blocks, o, i), from all weights."""
        if self.weight_steps:
            return [weight.as_strided(self.shapes[0], self.weight_steps)]
        flat = weight.view(-1, self.unit).index_select(0, self.weight_order).view(-1)
        return [p.view(s) for p, s in zip(flat.split([int(np.prod(s)) for s in self.shapes]), self.shapes, strict=True)]

    def weight_gradient(self, deltas: list[Tensor], lefts: list[Tensor]) -> Tensor:
        """(weights,), from per stack (blocks, o, batch) and (blocks, batch, i)."""
        if self.weight_steps:
            found = deltas[0].new_empty(len(self.weight_order) * self.unit)
            _multiply(deltas[0], lefts[0], found.as_strided(self.shapes[0], self.weight_steps))
            return found
        changes = [torch.bmm(d, a).view(-1, self.unit) for d, a in zip(deltas, lefts, strict=True)]
        return torch.cat(changes).index_select(0, self.weight_back).view(-1)

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        found: Tensor = _BlockProducts.apply(x, weight.contiguous(), bias, self)
        return found


class BlockNeurons(nn.Module):
    """The neurons of one side in the order of the blocks; activations and gradients are brought there and back.

    ``places``: per stack (blocks, k), the neurons of each block, among ``count`` of all seeds.
    """

    of: Tensor
    order: Tensor
    before: Tensor
    bounds: Tensor

    def __init__(self, places: list[np.ndarray], count: int):
        super().__init__()
        #: (blocks, k) of each stack
        self.shapes = [p.shape for p in places]
        of = np.concatenate([p.reshape(-1) for p in places])
        counts = np.bincount(of, minlength=count)
        #: whether every neuron is in one block; else sums are made on the way back
        self.once = bool((counts == 1).all())
        self.steps = fixed_steps(places[0]) if len(places) == 1 and self.once else None
        order = np.argsort(of, kind="stable")
        #: for each of ``order``, how many entries are in blocks before its own
        before = order // places[0].shape[1] * places[0].shape[1]
        for name, values in (("of", of), ("order", order), ("before", before), ("bounds", bounds(counts))):
            self.register_buffer(name, torch.as_tensor(values, dtype=torch.int64), persistent=False)

    def by_sample(self, x: Tensor) -> bool:
        """Whether columns of (1, batch, neurons) are gathered, rather than rows of (neurons, batch)."""
        return len(x) == 1 and x.stride(2) == 1 and self.once

    def gathered(self, x: Tensor) -> list[Tensor]:
        """Per stack (blocks, k, batch), from (seeds, batch, neurons) in either layout."""
        batch = x.shape[1]
        if self.by_sample(x):
            columns = self._parts(_columns(x.squeeze(0), self.of), 1)
            return [c.view(batch, *shape).permute(1, 2, 0) for c, shape in zip(columns, self.shapes, strict=True)]
        rows = x.transpose(1, 2).reshape(-1, batch).contiguous()
        if self.steps:
            return [self._in_place(rows)]
        parts = self._parts(rows.index_select(0, self.of), 0)
        return [p.view(*shape, batch) for p, shape in zip(parts, self.shapes, strict=True)]

    def rows(self, matrices: list[Tensor], others: list[Tensor], bias: Tensor | None = None) -> Tensor:
        """(neurons, batch), the products of per stack (blocks, k, n) and (blocks, n, batch); ``bias`` is added."""
        if self.steps:
            found = others[0].new_empty(len(self.of), others[0].shape[2])
            of_bias = None if bias is None else self._in_place(bias[:, None])
            _multiply(matrices[0], others[0], self._in_place(found), of_bias)
            return found
        parts = [torch.bmm(m, o).flatten(0, 1) for m, o in zip(matrices, others, strict=True)]
        rows = parts[0] if len(parts) == 1 else torch.cat(parts)
        found = rows.index_select(0, self.order) if self.once else bags(self.order, rows, self.bounds, None)
        return found if bias is None else found.add_(bias[:, None])

    def columns(self, others: list[Tensor], matrices: list[Tensor]) -> Tensor:
        """(batch, neurons), likewise of (blocks, batch, n) and (blocks, n, k); each neuron being there once."""
        batch, k = others[0].shape[1], self.shapes[0][1]
        if len(self.shapes) == 1 and torch.get_num_threads() > 1:
            # each sample begins k after the one before, in a block whose beginning is the column's
            flat = torch.bmm(others[0], matrices[0])
            samples = flat.as_strided((batch, flat.numel() - (batch - 1) * k), (k, 1))
            return _columns(samples, self.order.add(self.before, alpha=batch - 1))
        found = others[0].new_empty(batch, len(self.of))
        for other, m, part, shape in zip(others, matrices, self._parts(found, 1), self.shapes, strict=True):
            _multiply(other, m, part.view(batch, *shape).transpose(0, 1))
        return _columns(found, self.order)

    def _parts(self, x: Tensor, axis: int) -> Sequence[Tensor]:
        """Of each stack."""
        return (x,) if len(self.shapes) == 1 else x.split([blocks * k for blocks, k in self.shapes], axis)

    def _in_place(self, rows: Tensor) -> Tensor:
        """(blocks, k, batch), a view of contiguous (neurons, batch)."""
        assert self.steps is not None
        batch = rows.shape[1]
        return rows.as_strided((*self.shapes[0], batch), (*(step * batch for step in self.steps), 1))


class _BlockProducts(Function):
    """(seeds, batch, N_left), weights, biases or None to (seeds, batch, N_right), its rows being of neurons."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, plan: Blocks) -> Tensor:
        lefts, matrices = plan.lefts.gathered(x), plan.matrices(weight)
        ctx.plan, ctx.by_sample = plan, plan.lefts.by_sample(x)
        ctx.shapes = weight.shape, None if bias is None else bias.shape
        ctx.save_for_backward(*lefts, *matrices)
        return plan.from_rows(plan.rights.rows(matrices, lefts, None if bias is None else bias.reshape(-1)))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (of_y,), plan, saved = gradients, ctx.plan, ctx.saved_tensors
        lefts, matrices = saved[: len(plan.shapes)], saved[len(plan.shapes) :]
        deltas = plan.rights.gathered(of_y)
        of_x = of_weight = of_bias = None
        if ctx.needs_input_grad[0] and ctx.by_sample:
            of_x = plan.lefts.columns([d.transpose(1, 2) for d in deltas], matrices)[None]
        elif ctx.needs_input_grad[0]:
            of_x = plan.lefts.rows([m.transpose(1, 2) for m in matrices], deltas)
            of_x = of_x.view(-1, plan.left, of_x.shape[1]).transpose(1, 2)
        if ctx.needs_input_grad[1]:
            of_weight = plan.weight_gradient(deltas, [a.transpose(1, 2) for a in lefts]).view(ctx.shapes[0])
        if ctx.needs_input_grad[2]:
            of_bias = of_y.sum(1).view(ctx.shapes[1])
        return of_x, of_weight, of_bias, None


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


def _multiply(a: Tensor, b: Tensor, found: Tensor, bias: Tensor | None = None) -> None:
    """Write the batched product ``a @ b``, plus ``bias``, to ``found``, which need not be contiguous."""
    if torch.get_num_threads() == 1:
        torch.bmm(a, b, out=found)
        if bias is not None:
            found.add_(bias)
    # torch multiplies one by one, each split over the threads, unless the result is contiguous: a copy costs less
    elif bias is None:
        found.copy_(torch.bmm(a, b))
    else:
        torch.add(torch.bmm(a, b), bias, out=found)


def _columns(x: Tensor, of: Tensor) -> Tensor:
    """``x[:, of]``: `index_select` is the quicker way, but keeps to one thread."""
    return x.index_select(1, of) if torch.get_num_threads() == 1 else x.gather(1, of.expand(len(x), -1))
