"""A configuration with its labels, and with its result."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sw.experiments.point import Point
from sw.experiments.statistics import Estimate, difference, estimate

__all__ = ["Case", "Measured", "only", "percent"]

Labels = dict[str, str | float]


@dataclass(frozen=True)
class Case:
    """A configuration and what it stands for: labels by which tables and charts order it."""

    labels: Labels
    point: Point


@dataclass(frozen=True)
class Measured:
    """A case with its result; accuracies in per cent, one per seed."""

    labels: Labels
    point: Point
    result: dict[str, Any] = field(repr=False)

    @property
    def test(self) -> list[float]:
        return [100 * share for share in self.result["test_accuracy"]]

    @property
    def validation(self) -> list[float]:
        return [100 * share for share in self.result["validation_accuracy"] or ()]

    @property
    def accuracy(self) -> Estimate:
        return estimate(self.test)

    @property
    def density(self) -> float:
        return float(self.result["density"])

    def more_than(self, other: "Measured") -> Estimate:
        """Points of accuracy that this one has more than the other; negative where it has less."""
        return difference(self.test, other.test)

    def less_than(self, other: "Measured") -> Estimate:
        """Points of accuracy that this one loses against the other."""
        return other.more_than(self)

    def row(self) -> dict[str, Any]:
        """Of the table, for CSV and JSON."""
        point, accuracy = self.point, self.accuracy
        return {
            **self.labels, "neurons": "-".join(map(str, point.neurons)),
            "out_degrees": " ".join(map(str, point.out_degrees)), "kind": str(point.kind),
            "weights": self.result["weights"], "density": round(self.density, 6), "l2": point.settings.l2,
            "epochs": point.settings.epochs, "test_accuracy": round(accuracy.mean, 4),
            "test_interval": round(accuracy.half, 4) if len(self.test) > 1 else None,
            "validation_accuracy": round(estimate(self.validation).mean, 4) if self.validation else None,
            "train_accuracy": round(100 * sum(self.result["train_accuracy"]) / len(self.test), 4),
            "seeds": len(self.test), "seconds": self.result["seconds"],
        }


def only(measured: Sequence[Measured], **labels: str | float) -> list[Measured]:
    """Those with these labels."""
    return [m for m in measured if all(m.labels.get(name) == value for name, value in labels.items())]


def percent(share: float) -> str:
    """Three digits at most: "100 %", "20.4 %", "2.5 %"."""
    return f"{100 * share:.3g} %"
