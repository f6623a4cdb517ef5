"""What readers expect sparsity before training to be held against: pruning after training, and edges that move.

Both train a fully connected network of which a mask leaves as many weights as a pattern has. Neither can be read
without clashes: which edges there are is known only when they have been trained.
"""

from collections.abc import Callable

import numpy as np
import torch

from sw.experiments.checks import check_seeds, drawn_by_seed
from sw.experiments.point import Point
from sw.pattern.edges import Edges, fully_connected
from sw.sparse.linear import SparseLinear
from sw.sparse.mlp import SparseMLP

__all__ = ["masked"]

_MOVED = 0.3  # of the edges, after each epoch (Mocanu et al. 2018)
_MOVES = 0.75  # of the epochs in which they do (Evci et al. 2020)
_DENSE = 0.5  # of the epochs are trained fully connected, before pruning; then what is left is trained on


def masked(point: Point, classes: int, samples: int) -> tuple[list[SparseMLP], Callable[[int, int], None]]:
    """One model of all seeds, and what is to be called after each batch, as `train` calls its ``progress``.

    Of `Point.method` "pruned": fully connected for half of the epochs; then the largest weights of each junction stay,
    as many as the out-degrees say, and are trained for the other half. "moved": after each epoch the 0.3 smallest
    weights of each junction go, and as many places drawn at random begin at zero.
    """
    full = [fully_connected(left, right) for left, right in zip(point.neurons[:-1], point.neurons[1:], strict=True)]
    model = SparseMLP(point.neurons, full, seed=point.seeds, classes=classes, execution="masked")
    check_seeds(drawn_by_seed([layer.weight.detach().numpy() for layer in model.layers()]))
    layers = [_Masked(layer, degree) for layer, degree in zip(model.layers(), point.out_degrees, strict=True)]
    if point.method == "moved":
        for number, layer in enumerate(layers):
            layer.begin([point.edges(seed)[number] for seed in point.seeds])
    epochs, state = point.settings.epochs, {"epoch": 0}

    @torch.no_grad()
    def after_batch(done: int, of: int) -> None:
        epoch = done // samples
        if epoch > state["epoch"]:
            state["epoch"] = epoch
            if point.method == "pruned" and epoch == max(1, int(epochs * _DENSE)):
                for layer in layers:
                    layer.prune()
            elif point.method == "moved" and epoch < epochs * _MOVES:
                for number, layer in enumerate(layers):
                    layer.move([np.random.Generator(np.random.PCG64([seed, 5, number, epoch])) for seed in point.seeds])
        for layer in layers:
            layer.apply()

    return [model], after_batch


class _Masked:
    """A fully connected junction of all seeds, and its mask (seeds, weights)."""

    def __init__(self, layer: SparseLinear, out_degree: int):
        self.layer, self.kept = layer, layer.in_features * out_degree
        self.whole = self.kept == layer.weight.shape[-1]
        self.mask = torch.ones_like(layer.weight)
        layer.weight.register_hook(lambda gradient: gradient * self.mask)

    @torch.no_grad()
    def begin(self, edges: list[Edges]) -> None:
        """With the edges of each seed; weights as large as a network begins with that has no others."""
        self.mask.zero_()
        own = self.layer.edges[0]
        place = np.empty((own.left, own.right), np.int64)
        place[own.left_of, own.right_of] = np.arange(own.weights)
        for row, of_seed in zip(self.mask, edges, strict=True):
            row[torch.from_numpy(place[of_seed.left_of, of_seed.right_of])] = 1
        self.layer.weight.mul_(self.mask * (own.weights / self.kept) ** 0.5)

    def apply(self) -> None:
        if not self.whole:
            self.layer.weight.mul_(self.mask)

    def prune(self) -> None:
        if not self.whole:
            self.mask.zero_().scatter_(-1, self.layer.weight.abs().topk(self.kept, dim=-1).indices, 1)

    def move(self, draws: list[np.random.Generator]) -> None:
        if self.whole:
            return
        moved = min(int(_MOVED * self.kept), self.mask.shape[-1] - self.kept)
        for weight, mask, rng in zip(self.layer.weight, self.mask, draws, strict=True):
            free = torch.nonzero(mask == 0)[:, 0]
            least = torch.where(mask == 1, weight.abs(), torch.inf).topk(moved, largest=False).indices
            mask[least] = 0
            mask[free[torch.from_numpy(rng.choice(len(free), moved, replace=False))]] = 1
