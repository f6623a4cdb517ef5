"""One configuration to be trained: a network with several seeds, its data and its settings."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

from sw.experiments.record import MOST_SEEDS
from sw.experiments.sources import Source
from sw.pattern.degrees import divisors, in_degree
from sw.pattern.draw import draw
from sw.pattern.edges import Edges, fully_connected
from sw.sparse.errors import SparseError
from sw.sparse.settings import Settings

__all__ = ["METHODS", "Point", "default_z", "dense_weights"]

METHODS = ("fixed", "pruned", "moved")
_BESIDES, _CONVOLVED = 50_000, 150
_VERSION = 4  # of what `sw.experiments.run` does; another one makes old results void


@dataclass(frozen=True)
class Point:
    """A configuration; equal points have equal results.

    ``out_degrees``: one per junction; that of the right layer's size is fully connected, whatever the ``kind``.
    ``kind``: as in `sw.pattern.draw`; the clash-free ones have as many lanes as `default_z` says, or ``z``.
    ``seeds``: of weights, of the order of samples and of edges: each has a pattern of its own.
    ``validation``: training samples, the last ones, that are kept from training and measured apart.
    ``front``: filters of a convolution between the features and the network, see `sw.experiments.front`.
    ``method``: "fixed": edges are what they are before training; or "pruned", "moved", see `sw.experiments.masks`.
    """

    source: Source
    neurons: tuple[int, ...]
    out_degrees: tuple[int, ...]
    kind: str | int = "structured"
    sweeps_per_start: int = 1
    dither: bool = False
    z: tuple[int, ...] | None = None
    settings: Settings = field(default_factory=Settings)
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    validation: int = 0
    front: int | None = None
    method: str = "fixed"

    def __post_init__(self) -> None:
        if not 1 <= len(self.seeds) <= MOST_SEEDS:
            raise SparseError(f"a configuration must have 1 to {MOST_SEEDS} seeds, got {len(self.seeds)}")
        if len(set(self.seeds)) < len(self.seeds):
            raise SparseError(f"the seeds of a configuration must differ, got {self.seeds}")
        if self.method not in METHODS or (self.method != "fixed" and self.front):
            raise SparseError(f"method must be one of {', '.join(METHODS)}, with a front end the first; "
                              f"got {self.method}")
        if self.method != "fixed" and self.settings.patience is not None:
            raise SparseError(f"patience must not be given with method {self.method}, whose weights are not yet those "
                              "of the last epoch when it ends")
        if len(self.out_degrees) != len(self.neurons) - 1:
            raise SparseError(f"the layers {self.neurons} need {len(self.neurons) - 1} out-degrees, one per junction; "
                              f"got {self.out_degrees}")

    @property
    def identity(self) -> str:
        """16 hex digits, of all that the result depends on: of files their content, not their name."""
        told = asdict(self)
        if content := self.source.content:
            told["source"]["name"] = content
        text = json.dumps({"version": _VERSION, **told}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def weights(self) -> int:
        return sum(left * d for left, d in zip(self.neurons[:-1], self.out_degrees, strict=True))

    @property
    def work(self) -> float:
        """What time left is told by, in multiplications of a dense network forward, of all samples that are seen.

        A sample of any network costs as much as 50,000 besides, and a convolution far more than its multiplications:
        found by timing networks of 11,000 to 350,000 weights and one with a front end, to about a factor of 1.5.
        """
        data = self.source.shape
        each = _BESIDES + dense_weights(self.neurons)
        if self.front:
            each += _CONVOLVED * self.front * data.features
        return float(each * (data.train - self.validation) * self.settings.epochs * len(self.seeds))

    def edges(self, seed: int) -> list[Edges]:
        """Of each junction. DesignError where it cannot have them."""
        found = []
        for number, ((left, right), d_out) in enumerate(zip(pairwise(self.neurons), self.out_degrees, strict=True), 1):
            if d_out == right:
                found.append(fully_connected(left, right))
                continue
            options: dict[str, Any] = {}
            if not isinstance(self.kind, str):
                z = self.z[number - 1] if self.z else default_z(left, right, d_out)
                options = {"z": z, "sweeps_per_start": self.sweeps_per_start, "dither": self.dither}
            found.append(draw(self.kind, left, right, out_degree=d_out, seed=seed, junction=number, **options))
        return found


def dense_weights(neurons: Sequence[int]) -> int:
    """Weights of the fully connected network."""
    return sum(left * right for left, right in pairwise(neurons))


def default_z(left: int, right: int, out_degree: int) -> int:
    """As many lanes as there can be without two right neurons in one clock: the largest divisor of ``left`` <= d_in."""
    fan_in = in_degree(left, right, out_degree)
    return max(d for d in divisors(left) if d <= fan_in)
