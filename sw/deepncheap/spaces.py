"""What a search chooses from: spaces of configurations, each reached from the points of a unit cube.

A configuration is hashable, and equal configurations are the same network or the same training. A space knows how
Optuna asks for one, and how alike two are: by Deep-n-Cheap's kernel, and by numbers for a kernel whose lengths are
fitted. Networks of different depths lie in one space.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import floor
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np

from sw.deepncheap.errors import SearchError
from sw.deepncheap.kernels import channels_kernel, distance_kernel
from sw.deepncheap.scalars import Integer, LogReal, Scalar, Value

if TYPE_CHECKING:
    from optuna.trial import BaseTrial

__all__ = ["Channels", "HiddenLayers", "Product", "Space", "TrainingSettings", "TrainingSpace"]

C = TypeVar("C", bound=Hashable)
_LAST = np.nextafter(1.0, 0.0)


class Space(Protocol[C]):
    """Configurations of type C."""

    @property
    def dimensions(self) -> int:
        """Of the unit cube."""

    def at(self, u: np.ndarray) -> C:
        """The configuration at a point of the cube, 0 <= u < 1. Coordinates that it does not need are ignored."""

    def each(self, points: np.ndarray) -> Sequence[C]:
        """Those at points (n, dimensions)."""

    def locate(self, configuration: C) -> np.ndarray:
        """A point whose configuration this is, up to rounding of a continuous range."""

    def suggest(self, trial: BaseTrial) -> C:
        """Ask a trial of Optuna for a configuration."""

    def parameters(self, configuration: C) -> dict[str, Value]:
        """What a trial must answer, so that ``suggest`` returns this configuration."""

    def kernel(self, left: Sequence[C], right: Sequence[C]) -> np.ndarray:
        """Deep-n-Cheap's kernel of each pair, (left, right)."""

    def features(self, configurations: Sequence[C]) -> np.ndarray:
        """(configurations, k): numbers of about 0 to 1 that say where each lies, whatever its depth."""

    def configurations(self) -> Iterator[C] | None:
        """All of them, each once, lazily; None if a range is continuous."""


class Product(Generic[C]):
    """Independent hyperparameters by name. A configuration is ``make`` of their values in order, and iterable."""

    def __init__(self, scalars: Mapping[str, Scalar], make: Callable[..., C] = lambda *values: values) -> None:  # type: ignore[assignment]
        self.scalars = dict(scalars)
        self._make = make

    @property
    def dimensions(self) -> int:
        return len(self.scalars)

    def at(self, u: np.ndarray) -> C:
        return self.each(u[None])[0]

    def each(self, points: np.ndarray) -> Sequence[C]:
        columns = [scalar.at(u) for scalar, u in zip(self.scalars.values(), points.T, strict=True)]
        return [self._make(*values) for values in zip(*columns, strict=True)]

    def _pairs(self, configuration: C) -> Iterator[tuple[Scalar, Value]]:
        values: Any = configuration
        return zip(self.scalars.values(), values, strict=True)

    def locate(self, configuration: C) -> np.ndarray:
        return np.array([scalar.locate(value) for scalar, value in self._pairs(configuration)])

    def suggest(self, trial: BaseTrial) -> C:
        return self._make(*(scalar.suggest(trial, name) for name, scalar in self.scalars.items()))

    def parameters(self, configuration: C) -> dict[str, Value]:
        return {name: scalar.parameter(value)
                for name, (scalar, value) in zip(self.scalars, self._pairs(configuration), strict=True)}

    def kernel(self, left: Sequence[C], right: Sequence[C]) -> np.ndarray:
        found = []
        for one, other in zip(self._columns(left), self._columns(right), strict=True):
            apart = np.sqrt(((one[:, None] - other[None]) ** 2).sum(axis=2))
            found.append(distance_kernel(apart))
        return np.mean(found, axis=0)

    def _columns(self, configurations: Sequence[C]) -> list[np.ndarray]:
        values: Any = zip(*configurations, strict=True)
        return [scalar.columns(column) for scalar, column in zip(self.scalars.values(), values, strict=True)]

    def features(self, configurations: Sequence[C]) -> np.ndarray:
        return np.hstack(self._columns(configurations))

    def configurations(self) -> Iterator[C] | None:
        values = [scalar.values() for scalar in self.scalars.values()]
        if any(one is None for one in values):
            return None
        return (self._make(*chosen) for chosen in product(*values))  # type: ignore[arg-type]


