"""Do sparse networks need less L2 regularisation?"""

from collections.abc import Sequence
from dataclasses import replace

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.measured import Case, Measured, only, percent
from sw.experiments.statistics import estimate
from sw.experiments.task import Task

__all__ = ["L2"]

_DENSITIES = (1, 0.4, 0.1)
_LAMBDAS = (0.0, 2e-5, 5e-5, 1e-4, 2e-4)


def _cases(task: Task) -> list[Case]:
    held = min(10_000, len(task.source.load().ytr) // 6)
    return [
        Case({"wished": density, "lambda": value}, replace(
            point, settings=replace(point.settings, l2=value), validation=held))
        for density, point in task.near(_DENSITIES, lean=4) for value in _LAMBDAS
    ]


def _findings(measured: Sequence[Measured]) -> list[str]:
    lines, chosen = [], []
    for wished in dict.fromkeys(m.labels["wished"] for m in measured):
        of_density = only(measured, wished=wished)
        best = max(of_density, key=lambda m: estimate(m.validation).mean)
        none = only(of_density, **{"lambda": 0.0})[0]
        lines.append(
            f"{percent(best.density)}: lambda {best.labels['lambda']:g} by validation, test {best.accuracy} %; "
            f"{best.more_than(none)} points more than without"
        )
        chosen.append(best)
    chosen.sort(key=lambda m: -m.density)
    values = [m.point.settings.l2 for m in chosen]
    if len(set(values)) == 1:
        way = "is the same at all densities"
    elif values == sorted(values, reverse=True):
        way = "falls with density"
    else:
        way = "does not fall steadily with density"
    each = ", ".join(f"{value:g} at {percent(m.density)}" for value, m in zip(values, chosen, strict=True))
    return [*lines, f"the chosen lambda {way}: {each}"]


L2 = Experiment(
    name="l2", about="lambda of L2 against density, chosen on validation samples",
    claim="sparse networks need a smaller lambda",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Accuracy against lambda", x="lambda", series="wished", scale="log and 0",
                  x_label="lambda", series_label="density"),),
)
