"""What was trained, gathered: for each variant, network and density the accuracies of all seeds, beside the metrics."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sw.experiments.checks import check_seeds
from sw.experiments.measured import Measured
from sw.experiments.morse.ladder import DENSE, NETWORKS, PARTS, SPARSE
from sw.experiments.statistics import Estimate, estimate
from sw.morse.variants import variant

__all__ = ["Cell", "Trained", "gathered"]


@dataclass(frozen=True)
class Cell:
    """One variant, one network, one density: accuracies in per cent, by seed; ``confusion`` of all seeds together."""

    variant: str
    family: str
    density: float
    weights: int
    accuracies: dict[int, float]
    train_accuracy: float
    seconds: float
    confusion: np.ndarray = field(repr=False)

    @property
    def accuracy(self) -> Estimate:
        return estimate(list(self.accuracies.values()))


@dataclass(frozen=True)
class Trained:
    """All variants of one part with one network. ``full``, ``sparse``: by variant; ``sparse`` may have fewer."""

    part: str
    network: str
    full: dict[str, Cell]
    sparse: dict[str, Cell]

    @property
    def name(self) -> str:
        return f"{self.network}-{self.part}"

    @property
    def hidden(self) -> int:
        return NETWORKS[self.network]

    def size(self, name: str) -> int:
        """Training samples of each class."""
        return PARTS[self.part].counts(variant(name))[0]

    def families(self, names: Iterable[str]) -> list[str]:
        return [variant(name).family for name in names]

    def accuracy(self, names: Iterable[str]) -> np.ndarray:
        """Per cent, fully connected."""
        return np.array([self.full[name].accuracy.mean for name in names])

    def drop(self, names: Iterable[str]) -> np.ndarray:
        """Points of accuracy lost by the sparse network, of the seeds that both have."""
        return np.array([_drop(self.full[name], self.sparse[name]).mean for name in names])

    def rows(self, metrics: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
        """Of the table: a row for each variant and density."""
        found = []
        for cell in (*self.full.values(), *self.sparse.values()):
            accuracy = cell.accuracy
            lost = _drop(self.full[cell.variant], cell) if cell.density < 1 and cell.variant in self.full else None
            found.append({
                "part": self.part, "network": self.network, "variant": cell.variant, "family": cell.family,
                "density": round(cell.density, 6), "weights": cell.weights, "seeds": len(cell.accuracies),
                "test_accuracy": round(accuracy.mean, 4),
                "test_interval": round(accuracy.half, 4) if len(cell.accuracies) > 1 else None,
                "train_accuracy": round(cell.train_accuracy, 4),
                "drop": None if lost is None else round(lost.mean, 4),
                **{name: float(f"{value:.6g}") for name, value in metrics[cell.variant].items()},
                "seconds": round(cell.seconds, 1),
            })
        return found


def _drop(full: Cell, sparse: Cell) -> Estimate:
    both = [seed for seed in full.accuracies if seed in sparse.accuracies]
    return estimate([full.accuracies[seed] - sparse.accuracies[seed] for seed in both])


def gathered(measured: Sequence[Measured]) -> list[Trained]:
    """By part and network, in the order in which they come. Networks without fully connected ones are left out."""
    found = []
    for part, network in dict.fromkeys((str(m.labels["part"]), str(m.labels["network"])) for m in measured):
        own = [m for m in measured if (m.labels["part"], m.labels["network"]) == (part, network)]
        full, sparse = ({
            name: _cell([m for m in own if m.labels["variant"] == name and m.labels["wished"] == wished])
            for name in dict.fromkeys(str(m.labels["variant"]) for m in own if m.labels["wished"] == wished)
        } for wished in (DENSE, SPARSE))
        if full:
            found.append(Trained(part, network, full, sparse))
    return found


def _cell(of_one: Sequence[Measured]) -> Cell:
    first = of_one[0]
    check_seeds(repr(m.point.seeds).encode() for m in of_one)
    return Cell(
        str(first.labels["variant"]), str(first.labels["family"]), first.density, int(first.result["weights"]),
        {int(m.labels["seed"]): m.test[0] for m in of_one},
        float(np.mean([100 * m.result["train_accuracy"][0] for m in of_one])),
        float(sum(m.result["seconds"] for m in of_one)),
        np.sum([m.result["confusion"] for m in of_one], axis=0),
    )