class TrainingSettings(NamedTuple):
    """How a network is trained by Adam. A weight decay of 0 is none."""

    learning_rate: float
    weight_decay: float
    batch_size: int


class TrainingSpace(Product[TrainingSettings]):
    """Learning rate and weight decay by exponents of 10, batch size. The lowest decade of weight decay means 0."""

    def __init__(self, learning_rate: tuple[float, float] = (-5, -1), weight_decay: tuple[float, float] = (-6, -3),
                 batch_size: tuple[int, int] = (32, 512)) -> None:
        super().__init__({
            "learning_rate": LogReal(*learning_rate), "weight_decay": LogReal(*weight_decay, zero=True),
            "batch_size": Integer(*batch_size),
        }, TrainingSettings)


@dataclass(frozen=True)
class HiddenLayers:
    """Widths of an MLP's hidden layers: so many layers, each with so many nodes, independent of each other.

    By Deep-n-Cheap's kernel two MLPs are as alike as their depths (r = 1) and their total nodes (r = 1/2): the mean.
    """

    layers: tuple[int, int] = (0, 2)
    nodes: tuple[int, int] = (20, 400)

    def __post_init__(self) -> None:
        _check_range("hidden layers", self.layers, 0)
        _check_range("hidden nodes", self.nodes, 1)

    @property
    def dimensions(self) -> int:
        return 1 + self.layers[1]

    def at(self, u: np.ndarray) -> tuple[int, ...]:
        return tuple(Integer(*self.nodes).at(u[1:1 + Integer(*self.layers).at(u[:1])[0]]))

    def each(self, points: np.ndarray) -> Sequence[tuple[int, ...]]:
        depths, widths = Integer(*self.layers).at(points[:, 0]), Integer(*self.nodes).at(points[:, 1:].ravel())
        most = self.layers[1]
        return [tuple(widths[n * most:n * most + depth]) for n, depth in enumerate(depths)]

    def locate(self, configuration: tuple[int, ...]) -> np.ndarray:
        u = np.full(self.dimensions, 0.5)
        u[0] = Integer(*self.layers).locate(len(configuration))
        u[1:1 + len(configuration)] = [Integer(*self.nodes).locate(width) for width in configuration]
        return u

    def suggest(self, trial: BaseTrial) -> tuple[int, ...]:
        depth = trial.suggest_int("hidden_layers", *self.layers)
        return tuple(trial.suggest_int(f"nodes_{n}", *self.nodes) for n in range(1, depth + 1))

    def parameters(self, configuration: tuple[int, ...]) -> dict[str, Value]:
        return {"hidden_layers": len(configuration), **{f"nodes_{n}": c for n, c in enumerate(configuration, 1)}}

    def kernel(self, left: Sequence[tuple[int, ...]], right: Sequence[tuple[int, ...]]) -> np.ndarray:
        def apart(number: Callable[[Sequence[int]], int], low: int, high: int) -> np.ndarray:
            one, other = (np.array([number(c) for c in side], float) for side in (left, right))
            return np.abs(one[:, None] - other[None]) / max(high - low, 1)

        return (distance_kernel(apart(len, *self.layers))
                + distance_kernel(apart(sum, 0, self.layers[1] * self.nodes[1]), 1 / 2)) / 2

    def features(self, configurations: Sequence[tuple[int, ...]]) -> np.ndarray:
        """Depth, logarithm of all nodes, and the same of each layer; a layer that is not there has none."""
        low, high = self.layers
        full = np.zeros((len(configurations), high))
        for row, widths in zip(full, configurations, strict=True):
            row[:len(widths)] = widths
        depth = (np.count_nonzero(full, axis=1) - low) / max(high - low, 1)
        total = np.log1p(full.sum(axis=1) / self.nodes[0]) / np.log1p(max(high, 1) * self.nodes[1] / self.nodes[0])
        each = np.log1p(full / self.nodes[0]) / np.log1p(self.nodes[1] / self.nodes[0])
        return np.column_stack([depth, total, each])

    def configurations(self) -> Iterator[tuple[int, ...]]:
        widths = range(self.nodes[0], self.nodes[1] + 1)
        return (found for depth in range(self.layers[0], self.layers[1] + 1) for found in product(widths, repeat=depth))


