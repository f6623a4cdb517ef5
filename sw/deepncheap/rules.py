"""What follows from the widths that stage 1 chooses, and what stage 2 tries: the rules of Deep-n-Cheap."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product
from typing import NamedTuple

from sw.deepncheap.architectures import ACTIVATIONS, Architecture, Cnn, Mlp, key
from sw.deepncheap.errors import SearchError

__all__ = ["CNN_GRIDS", "HIGHEST_DECAY", "MLP_GRIDS", "Grids", "default_batch", "default_cnn", "default_mlp",
           "default_weight_decay", "options"]

_POOL_ABOVE = (64, 128, 256)  # channels
_FIRST_DROPS = (0.1, 0.2)
_OTHER_DROPS = (0.15, 0.3, 0.45)
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)

#: the grids of stage 2 in the order in which they are searched
CNN_GRIDS = ("ac", "ds", "bn", "do", "sc")
MLP_GRIDS = ("ac", "do")
#: the most that a default weight decay is, which is where the search of stage 3 ends too
HIGHEST_DECAY = 1e-3


@dataclass(frozen=True)
class Grids:
    """The values that stage 2 tries."""

    activations: tuple[str, ...] = ACTIVATIONS
    batch_norm: tuple[float, ...] = _QUARTERS
    dropout: tuple[float, ...] = _QUARTERS
    first_drops: tuple[float, ...] = _FIRST_DROPS
    other_drops: tuple[float, ...] = _OTHER_DROPS
    mlp_drops: tuple[float, ...] = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
    shortcuts: tuple[int, ...] = (0, 4, 2)


def default_mlp(hidden: Iterable[int]) -> Mlp:
    """What stage 1 trains for these nodes: ReLU, dropout of 0.2."""
    return Mlp(tuple(hidden))


def default_cnn(channels: Iterable[int]) -> Cnn:
    """What stage 1 trains for these channels.

    ReLU; batch norm and dropout (0.1, then 0.3) in every layer. A pool right before the first layer with more than 64
    channels, the next before one with more than 128, the last before one with more than 256; a layer has one at most.
    Shortcuts: none in up to 8 layers, every 4 layers in up to 14, every 2 in deeper networks.
    """
    channels = tuple(channels)
    pools: list[int] = []
    for layer in range(1, len(channels)):
        if len(pools) < len(_POOL_ABOVE) and channels[layer] > _POOL_ABOVE[len(pools)]:
            pools.append(layer - 1)
    depth = len(channels)
    return Cnn(channels, pools=tuple(pools), shortcuts=0 if depth <= 8 else 4 if depth <= 14 else 2)


def options(name: str, architecture: Architecture, grids: Grids | None = None) -> list[Architecture]:
    """The networks that one grid of stage 2 tries, given the best architecture so far, in the order of the grid.

    That architecture is not among them, nor is any network twice. A list may be empty, as where there is nothing to
    drop. ``name``: ac (activation), ds (max-pool or stride), bn (batch norm), do (dropout), sc (shortcuts).

    Raises
    ------
    SearchError : a grid that this kind of network does not have.
    """
    grids = grids or Grids()
    known = CNN_GRIDS if isinstance(architecture, Cnn) else MLP_GRIDS
    if name not in known:
        raise SearchError(f"the grids of {type(architecture).__name__.lower()} are {', '.join(known)}, got {name!r}")
    seen = {key(architecture)}
    tried = []
    for other in _grid(name, architecture, grids):
        if key(other) not in seen:
            seen.add(key(other))
            tried.append(other)
    return tried


def _grid(name: str, architecture: Architecture, grids: Grids) -> Iterable[Architecture]:
    if name == "ac":
        return [replace(architecture, activation=activation) for activation in grids.activations]
    if isinstance(architecture, Mlp):
        return [replace(architecture, dropout=probability) for probability in grids.mlp_drops]
    if name == "ds":
        return _downsamplings(architecture)
    if name == "bn":
        return [replace(architecture, batch_norm=share) for share in grids.batch_norm]
    if name == "sc":
        return [replace(architecture, shortcuts=every) for every in grids.shortcuts]
    return [replace(architecture, dropout=share, first_drop=first, other_drop=other)
            for share, first, other in product(grids.dropout, grids.first_drops, grids.other_drops)]


def _downsamplings(cnn: Cnn) -> list[Architecture]:
    places = sorted(cnn.pools + cnn.strides)
    return [replace(cnn, pools=tuple(at for at, pool in zip(places, pools, strict=True) if pool),
                    strides=tuple(at for at, pool in zip(places, pools, strict=True) if not pool))
            for pools in product((True, False), repeat=len(places))]


def default_batch(samples: int) -> int:
    """Batch of stages 1 and 2: Deep-n-Cheap's 256 from 16,384 training samples on, then so many that an epoch has 64 of
    them, but at least 32, or all samples. Else networks would hardly learn in few epochs on small data."""
    return min(samples, max(32, min(256, samples // 64)))


class _Decay(NamedTuple):
    """Decay per parameter, and the parameters from which on there is any, both for so many training samples."""

    per_parameter: float
    least: float
    samples: float


# Deep-n-Cheap states these for data sets by name: MNIST and Fashion-MNIST, and images in general (CIFAR-10).
_MLP_DECAY = _Decay(1e-9, 1e4, 48_000)
_CNN_DECAY = _Decay(1e-11, 1e6, 40_000)


def default_weight_decay(architecture: Architecture, parameters: int, samples: int) -> float:
    """Weight decay of stages 1 and 2, from the number of parameters and of training samples.

    In proportion to parameters per sample, and none for networks with few of them: 1e-9 per parameter from 10,000
    parameters on for an MLP on 48,000 samples, 1e-11 from 1,000,000 on for a CNN on 40,000. At most `HIGHEST_DECAY`.
    """
    rule = _CNN_DECAY if isinstance(architecture, Cnn) else _MLP_DECAY
    scale = rule.samples / samples
    if parameters * scale < rule.least:
        return 0.0
    return min(rule.per_parameter * parameters * scale, HIGHEST_DECAY)
