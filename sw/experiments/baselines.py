"""Edges chosen before training, against edges that training chooses, at equal weights and epochs."""

from collections.abc import Sequence
from typing import Any

from sw.experiments.charts import Lines
from sw.experiments.experiment import Experiment
from sw.experiments.finding import Finding
from sw.experiments.measured import Case
from sw.experiments.record import Record, only, percent
from sw.experiments.task import Task

__all__ = ["BASELINES", "FIXED", "MOVED", "PRUNED"]

_DENSITIES = (0.2, 0.05)
FIXED, MOVED, PRUNED = "structured, fixed", "random, moved while training", "pruned after half of the training"
_WAYS: dict[str, dict[str, Any]] = {
    FIXED: {}, "random, fixed": {"kind": "random"},
    MOVED: {"kind": "random", "method": "moved"},
    PRUNED: {"method": "pruned"},
}


def _cases(task: Task) -> list[Case]:
    """Later junctions are denser, as Erdos-Renyi kernels (ERK) have it: those with fewer neurons."""
    return [Case({"wished": density, "edges": name}, task.at(density, lean=4, **way))
            for density in task.densities or _DENSITIES for name, way in _WAYS.items()]


def _findings(records: Sequence[Record]) -> list[Finding]:
    found = []
    for wished in dict.fromkeys(record["wished"] for record in records):
        same = only(records, wished=wished)
        (fixed,) = only(same, edges=FIXED)
        found += [Finding("baselines" if record["edges"] in (MOVED, PRUNED) else "",
                          f"points that edges {record['edges']} have more than {FIXED}, both with "
                          f"{percent(fixed.density)} of the weights", record.more_than(fixed, weights=0), high=0.5)
                  for record in same if record is not fixed]
    return found


BASELINES = Experiment(
    name="baselines", about="fixed patterns against edges that move while training, and against pruning",
    claim="a pattern fixed before training loses no more than half a point against edges that training chooses",
    cases=_cases, findings=_findings,
    charts=(Lines("accuracy", "Edges fixed, moved and pruned", series="edges", series_label="", scale="log",
                  x_label="overall density"),),
)
