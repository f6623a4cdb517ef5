"""Large and sparse, or small and dense, with equal numbers of weights?"""

from collections.abc import Sequence

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.measured import Case, Measured, only, percent
from sw.experiments.point import dense_weights
from sw.experiments.task import Task, nearly_equal

__all__ = ["LARGE_SPARSE"]

_DEEP = (14, 28, 56, 112, 224)
_DEEP_WEIGHTS = 11_000  # of the author's published curve for MNIST
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


def _findings(measured: Sequence[Measured]) -> list[str]:
    lines = []
    for part in (TWO, FOUR):
        of_part = only(measured, part=part, pattern="structured")
        if len(of_part) < 2:
            lines.append(f"{part}: fewer than two widths can have equally many weights")
            continue
        for m in of_part:
            lines.append(f"{part}, width {m.labels['width']:g}: {m.result['weights']:,} weights, {percent(m.density)}, "
                         f"{m.accuracy} %")
        best = max(of_part, key=lambda m: m.accuracy.mean)
        small = of_part[0]
        lines.append(f"{part}: best width {best.labels['width']:g} at {percent(best.density)}, "
                     f"{best.more_than(small)} points more than width {small.labels['width']:g}")
    for m in only(measured, part=FOUR, pattern="random"):
        other = only(measured, part=FOUR, pattern="structured", width=m.labels["width"])[0]
        lines.append(f"width {m.labels['width']:g}: structured {other.more_than(m)} points more than random")
    return lines


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
