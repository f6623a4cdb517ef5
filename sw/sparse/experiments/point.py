"""One trained configuration: a network with several seeds, from drawing its edges to its test accuracy."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from sw.data.dataset import Dataset
from sw.design.degrees import in_degree
from sw.design.draw import draw
from sw.design.edges import Edges, fully_connected
from sw.design.settings import divisors
from sw.sparse.experiments.sources import Source
from sw.sparse.mlp import SparseMLP
from sw.sparse.settings import Samples, Settings
from sw.sparse.train import Progress, evaluate, train

__all__ = ["Point", "default_z", "run"]

_VERSION = 1  # of what `run` does; another one makes old results void
_BINS = 41  # of a histogram of weights


@dataclass(frozen=True)
class Point:
    """A configuration; equal points have equal results.

    ``out_degrees``: one per junction; that of the right layer's size is fully connected, whatever the ``kind``.
    ``kind``: as in `sw.design.draw`; the clash-free ones have as many lanes as `default_z` says, or ``z``.
    ``seeds``: of weights, of the order of samples and of edges: each has a pattern of its own.
    ``validation``: training samples, the last ones, that are kept from training and measured apart.
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

    @property
    def identity(self) -> str:
        """16 hex digits, of all that the result depends on but the content of files."""
        content = json.dumps({"version": _VERSION, **asdict(self)}, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @property
    def weights(self) -> int:
        return sum(left * d for left, d in zip(self.neurons[:-1], self.out_degrees, strict=True))

    @property
    def work(self) -> float:
        """Multiplications of the dense network for all samples it sees, roughly: what time left is told by."""
        samples = len(self.source.load().ytr) - self.validation
        dense = sum(left * right for left, right in pairwise(self.neurons))
        return 3.0 * dense * samples * self.settings.epochs * len(self.seeds)

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


def default_z(left: int, right: int, out_degree: int) -> int:
    """As many lanes as there can be without two right neurons in one clock: the largest divisor of ``left`` <= d_in."""
    fan_in = in_degree(left, right, out_degree)
    return max(d for d in divisors(left) if d <= fan_in)


def run(point: Point, progress: Progress | None = None) -> dict[str, Any]:
    """Train all seeds and measure them.

    Returns
    -------
    dict for JSON: the settings, ``weights``, ``density``, seconds; per seed ``test_accuracy``, ``test_loss``,
    ``train_accuracy`` (of as many training samples as there are test samples), ``validation_accuracy`` or None;
    ``histograms``: per junction the edges of bins and the counts of the trained weights of all seeds.
    """
    data = point.source.load()
    everything, test = Samples.of(data.xtr, data.ytr), Samples.of(data.xte, data.yte)
    held = len(everything) - point.validation
    samples, validation = everything[:held], everything[held:]
    edges = [point.edges(seed) for seed in point.seeds]
    model = SparseMLP(
        point.neurons, [list(of_junction) for of_junction in zip(*edges, strict=True)], seed=point.seeds,
        classes=data.classes,
    )
    history = train(model, samples, point.settings, progress=progress)
    loss, accuracy = evaluate(model, test)
    dense = sum(left * right for left, right in pairwise(point.neurons))
    return {
        "identity": point.identity, "point": asdict(point), "data": facts(data), "weights": point.weights,
        "density": point.weights / dense, "test_accuracy": accuracy, "test_loss": loss,
        "train_accuracy": evaluate(model, samples[: len(test)])[1],
        "validation_accuracy": evaluate(model, validation)[1] if point.validation else None,
        "last_train_loss": history.train_loss[-1], "histograms": _histograms(model),
        "seconds": round(history.seconds, 3),
    }


def facts(data: Dataset) -> dict[str, Any]:
    """Of a dataset, for a result."""
    return {"name": data.name, "train": len(data.ytr), "test": len(data.yte), "features": data.features,
            "classes": data.classes}


@torch.no_grad()
def _histograms(model: SparseMLP) -> list[dict[str, list[float]]]:
    found = []
    for layer in model.layers():
        weights = layer.weight.numpy().reshape(-1)
        limit = float(np.abs(weights).max()) or 1.0
        counts, bounds = np.histogram(weights, _BINS, (-limit, limit))
        found.append({"bounds": bounds.tolist(), "counts": counts.tolist()})
    return found
