"""Weights moved from the first junction to the second, or back, the total being exactly equal."""

import math
from collections.abc import Iterator, Sequence

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.finding import Finding
from sw.experiments.measured import Case
from sw.experiments.record import Record, only, percent
from sw.experiments.task import Task
from sw.pattern.degrees import out_degrees

__all__ = ["CLAIM", "EQUAL", "TRADES", "trade"]

CLAIM = "later-denser"
EQUAL = 0.04  # by which part totals may differ where exactly equal ones were not asked for
_DENSITIES = (0.5, 0.2, 0.1, 0.05)
_NEAR = 0.15  # by which part the total may differ from the wished one
#: the second density by the first, as far as it goes
_LEANS = {"earlier denser": 0.25, "equal": 1, "later denser": 4}


def trade(early: Record, late: Record, name: str, weights: float = EQUAL) -> list[Finding]:
    """Whether the later-denser of two is better, where what it has more in the last junction is taken from the first.

    Empty where the other's first junction is not denser, or its last not sparser: then the better one may just have
    more weights.
    """
    first, last = ([int(record["out_degrees"].split()[at]) for record in (early, late)] for at in (0, -1))
    if first[1] >= first[0] or last[1] <= last[0]:
        return []
    return [Finding(CLAIM, f"points that out-degrees {late['out_degrees']} ({percent(late.density)} in all) have more "
                    f"than {early['out_degrees']} ({percent(early.density)}, {name})",
                    late.more_than(early, weights=weights), low=0)]


def _cases(task: Task) -> list[Case]:
    found: dict[tuple[int, ...], Case] = {}
    for wished in task.densities or _DENSITIES:
        for profile, degrees in _family(task.neurons, wished).items():
            found.setdefault(degrees, Case({"wished": wished, "profile": profile}, task.point(degrees)))
    return list(found.values())


def _family(neurons: Sequence[int], density: float) -> dict[str, tuple[int, int]]:
    """Out-degrees of exactly as many weights, which differ most: of the totals near a density, the best for that."""
    inputs, hidden, classes = neurons
    wished = density * (inputs * hidden + hidden * classes)
    by_total: dict[int, list[tuple[float, tuple[int, int]]]] = {}
    for one in out_degrees(inputs, hidden):
        for two in out_degrees(hidden, classes):
            total = inputs * one + hidden * two
            if abs(total / wished - 1) <= _NEAR:
                lean = (two / classes) / (one / hidden)
                if 1 / 16 <= lean <= 16:  # a junction that is starved is another question
                    by_total.setdefault(total, []).append((lean, (one, two)))

    def spread(total: int) -> tuple[float, float]:
        leans = [lean for lean, _ in by_total[total]]
        least, most = max(min(leans), 1 / 4), min(max(leans), 4)
        return round(math.log(most / least), 2), -abs(total / wished - 1)

    if not by_total:
        return {}
    members = by_total[max(by_total, key=spread)]
    chosen: dict[str, tuple[int, int]] = {}
    for profile, degrees in _nearest(members):
        if degrees not in chosen.values():
            chosen[profile] = degrees
    return chosen if len(chosen) > 1 else {}


def _nearest(members: Sequence[tuple[float, tuple[int, int]]]) -> Iterator[tuple[str, tuple[int, int]]]:
    for profile in ("earlier denser", "later denser", "equal"):
        yield profile, min(members, key=lambda one: abs(math.log(one[0] / _LEANS[profile])))[1]


def _findings(records: Sequence[Record]) -> list[Finding]:
    found = []
    for wished in dict.fromkeys(record["wished"] for record in records):
        same = only(records, wished=wished)
        for early in same:
            for late in only(same, profile="later denser"):
                if early is not late:
                    found += trade(early, late, str(early["profile"]), weights=0)
    return found


TRADES = Experiment(
    name="trades", about="at exactly equal totals, weights of the first junction or of the second",
    claim="for the same overall density, a second junction that is denser than the first is better",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Two junctions, equal totals", series="profile", series_label="", scale="log",
                  x_label="overall density"),),
)