@dataclass(frozen=True)
class Channels:
    """Channels of a CNN's convolutions: those of the first, then from the last layer's to twice as many, at most
    ``upper``.

    ``constant_limits``: the kernel divides every layer's difference by the range of the first, as the reference
    program does; else by the range that layer i can have, up to min(2^(i-1) times the first's upper limit, ``upper``).
    """

    layers: tuple[int, int] = (4, 16)
    first: tuple[int, int] = (16, 64)
    upper: int = 512
    constant_limits: bool = False

    def __post_init__(self) -> None:
        _check_range("convolutions", self.layers, 1)
        _check_range("channels of the first convolution", self.first, 1)
        if self.upper < self.first[1]:
            raise SearchError(f"the most channels must be at least those of the first convolution, {self.first[1]}, "
                              f"got {self.upper}")

    @property
    def dimensions(self) -> int:
        return 1 + self.layers[1]

    def _next(self, before: int | None) -> Integer:
        """The range of a layer behind one with so many channels."""
        return Integer(*self.first) if before is None else Integer(before, min(2 * before, self.upper))

    def at(self, u: np.ndarray) -> tuple[int, ...]:
        found: list[int] = []
        for x in u[1:1 + Integer(*self.layers).at(u[:1])[0]].tolist():
            layer = self._next(found[-1] if found else None)
            found.append(min(floor(layer.low + x * (layer.high + 1 - layer.low)), layer.high))
        return tuple(found)

    def each(self, points: np.ndarray) -> Sequence[tuple[int, ...]]:
        return [self.at(u) for u in points]

    def locate(self, configuration: tuple[int, ...]) -> np.ndarray:
        u = np.full(self.dimensions, 0.5)
        u[0] = Integer(*self.layers).locate(len(configuration))
        for n, (before, channels) in enumerate(zip((None, *configuration), configuration, strict=False), 1):
            u[n] = self._next(before).locate(channels)
        return u

    def suggest(self, trial: BaseTrial) -> tuple[int, ...]:
        found: list[int] = []
        for n in range(1, trial.suggest_int("conv_layers", *self.layers) + 1):
            found.append(self._next(found[-1] if found else None).suggest(trial, f"channels_{n}"))
        return tuple(found)

    def parameters(self, configuration: tuple[int, ...]) -> dict[str, Value]:
        return {"conv_layers": len(configuration), **{f"channels_{n}": c for n, c in enumerate(configuration, 1)}}

    def limits(self) -> list[int]:
        """The most channels that the kernel takes each layer to have."""
        if self.constant_limits:
            return [self.first[1]] * self.layers[1]
        return [min(self.first[1] << n, self.upper) for n in range(self.layers[1])]

    def kernel(self, left: Sequence[tuple[int, ...]], right: Sequence[tuple[int, ...]]) -> np.ndarray:
        return channels_kernel(left, right, [limit - self.first[0] for limit in self.limits()])

    def features(self, configurations: Sequence[tuple[int, ...]]) -> np.ndarray:
        """Depth, logarithm of the weights of all convolutions, and of the channels at a quarter of the depth each."""
        low, high = self.layers
        rows = []
        for channels in configurations:
            logs = np.log2(channels)
            weights = np.log2(sum(a * b for a, b in zip((1, *channels), channels, strict=False)))
            places = np.interp(np.linspace(0, len(logs) - 1, 5), np.arange(len(logs)), logs)
            rows.append([(len(channels) - low) / max(high - low, 1), weights, *places])
        found = np.array(rows)
        least, most = np.log2(self.first[0]), np.log2(self.upper)
        found[:, 1] = (found[:, 1] - 2 * least) / max(2 * most + np.log2(high) - 2 * least, 1)
        found[:, 2:] = (found[:, 2:] - least) / max(most - least, 1)
        return found

    def configurations(self) -> Iterator[tuple[int, ...]]:
        def extended(channels: tuple[int, ...], depth: int) -> Iterator[tuple[int, ...]]:
            if not depth:
                yield channels
                return
            for count in self._next(channels[-1] if channels else None).values():
                yield from extended((*channels, int(count)), depth - 1)

        for depth in range(self.layers[0], self.layers[1] + 1):
            yield from extended((), depth)


def _check_range(what: str, limits: tuple[int, int], least: int) -> None:
    if not least <= limits[0] <= limits[1]:
        raise SearchError(f"the range of {what} must ascend and begin at {least} or more, got {limits[0]} to "
                          f"{limits[1]}")
