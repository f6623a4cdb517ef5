"""The execution of a sparse junction by dense blocks: gather, multiply in a batch, put in order.

The floating-point operations are density times those of the dense product, forward and backward. What is left is moving
data, so little of it is moved:

- Left activations, and gradients of either side, come as (batch, neurons) from a dense layer and as (neurons, batch)
  from a sparse one. Each layout is gathered as it is: turning one over costs more than a gather.
- In a type-3 pattern the right neurons and the weights of a block lie at fixed steps. Weights and gradients are then
  read in place, by a view; and results are put in order by one copy with whole rows, that adds the biases too.

Products are not written in place, though they could be: torch has a batched product only for contiguous results, and
splits every single product over the threads else. On two threads that costs more than the copy.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from sw.design.edges import Edges
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

    def weights_of(self, matrices: list[Tensor]) -> Tensor:
        """Back, (weights,)."""
        if self.weight_steps:
            found = matrices[0].new_empty(matrices[0].numel())
            found.as_strided(self.shapes[0], self.weight_steps).copy_(matrices[0])
            return found
        return torch.cat([m.view(-1, self.unit) for m in matrices]).index_select(0, self.weight_back).view(-1)

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        found: Tensor = _BlockProducts.apply(x, weight.contiguous(), bias, self)
        return found


class BlockNeurons(nn.Module):
    """The neurons of one side in the order of the blocks; activations and gradients are brought there and back.

    ``places``: per stack (blocks, k), the neurons of each block, among ``count`` of all seeds.
    """

    of: Tensor
    order: Tensor
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
        for name, values in (("of", of), ("order", np.argsort(of, kind="stable")), ("bounds", bounds(counts))):
            self.register_buffer(name, torch.as_tensor(values, dtype=torch.int64), persistent=False)

    def by_sample(self, x: Tensor) -> bool:
        """Whether columns of (1, batch, neurons) are gathered, rather than rows of (neurons, batch)."""
        return len(x) == 1 and x.stride(2) == 1 and self.once

    def gathered(self, x: Tensor) -> list[Tensor]:
        """Per stack (blocks, k, batch), from (seeds, batch, neurons) in either layout."""
        sizes = [blocks * k for blocks, k in self.shapes]
        if self.by_sample(x):
            columns = _columns(x.squeeze(0), self.of).split(sizes, 1)
            return [c.unflatten(1, shape).permute(1, 2, 0) for c, shape in zip(columns, self.shapes, strict=True)]
        rows = x.transpose(1, 2).reshape(-1, x.shape[1]).contiguous()
        if self.steps:
            return [self._in_place(rows)]
        parts = rows.index_select(0, self.of).split(sizes)
        return [p.unflatten(0, shape) for p, shape in zip(parts, self.shapes, strict=True)]

    def rows(self, parts: list[Tensor], bias: Tensor | None = None) -> Tensor:
        """(neurons, batch), from per stack (blocks, k, batch); ``bias`` (neurons,) is added."""
        if self.steps:
            found = parts[0].new_empty(len(self.of), parts[0].shape[2])
            if bias is None:
                self._in_place(found).copy_(parts[0])
            else:
                torch.add(parts[0], self._in_place(bias[:, None]), out=self._in_place(found))
            return found
        rows = torch.cat([p.flatten(0, 1) for p in parts]) if len(parts) > 1 else parts[0].flatten(0, 1)
        found = rows.index_select(0, self.order) if self.once else bags(self.order, rows, self.bounds, None)
        return found if bias is None else found.add_(bias[:, None])

    def columns(self, parts: list[Tensor]) -> Tensor:
        """(batch, neurons), from per stack (blocks, batch, k); only if each neuron is there once."""
        flat = [p.transpose(0, 1).flatten(1) for p in parts]
        return _columns(flat[0] if len(flat) == 1 else torch.cat(flat, 1), self.order)

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
        products = [torch.bmm(m, a) for m, a in zip(matrices, lefts, strict=True)]
        return plan.from_rows(plan.rights.rows(products, None if bias is None else bias.reshape(-1)))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (of_y,), plan, saved = gradients, ctx.plan, ctx.saved_tensors
        lefts, matrices = saved[: len(plan.shapes)], saved[len(plan.shapes) :]
        deltas = plan.rights.gathered(of_y)
        of_x = of_weight = of_bias = None
        if ctx.needs_input_grad[0] and ctx.by_sample:
            products = [torch.bmm(d.transpose(1, 2), m) for d, m in zip(deltas, matrices, strict=True)]
            of_x = plan.lefts.columns(products)[None]
        elif ctx.needs_input_grad[0]:
            rows = plan.lefts.rows([torch.bmm(m.transpose(1, 2), d) for d, m in zip(deltas, matrices, strict=True)])
            of_x = rows.view(-1, plan.left, rows.shape[1]).transpose(1, 2)
        if ctx.needs_input_grad[1]:
            products = [torch.bmm(d, a.transpose(1, 2)) for d, a in zip(deltas, lefts, strict=True)]
            of_weight = plan.weights_of(products).view(ctx.shapes[0])
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


def _columns(x: Tensor, of: Tensor) -> Tensor:
    # index_select(1, of) does the same and stays on one thread
    return x.gather(1, of.expand(len(x), -1))
