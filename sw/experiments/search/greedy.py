"""One stage after the other, or all choices at once, with as many trainings?"""

from collections.abc import Sequence
from typing import Any

from sw.experiments.finding import Finding
from sw.experiments.search.experiment import Experiment, Picture, Row, apart, judged, mean_of
from sw.experiments.search.setting import Points, Setting

__all__ = ["GREEDY"]

STAGES, JOINT = "greedy", "all at once"
_WC = 0.1
_MARGIN = 0.02  # of f: 5 % of f_p + w_c f_c


def _rows(setting: Setting) -> list[dict[str, Any]]:
    greedy = setting.search(parts=("widths", "grids"), wc=_WC)
    joint = setting.search(parts=("joint",), wc=_WC, points=Points.default(len(greedy.records)))
    return [greedy.row(case=STAGES), joint.row(case=JOINT)]


def _findings(rows: Sequence[Row]) -> list[str | Finding]:
    lines: list[str | Finding] = [
        f"{case}: f {mean_of(rows, 'value', case)}, {mean_of(rows, 'accuracy', case)} % of the validation "
             f"samples, {mean_of(rows, 'parameters', case).mean:,.0f} parameters, "
             f"{mean_of(rows, 'trainings', case).mean:.0f} trainings" for case in (STAGES, JOINT)]
    more = apart(rows, "value", STAGES, JOINT)
    return [*lines, judged("f of the greedy search is no higher", more, _MARGIN, ("equal", "lower"))]


GREEDY = Experiment(
    name="greedy", about="stage 2 after stage 1, against both as one space with as many trainings",
    claim="the greedy order of stages is justified against a search that is not greedy (no figures in the text)",
    rows=_rows, findings=_findings,
    pictures=(Picture("value", "Greedy or all at once", "case", "value", y_label="f = log10(f_p + 0.1 f_c)"),),
)
