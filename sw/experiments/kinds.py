"""Are patterns that hardware can read without clashes as good as others?"""

from collections.abc import Sequence
from typing import Any

from sw.experiments.charts import Bars
from sw.experiments.experiment import Experiment
from sw.experiments.measured import Case, Measured, only, percent
from sw.experiments.task import Task
from sw.pattern.degrees import out_degrees

__all__ = ["KINDS", "whole_out_degree"]

_DENSITIES = (0.2, 0.1)
_SWEEPS = (2, 5, 16, 32)  # that share a start; all of a junction's make it type 3
_ALLOWED = 0.3  # points that type 3 may lose
_REFERENCE, _SHARED = "structured", "type 3"


def _cases(task: Task) -> list[Case]:
    inputs, hidden, classes = task.neurons
    cases = []
    for density in _DENSITIES:
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


def _findings(measured: Sequence[Measured]) -> list[str]:
    lines = []
    for at in dict.fromkeys(str(m.labels["at"]) for m in measured):
        reference = only(measured, at=at, pattern=_REFERENCE)[0]
        lines.append(f"{at}: structured {reference.accuracy} %")
        kept = {}
        for m in only(measured, at=at):
            if m is not reference:
                kept[str(m.labels["pattern"])] = loss = m.less_than(reference)
                lines.append(f"  {m.labels['pattern']}: {loss} points less than structured")
        verdict = f"  type 3 with {at} loses {kept[_SHARED]} points, "
        if kept[_SHARED].mean <= _ALLOWED:
            lines.append(f"{verdict}no more than {_ALLOWED}")
        else:
            enough = [name for name, loss in kept.items() if name.startswith("type 2") and loss.mean <= _ALLOWED]
            lines.append(f"{verdict}more than {_ALLOWED}; these do not: {'; '.join(enough) or 'none'}")
    return lines


KINDS = Experiment(
    name="kinds", about="random, structured and clash-free patterns at equal density",
    claim="clash-free patterns are as good as other structured ones, and structured ones better than random ones",
    cases=_cases, findings=_findings, charts=(Bars("kinds", "Kinds of patterns", x="pattern", series="at"),),
)
