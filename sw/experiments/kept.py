"""The records that are kept: one report.json in each folder of docs/experiments."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sw.experiments.catalogue import EXPERIMENTS
from sw.experiments.finding import Finding
from sw.experiments.record import Record
from sw.experiments.search.command import EXPERIMENTS as SEARCHES
from sw.experiments.search.experiment import judgements
from sw.sparse.errors import SparseError

__all__ = ["MEASURED", "command_of", "data_of", "judged_again", "kept"]

MEASURED = Path("docs/experiments")
_DUE = ("experiment", "claim", "data", "rows", "findings", "arguments")


def kept(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each record with its folder, those of short runs left out. SparseError for a file that is none."""
    for path in sorted(folder.glob("*/report.json")):
        try:
            report = json.loads(path.read_text())
            if not all(name in report for name in _DUE) or not report["data"]["name"]:
                raise KeyError
            report["rows"] = [Record(row) for row in report["rows"]]
        except (ValueError, KeyError, TypeError):
            raise SparseError(f"{path}: not a report of an experiment") from None
        if not report.get("short"):
            yield path.parent, report


def judged_again(report: dict[str, Any]) -> list[Finding]:
    """What the rows of a record say by today's rules."""
    if report["arguments"][0] == "search":
        return judgements(SEARCHES[report["experiment"]], report["rows"])
    return EXPERIMENTS[report["experiment"]].findings(report["rows"])


def command_of(report: dict[str, Any]) -> str:
    return f"python -m sw.experiments {' '.join(report['arguments'])}"


def data_of(report: dict[str, Any]) -> str:
    """The name of the data, and which draw of them if not the first: "morse, draw 2"."""
    arguments = report["arguments"]
    draw = f", draw {arguments[arguments.index('--draw') + 1]}" if "--draw" in arguments else ""
    return f"{report['data']['name']}{draw}"
