"""What the Morse study trains: variants, networks, densities, and how long each.

The ladder has 700 samples of each class (500 + 100 + 100 for training, validation and test), a tenth of what the
variants say, and the family `size` a tenth of its sizes. All are trained for as many updates, so that fewer samples
mean less to learn from and not less learning. Ten variants are trained on all 7,000 too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sw.experiments.measured import Case
from sw.experiments.point import Point
from sw.experiments.sources import Source
from sw.morse.variants import VARIANTS, Variant, variant
from sw.pattern.degrees import near_out_degrees
from sw.sparse.settings import Settings

__all__ = ["DATA_SEED", "DENSE", "LADDER", "LARGE", "NETWORKS", "PARTS", "SHORT", "SPARSE", "Part", "cases"]

DATA_SEED = 1  # of `sw.sources.load`
DENSE, SPARSE = 1.0, 0.2
#: hidden neurons of each network by name
NETWORKS = {"large": 1024, "small": 256}
_SETTINGS = Settings(batch=128, rate=5e-3, decay=1e-4)


@dataclass(frozen=True)
class Part:
    """Variants at one number of samples, trained for ``epochs``.

    ``share`` of the samples that the variants themselves have, in each split.
    """

    name: str
    variants: tuple[str, ...]
    share: float
    epochs: int

    def counts(self, of: Variant) -> tuple[int, int, int]:
        """Samples per class: training, validation, test."""
        train, validation, test = (max(1, round(self.share * n)) for n in (of.train, of.validation, of.test))
        return train, validation, test

    def epochs_of(self, of: Variant) -> int:
        """So that all variants get the same number of updates."""
        return round(self.epochs * Variant.train / of.train)


LADDER = Part("700", tuple(VARIANTS), 0.1, 20)
LARGE = Part("7000", (
    "baseline", "difficult", "noise-4", "noise-8", "leading-noise-0", "leading-noise-4", "dash-3-9-noise-0",
    "dash-1-9-noise-4", "dilated-4-noise-0", "flips-4",
), 1.0, 4)
#: only to see that it works
SHORT = Part("short", (
    "baseline", "difficult", "noise-2", "noise-8", "leading-noise-0", "dash-1-9-noise-0", "dilated-2-noise-0",
    "size-250", "flips-8",
), 0.01, 2)
PARTS = {part.name: part for part in (LADDER, LARGE, SHORT)}


def cases(part: Part, network: str, density: float, seeds: Sequence[int]) -> Iterator[Case]:
    """Every variant with this network at this density, all seeds in one point.

    Labels: part, variant, family, network, wished (density).
    """
    for found in map(variant, part.variants):
        classes = len(found.settings.class_indices)
        train, _, test = part.counts(found)
        neurons = (found.settings.features, NETWORKS[network], classes)
        yield Case(
            {"part": part.name, "variant": found.name, "family": found.family, "network": network, "wished": density},
            Point(
                Source(f"morse:{found.name}", classes * train, classes * test), neurons,
                near_out_degrees(neurons, density), seeds=tuple(seeds),
                settings=replace(_SETTINGS, epochs=part.epochs_of(found)),
            ),
        )
