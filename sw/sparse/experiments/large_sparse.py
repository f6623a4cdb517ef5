"""With a given number of weights: a small fully connected network, or a large sparse one?"""

from collections.abc import Sequence
from itertools import pairwise
from math import gcd

from sw.design.degrees import near_out_degrees
from sw.sparse.experiments.charts import Lines
from sw.sparse.experiments.experiment import Experiment
from sw.sparse.experiments.measured import Case, Labels, Measured, only, percent
from sw.sparse.experiments.task import Task

__all__ = ["LARGE_SPARSE"]

_SMALLEST, _DOUBLINGS = 14, 5
_RANDOM_AT = 3  # doublings at which random edges are tried


def _cases(task: Task) -> list[Case]:
    features, classes = task.features, task.classes
    smallest = smallest_width(features)
    found = []
    for junctions in (2, 4):
        weights = None
        for doublings in range(3 if task.short else _DOUBLINGS + (junctions == 2)):
            width = smallest << doublings
            neurons = (features, *(width,) * (junctions - 1), classes)
            dense = sum(left * right for left, right in pairwise(neurons))
            weights = weights or dense
            degrees = near_out_degrees(neurons, weights / dense)
            labels: Labels = {"junctions": junctions, "width": width}
            found.append(Case({**labels, "pattern": "structured"}, task.point(degrees, neurons)))
            if doublings == min(_RANDOM_AT, 2 if task.short else _RANDOM_AT):
                found.append(Case({**labels, "pattern": "random"}, task.point(degrees, neurons, kind="random")))
    return found


def smallest_width(features: int) -> int:
    """Of the fully connected network: near 14, and with the most densities for its doublings."""
    near = range(_SMALLEST - 4, _SMALLEST + 7)
    return max(near, key=lambda n: (gcd(features, n << _DOUBLINGS - 1), -abs(n - _SMALLEST)))


def _findings(measured: Sequence[Measured]) -> list[str]:
    lines = []
    for junctions in dict.fromkeys(m.labels["junctions"] for m in measured):
        at = only(measured, junctions=junctions, pattern="structured")
        full, best = at[0], max(at, key=lambda m: m.accuracy.mean)
        lines += [
            f"{junctions} junctions, width {m.labels['width']}: {m.result['weights']:,} weights, {percent(m.density)}, "
            f"{m.accuracy} %" for m in at
        ]
        lines.append(
            f"{junctions} junctions: best width {best.labels['width']} at {percent(best.density)}"
            + (f", {best.more_than(full)} points more than fully connected" if best is not full else "")
        )
        for other in only(measured, junctions=junctions, pattern="random"):
            fixed = only(at, width=other.labels["width"])[0]
            lines.append(
                f"{junctions} junctions, width {other.labels['width']}: random {other.accuracy} %, structured "
                f"{fixed.accuracy} %, structured minus random {fixed.more_than(other)} points"
            )
    return lines


LARGE_SPARSE = Experiment(
    name="large-sparse", about="small and fully connected to large and sparse, with equally many weights",
    claim="with equally many weights, large and sparse is better than small and dense; structured better than random",
    cases=_cases, findings=_findings,
    charts=tuple(
        Lines(name, f"{name.capitalize()} junctions, equally many weights", {"junctions": junctions}, x="width",
              x_label="neurons of a hidden layer", series="pattern", scale="log")
        for name, junctions in (("two", 2), ("four", 4))
    ),
)
