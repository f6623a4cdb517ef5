"""Accuracy against word width and rounding, trained in the hardware's integers.

    python -m sw.experiments narrow --mnist mnist.npz
    python -m sw.experiments narrow --designs designs/tiny.toml --short

What was trained is kept in build/experiments/narrow/results: the same command goes on where it was stopped.
"""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sw.common.atomic import check_folder, write_atomic
from sw.common.command import command
from sw.common.report import write_report
from sw.design.files import load
from sw.experiments.narrow.findings import CLAIMS, findings
from sw.experiments.narrow.page import PICTURE, drawn, page
from sw.experiments.narrow.runs import WIDTHS, Task, rows
from sw.experiments.output import csv_of
from sw.experiments.record import MOST_SEEDS, Record
from sw.sources import load_for
from sw.sparse.errors import SparseError

__all__ = ["ABOUT", "main"]

ABOUT = "accuracy against word width and rounding, in integers; needs no --dataset (`narrow --help`)"
_DESIGNS = ("designs/mnist.toml", "designs/digits.toml", "designs/morse.toml")
_SHORT = {"train": 500, "test": 200, "epochs": 1, "seeds": 2}
_PACKED = ("correct", "content")  # of the record, not of the table


@partial(command, stopped="stopped; the same command goes on")
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 done, 2 it could not be done, 130 stopped."""
    options = _options(arguments)
    if not 2 <= options.seeds <= MOST_SEEDS:
        raise SparseError(f"--seeds must be 2 to {MOST_SEEDS}, as one has no interval, got {options.seeds}")
    if options.page and (options.page.suffix != ".md" or not options.page.parent.is_dir()):
        raise SparseError(f"--page must be a .md file in a folder that exists, got {str(options.page)!r}")
    import matplotlib  # noqa: F401  -- before minutes of training
    tasks = [_task(file, options) for file in options.designs]
    folder = options.out / ("narrow-short" if options.short else "narrow")
    check_folder(folder)
    records = [Record(row) for row in rows(tasks, folder / "results", WIDTHS[1:4:2] if options.short else WIDTHS)]
    found, again = findings(records), f"python -m sw.experiments narrow {' '.join(_again(options))}"
    report = {
        "experiment": "narrow", "claim": CLAIMS, "command": again, "seeds": list(tasks[0].seeds),
        "short": options.short, "findings": [finding.record() for finding in found], "rows": records,
    }
    for path in [folder / "narrow", *([options.page.with_suffix("")] if options.page else [])]:
        write_report(path.with_suffix(".json"), report, {})
        write_atomic(path.with_suffix(".csv"), csv_of([_flat(record) for record in records]))
        write_atomic(path.with_name(PICTURE), drawn(records))
    if options.page:
        write_atomic(options.page, page(records, found, command=again, short=options.short).encode())
    print("\n".join([*(str(one) for one in found if one.claim), f"  {folder / 'narrow.json'}"]))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sw.experiments narrow", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", nargs="+", default=list(_DESIGNS), metavar="FILE",
                        help=f"({' '.join(_DESIGNS)})")
    parser.add_argument("--mnist", metavar="FILE", help="npz or folder of MNIST, for designs whose data it is")
    parser.add_argument("--seeds", type=int, default=5, help="how many (5)")
    parser.add_argument("--short", action="store_true", help=f"only to see that it works: two widths, {_SHORT}")
    parser.add_argument("--out", type=Path, default=Path("build/experiments"), help="folder (build/experiments)")
    parser.add_argument("--page", type=Path, metavar="FILE",
                        help="also write a page of Markdown, and report, table and picture beside it")
    return parser.parse_args(arguments)


def _task(file: str, options: argparse.Namespace) -> Task:
    """As many samples and epochs as the design says."""
    design, short = load(file), options.short
    if design.training.start:
        raise SparseError(f"{file}: training.start must be left out, as each seed draws weights of its own")
    source = None
    if design.data.source == "mnist":
        if options.mnist is None:
            raise SparseError(f"{file}: its data are MNIST, which --mnist must name; or leave it out of --designs")
        source = options.mnist
    train, test = (_SHORT["train"], _SHORT["test"]) if short else (design.data.train, design.data.test)
    data = load_for(design, source, train=train, test=test)
    return Task(design, data, _SHORT["epochs"] if short else design.data.epochs,
                tuple(range(1, (_SHORT["seeds"] if short else options.seeds) + 1)))


def _again(options: argparse.Namespace) -> list[str]:
    """The options that the figures depend on."""
    said = [] if options.designs == list(_DESIGNS) else ["--designs", *options.designs]
    said += ["--mnist", Path(options.mnist).name] if options.mnist else []
    said += ["--short"] if options.short else [] if options.seeds == 5 else ["--seeds", str(options.seeds)]
    return said + (["--page", str(options.page)] if options.page else [])


def _flat(record: Record) -> dict[str, object]:
    """For a table: seeds side by side."""
    return {name: " ".join(map(str, value)) if isinstance(value, list) else value
            for name, value in record.items() if name not in _PACKED}
