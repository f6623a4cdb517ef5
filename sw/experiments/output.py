"""The files of an experiment: table (CSV), report (JSON) and pictures (SVG)."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sw.common.atomic import write_atomic
from sw.common.picture import SETTINGS, content
from sw.common.report import write_report
from sw.experiments.charts import Chart
from sw.experiments.experiment import Experiment
from sw.experiments.measured import Measured
from sw.experiments.task import Task

__all__ = ["csv_of", "write"]


def write(folder: Path, experiment: Experiment, task: Task, measured: Sequence[Measured]) -> list[Path]:
    """Write all files, each whole, and name them. A picture that would show nothing is left out."""
    rows = [m.row() for m in measured]
    data = measured[0].result["data"]
    paths = [folder / "report.json", folder / "table.csv"]
    write_report(paths[0], {
        "experiment": experiment.name, "claim": experiment.claim, "data": data, "seeds": list(task.seeds),
        "short": task.short, "findings": experiment.findings(measured),
        "rows": [
            {**row, "test_accuracies": [round(a, 4) for a in m.test]} for row, m in zip(rows, measured, strict=True)
        ],
    }, {})
    write_atomic(paths[1], csv_of(rows))
    for chart in experiment.charts:
        if shown := chart.of(measured):
            paths.append(folder / f"{chart.name}.svg")
            write_atomic(paths[-1], _drawn(chart, data["name"], shown))
    return paths


def csv_of(rows: Sequence[dict[str, Any]]) -> bytes:
    """A table with the columns of all rows, in the order in which they first come."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode()


def _drawn(chart: Chart, data: str, shown: Sequence[Measured]) -> bytes:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(SETTINGS):
        figure = Figure(figsize=(5.6, 4.0), layout="constrained")
        chart.draw(figure, shown)
        figure.suptitle(f"{chart.title} ({data})", fontsize=10)
        return content(figure, "svg", chart.title)
