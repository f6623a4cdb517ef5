"""Architectures as data: what a search chooses, the layers that follow from it, their parameters.

The building block, the even spread of batch norm and dropout and the shortcuts are those of Deep-n-Cheap
(S. Dey, S. C. Kanala, K. M. Chugg, P. A. Beerel, "Deep-n-Cheap: An Automated Search Framework for Low Complexity
Deep Learning", ACML 2020). Layers are counted from 0.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from itertools import pairwise
from math import ceil, prod
from typing import Any, NamedTuple

from sw.deepncheap.errors import SearchError

__all__ = [
    "ACTIVATIONS", "Architecture", "Cnn", "ConvLayer", "Mlp", "from_dict", "key", "number_of_parameters", "plan",
    "spread", "to_dict",
]

ACTIVATIONS = ("relu", "tanh", "sigmoid")


@dataclass(frozen=True)
class Mlp:
    """Fully connected layers of ``hidden`` nodes; dropout with probability ``dropout`` after each of them."""

    hidden: tuple[int, ...]
    activation: str = "relu"
    dropout: float = 0.2

    def __post_init__(self) -> None:
        _check_sizes("hidden", self.hidden)
        _check_activation(self.activation)
        _check_probability("dropout", self.dropout)


@dataclass(frozen=True)
class Cnn:
    """Convolutions of 3 x 3 with ``channels`` outputs each, global average pooling, one linear layer.

    Parameters
    ----------
    channels : output channels of each convolution.
    activation : of every convolution.
    pools, strides : layers that halve the map, by a 2 x 2 max-pool or by a stride of 2; in rising order, none in both.
    batch_norm, dropout : share of the layers that have batch norm, dropout; which ones: `spread`.
    first_drop, other_drop : dropout probability in layer 0 and in the others.
    shortcuts : a shortcut starts at layer 0 and every so many layers; 0 for none.
    """

    channels: tuple[int, ...]
    activation: str = "relu"
    pools: tuple[int, ...] = ()
    strides: tuple[int, ...] = ()
    batch_norm: float = 1.0
    dropout: float = 1.0
    first_drop: float = 0.1
    other_drop: float = 0.3
    shortcuts: int = 0

    def __post_init__(self) -> None:
        _check_sizes("channels", self.channels)
        if not self.channels:
            raise SearchError("channels must have at least one layer, got none")
        _check_activation(self.activation)
        for name in ("pools", "strides"):
            _check_layers(name, getattr(self, name), len(self.channels))
        if both := set(self.pools) & set(self.strides):
            raise SearchError(f"a layer must have a pool or a stride, not both, got both in layer {min(both)}")
        for name in ("batch_norm", "dropout"):
            if not 0 <= getattr(self, name) <= 1:
                raise SearchError(f"{name} must be a share of the layers, 0 to 1, got {getattr(self, name)}")
        for name in ("first_drop", "other_drop"):
            _check_probability(name, getattr(self, name))
        if self.shortcuts < 0 or self.shortcuts == 1:
            raise SearchError(f"shortcuts must start every 2 layers or more, or 0 for none, got {self.shortcuts}")


Architecture = Mlp | Cnn


class ConvLayer(NamedTuple):
    """One convolution, in the order of its parts: convolution, pool, batch norm, shortcut, activation, dropout.

    ``shortcut``: layer whose output is added before the activation, None for none; ``halvings``: how often the map was
    halved since, and so how many 2 x 2 average pools the shortcut goes through.
    """

    inputs: int
    channels: int
    pool: bool
    stride: int
    batch_norm: bool
    drop: float
    shortcut: int | None
    halvings: int


def spread(share: float, layers: int) -> tuple[int, ...]:
    """Which of ``layers`` layers: ceil(share * layers) of them, spread evenly, as late as possible.

    In whole numbers: counted from 1, the j-th of n is ceil(j * layers / n).
    """
    number = ceil(Fraction(str(share)) * layers)
    return tuple(-(-j * layers // number) - 1 for j in range(1, number + 1))


def plan(cnn: Cnn, image_channels: int = 0) -> tuple[ConvLayer, ...]:
    """The layers of a network whose images have ``image_channels`` channels."""
    count = len(cnn.channels)
    normed, dropped = set(spread(cnn.batch_norm, count)), set(spread(cnn.dropout, count))
    halving = [layer in cnn.pools or layer in cnn.strides for layer in range(count)]
    layers = []
    for layer, channels in enumerate(cnn.channels):
        start = layer - 2
        ends = cnn.shortcuts and start >= 0 and start % cnn.shortcuts == 0
        layers.append(ConvLayer(
            inputs=cnn.channels[layer - 1] if layer else image_channels,
            channels=channels,
            pool=layer in cnn.pools,
            stride=2 if layer in cnn.strides else 1,
            batch_norm=layer in normed,
            drop=(cnn.other_drop if layer else cnn.first_drop) if layer in dropped else 0.0,
            shortcut=start if ends else None,
            halvings=sum(halving[start + 1 : layer + 1]) if ends else 0,
        ))
    return tuple(layers)


def key(architecture: Architecture) -> Hashable:
    """Equal for two architectures exactly if they are the same network, whatever parameters have no effect in it."""
    if isinstance(architecture, Cnn):
        return "cnn", architecture.activation, plan(architecture)
    if not architecture.hidden:
        return "mlp", ()
    return "mlp", architecture.hidden, architecture.activation, architecture.dropout


def number_of_parameters(architecture: Architecture, sample_shape: Sequence[int], outputs: int) -> int:
    """Weights, biases, scales and shifts of batch norm, by formula.

    ``sample_shape``: (features,) or (channels, rows, columns); a CNN takes the latter alone.
    """
    if isinstance(architecture, Mlp):
        sizes = (prod(sample_shape), *architecture.hidden, outputs)
        return sum((left + 1) * right for left, right in pairwise(sizes))
    layers = plan(architecture, image_channels(sample_shape))
    convolutions = sum((9 * layer.inputs + 1 + 2 * layer.batch_norm) * layer.channels for layer in layers)
    return convolutions + (architecture.channels[-1] + 1) * outputs


def image_channels(sample_shape: Sequence[int]) -> int:
    """Channels of images of this shape. SearchError if they are none."""
    if len(sample_shape) != 3:
        raise SearchError(f"a CNN needs samples of (channels, rows, columns), got the shape {tuple(sample_shape)}; "
                          "give the shape of one, or search MLPs")
    return sample_shape[0]


def to_dict(architecture: Architecture) -> dict[str, Any]:
    """For JSON."""
    return {"network": type(architecture).__name__.lower(), **asdict(architecture)}


def from_dict(content: dict[str, Any]) -> Architecture:
    """The architecture of `to_dict`, through JSON or not. SearchError if it is none."""
    kinds: dict[Any, type[Architecture]] = {"mlp": Mlp, "cnn": Cnn}
    kind = kinds.get(content.get("network"))
    if kind is None:
        raise SearchError(f'network must be "mlp" or "cnn", got {content.get("network")!r}')
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value
                             for name, value in content.items() if name != "network"}
    if unknown := set(given) - {field.name for field in fields(kind)}:
        raise SearchError(f"{content['network']} has no {min(unknown)}")
    return kind(**given)


def _check_sizes(name: str, sizes: Iterable[int]) -> None:
    for size in sizes:
        if size < 1:
            raise SearchError(f"{name} must be at least 1 in each layer, got {size}")


def _check_layers(name: str, layers: tuple[int, ...], count: int) -> None:
    if list(layers) != sorted({layer for layer in layers if 0 <= layer < count}):
        raise SearchError(f"{name} must be layers 0..{count - 1} in rising order, got {layers}")


def _check_activation(activation: str) -> None:
    if activation not in ACTIVATIONS:
        raise SearchError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")


def _check_probability(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise SearchError(f"{name} must be a probability from 0 up to but not 1, got {value}")
