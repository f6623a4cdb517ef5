"""Can the classifier behind a convolution be sparse?"""

from collections.abc import Sequence

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.finding import Finding
from sw.experiments.front import front_features
from sw.experiments.measured import Case
from sw.experiments.record import Record, percent
from sw.experiments.task import Task, base_network

__all__ = ["CLASSIFIER"]

_DENSITIES = (1, 0.5, 0.2, 0.1)
_FILTERS = 8
_WISHED, _ALLOWED = 0.2, 1.0  # points that a fifth of the weights may cost


def _cases(task: Task) -> list[Case]:
    neurons = base_network(front_features(task.features, _FILTERS), task.classes, task.hidden)
    return [
        Case({"wished": density, "network": "behind a convolution"}, point)
        for density, point in task.near(task.densities or _DENSITIES, neurons, 4, front=_FILTERS)
    ]


def _findings(records: Sequence[Record]) -> list[Finding]:
    full, *others = records
    return [Finding("classifier" if record["wished"] == _WISHED else "",
                    f"points less with {percent(record.density)} of the classifier's weights, {record['epochs']} "
                    "epochs",
                    record.less_than(full), high=_ALLOWED) for record in others]


CLASSIFIER = Experiment(
    name="classifier", about="a convolution with a sparse classifier, for data that are square images",
    claim="in convolutional networks too, the fully connected junctions can be sparse",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Sparse classifier behind a convolution", series="network", series_label="",
                  scale="log", x_label="density of the classifier"),),
)
