"""How much accuracy does a network lose that starts with a share of its weights?"""

from collections.abc import Sequence

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.measured import Case, Measured, only, percent
from sw.experiments.task import Task

__all__ = ["DENSITY"]

_DENSITIES = (1, 0.5, 0.2, 0.1, 0.05, 0.025)
_LEANS = (1, 4)


def _cases(task: Task) -> list[Case]:
    found: dict[tuple[int, ...], Case] = {}
    for lean in _LEANS:
        for density, point in task.near(_DENSITIES, lean=lean):
            # rounding to possible degrees can make two wishes the same network
            found.setdefault(point.out_degrees, Case({"wished": density, "lean": lean}, point))
    return list(found.values())


def _findings(measured: Sequence[Measured]) -> list[str]:
    full = only(measured, wished=1)[0]
    lines = [f"fully connected: {full.accuracy} %"]
    for m in sorted(measured, key=lambda m: -m.density):
        if m is not full:
            lines.append(f"{percent(m.density)} of the weights, out-degrees {m.point.out_degrees}: {m.accuracy} %, "
                         f"{m.less_than(full)} points less than fully connected")
    return lines


DENSITY = Experiment(
    name="density", about="accuracy against overall density, junctions equally dense or later ones denser",
    claim="starting with 20 % of the weights costs about 1 point of accuracy",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Accuracy against density", series="lean", x_label="overall density", scale="log",
                  series_label="each junction denser than the one before by"),),
)
