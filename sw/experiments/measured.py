"""A configuration with its labels, and with its result."""

from dataclasses import dataclass, field
from typing import Any

from sw.experiments.point import Point
from sw.experiments.record import Record
from sw.experiments.statistics import Estimate

__all__ = ["Case", "Measured"]

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
    def accuracy(self) -> Estimate:
        return self.record().accuracy

    @property
    def density(self) -> float:
        return float(self.result["density"])

    def record(self) -> Record:
        """For JSON: what findings are made of."""
        point, result = self.point, self.result
        held = [round(100 * a, 4) for a in result["validation_accuracy"] or ()]
        found = Record({
            **self.labels, "neurons": "-".join(map(str, point.neurons)),
            "out_degrees": " ".join(map(str, point.out_degrees)), "kind": str(point.kind), "method": point.method,
            "weights": result["weights"], "density": round(self.density, 6), "l2": point.settings.l2,
            "epochs": point.settings.epochs, "seeds": list(point.seeds),
            "test_accuracies": [round(a, 4) for a in self.test],
            "train_accuracy": round(100 * sum(result["train_accuracy"]) / len(self.test), 4),
            "validation_accuracies": held or None,
            "validation_accuracy": round(sum(held) / len(held), 4) if held else None,
            **{name: result[name] for name in ("kept_epochs", "near_zero") if result.get(name)},
            "correct": result["correct"], "seconds": result["seconds"],
        })
        accuracy = found.accuracy
        found["test_accuracy"] = round(accuracy.mean, 4)
        found["test_interval"] = round(accuracy.half, 4) if len(self.test) > 1 else None
        return found

    def row(self) -> dict[str, Any]:
        """Of the table (CSV): the record without what is a list."""
        return {name: value for name, value in self.record().items()
                if not isinstance(value, list) and name != "correct"} | {"seeds": len(self.test)}
