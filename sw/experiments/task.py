"""What an experiment is asked about, and the configurations that it can make of that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, gcd
from typing import Any

from sw.experiments.point import Point, dense_weights
from sw.experiments.sources import Source
from sw.pattern.degrees import near_out_degrees, nearest_out_degree, overall_density
from sw.sparse.errors import SparseError
from sw.sparse.settings import Settings

__all__ = ["DEFAULTS", "Task", "base_network", "nearly_equal"]

#: how experiments train: 20 epochs bring MNIST to what 50 at the reference's settings do
DEFAULTS = Settings(batch=128, rate=5e-3, decay=1e-3, l2=5e-5)
_NEAR = 0.2  # by which part of a wished density the real one may differ
_EQUAL = 0.1  # by which part numbers of weights may differ and still be called equal


@dataclass(frozen=True)
class Task:
    """Data, a network of two junctions to begin with, how it is trained; ``short``: only to see that it works.

    ``settings.l2`` is that of a fully connected network; sparse ones get the share that they have of its weights. With
    patience, a sixth of the training samples, at most 10,000, is kept for validation. ``densities``: instead of those
    that an experiment takes by itself.
    """

    source: Source
    neurons: tuple[int, ...]
    settings: Settings = field(default_factory=lambda: DEFAULTS)
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    short: bool = False
    densities: tuple[float, ...] | None = None

    @property
    def features(self) -> int:
        return self.source.shape.features

    @property
    def classes(self) -> int:
        return self.source.shape.classes

    @property
    def hidden(self) -> int:
        return self.neurons[1]

    @property
    def held(self) -> int:
        return min(10_000, self.source.shape.train // 6) if self.settings.keeps else 0

    def point(self, out_degrees: Sequence[int], neurons: Sequence[int] | None = None, **others: Any) -> Point:
        """A configuration of this task; ``neurons`` and what else `Point` has may differ from it."""
        layers = tuple(neurons or self.neurons)
        share = sum(left * d for left, d in zip(layers[:-1], out_degrees, strict=True)) / dense_weights(layers)
        settings = replace(self.settings, l2=self.settings.l2 * share)
        given = {"source": self.source, "settings": settings, "seeds": self.seeds, "validation": self.held, **others}
        return Point(neurons=layers, out_degrees=tuple(out_degrees), **given)

    def at(self, density: float, neurons: Sequence[int] | None = None, lean: float = 1, **others: Any) -> Point:
        """A configuration of the nearest density there is; see `near_out_degrees`."""
        return self.point(near_out_degrees(neurons or self.neurons, density, lean), neurons, **others)

    def weighing(self, weights: float, neurons: Sequence[int], **others: Any) -> Point | None:
        """Two junctions of about so many weights, to a tenth; None where there are no degrees for that.

        The last junction is fully connected where it is a small part of them.
        """
        inputs, width, classes = neurons
        last, dense = width * classes, dense_weights(neurons)
        if last > weights / 4:
            degrees = near_out_degrees(neurons, min(1.0, weights / dense))
        else:
            degrees = nearest_out_degree(inputs, width, min(1.0, (weights - last) / (inputs * width))), classes
        point = self.point(degrees, neurons, **others)
        return point if nearly_equal(point.weights, weights) else None

    def near(self, densities: Sequence[float], neurons: Sequence[int] | None = None, lean: float = 1, **others: Any
             ) -> Iterator[tuple[float, Point]]:
        """Wished densities with their configurations; left out are those with no density near.

        SparseError if that leaves out every one below 1.
        """
        layers = tuple(neurons or self.neurons)
        points = [(wished, self.at(wished, layers, lean, **others)) for wished in densities]
        real = [float(overall_density(layers, point.out_degrees)) for _, point in points]
        kept = [wished == 1 or abs(d / wished - 1) <= _NEAR for d, wished in zip(real, densities, strict=True)]
        if not any(keep and wished < 1 for keep, wished in zip(kept, densities, strict=True)):
            raise SparseError(
                f"the layers {layers} must have out-degrees with an overall density near one of "
                f"{', '.join(f'{d:g}' for d in densities if d < 1)}; the nearest are "
                f"{', '.join(f'{d:.3g}' for d in sorted(set(real)))}. Hidden layers that share large divisors with "
                f"their neighbours have more"
            )
        return (one for one, keep in zip(points, kept, strict=True) if keep)


def nearly_equal(weights: float, others: float) -> bool:
    """Whether networks of so many weights may be compared as equally large."""
    return abs(weights / others - 1) <= _EQUAL


def base_network(features: int, classes: int, hidden: int | None = None) -> tuple[int, int, int]:
    """Layers with many possible densities.

    ``hidden`` is a multiple of the classes, near 100 unless given; the inputs are padded by at most an eighth, to the
    number with the largest divisor in common with it. MNIST: 800, 100, 10.
    """
    middle = classes * ceil(100 / classes) if hidden is None else hidden
    if middle < 1:
        raise SparseError(f"hidden must be at least 1 neuron, got {middle}")
    inputs = max(range(features, features + features // 8 + 1), key=lambda n: (gcd(n, middle), -n))
    return inputs, middle, classes
