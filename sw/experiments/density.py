"""How much accuracy does a network lose that starts with a share of its weights?"""

from collections.abc import Sequence

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.finding import Finding
from sw.experiments.measured import Case
from sw.experiments.record import Record, only
from sw.experiments.task import Task
from sw.experiments.trades import EQUAL, trade

__all__ = ["DENSITY"]

_DENSITIES = (1, 0.5, 0.2, 0.1, 0.05, 0.025)
_LEANS = (1, 4)
_WISHED, _ABOUT_ONE = 0.2, 1.5  # "about 1 point" is what rounds to it


def _cases(task: Task) -> list[Case]:
    found: dict[tuple[int, ...], Case] = {}
    for lean in _LEANS:
        for density, point in task.near(task.densities or _DENSITIES, lean=lean):
            # rounding to possible degrees can make two wishes the same network
            found.setdefault(point.out_degrees, Case({"wished": density, "lean": lean}, point))
    return list(found.values())


def _findings(records: Sequence[Record]) -> list[Finding]:
    (full,) = only(records, wished=1)
    found = []
    for record in sorted(records, key=lambda one: -one.density):
        if record is not full:
            tests = record["wished"] == _WISHED and record["lean"] == max(_LEANS)
            found.append(Finding("twenty" if tests else "", f"points less than fully connected with {record.name}",
                                 record.less_than(full), high=_ABOUT_ONE))
    for wished in dict.fromkeys(record["wished"] for record in records if record["wished"] < 1):
        pair = [only(records, wished=wished, lean=lean) for lean in _LEANS]
        if all(pair):
            (equal,), (late,) = pair
            if late.unequal(equal) <= EQUAL:
                found += trade(equal, late, "equal")
    return found


DENSITY = Experiment(
    name="density", about="accuracy against overall density, junctions equally dense or later ones denser",
    claim="starting with 20 % of the weights costs about 1 point of accuracy",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Accuracy against density", series="lean", x_label="overall density", scale="log",
                  series_label="each junction denser than the one before by"),),
)
