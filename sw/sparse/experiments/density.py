"""How much accuracy does a network lose that starts with a share of its weights?"""

from collections.abc import Sequence

from sw.sparse.experiments.charts import Lines
from sw.sparse.experiments.experiment import Experiment
from sw.sparse.experiments.measured import Case, Measured, only, percent
from sw.sparse.experiments.task import Task

__all__ = ["DENSITY"]

_DENSITIES = (1, 0.5, 0.35, 0.2, 0.1, 0.05, 0.025)
_LEANS = (1, 2, 4)


def _cases(task: Task) -> list[Case]:
    found: dict[tuple[int, ...], Case] = {}
    for lean in _LEANS[:1] if task.short else _LEANS:
        for wished, point in task.near((1, 0.5, 0.2) if task.short else _DENSITIES, lean=lean):
            # rounding to possible degrees can make two wishes the same network
            found.setdefault(point.out_degrees, Case({"wished": wished, "lean": lean}, point))
    return list(found.values())


def _findings(measured: Sequence[Measured]) -> list[str]:
    full = only(measured, wished=1)[0]
    lines = [f"fully connected: {full.accuracy} %"]
    for density in _DENSITIES[1:]:
        if at := only(measured, wished=density):
            best = max(at, key=lambda m: m.accuracy.mean)
            lines.append(
                f"{percent(best.density)} of the weights, out-degrees {best.point.out_degrees}: {best.accuracy} %, "
                f"{best.less_than(full)} points less than fully connected"
                + (f" (the best of {len(at)})" if len(at) > 1 else "")
            )
    return lines


DENSITY = Experiment(
    name="density", about="accuracy against overall density, junctions equally dense or later ones denser",
    claim="starting with 20 % of the weights costs about 1 point of accuracy",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Accuracy against density", x_label="overall density", series="lean", scale="log"),),
)
