"""What do several of a search's networks gain together, and what does that cost?"""

from collections.abc import Sequence
from typing import Any

from sw.deepncheap.ensembles import together
from sw.experiments.finding import Finding
from sw.experiments.search.experiment import Experiment, Picture, Row, apart, judged, mean_of
from sw.experiments.search.setting import KEPT, Setting
from sw.experiments.statistics import Estimate

__all__ = ["ENSEMBLING"]

_SIZES = (1, 3, KEPT)


def _case(size: int) -> str:
    return "the best" if size == 1 else f"the best {size}"


def _rows(setting: Setting) -> list[dict[str, Any]]:
    found = setting.search()
    models = found.models(_SIZES[-1])
    rows = []
    for size in _SIZES:
        voted = together(models[:size], found.task.test, "votes")
        meant = together(models[:size], found.task.test, "mean")
        rows.append({
            "case": _case(size), "networks": min(size, len(models)),
            "test_accuracy": 100 * (1 - voted.error), "by_mean": 100 * (1 - meant.error),
            "parameters": voted.parameters, "times": voted.parameters / models[0].parameters,
        })
    return rows


def _findings(rows: Sequence[Row]) -> list[str | Finding]:
    cases = list(dict.fromkeys(row["case"] for row in rows))
    lines: list[str | Finding] = [
        f"{case}: by votes {mean_of(rows, 'test_accuracy', case)} % of the test samples, by mean probability "
             f"{mean_of(rows, 'by_mean', case)} %; {mean_of(rows, 'times', case).mean:.1f} times the parameters of the "
             "best one" for case in cases]
    gain = apart(rows, "test_accuracy", _case(_SIZES[-1]), _case(1))
    cost = mean_of(rows, "times", _case(_SIZES[-1]))
    return [*lines, judged("votes of five are better than the best by validation", gain, 0.0, ("higher",), "points"),
            judged("at the cost of a large increase in complexity, twice the parameters or more",
                   Estimate(cost.mean - 2, cost.half), 0.0, ("higher",), "times beyond 2")]


ENSEMBLING = Experiment(
    name="ensembling", about="the best networks of a search vote",
    claim="models that vote on the test samples are slightly better, at the cost of large increases in complexity",
    rows=_rows, findings=_findings,
    pictures=(Picture("accuracy", "Ensembles of a search's best networks", "parameters", "test_accuracy",
                      x_label="parameters in all", y_label="test accuracy by votes (%)", scale="log"),),
)
