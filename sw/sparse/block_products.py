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
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from sw.pattern.edges import Edges
from sw.sparse.blocks import decompose, fixed_steps
from sw.sparse.execution import Execution, bags, bounds, in_rows, united
from sw.sparse.operators import operator

__all__ = ["BlockProducts", "Blocks", "Layout"]


class Layout(NamedTuple):
    """What belongs to blocks besides index lists. Steps are None where things do not lie evenly."""

    #: (blocks, o, i) of each stack
    shapes: tuple[tuple[int, int, int], ...]
    #: weights that are moved at once
    unit: int
    #: whether every left neuron, and every right neuron, is in one block; else sums are made on the way back
    once: tuple[bool, bool]
    left_steps: tuple[int, ...] | None
    right_steps: tuple[int, ...] | None
    weight_steps: tuple[int, ...] | None

    def numbers(self) -> list[int]:
        """As an operator takes it: steps, or zeros for None."""
        steps = (*(self.left_steps or (0, 0)), *(self.right_steps or (0, 0)), *(self.weight_steps or (0, 0, 0)))
        return [self.unit, *map(int, self.once), *steps, *(n for shape in self.shapes for n in shape)]

    @classmethod
    @lru_cache
    def of(cls, n: tuple[int, ...]) -> "Layout":
        steps = [part if part[0] else None for part in (n[3:5], n[5:7], n[7:10])]
        shapes = tuple((n[i], n[i + 1], n[i + 2]) for i in range(10, len(n), 3))
        return cls(shapes, n[0], (bool(n[1]), bool(n[2])), *steps)


class Blocks(Execution):
    """Left activations are gathered into dense blocks, multiplied in a batch, and put in the right order."""

    def __init__(self, edges: Sequence[Edges]):
        super().__init__(edges)
        everything = united(edges)
        stacks = decompose(everything)
        shapes = tuple(s.weights.shape for s in stacks)
        left = self._hold_neurons("left", [s.left for s in stacks], everything.left)
        right = self._hold_neurons("right", [s.right for s in stacks], everything.right)
        # whole rows of weights are moved where all stacks have their weights in rows of the same length
        rows = [s.rows for s in stacks]
        unit = shapes[0][2] if len({shape[2] for shape in shapes}) == 1 else 1
        if unit == 1 or any(r is None for r in rows):
            unit, rows = 1, [s.weights.reshape(-1) for s in stacks]
        order = np.concatenate([r for r in rows if r is not None])
        self.hold("weight_order", order)
        self.hold("weight_back", np.argsort(order))
        self.layout = Layout(
            shapes, unit, (left[0], right[0]), left[1], right[1],
            fixed_steps(stacks[0].weights) if len(stacks) == 1 else None,
        )

    def _hold_neurons(self, side: str, places: list[np.ndarray], count: int) -> tuple[bool, tuple[int, ...] | None]:
        """Hold the lists of `Neurons`, from per stack (blocks, k); (once, steps) of `Layout`."""
        of = np.concatenate([p.reshape(-1) for p in places])
        counts = np.bincount(of, minlength=count)
        once = bool((counts == 1).all())
        order = np.argsort(of, kind="stable")
        before = order // places[0].shape[1] * places[0].shape[1]
        for name, values in (("of", of), ("order", order), ("before", before), ("bounds", bounds(counts))):
            self.hold(f"{side}_{name}", values)
        return once, fixed_steps(places[0]) if len(places) == 1 and once else None

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return _blocks(x, weight, bias, self.held(), self.layout.numbers())


