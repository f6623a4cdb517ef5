"""Are patterns that hardware can read without clashes as good as others?"""

from collections.abc import Sequence
from typing import Any

from sw.experiments.charts import Bars
from sw.experiments.experiment import Experiment
from sw.experiments.finding import Finding
from sw.experiments.measured import Case
from sw.experiments.record import Record, only, percent
from sw.experiments.task import Task
from sw.pattern.degrees import out_degrees

__all__ = ["KINDS", "whole_out_degree"]

_DENSITIES = (0.2, 0.1)
_SWEEPS = (2, 5, 16, 32)  # that share a start; all of a junction's make it type 3
_ALLOWED = 0.3  # points that a clash-free pattern may lose: the end of the interval, not its middle
_REFERENCE, _SHARED = "structured", "type 3"
CLAIMS = {"type 1": "clash-free", "type 2": "clash-free", _SHARED: "type-3"}


def _cases(task: Task) -> list[Case]:
    inputs, hidden, classes = task.neurons
    cases = []
    for density in task.densities or _DENSITIES:
        # the small last junction is left whole: the first one's pattern is what is compared
        degrees = (whole_out_degree(inputs, hidden, density), classes)
        label = percent(degrees[0] / hidden) + " of the first junction"
        ways: dict[str, dict[str, Any]] = {_REFERENCE: {}, "random": {"kind": "random"}, "type 1": {"kind": 1},
                                              "type 2": {"kind": 2}}
        for sweeps in (n for n in _SWEEPS if n < degrees[0]):
            ways[f"type 2, {sweeps} sweeps per start"] = {"kind": 2, "sweeps_per_start": sweeps}
        ways |= {_SHARED: {"kind": 3}, "type 3, dithered": {"kind": 3, "dither": True}}
        cases += [Case({"pattern": name, "at": label}, task.point(degrees, **way)) for name, way in ways.items()]
    return cases


def whole_out_degree(left: int, right: int, density: float) -> int:
    """The nearest with which no right neuron has edges of two sweeps: each type then draws all its sweeps freely."""
    return min((d for d in out_degrees(left, right) if right % d == 0), key=lambda d: abs(d - density * right))


def _findings(records: Sequence[Record]) -> list[Finding]:
    found = []
    for at in dict.fromkeys(str(record["at"]) for record in records):
        same = only(records, at=at)
        (reference,) = only(same, pattern=_REFERENCE)
        for record in same:
            if record is reference:
                continue
            pattern = str(record["pattern"])
            if pattern == "random":
                found.append(Finding("structured", f"{at}: points that structured has more than random",
                                     reference.more_than(record, weights=0.001), low=0))
                continue
            claim = CLAIMS.get(pattern, "" if "dithered" in pattern else "shared")
            found.append(Finding(claim, f"{at}: points less with {pattern} than with structured",
                                 record.less_than(reference, weights=0.001), high=_ALLOWED))
    return found


KINDS = Experiment(
    name="kinds", about="random, structured and clash-free patterns at equal density",
    claim="clash-free patterns are as good as other structured ones, and structured ones better than random ones",
    cases=_cases, findings=_findings, charts=(Bars("kinds", "Kinds of patterns", x="pattern", series="at"),),
)
