"""How many weights of a trained network are near zero?"""

from collections.abc import Sequence

from sw.experiments.charts import Histograms
from sw.experiments.experiment import Experiment
from sw.experiments.measured import Case, Measured, percent
from sw.experiments.task import Task

__all__ = ["HISTOGRAM"]

_DENSITIES = {"fully connected": 1, "20 % of the weights": 0.2}


def _cases(task: Task) -> list[Case]:
    return [Case({"network": name}, task.at(density, lean=4)) for name, density in _DENSITIES.items()]


def _findings(measured: Sequence[Measured]) -> list[str]:
    return [
        f"{m.labels['network']}, junction {number}: {percent(found['below_tenth'])} of the weights are below a tenth "
        f"of the largest, {percent(found['below_fifth'])} below a fifth; standard deviation {found['deviation']:.3g}"
        for m in measured for number, found in enumerate(m.result["histograms"], 1)
    ]


HISTOGRAM = Experiment(
    name="histogram", about="weights after training, by value", claim="most weights of a fully connected network end "
    "near zero", cases=_cases, findings=_findings,
    charts=(Histograms("histogram", "Weights after training, dashed: one standard deviation", row="network"),),
)
