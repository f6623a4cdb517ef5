"""Large and sparse, or small and dense, with equal numbers of weights?"""

from collections.abc import Sequence

from sw.design.degrees import near_out_degrees, nearest_out_degree
from sw.sparse.experiments.charts import Lines
from sw.sparse.experiments.experiment import Experiment
from sw.sparse.experiments.measured import Case, Measured, only, percent
from sw.sparse.experiments.point import Point, dense_weights
from sw.sparse.experiments.task import Task

__all__ = ["LARGE_SPARSE"]

_DEEP = (14, 28, 56, 112, 224)
_DEEP_WEIGHTS = 11_000  # of the author's published curve for MNIST
_EQUAL = 0.1  # by which part numbers of weights may differ and still be called equal
TWO, FOUR = "two junctions", "four junctions"


def _cases(task: Task) -> list[Case]:
    inputs, hidden, classes = task.neurons
    cases = []
    widths = sorted({max(2, round(hidden * factor)) for factor in (0.2, 0.4, 1, 2, 4)})
    budget = dense_weights((inputs, widths[0], classes))
    for width in widths:
        neurons = (inputs, width, classes)
        point = task.point(_degrees(neurons, budget), neurons)
        if _equal(point, budget):
            cases.append(Case({"part": TWO, "width": width, "pattern": "structured"}, point))
    for width in _DEEP:
        layers = (task.features, width, width, width, classes)
        point = task.at(min(1.0, _DEEP_WEIGHTS / dense_weights(layers)), layers)
        if not _equal(point, _DEEP_WEIGHTS):
            continue
        for pattern in ("structured", "random") if width == 112 else ("structured",):
            of_kind = point if pattern == "structured" else task.point(point.out_degrees, layers, kind=pattern)
            cases.append(Case({"part": FOUR, "width": width, "pattern": pattern}, of_kind))
    return cases


def _equal(point: Point, weights: int) -> bool:
    """Whether it can be compared; with few inputs a network can have too few weights, or no degrees that are near."""
    return abs(point.weights / weights - 1) <= _EQUAL


def _degrees(neurons: tuple[int, int, int], weights: int) -> tuple[int, ...]:
    """Of about so many weights; the last junction is fully connected where it is a small part of them."""
    inputs, width, classes = neurons
    last = width * classes
    if last > weights / 4:
        return near_out_degrees(neurons, weights / dense_weights(neurons))
    return nearest_out_degree(inputs, width, (weights - last) / (inputs * width)), classes


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
