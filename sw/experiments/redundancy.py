"""Do less redundant inputs lose more by sparsity?"""

from collections.abc import Sequence
from dataclasses import replace

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.measured import Case, Measured, only, percent
from sw.experiments.task import Task, base_network

__all__ = ["REDUNDANCY"]

_DENSITIES = (1, 0.5, 0.2, 0.1)
_PARTS = (4, 16)  # principal components: the features divided by these


def _cases(task: Task) -> list[Case]:
    cases = []
    for part in (1, *_PARTS):
        kept = max(2, task.features // part)
        one = task if part == 1 else replace(
            task, source=replace(task.source, pca=kept), neurons=base_network(kept, task.classes, task.hidden))
        name = f"{task.features} features" if part == 1 else f"{kept} principal components"
        cases += [Case({"inputs": name, "wished": density}, point) for density, point in one.near(_DENSITIES, lean=4)]
    return cases


def _findings(measured: Sequence[Measured]) -> list[str]:
    lines = []
    for inputs in dict.fromkeys(str(m.labels["inputs"]) for m in measured):
        full, *others = only(measured, inputs=inputs)
        losses = ", ".join(f"{m.less_than(full)} at {percent(m.density)}" for m in others)
        lines.append(f"{inputs}: fully connected {full.accuracy} %; points less: {losses}")
    return lines


REDUNDANCY = Experiment(
    name="redundancy", about="principal components as inputs: are less redundant ones harder to sparsify?",
    claim="the less redundant the inputs, the more accuracy sparsity costs",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Accuracy against density", series="inputs", series_label="", scale="log",
                  x_label="overall density"),),
)
