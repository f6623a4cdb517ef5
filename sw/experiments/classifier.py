"""Can the classifier behind a convolution be sparse?"""

from collections.abc import Sequence
from dataclasses import replace

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.front import front_features
from sw.experiments.measured import Case, Measured, percent
from sw.experiments.task import Task, base_network

__all__ = ["CLASSIFIER"]

_DENSITIES = (1, 0.5, 0.2, 0.1)
_FILTERS, _EPOCHS = 8, 3  # epochs at most: a convolution of MNIST's images takes a quarter of a minute for each


def _cases(task: Task) -> list[Case]:
    neurons = base_network(front_features(task.features, _FILTERS), task.classes, task.hidden)
    settings = replace(task.settings, epochs=min(task.settings.epochs, _EPOCHS))
    return [
        Case({"wished": density, "network": "behind a convolution"}, point)
        for density, point in replace(task, settings=settings).near(_DENSITIES, neurons, 4, front=_FILTERS)
    ]


def _findings(measured: Sequence[Measured]) -> list[str]:
    full, *others = measured
    return [f"fully connected classifier: {full.accuracy} %"] + [
        f"{percent(m.density)} of the classifier's weights: {m.accuracy} %, {m.less_than(full)} points less"
        for m in others
    ]


CLASSIFIER = Experiment(
    name="classifier", about="a convolution with a sparse classifier, for data that are square images",
    claim="in convolutional networks too, the fully connected junctions can be sparse",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Sparse classifier behind a convolution", series="network", series_label="",
                  scale="log", x_label="density of the classifier"),),
)
