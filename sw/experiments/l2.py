"""Do sparse networks need less L2 regularisation?"""

from collections.abc import Sequence
from dataclasses import replace

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.finding import Finding
from sw.experiments.measured import Case
from sw.experiments.record import Record, only, percent
from sw.experiments.statistics import difference
from sw.experiments.task import Task

__all__ = ["L2"]

_DENSITIES = (1, 0.4, 0.1)
_LAMBDAS = (0.0, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3)
_STEP = 0.5  # steps: less is no smaller lambda


def _cases(task: Task) -> list[Case]:
    held = min(10_000, task.source.shape.train // 6)
    return [
        Case({"wished": density, "lambda": value}, replace(
            point, settings=replace(point.settings, l2=value), validation=max(held, point.validation)))
        for density, point in task.near(task.densities or _DENSITIES, lean=4) for value in _LAMBDAS
    ]


def _findings(records: Sequence[Record]) -> list[Finding]:
    """Whether the lambda that each seed would choose by its validation samples is larger the denser the network.

    Lambdas are counted by their places in the grid.
    """
    chosen, found = {}, []
    for wished in dict.fromkeys(record["wished"] for record in records):
        same = sorted(only(records, wished=wished), key=lambda one: one["lambda"])
        (none,) = only(same, **{"lambda": 0.0})
        best = max(same, key=lambda one: one["validation_accuracy"])
        found.append(Finding("", f"{percent(best.density)}: points more with lambda {best['lambda']:g}, chosen by "
                             "validation, than without", best.more_than(none, weights=0)))
        by_seed = zip(*(record["validation_accuracies"] for record in same), strict=True)
        chosen[wished] = [max(range(len(same)), key=of_seed.__getitem__) for of_seed in by_seed]
    for wished in chosen:
        if wished < 1:
            found.append(Finding("lambda", f"steps of the grid that the chosen lambda is larger at 100 % than at "
                                 f"{100 * wished:g} %", difference(chosen[1], chosen[wished]), low=_STEP, unit="steps"))
    return found


L2 = Experiment(
    name="l2", about="lambda of L2 against density, chosen on validation samples",
    claim="sparse networks need a smaller lambda",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Accuracy against lambda", x="lambda", series="wished", scale="log and 0",
                  x_label="lambda", series_label="density"),),
)
