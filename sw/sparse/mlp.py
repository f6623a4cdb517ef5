"""A multilayer perceptron with sparse junctions; that of a design, or any other."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from sw.design.design import Design
from sw.pattern.clash_free import Pattern
from sw.pattern.edges import Edges, edges_of
from sw.sparse.errors import SparseError
from sw.sparse.linear import SparseLinear

__all__ = ["SparseMLP"]

_HIDDEN = {"relu": torch.relu, "sigmoid": torch.sigmoid}
_OUTPUTS = ("softmax", "sigmoid")
JunctionEdges = Edges | Pattern | Sequence[Edges]


class SparseMLP(nn.Module):
    """Layers of ``neurons``, joined by ``edges``: one per junction, or per junction one for each seed.

    Takes features (..., up to ``neurons[0]``), the rest being zero, and gives the pre-activations of the output layer.
    Only the first ``classes`` of them are classes; the others are padding.

    With a sequence of seeds, that many networks are computed at once: features (seeds, batch, inputs), or (batch,
    inputs) for all, give (seeds, batch, outputs), and losses come one per seed.

    Parameters
    ----------
    activation : "relu" or "sigmoid" of the hidden layers, or one per hidden layer.
    output : "softmax" with cross entropy over the classes; or "sigmoid" with the cross entropy of each output, padding
        included, summed: the hardware's, whose output delta is a - y.
    init : of all junctions; None takes "glorot" into a sigmoid, else "he".
    execution : of all junctions; None chooses for each.
    others : as of `SparseLinear`.
    """

    def __init__(
        self, neurons: Sequence[int], edges: Sequence[JunctionEdges], *, activation: str | Sequence[str] = "relu",
        output: str = "softmax", classes: int | None = None, init: str | None = None, bias_start: float = 0.0,
        execution: str | None = None, seed: int | Sequence[int] = 0, device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ):
        super().__init__()
        self.neurons = tuple(neurons)
        hidden = len(self.neurons) - 2
        self.activation = (activation,) * hidden if isinstance(activation, str) else tuple(activation)
        self.output = output
        self.classes = self.neurons[-1] if classes is None else classes
        self.stacked = not isinstance(seed, int)
        _check(self, len(edges))
        layers = []
        for number, (junction, kind) in enumerate(zip(edges, (*self.activation, output), strict=True), 1):
            layers.append(SparseLinear(
                junction, execution=execution, seed=seed, init=init or ("glorot" if kind == "sigmoid" else "he"),
                bias_start=bias_start, junction=number, device=device, dtype=dtype,
            ))
            sizes = layers[-1].in_features, layers[-1].out_features
            if sizes != self.neurons[number - 1 : number + 1]:
                due = self.neurons[number - 1 : number + 1]
                raise SparseError(f"junction {number}: edges must join {due[0]} to {due[1]} neurons, got {sizes}")
        self.junctions = nn.ModuleList(layers)
        self.seeds = layers[0].seeds

    @classmethod
    def of(cls, design: Design, **options: Any) -> "SparseMLP":
        """The network of a design: its patterns, its activations, its sigmoid outputs; weights of ``seed``."""
        network = design.network
        return cls(
            network.neurons, [edges_of(j.pattern) for j in design.junctions], activation=network.activation[:-1],
            **{"output": "sigmoid", "classes": network.classes, **options},
        )

    def layers(self) -> list[SparseLinear]:
        """The junctions in order."""
        return [layer for layer in self.junctions if isinstance(layer, SparseLinear)]

    def forward(self, x: Tensor) -> Tensor:
        return self.preactivations(x)[-1]

    def preactivations(self, x: Tensor) -> list[Tensor]:
        """Of each junction, (..., N_right)."""
        missing = self.neurons[0] - x.shape[-1]
        if missing < 0:
            raise SparseError(f"features must be at most {self.neurons[0]}, the first layer, got {x.shape[-1]}")
        if missing:
            x = nn.functional.pad(x, (0, missing))
        if self.stacked and x.dim() == 2:
            x = x.expand(len(self.seeds), *x.shape)
        found = []
        for layer, activation in zip(self.layers(), (*self.activation, None), strict=True):
            found.append(layer(x))
            if activation:
                x = _HIDDEN[activation](found[-1])
        return found

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Mean over the batch of what ``output`` says: a scalar, or (seeds,). ``labels`` (batch,) or (seeds, batch)."""
        labels = labels.expand(outputs.shape[:-1])
        if self.output == "softmax":
            each = -torch.log_softmax(outputs[..., : self.classes], -1).gather(-1, labels[..., None])[..., 0]
        else:
            # the cross entropy of sigmoid(s) with target y is softplus(s) - y s
            each = nn.functional.softplus(outputs).sum(-1) - outputs.gather(-1, labels[..., None])[..., 0]
        return each.mean(-1)

    def predictions(self, outputs: Tensor) -> Tensor:
        """(..., batch) int64: the largest of the classes."""
        return outputs[..., : self.classes].argmax(-1)

    def single(self, number: int) -> "SparseMLP":
        """A copy of the network of one of the seeds, by its place among them."""
        model = SparseMLP(
            self.neurons, [layer.edges[number] for layer in self.layers()], activation=self.activation,
            output=self.output, classes=self.classes, seed=self.seeds[number], device=self.layers()[0].weight.device,
            dtype=self.layers()[0].weight.dtype,
        )
        with torch.no_grad():
            for one, layer in zip(model.layers(), self.layers(), strict=True):
                one.execution = layer.execution
                one.weight.copy_(layer.weight[number] if self.stacked else layer.weight)
                assert one.bias is not None
                assert layer.bias is not None
                one.bias.copy_(layer.bias[number] if self.stacked else layer.bias)
        return model


def _check(model: SparseMLP, junctions: int) -> None:
    layers, hidden = len(model.neurons), len(model.neurons) - 2
    if layers < 2:
        raise SparseError(f"a network needs at least 2 layers, got neurons {model.neurons}")
    if junctions != layers - 1:
        raise SparseError(f"a network of {layers} layers needs edges of {layers - 1} junctions, got {junctions}")
    if len(model.activation) != hidden:
        raise SparseError(f"activation must be one for each of the {hidden} hidden layers, got {model.activation}")
    for name in model.activation:
        if name not in _HIDDEN:
            raise SparseError(f'activation must be one of {", ".join(_HIDDEN)}, got "{name}"')
    if model.output not in _OUTPUTS:
        raise SparseError(f'output must be one of {", ".join(_OUTPUTS)}, got "{model.output}"')
    if not 1 <= model.classes <= model.neurons[-1]:
        raise SparseError(f"classes must be 1..{model.neurons[-1]}, the last layer, got {model.classes}")
