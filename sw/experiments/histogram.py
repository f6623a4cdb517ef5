"""How many weights of a trained network are near zero?"""

from collections.abc import Sequence

from sw.experiments.charts import Histograms
from sw.experiments.experiment import Experiment
from sw.experiments.finding import Finding
from sw.experiments.measured import Case
from sw.experiments.record import Record
from sw.experiments.statistics import estimate
from sw.experiments.task import Task

__all__ = ["HISTOGRAM", "near_zero"]

FULL = "fully connected"
_DENSITIES = {FULL: 1, "20 % of the weights": 0.2}
_MOST = 50  # per cent; of normally distributed ones, as they begin, it is 38


def _cases(task: Task) -> list[Case]:
    return [Case({"network": name}, task.at(density, lean=4)) for name, density in _DENSITIES.items()]


def near_zero(record: Record, name: str, *, tests: bool) -> list[Finding]:
    """Of each junction, at the end of training and at its start, the share of small weights; none in older records.

    ``tests``: whether it is a fully connected network, about which the claim is.
    """
    return [
        Finding("near-zero" if tests and when == "end" else "",
                f"{name}, junction {number}, {when} of training: weights smaller than half of the standard deviation "
                "that they begin with",
                estimate([100 * share for share in of_when]), low=_MOST, unit="% of the junction")
        for number, shares in enumerate(record.get("near_zero") or (), 1) for when, of_when in shares.items()
    ]


def _findings(records: Sequence[Record]) -> list[Finding]:
    return [found for record in records
            for found in near_zero(record, str(record["network"]), tests=record["network"] == FULL)]


HISTOGRAM = Experiment(
    name="histogram", about="weights after training, by value", claim="most weights of a fully connected network end "
    "near zero", cases=_cases, findings=_findings,
    charts=(Histograms("histogram", "Weights after training, dashed: one standard deviation", row="network"),),
)
