"""Large and sparse, or small and dense, with equal numbers of weights?"""

import math
from collections.abc import Sequence

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.finding import Finding
from sw.experiments.measured import Case
from sw.experiments.point import dense_weights
from sw.experiments.record import Record, only, percent
from sw.experiments.task import Task, nearly_equal

__all__ = ["LARGE_SPARSE"]

_DEEP = (14, 28, 56, 112, 224)
_DEEP_WEIGHTS = 11_000  # of the author's published curve for MNIST
_TIMES = 5  # as wide as the small one: what the claim is tested on, chosen beforehand
TWO, FOUR = "two junctions", "four junctions"


def _cases(task: Task) -> list[Case]:
    inputs, hidden, classes = task.neurons
    cases = []
    widths = sorted({max(2, round(hidden * factor)) for factor in (0.2, 0.4, 1, 2, 4)})
    budget = dense_weights((inputs, widths[0], classes))
    for width in widths:
        neurons = (inputs, width, classes)
        point = task.weighing(budget, neurons)
        if point:
            cases.append(Case({"part": TWO, "width": width, "pattern": "structured"}, point))
    for width in _DEEP:
        layers = (task.features, width, width, width, classes)
        point = task.at(min(1.0, _DEEP_WEIGHTS / dense_weights(layers)), layers)
        if not nearly_equal(point.weights, _DEEP_WEIGHTS):
            continue
        for pattern in ("structured", "random") if width == 112 else ("structured",):
            of_kind = point if pattern == "structured" else task.point(point.out_degrees, layers, kind=pattern)
            cases.append(Case({"part": FOUR, "width": width, "pattern": pattern}, of_kind))
    return cases


def _findings(records: Sequence[Record]) -> list[Finding]:
    found = []
    for part in (TWO, FOUR):
        same = only(records, part=part, pattern="structured")
        small, larger = same[0] if same else Record(), same[1:]
        for record in larger:
            sizes = f"{part}, about {small['weights']:,} weights"
            # the claim is of more hidden nodes, not of ever more: the author's own curve falls at the end
            tests = record["width"] == min((one["width"] for one in larger), key=lambda width: abs(
                math.log(width / small["width"] / _TIMES)))
            found.append(Finding(
                "large-sparse" if tests else "",
                f"{sizes}: points that width {record['width']:g} ({percent(record.density)}) has more than width "
                f"{small['width']:g} ({percent(small.density)})", record.more_than(small, weights=0.1), low=0))
    for record in only(records, part=FOUR, pattern="random"):
        (other,) = only(records, part=FOUR, pattern="structured", width=record["width"])
        found.append(Finding("structured", f"four junctions of width {record['width']:g}: points that structured has "
                             "more than random", other.more_than(record, weights=0.001), low=0))
    return found


LARGE_SPARSE = Experiment(
    name="large-sparse", about="widths of the hidden layers at equal numbers of weights",
    claim="large and sparse networks beat small and dense ones with as many weights",
    cases=_cases, findings=_findings,
    charts=(
        Lines("two", "Equal weights, two junctions", {"part": TWO}, x="width", series="part", scale="log",
              series_label="", x_label="hidden neurons"),
        Lines("four", "About 11,000 weights, four junctions", {"part": FOUR}, x="width", series="pattern",
              scale="log", series_label="", x_label="neurons of each hidden layer"),
    ),
)
