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
from sw.experiments.record import Record
from sw.experiments.task import Task

__all__ = ["csv_of", "report_of", "write"]


def write(folder: Path, experiment: Experiment, task: Task, measured: Sequence[Measured], arguments: Sequence[str],
          ) -> list[Path]:
    """Write all files, each whole, and name them. A picture that would show nothing is left out.

    ``arguments``: of the command, which the report holds so that it can be given again.
    """
    data = measured[0].result["data"]
    paths = [folder / "report.json", folder / "table.csv"]
    write_report(paths[0], report_of(experiment, {
        "data": data, "arguments": list(arguments), "seeds": list(task.seeds), "short": task.short,
    }, [m.record() for m in measured]), {})
    write_atomic(paths[1], csv_of([m.row() for m in measured]))
    for chart in experiment.charts:
        if shown := chart.of(measured):
            paths.append(folder / f"{chart.name}.svg")
            write_atomic(paths[-1], _drawn(chart, data["name"], shown))
    return paths


def report_of(experiment: Experiment, about: dict[str, Any], rows: Sequence[Record]) -> dict[str, Any]:
    """The record of an experiment: ``about`` (data, arguments, seeds, short), its rows and what they say."""
    return {"experiment": experiment.name, "claim": experiment.claim, **about,
            "findings": [finding.record() for finding in experiment.findings(rows)], "rows": list(rows)}


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
