"""Run again what docs/ shows of experiments, and fail where figures differ by more than their interval or than chance.

    python -m sw.experiments evidence --jobs 2
    python -m sw.experiments evidence --short

Results are kept in build/evidence, so that a run that was stopped goes on; each line tells the time that is left: of
all networks first, then of each search, page and study. The commands are those of the records. MNIST is the file that
CLASHFREE_MNIST names; without it what needs it is left out, and --short runs its records on the digits.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sw.common.atomic import check_folder
from sw.common.command import command
from sw.experiments.again import Comparison, figures_again, record_again
from sw.experiments.catalogue import EXPERIMENTS
from sw.experiments.difficulty import command as difficulty
from sw.experiments.kept import MEASURED, kept
from sw.experiments.measured import Case, Measured
from sw.experiments.morse import command as morse
from sw.experiments.narrow import command as narrow
from sw.experiments.options import add_options, add_storage, task_of
from sw.experiments.runner import run_all
from sw.experiments.search import command as search
from sw.experiments.shown import MNIST, Shown, figures, shown
from sw.sparse.errors import SparseError

__all__ = ["ABOUT", "main"]

ABOUT = "run again what docs/ shows, and compare (`evidence --help`)"
_STAND_IN = "digits"
_PROGRAMS = {"morse": morse.main, "difficulty": difficulty.main, "narrow": narrow.main, "search": search.main}
_SHORT = ["--short", "--train", "200", "--test", "100", "--epochs", "1", "--seeds", "1"]


@partial(command, stopped="stopped; the same command goes on")
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 all as kept, 1 a figure differs, 2 it could not be done, 130 stopped."""
    parser = argparse.ArgumentParser(prog="python -m sw.experiments evidence", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=f"of {', '.join([*EXPERIMENTS, *_PROGRAMS])} (all)")
    parser.add_argument("--short", action="store_true", help="minutes: only that each runs and finds something")
    parser.add_argument("--seeds", type=int, help="the first so many of each network, and nothing else (all)")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each with one thread (1)")
    add_storage(parser)
    parser.add_argument("--measured", type=Path, default=MEASURED, help=f"folder of records ({MEASURED})")
    parser.add_argument("--out", type=Path, default=Path("build/evidence"), help="folder (build/evidence)")
    options = parser.parse_args(arguments)
    names = options.names or [*EXPERIMENTS, *_PROGRAMS]
    if unknown := set(names) - {*EXPERIMENTS, *_PROGRAMS}:
        raise SparseError(f"an experiment must be of {', '.join([*EXPERIMENTS, *_PROGRAMS])}, got "
                          f"{', '.join(sorted(unknown))}")
    check_folder(options.out)
    chosen = [(folder.name, report, cases) for folder, report in kept(options.measured)
              if report["arguments"][0] in names and report["arguments"][0] in EXPERIMENTS
              for cases in _cases(folder.name, report, options)]
    others = [] if options.seeds else [one for one in shown(options.measured) if one.arguments[0] in names
                                       and _at_hand(one, options.short)]
    if not chosen and not others:
        raise SparseError(f"{options.measured} must hold records of {', '.join(names)}, whose data are at hand; there "
                          "are none")
    differing = sum(_tell(name, found, compared) for name, found, compared in _networks(chosen, options))
    for number, one in enumerate(others, 1):
        print(f"{one.name}, {number} of {len(others)} that are no networks", flush=True)
        status, compared = _again(one, options)
        if status:
            return status
        differing += _tell(one.name, "", compared)
    return 1 if differing else 0


def _networks(chosen: Sequence[tuple[str, dict[str, Any], list[Case]]], options: argparse.Namespace
              ) -> Iterator[tuple[str, str, Comparison | None]]:
    """Of each record its name, what was run, and how that compares; None where that is not asked."""
    groups = run_all([[case.point for case in cases] for _, _, cases in chosen], options.out / "results", options.jobs,
                     storage=options.storage)
    for (name, report, cases), results in zip(chosen, groups, strict=True):
        records = [Measured(case.labels, case.point, one).record() for case, one in zip(cases, results, strict=True)]
        findings = EXPERIMENTS[report["experiment"]].findings(records)
        was = {(one["claim"] or "", one["comparison"]): one["verdict"] for one in report["findings"]}
        same = sum(was.get((one.claim, one.comparison), "new") == one.verdict for one in findings)
        verdicts = "" if options.short or options.seeds else f", {same} with the kept verdict"
        yield (name, f"{len(records)} configurations, {len(findings)} findings{verdicts}; ", None if options.short else
               record_again(report, records, results[0]["data"].get("content")))


def _again(one: Shown, options: argparse.Namespace) -> tuple[int, Comparison | None]:
    """Exit status of its command, and how that compares; None where that is not asked."""
    given = [*(one.given(options.short) or []), "--out", str(options.out)]
    if given[0] == "morse":
        given += ["--jobs", str(options.jobs)] + (["--storage", options.storage] if options.storage else [])
    status = int(_PROGRAMS[given[0]](given[1:]))
    if status or options.short:
        return status, None
    return 0, figures_again(figures(one.kept), figures(options.out / one.again), exact=one.exact)


def _at_hand(one: Shown, short: bool) -> bool:
    found = one.given(short) is not None
    if not found:
        print(f"{one.name}: left out, as {MNIST} names no file", flush=True)
    return found


def _tell(name: str, what: str, compared: Comparison | None) -> int:
    """Say how it compares; how many figures differ."""
    print(f"{name}: {what}{'not compared' if compared is None else compared}", flush=True)
    lines = compared.lines if compared else []
    for line in lines:
        print(f"  {line}")
    return len(lines)


def _cases(name: str, report: dict[str, Any], options: argparse.Namespace) -> Iterator[list[Case]]:
    """Of the record's command; nothing where its data are not at hand."""
    given = list(report["arguments"][1:])
    place = given.index("--dataset") + 1
    if given[place].endswith(".npz"):
        file = os.environ.get(MNIST)
        if not file and not options.short:
            print(f"{name}: left out, as {MNIST} names no file for {given[place]}", flush=True)
            return
        given[place] = file or _STAND_IN
    parser = argparse.ArgumentParser()
    add_options(parser)
    if options.short:
        given += _SHORT
    if options.seeds:
        given += ["--seeds", str(options.seeds)]
    given += ["--jobs", str(options.jobs)]
    yield EXPERIMENTS[report["experiment"]].cases(task_of(parser.parse_args(given)))
