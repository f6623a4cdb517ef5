"""What the study finds, as figures: correlations, families left out, drops, the pair that shares a code."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sw.experiments.morse.correlation import Correlation, correlation
from sw.experiments.morse.left_out import LeftOut, chosen, left_out
from sw.experiments.morse.measures import BETTER, PUBLISHED
from sw.experiments.morse.pair import Confused, confused
from sw.experiments.morse.results import Trained

__all__ = ["FIT", "FITTED", "SIZE", "Tables", "Transfer", "tables", "transfer"]

Metrics = Mapping[str, Mapping[str, float]]
#: the fit that page and answers tell of
FIT = "log V_white/√n, log D"
#: the family whose variants differ in the number of training samples and in nothing else
SIZE = "size"
_EVERYTHING = 8  # variants without which a correlation says nothing


def _each(name: str) -> Callable[[Mapping[str, float]], list[float]]:
    return lambda found: [found[name]]


def _log(name: str) -> Callable[[Mapping[str, float]], list[float]]:
    return lambda found: [np.log(found[name])]


def _rate(found: Mapping[str, float]) -> float:
    return float(np.log(found["V_white"]) - np.log(found["train"]) / 2)


#: what is fitted to accuracy with a family left out: name -> columns. The weight of each column is fitted.
FITTED: dict[str, Callable[[Mapping[str, float]], list[float]]] = {
    **{name: _each(name) for name in PUBLISHED},
    **{f"log {name}": _log(name) for name in ("V_upper", "V_dist")},
    "log V_upper, log n": lambda found: [*_log("V_upper")(found), *_log("train")(found)],
    "log V_white": _log("V_white"),
    "log D": _log("dimension"),
    "log V_white, log D": lambda found: [*_log("V_white")(found), *_log("dimension")(found)],
    "log V_white, log D, log n": lambda found: [*_log("V_white")(found), *_log("dimension")(found),
                                                *_log("train")(found)],
    "log V_upper/√n, log D": lambda found: [_log("V_upper")(found)[0] - np.log(found["train"]) / 2,
                                            *_log("dimension")(found)],
    FIT: lambda found: [_rate(found), *_log("dimension")(found)],
    BETTER: _each(BETTER),
}


@dataclass(frozen=True)
class Tables:
    """Of one part with one network; by metric, or by fit as `FITTED` names them.

    ``accuracy``: r of metric and accuracy. ``foretold``, ``without_size``: with a family left out, over all families
    and over all but `SIZE`. ``chosen``: the fit too chosen without the family, from all but the score, whose weight
    knows all families; ``choice``: which one it was. ``drop``: r of metric and points lost at low density,
    ``relative``: of metric and the part of the accuracy that is lost; empty where no sparse networks were trained.
    ``pair``: of each variant.
    """

    name: str
    variants: int
    accuracy: dict[str, Correlation]
    foretold: dict[str, LeftOut]
    without_size: dict[str, LeftOut]
    chosen: Correlation | None
    choice: dict[str, str]
    drop: dict[str, Correlation]
    relative: dict[str, Correlation]
    lost: tuple[float, float, float] | None
    pair: dict[str, Confused]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def tables(trained: Trained, metrics: Metrics, shown: tuple[str, ...] = (*PUBLISHED, BETTER)) -> Tables:
    """``lost``: mean, least and most points lost at low density. Few variants leave the correlations empty."""
    names = list(trained.full)
    accuracy, families = trained.accuracy(names), trained.families(names)
    both = [name for name in names if name in trained.sparse]
    enough = len(names) >= _EVERYTHING and len(set(families)) > 2
    some = np.array([family != SIZE for family in families])
    kept = [family for family in families if family != SIZE]
    columns = {fit: np.array([of(metrics[name]) for name in names]) for fit, of in FITTED.items()} if enough else {}
    fits = {fit: column for fit, column in columns.items() if fit != BETTER}
    foretold, choice = chosen(fits, accuracy, families) if enough else (accuracy, {})
    drop = trained.drop(both)
    r_drop, r_relative = ({
        metric: correlation([metrics[name][metric] for name in both], values) for metric in shown
    } if len(both) >= 3 else {} for values in (drop, drop / np.maximum(1e-9, trained.accuracy(both))))
    return Tables(
        trained.name, len(names),
        {metric: correlation([metrics[name][metric] for name in names], accuracy) for metric in shown}
        if len(names) >= 3 else {},
        {fit: left_out(column, accuracy, families) for fit, column in columns.items()},
        {fit: left_out(column[some], accuracy[some], kept) for fit, column in columns.items()},
        correlation(foretold, accuracy) if enough else None, choice, r_drop, r_relative,
        (float(drop.mean()), float(drop.min()), float(drop.max())) if both else None,
        {name: confused(cell) for name, cell in trained.full.items()},
    )


@dataclass(frozen=True)
class Transfer:
    """A fit to the ladder of one part, asked about another: ``error`` is as in `LeftOut`."""

    fitted_to: str
    asked_about: str
    r: Correlation
    error: float


def transfer(known: Trained, asked: Trained, metrics: Mapping[str, Metrics]) -> Transfer:
    """`FIT`, fitted to all of ``known``, foretells the accuracies of ``asked``; ``metrics`` by part."""
    columns, accuracy = {}, {}
    for one in (known, asked):
        columns[one.name] = np.array([[1.0, *FITTED[FIT](metrics[one.part][name])] for name in one.full])
        accuracy[one.name] = one.accuracy(one.full)
    weights = np.linalg.lstsq(columns[known.name], accuracy[known.name], rcond=None)[0]
    found, due = columns[asked.name] @ weights, accuracy[asked.name]
    return Transfer(known.name, asked.name, correlation(found, due), float(np.sqrt(np.mean((found - due) ** 2))))
