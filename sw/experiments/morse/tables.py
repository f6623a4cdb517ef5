"""What the study finds, as figures: correlations, drops, the pair that shares a code."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sw.experiments.morse.correlation import Correlation, correlation
from sw.experiments.morse.measures import BETTER, PUBLISHED
from sw.experiments.morse.pair import Confused, confused
from sw.experiments.morse.results import Trained

__all__ = ["Tables", "tables"]

Metrics = Mapping[str, Mapping[str, float]]

@dataclass(frozen=True)
class Tables:
    """Of one part with one network; by metric.

    ``accuracy``: r of metric and accuracy. ``drop``: r of metric and points lost at low density, ``relative``: of
    metric and the part of the accuracy that is lost; empty where no sparse networks were trained. ``pair``: of each
    variant.
    """

    name: str
    variants: int
    accuracy: dict[str, Correlation]
    drop: dict[str, Correlation]
    relative: dict[str, Correlation]
    lost: tuple[float, float, float] | None
    pair: dict[str, Confused]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def tables(trained: Trained, metrics: Metrics, shown: tuple[str, ...] = (*PUBLISHED, BETTER)) -> Tables:
    """``lost``: mean, least and most points lost at low density. Few variants leave the correlations empty."""
    names = list(trained.full)
    accuracy = trained.accuracy(names)
    both = [name for name in names if name in trained.sparse]
    drop = trained.drop(both)
    r_drop, r_relative = ({
        metric: correlation([metrics[name][metric] for name in both], values) for metric in shown
    } if len(both) >= 3 else {} for values in (drop, drop / np.maximum(1e-9, trained.accuracy(both))))
    return Tables(
        trained.name, len(names),
        {metric: correlation([metrics[name][metric] for name in names], accuracy) for metric in shown}
        if len(names) >= 3 else {},
        r_drop, r_relative,
        (float(drop.mean()), float(drop.min()), float(drop.max())) if both else None,
        {name: confused(cell) for name, cell in trained.full.items()},
    )
