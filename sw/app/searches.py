"""Searches side by side: what each found, as a table, and accuracy against parameters, as a picture.

    python -m sw.app.searches build/search/FIRST build/search/SECOND

Each is a folder that `sw/search.py` has written; a search that is still to be gone on with counts as it is. They are
named by the options in which they differ.
"""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sw.common.atomic import check_folder, write_atomic
from sw.common.command import Options, command
from sw.common.errors import UserError
from sw.common.picture import COLOURS, SETTINGS, content
from sw.experiments.output import csv_of

__all__ = ["main", "names", "row"]

Results = dict[str, Any]
_LONG = 60  # letters


@command
def main(arguments: Sequence[str] | None) -> int:
    parser = Options(prog="python -m sw.app.searches", description=__doc__,
                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="of a search")
    parser.add_argument("--out", type=Path, default=Path("build/searches"), help="folder (%(default)s)")
    options = parser.parse_args(arguments)
    found = [_read(folder) for folder in options.folders]
    rows = [row(name, one) for name, one in zip(names(found), found, strict=True)]
    check_folder(options.out)
    write_atomic(options.out / "table.csv", csv_of(rows))
    trials = [_trials(folder / "trials.csv") for folder in options.folders]
    write_atomic(options.out / "accuracy.svg", _picture(rows, trials, found[0]["title"]))
    heads = list(rows[0])
    for cells in (heads, ["---"] * len(heads), *(list(one.values()) for one in rows)):
        print("| " + " | ".join(map(str, cells)) + " |")
    print(f"{options.out / 'table.csv'}, {options.out / 'accuracy.svg'}")
    return 0


def names(found: Sequence[Results]) -> list[str]:
    """Of each search, the options that are not the same in all; its own name if they are none, or too many."""
    differ = [name for name in found[0]["options"] if any(one["options"].get(name) != found[0]["options"][name]
                                                          for one in found)]
    told = [" ".join(f"{name} {one['options'].get(name)}" for name in differ) for one in found]
    return told if 0 < max(map(len, told)) <= _LONG else [one["study"] for one in found]


def row(name: str, found: Results) -> dict[str, Any]:
    """The best network of a search: figures in per cent and seconds, what it is, and how many trials that took."""
    best, trials = found["best"][0], found["trials"]
    chosen = {key: value for part in best["configuration"].values() for key, value in part.items()}
    percent = {key: round(100 * best[key], 2) for key in ("accuracy", "test_accuracy") if key in best}
    words = {key: "-".join(map(str, value)) if isinstance(value, list) else value for key, value in chosen.items()}
    return {"search": name, **percent, "parameters": best["parameters"], "t_epoch": round(best["t_epoch"], 3),
            **{key: float(f"{value:.3g}") if isinstance(value, float) else value for key, value in words.items()},
            **{state: trials[state] for state in ("complete", "pruned", "fail")},
            "trial_seconds": round(found["trial_seconds"])}


def _read(folder: Path) -> Results:
    path = folder / "results.json"
    try:
        found: Results = json.loads(path.read_bytes())
        found["best"][0]["accuracy"], found["best"][0]["parameters"]
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        raise UserError(f"{path}: must be what a search of networks for classes has written, and it is not there or "
                        "something else") from None
    return found


def _trials(path: Path) -> list[tuple[float, float]]:
    """Parameters and accuracy in per cent of each complete trial."""
    with path.open(newline="") as file:
        return [(float(one["parameters"]), 100 * float(one["accuracy"])) for one in csv.DictReader(file)
                if one["state"] == "complete"]


def _picture(rows: Sequence[dict[str, Any]], trials: Sequence[list[tuple[float, float]]], title: str) -> bytes:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(SETTINGS):
        figure = Figure(figsize=(5.6, 4.0), layout="constrained")
        axes = figure.subplots()
        for colour, one, points in zip(COLOURS * len(rows), rows, trials, strict=False):
            axes.plot(*zip(*points, strict=True), "o", ms=3, color=colour, alpha=0.5)
            axes.plot([one["parameters"]], [one["accuracy"]], "D", ms=8, color=colour, mec="k", label=one["search"])
        best = max(one["accuracy"] for one in rows)
        axes.set(xscale="log", xlabel="parameters", ylabel="validation accuracy (%)", ylim=(best - 8, best + 0.5))
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7, loc="lower right")
        axes.set_title(f"{title}: complete trials, and the best of each search", fontsize=9)
        return content(figure, "svg", title)


if __name__ == "__main__":
    sys.exit(main())
