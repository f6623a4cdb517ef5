"""What an experiment is: cases, that is configurations with labels, and what their results say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil, gcd
from typing import Any

from sw.design.degrees import near_out_degrees
from sw.sparse.errors import SparseError
from sw.sparse.experiments.point import Point
from sw.sparse.experiments.sources import Source
from sw.sparse.experiments.statistics import Estimate, difference, estimate
from sw.sparse.settings import Settings

__all__ = ["Case", "Chart", "Experiment", "Measured", "Task", "base_network"]


@dataclass(frozen=True)
class Task:
    """What an experiment is asked about: data, a network of two junctions to begin with, how it is trained."""

    source: Source
    neurons: tuple[int, ...]
    classes: int
    settings: Settings = field(default_factory=Settings)
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    short: bool = False

    def point(self, out_degrees: Sequence[int], neurons: Sequence[int] | None = None, **others: Any) -> Point:
        """A configuration of this task; ``neurons`` and what else `Point` has may differ from it."""
        given = {"source": self.source, "settings": self.settings, "seeds": self.seeds, **others}
        return Point(neurons=tuple(neurons or self.neurons), out_degrees=tuple(out_degrees), **given)

    def at(self, density: float, neurons: Sequence[int] | None = None, lean: float = 1, **others: Any) -> Point:
        """A configuration of about that density; see `near_out_degrees`."""
        return self.point(near_out_degrees(neurons or self.neurons, density, lean), neurons, **others)


def base_network(features: int, classes: int, hidden: int | None = None) -> tuple[int, int, int]:
    """Layers with many possible densities.

    ``hidden`` is a multiple of the classes, near 100 unless given; the inputs are padded by at most an eighth, to the
    number with the largest divisor in common with it. MNIST: 800, 100, 10.
    """
    middle = hidden or classes * ceil(100 / classes)
    if middle < 1:
        raise SparseError(f"hidden must be at least 1 neuron, got {middle}")
    inputs = max(range(features, features + features // 8 + 1), key=lambda n: (gcd(n, middle), -n))
    return inputs, middle, classes


@dataclass(frozen=True)
class Case:
    """A configuration and what it stands for: labels by which tables and charts order it."""

    labels: dict[str, str | float]
    point: Point


@dataclass(frozen=True)
class Measured:
    """A case with its result; accuracies in per cent, one per seed."""

    labels: dict[str, str | float]
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

    def less_than(self, other: "Measured") -> Estimate:
        """Points of accuracy that this one loses against the other."""
        return difference(other.test, self.test)

    def row(self) -> dict[str, Any]:
        """Of the table, for CSV and JSON."""
        point, accuracy = self.point, self.accuracy
        return {
            **self.labels, "neurons": "-".join(map(str, point.neurons)),
            "out_degrees": " ".join(map(str, point.out_degrees)), "kind": str(point.kind),
            "weights": self.result["weights"], "density": round(self.result["density"], 6), "l2": point.settings.l2,
            "epochs": point.settings.epochs, "test_accuracy": round(accuracy.mean, 4),
            "test_interval": round(accuracy.half, 4) if len(self.test) > 1 else None,
            "validation_accuracy": round(estimate(self.validation).mean, 4) if self.validation else None,
            "train_accuracy": round(100 * sum(self.result["train_accuracy"]) / len(self.test), 4),
            "seeds": len(self.test), "seconds": self.result["seconds"],
        }


@dataclass(frozen=True)
class Chart:
    """Lines of a picture: what of the rows goes along the axes, and which label tells the lines apart."""

    name: str
    title: str
    x: str
    series: str
    y: str = "test_accuracy"
    x_label: str = ""
    logarithmic: bool = False


@dataclass(frozen=True)
class Experiment:
    """A question about sparse networks.

    ``cases`` : the configurations for a task. ``findings`` : sentences with figures, from all that was measured.
    ``about`` : one line for the help. ``claim`` : what is to be tested, as published.
    """

    name: str
    about: str
    claim: str
    cases: Callable[[Task], list[Case]]
    findings: Callable[[Sequence[Measured]], list[str]]
    charts: tuple[Chart, ...] = ()
