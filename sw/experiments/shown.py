"""What docs/ shows beside the records of networks: searches, pages and the Morse study; how each is made again."""

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sw.experiments.finding import Finding
from sw.experiments.kept import kept
from sw.experiments.statistics import Estimate

__all__ = ["MNIST", "Shown", "figures", "shown"]

MNIST = "CLASHFREE_MNIST"  # the variable that names the file
_STUDY = "morse-study.csv"
_ROW = ("part", "network", "variant", "density")


@dataclass(frozen=True)
class Shown:
    """A file with figures, and the command that makes such a file.

    ``arguments``: of `python -m sw.experiments`. ``again``: the file that the command writes, under its --out.
    ``short``: what makes it a matter of seconds. ``exact``: its figures are made of integers.
    """

    name: str
    arguments: tuple[str, ...]
    kept: Path
    again: str
    short: tuple[str, ...] = ("--short",)
    exact: bool = False

    def given(self, short: bool) -> list[str] | None:
        """The arguments with the file of MNIST, None where it is not at hand; the short form needs none."""
        words = list(self.arguments) + list(self.short if short else ())
        if "--mnist" in words:
            at = words.index("--mnist")
            if short:
                del words[at : at + 2]
            elif file := os.environ.get(MNIST):
                words[at + 1] = file
            else:
                return None
        return words


def shown(measured: Path) -> Iterator[Shown]:
    """Of the folder of records, and of docs, in which it is."""
    for folder, report in kept(measured):
        if report["arguments"][0] == "search":
            yield Shown(folder.name, tuple(report["arguments"]), folder / "report.json", f"{folder.name}/report.json",
                        ("--scale", "short", "--seeds", "1"))
    for path, again, short, exact in (
        ("narrow-training.json", "narrow/narrow.json", ("--designs", "designs/tiny.toml", "--short"), True),
        ("morse-difficulty.json", "difficulty/difficulty.json", ("--short",), False),
    ):
        if (page := measured.parent / path).is_file():
            yield Shown(page.stem, _of_page(json.loads(page.read_text())["command"]), page, again, short, exact)
    if (study := measured.parent / _STUDY).is_file():
        yield Shown(study.stem, ("morse",), study, "morse/table.csv")


def _of_page(text: str) -> tuple[str, ...]:
    """The arguments of a page's command, but for where the page is written."""
    words = text.split()[3:]
    at = words.index("--page")
    return (*words[:at], *words[at + 2 :])


def figures(path: Path) -> dict[str, Estimate]:
    """By what they are of: the accuracies of a table, or the findings of a report. Those without interval are left
    out: they say nothing that another run could contradict."""
    if path.suffix == ".csv":
        rows = list(csv.DictReader(path.read_text().splitlines()))
        return {" ".join(row[name] for name in _ROW): Estimate(float(row["test_accuracy"]), float(row["test_interval"]))
                for row in rows if row["test_interval"]}
    found = (Finding.of(one) for one in json.loads(path.read_text())["findings"])
    return {f"{one.claim}: {one.comparison}": one.estimate for one in found if one.estimate.half >= 0}