class BlockProducts:
    """`sw.sparse.operators.Products` by blocks. ``places``: the index lists of `Blocks`, in its order."""

    def __init__(self, places: list[Tensor], layout: list[int]):
        plan = self.layout = Layout.of(tuple(layout))
        self.lefts = Neurons([(b, i) for b, _, i in plan.shapes], plan.once[0], plan.left_steps, *places[:4])
        self.rights = Neurons([(b, o) for b, o, _ in plan.shapes], plan.once[1], plan.right_steps, *places[4:8])
        self.weight_order, self.weight_back = places[8:]

    def ff(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor]:
        gathered = self.lefts.gathered(x)
        lefts = self.lefts.parts(gathered, x)
        rows = self.rights.rows(self.matrices(weight), lefts, None if bias is None else bias.reshape(-1).contiguous())
        kept = x.new_empty(0) if self.lefts.in_place(x) else gathered
        return rows.view(x.shape[0], -1, x.shape[1]).transpose(1, 2), kept

    def bp_up(
        self, of_y: Tensor, x: Tensor, weight: Tensor, kept: Tensor, want: tuple[bool, bool]
    ) -> tuple[Tensor | None, Tensor | None]:
        deltas = self.rights.parts(self.rights.gathered(of_y), of_y)
        of_x = of_weight = None
        if want[0]:
            matrices = self.matrices(weight)
            if self.lefts.by_sample(x):
                of_x = self.lefts.columns([d.transpose(1, 2) for d in deltas], matrices)[None]
            else:
                of_x = self.lefts.rows([m.transpose(1, 2) for m in matrices], deltas)
                of_x = of_x.view(x.shape[0], -1, x.shape[1]).transpose(1, 2)
        if want[1]:
            lefts = self.lefts.parts(kept if kept.numel() else self.lefts.gathered(x), x)
            of_weight = self.weight_gradient(deltas, [a.transpose(1, 2) for a in lefts]).view(weight.shape)
        return of_x, of_weight

    def matrices(self, weight: Tensor) -> list[Tensor]:
        """Per stack (blocks, o, i), from all weights."""
        shapes, steps = self.layout.shapes, self.layout.weight_steps
        weight = weight.contiguous()  # a gradient may be a number that is repeated
        if steps:
            return [weight.as_strided(shapes[0], steps)]
        flat = weight.view(-1, self.layout.unit).index_select(0, self.weight_order).view(-1)
        return [p.view(s) for p, s in zip(flat.split([b * o * i for b, o, i in shapes]), shapes, strict=True)]

    def weight_gradient(self, deltas: list[Tensor], lefts: list[Tensor]) -> Tensor:
        """(weights,), from per stack (blocks, o, batch) and (blocks, batch, i)."""
        unit, steps = self.layout.unit, self.layout.weight_steps
        if steps:
            found = deltas[0].new_empty(self.weight_order.shape[0] * unit)
            _multiply(deltas[0], lefts[0], found.as_strided(self.layout.shapes[0], steps))
            return found
        changes = [torch.bmm(d, a).view(-1, unit) for d, a in zip(deltas, lefts, strict=True)]
        return torch.cat(changes).index_select(0, self.weight_back).view(-1)


_blocks = operator("blocks", BlockProducts)


class Neurons(NamedTuple):
    """The neurons of one side in the order of the blocks; activations and gradients are brought there and back.

    ``shapes``: (blocks, k) of each stack; ``once``, ``steps``: see `Layout`. ``of``: the neurons of all blocks,
    numbered over all seeds; ``order``: their places by neuron, from ``bounds[n]`` on those of neuron n; ``before``: for
    each of ``order``, how many entries are in blocks before its own.
    """

    shapes: list[tuple[int, int]]
    once: bool
    steps: tuple[int, ...] | None
    of: Tensor
    order: Tensor
    before: Tensor
    bounds: Tensor

    def by_sample(self, x: Tensor) -> bool:
        """Whether columns of (1, batch, neurons) are gathered, rather than rows of (neurons, batch)."""
        return x.shape[0] == 1 and x.stride(2) == 1 and self.once

    def in_place(self, x: Tensor) -> bool:
        """Whether what `gathered` gives can be a view of ``x``."""
        return self.steps is not None and not self.by_sample(x)

    def gathered(self, x: Tensor) -> Tensor:
        """From (seeds, batch, neurons): (batch, of) if `by_sample`, else (of, batch), or rows as they are."""
        if self.by_sample(x):
            return _columns(x.squeeze(0), self.of)
        rows = in_rows(x)
        return rows if self.steps else rows.index_select(0, self.of)

    def parts(self, gathered: Tensor, x: Tensor) -> list[Tensor]:
        """Per stack (blocks, k, batch), of what was gathered from ``x``."""
        batch = x.shape[1]
        if self.by_sample(x):
            columns = self._parts(gathered, 1)
            return [c.view(batch, *shape).permute(1, 2, 0) for c, shape in zip(columns, self.shapes, strict=True)]
        if self.steps:
            return [self._in_place(gathered)]
        return [p.view(*shape, batch) for p, shape in zip(self._parts(gathered, 0), self.shapes, strict=True)]

    def rows(self, matrices: list[Tensor], others: list[Tensor], bias: Tensor | None = None) -> Tensor:
        """(neurons, batch), the products of per stack (blocks, k, n) and (blocks, n, batch); ``bias`` is added."""
        if self.steps:
            found = others[0].new_empty(self.of.shape[0], others[0].shape[2])
            of_bias = None if bias is None else bias.as_strided((*self.shapes[0], 1), (*self.steps, 1))
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
        found = others[0].new_empty(batch, self.of.shape[0])
        for other, m, part, shape in zip(others, matrices, self._parts(found, 1), self.shapes, strict=True):
            _multiply(other, m, part.view(batch, *shape).transpose(0, 1))
        return _columns(found, self.order)

    def _parts(self, x: Tensor, axis: int) -> Sequence[Tensor]:
        """Of each stack."""
        return (x,) if len(self.shapes) == 1 else x.split([blocks * k for blocks, k in self.shapes], axis)

    def _in_place(self, rows: Tensor) -> Tensor:
        """(blocks, k, batch), a view of contiguous (neurons, batch)."""
        assert self.steps is not None
        (blocks, k), (of_block, of_one), batch = self.shapes[0], self.steps, rows.shape[1]
        return rows.as_strided((blocks, k, batch), (of_block * batch, of_one * batch, 1))


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
    return x.index_select(1, of) if torch.get_num_threads() == 1 else x.gather(1, of.expand(x.shape[0], -1))
