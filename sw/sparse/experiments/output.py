"""The files of an experiment: table (CSV), report (JSON) and pictures (SVG)."""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sw.design.report import write_report
from sw.design.whole import write_whole
from sw.picture import COLOURS, SETTINGS, content
from sw.sparse.experiments.experiment import Chart, Experiment, Measured, Task

__all__ = ["write"]


def write(folder: Path, experiment: Experiment, task: Task, measured: Sequence[Measured]) -> list[Path]:
    """Write all files, each whole, and name them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [m.row() for m in measured]
    paths = [folder / "table.csv", folder / "report.json"]
    write_whole(paths[0], _csv(rows))
    write_report(paths[1], {
        "experiment": experiment.name, "claim": experiment.claim, "data": measured[0].result["data"],
        "seeds": list(task.seeds), "short": task.short, "findings": experiment.findings(measured),
        "rows": [{**row, "test_accuracies": [round(a, 4) for a in m.test]} for row, m in zip(rows, measured,
                                                                                             strict=True)],
    }, {})
    for chart in experiment.charts:
        paths.append(folder / f"{chart.name}.svg")
        write_whole(paths[-1], _drawn(chart, measured[0].result["data"]["name"], rows))
    return paths


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode()


def _drawn(chart: Chart, data: str, rows: Sequence[dict[str, Any]]) -> bytes:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(SETTINGS):
        figure = Figure(figsize=(5.2, 3.6), layout="constrained")
        axes = figure.subplots()
        for number, series in enumerate(dict.fromkeys(row[chart.series] for row in rows)):
            line = sorted((row for row in rows if row[chart.series] == series), key=lambda row: row[chart.x])
            axes.errorbar(
                [row[chart.x] for row in line], [row[chart.y] for row in line],
                yerr=[row["test_interval"] or math.nan for row in line] if chart.y == "test_accuracy" else None,
                label=f"{chart.series} {series:g}" if isinstance(series, float | int) else str(series),
                color=COLOURS[number % len(COLOURS)], marker="o", markersize=3, linewidth=1.2, capsize=2,
            )
        if chart.logarithmic:
            axes.set_xscale("log")
        axes.set_xlabel(chart.x_label or chart.x)
        axes.set_ylabel("test accuracy (%)" if chart.y == "test_accuracy" else chart.y.replace("_", " "))
        axes.set_title(f"{chart.title} ({data})")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
        return content(figure, "svg", chart.title)
