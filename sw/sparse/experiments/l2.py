"""Do sparse networks need less regularisation? Lambda is chosen on samples that are kept from training."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from sw.sparse.experiments.charts import Lines
from sw.sparse.experiments.experiment import Experiment
from sw.sparse.experiments.measured import Case, Measured, only, percent
from sw.sparse.experiments.task import Task

__all__ = ["L2"]

_LAMBDAS = (0, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4)
_DENSITIES = (1, 0.4, 0.1)
_KEPT = 6  # one training sample of so many is kept: 10,000 of MNIST's


def _cases(task: Task) -> list[Case]:
    held = len(task.source.load().ytr) // _KEPT
    found = []
    for wished, point in task.near((1, 0.4) if task.short else _DENSITIES):
        for each in (0, 1e-4) if task.short else _LAMBDAS:
            settings = replace(task.settings, l2=each)
            found.append(Case({"wished": wished}, replace(point, settings=settings, validation=held)))
    return found


def _findings(measured: Sequence[Measured]) -> list[str]:
    lines, chosen = [], []
    for density in dict.fromkeys(m.labels["wished"] for m in measured):
        at = only(measured, wished=density)
        best = max(at, key=lambda m: fmean(m.validation))
        without = next(m for m in at if m.point.settings.l2 == 0)
        chosen.append(best)
        lines.append(
            f"{percent(best.density)}: lambda {best.point.settings.l2:g} has the best validation accuracy, "
            f"{fmean(best.validation):.2f} %; test accuracy {best.accuracy} %"
            + (f", {best.more_than(without)} points more than without" if best is not without else "")
        )
    chosen.sort(key=lambda m: -m.density)
    lambdas = [m.point.settings.l2 for m in chosen]
    way = ("falls with density" if lambdas == sorted(lambdas, reverse=True) and lambdas[0] > lambdas[-1] else
           "is the same at all densities" if len(set(lambdas)) == 1 else "does not fall steadily with density")
    lines.append(f"the chosen lambda {way}: "
                 + ", ".join(f"{percent(m.density)} {m.point.settings.l2:g}" for m in chosen))
    return lines


L2 = Experiment(
    name="l2", about="L2 regularisation against density, lambda chosen on validation samples",
    claim="sparse networks need a smaller lambda",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Accuracy against lambda", x="l2", x_label="lambda", series="wished",
                  series_label="density", scale="log and 0"),),
)
