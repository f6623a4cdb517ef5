"""What experiments put in the place of the search's stages: all choices at once, a given network, points at random."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from sw.deepncheap.architectures import Architecture, Cnn, Mlp, key
from sw.deepncheap.kernels import distance_kernel
from sw.deepncheap.rules import Grids, default_cnn
from sw.deepncheap.scalars import Choice, Ordered, Scalar
from sw.deepncheap.spaces import Channels, HiddenLayers
from sw.deepncheap.stages import Bayes, BayesianStage, Problem, architecture_of, configuration
from sw.study.stage import Candidate, History

__all__ = ["GivenStage", "Joint", "JointStage", "Random"]

_TRIES = 1000
# of a CNN, several of whose values may be the same network; the least of them is taken
_WITHOUT_EFFECT = ("batch_norm", "dropout", "first_drop", "other_drop", "shortcuts")


@dataclass(frozen=True)
class Random(Bayes):
    """Every point is drawn at random."""

    @property
    def start(self) -> int:
        return self.trials

    def propose(self, name: str, space: Any, number: int, observed: Sequence[tuple[Any, float]],
                pending: Sequence[Any]) -> Any:
        taken = {found for found, _ in observed} | set(pending)
        rng = np.random.default_rng([self.seed, zlib.crc32(name.encode()), number])
        drawn = (space.at(rng.random(space.dimensions)) for _ in range(_TRIES))
        return next((found for found in drawn if found not in taken), None)


@dataclass(frozen=True)
class GivenStage:
    """One trial: a network that was found elsewhere, trained as stages 1 and 2 train."""

    problem: Problem
    architecture: Architecture
    name: str = "given"
    trials: int = 1
    start: int = 1
    share: float = 1.0
    fidelity: int = 0

    def propose(self, number: int, history: History) -> Candidate:
        return Candidate(configuration(self.architecture, self.problem.default_settings(self.architecture)))


@dataclass(frozen=True)
class Joint:
    """Networks, with all that stages 1 and 2 choose as one space. Equal networks are equal configurations.

    Offers of `sw.deepncheap.spaces.Space` what the optimiser asks for.
    """

    widths: HiddenLayers | Channels
    grids: Grids = field(default_factory=Grids)

    @cached_property
    def scalars(self) -> dict[str, Scalar]:
        """The choices beside the widths, by name of what they set; ``strides``: share of the places to halve at."""
        grids = self.grids
        found: dict[str, Scalar] = {"activation": Choice(grids.activations)}
        if isinstance(self.widths, HiddenLayers):
            return {**found, "dropout": Ordered(grids.mlp_drops)}
        return {**found, **{f"stride {n}": Choice((0, 1)) for n in range(3)},
                "batch_norm": Ordered(grids.batch_norm), "dropout": Ordered(grids.dropout),
                "first_drop": Ordered(grids.first_drops), "other_drop": Ordered(grids.other_drops),
                "shortcuts": Ordered(tuple(sorted(map(float, grids.shortcuts))))}

    @property
    def dimensions(self) -> int:
        return self.widths.dimensions + len(self.scalars)

    def at(self, u: np.ndarray) -> Architecture:
        widths = self.widths.at(u[: self.widths.dimensions])
        chosen: dict[str, Any] = {
            name: scalar.at(u[place:place + 1])[0]
            for place, (name, scalar) in enumerate(self.scalars.items(), self.widths.dimensions)}
        if isinstance(self.widths, HiddenLayers):
            return Mlp(widths, **chosen) if widths else Mlp(())
        plain = default_cnn(widths)
        strided = [bool(chosen.pop(f"stride {n}")) for n in range(3)][: len(plain.pools)]
        chosen["shortcuts"] = int(chosen["shortcuts"])
        found = replace(plain, **chosen,
                        pools=tuple(at for at, stride in zip(plain.pools, strided, strict=True) if not stride),
                        strides=tuple(at for at, stride in zip(plain.pools, strided, strict=True) if stride))
        for name in _WITHOUT_EFFECT:
            values = self.scalars[name].values() or ()
            options = (replace(found, **{name: type(chosen[name])(value)}) for value in values)
            found = next(one for one in options if key(one) == key(found))
        return found

    def each(self, points: np.ndarray) -> list[Architecture]:
        return [self.at(u) for u in points]

    def locate(self, architecture: Architecture) -> np.ndarray:
        values = self._values(architecture)
        return np.concatenate([self.widths.locate(_widths(architecture)),
                               [scalar.locate(values[name]) for name, scalar in self.scalars.items()]])

    def _values(self, architecture: Architecture) -> dict[str, Any]:
        if isinstance(architecture, Mlp):
            near = {"dropout": min(self.grids.mlp_drops, key=lambda p: abs(p - architecture.dropout))}
            return {"activation": architecture.activation, **near}
        places = sorted(architecture.pools + architecture.strides)
        values = {name: getattr(architecture, name) for name in self.scalars if not name.startswith("stride")}
        return values | {f"stride {n}": int(n < len(places) and places[n] in architecture.strides) for n in range(3)}

    def _columns(self, architectures: Sequence[Architecture]) -> list[np.ndarray]:
        values = [self._values(one) for one in architectures]
        return [scalar.columns([one[name] for one in values]) for name, scalar in self.scalars.items()]

    def features(self, architectures: Sequence[Architecture]) -> np.ndarray:
        widths = self.widths.features([_widths(one) for one in architectures])
        return np.hstack([widths, *self._columns(architectures)])

    def kernel(self, left: Sequence[Architecture], right: Sequence[Architecture]) -> np.ndarray:
        found = [self.widths.kernel([_widths(one) for one in left], [_widths(one) for one in right])]
        for one, other in zip(self._columns(left), self._columns(right), strict=True):
            found.append(distance_kernel(np.sqrt(((one[:, None] - other[None]) ** 2).sum(axis=2))))
        return np.mean(found, axis=0)

    def configurations(self) -> Iterator[Architecture]:
        """All, lazily; an MLP without hidden layers once for each of the other choices."""
        others = [[(n + 0.5) / len(values) for n in range(len(values))]
                  for scalar in self.scalars.values() if (values := scalar.values())]
        return (self.at(np.concatenate([self.widths.locate(widths), other]))
                for widths in self.widths.configurations() for other in product(*others))


@dataclass(frozen=True)
class JointStage(BayesianStage):
    """Stages 1 and 2 as one: each trial chooses widths, activation, dropout and whatever else at once."""

    space: Joint = field(default_factory=lambda: Joint(HiddenLayers()))
    name: str = "joint"

    def propose(self, number: int, history: History) -> Candidate | None:
        found = self.proposed(self.space, number, [(architecture_of(one), one) for one in history.of(self.name)])
        return None if found is None else Candidate(configuration(found, self.problem.default_settings(found)))


def _widths(architecture: Architecture) -> tuple[int, ...]:
    return architecture.channels if isinstance(architecture, Cnn) else architecture.hidden
