"""Architectures as torch modules."""

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from sw.deepncheap.architectures import Architecture, Cnn, ConvLayer, Mlp, image_channels, plan
from sw.deepncheap.dropout import Dropout

__all__ = ["Convolutions", "build"]

_ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


def build(architecture: Architecture, sample_shape: Sequence[int], outputs: int, seed: int) -> nn.Module:
    """The network, on the CPU, with initial weights that depend on the seed alone.

    It takes (samples, *sample_shape), or for an MLP anything that flattens to that, and gives (samples, outputs): of
    classes before the softmax. Linear layers begin as He says (normal, variance 2 / inputs) with biases of 0.1, all
    others as torch has them.

    Raises
    ------
    SearchError : a CNN for samples that are no images.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = _mlp(architecture, prod(sample_shape), outputs) if isinstance(architecture, Mlp) else \
            Convolutions(architecture, image_channels(sample_shape), outputs)
        for module in network.modules():
            if isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.constant_(module.bias, 0.1)
    return network


def _mlp(architecture: Mlp, inputs: int, outputs: int) -> nn.Module:
    layers: list[nn.Module] = [nn.Flatten()]
    for nodes in architecture.hidden:
        layers += [nn.Linear(inputs, nodes), _ACTIVATIONS[architecture.activation]()]
        if architecture.dropout:
            layers.append(Dropout(architecture.dropout))
        inputs = nodes
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))


class Convolutions(nn.Module):
    """The network of a `Cnn`; ``blocks`` are its layers in order."""

    def __init__(self, architecture: Cnn, channels: int, outputs: int) -> None:
        super().__init__()
        self.plan = plan(architecture, channels)
        self.starts = frozenset(layer.shortcut for layer in self.plan)
        self.blocks = nn.ModuleList(_Block(layer, architecture.activation) for layer in self.plan)
        self.classifier = nn.Linear(architecture.channels[-1], outputs)

    def forward(self, x: Tensor) -> Tensor:
        passed: dict[int | None, Tensor | None] = {None: None}
        for number, (layer, block) in enumerate(zip(self.plan, self.blocks, strict=True)):
            x = block(x, passed[layer.shortcut])
            if number in self.starts:
                passed[number] = x
        return self.classifier(x.mean((2, 3)))


class _Block(nn.Module):
    def __init__(self, layer: ConvLayer, activation: str) -> None:
        super().__init__()
        self.halvings = layer.halvings
        self.convolution = nn.Conv2d(layer.inputs, layer.channels, 3, stride=layer.stride, padding=1)
        before: list[nn.Module] = [nn.MaxPool2d(2, ceil_mode=True)] if layer.pool else []
        self.before = nn.Sequential(*before, *([nn.BatchNorm2d(layer.channels)] if layer.batch_norm else []))
        after: list[nn.Module] = [Dropout(layer.drop)] if layer.drop else []
        self.after = nn.Sequential(_ACTIVATIONS[activation](), *after)

    def forward(self, x: Tensor, shortcut: Tensor | None) -> Tensor:
        x = self.before(self.convolution(x))
        if shortcut is not None:
            for _ in range(self.halvings):
                shortcut = functional.avg_pool2d(shortcut, 2, ceil_mode=True)
            # channels that the shortcut does not have are zero in it
            x = x + functional.pad(shortcut, (0, 0, 0, 0, 0, x.shape[1] - shortcut.shape[1]))
        return self.after(x)
