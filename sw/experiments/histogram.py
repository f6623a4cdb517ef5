"""How many weights of a trained network are near zero?"""

from collections.abc import Sequence

import numpy as np

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
    """At the end of training and at its start, the share of small weights, of all and of each junction; none in older
    records.

    ``tests``: whether it is a fully connected network, about which the claim is. It is of all weights, and most of
    them are in the first junction.
    """
    junctions = record.get("near_zero")
    if not junctions:
        return []
    weights = [int(left) * int(degree)
               for left, degree in zip(record["neurons"].split("-"), record["out_degrees"].split(), strict=False)]
    return [
        Finding("near-zero" if tests and when == "end" and place == "all weights" else "",
                f"{name}, {place}, {when} of training: weights smaller than half of the standard deviation "
                "that they begin with", estimate([100 * share for share in of_when]), low=_MOST, unit="%")
        for when in ("start", "end")
        for place, of_when in (
            ("all weights", np.average([shares[when] for shares in junctions], axis=0, weights=weights)),
            *((f"junction {number}", shares[when]) for number, shares in enumerate(junctions, 1)))
    ]


def _findings(records: Sequence[Record]) -> list[Finding]:
    return [found for record in records
            for found in near_zero(record, str(record["network"]), tests=record["network"] == FULL)]


HISTOGRAM = Experiment(
    name="histogram", about="weights after training, by value", claim="most weights of a fully connected network end "
    "near zero", cases=_cases, findings=_findings,
    charts=(Histograms("histogram", "Weights after training, dashed: one standard deviation", row="network"),),
)
