"""What was trained, gathered: for each variant, network and density its record, beside the metrics."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sw.experiments.measured import Measured
from sw.experiments.morse.ladder import DENSE, NETWORKS, PARTS, SPARSE
from sw.experiments.record import Record
from sw.experiments.statistics import Estimate
from sw.morse.variants import variant

__all__ = ["Cell", "Trained", "gathered"]


@dataclass(frozen=True)
class Cell:
    """One variant, one network, one density; ``confusion`` (classes, classes) of the test samples of all seeds."""

    record: Record
    confusion: np.ndarray = field(repr=False)

    @property
    def variant(self) -> str:
        return str(self.record["variant"])

    @property
    def accuracy(self) -> Estimate:
        """Per cent, with the digits of the table, so that the page rounds the same number."""
        half = self.record["test_interval"]
        return Estimate(self.record["test_accuracy"], math.nan if half is None else half)


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
        """Points of accuracy lost by the sparse network."""
        return np.array([self.lost(name).mean for name in names])

    def lost(self, name: str) -> Estimate:
        """Points of accuracy lost by the sparse network on a variant."""
        return self.sparse[name].record.less_than(self.full[name].record)

    def rows(self, metrics: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
        """Of the table: a row for each variant and density."""
        found = []
        for cells in (self.full, self.sparse):
            for name, cell in cells.items():
                lost = self.lost(name) if cells is self.sparse and name in self.full else None
                found.append({
                    **{key: cell.record[key] for key in ("part", "network", "variant", "family", "density", "weights")},
                    "seeds": len(cell.record["seeds"]),
                    **{key: cell.record[key] for key in ("test_accuracy", "test_interval", "train_accuracy")},
                    "drop": None if lost is None else round(lost.mean, 4),
                    "drop_interval": None if lost is None or math.isnan(lost.half) else round(lost.half, 4),
                    **{key: float(f"{value:.6g}") for key, value in metrics[name].items()},
                    "seconds": round(cell.record["seconds"], 1),
                })
        return found


def gathered(measured: Sequence[Measured]) -> list[Trained]:
    """By part and network, in the order in which they come. Networks without fully connected ones are left out."""
    found = []
    for part, network in dict.fromkeys((str(m.labels["part"]), str(m.labels["network"])) for m in measured):
        own = [m for m in measured if (m.labels["part"], m.labels["network"]) == (part, network)]
        full, sparse = ({
            str(m.labels["variant"]): Cell(m.record(), np.array(m.result["confusion"]))
            for m in own if m.labels["wished"] == wished
        } for wished in (DENSE, SPARSE))
        if full:
            found.append(Trained(part, network, full, sparse))
    return found
