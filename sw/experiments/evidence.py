"""Run again what docs/ shows of experiments, and fail where a figure differs by more than its interval.

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
from sw.experiments.catalogue import EXPERIMENTS
from sw.experiments.difficulty import command as difficulty
from sw.experiments.kept import MEASURED, kept
from sw.experiments.measured import Case, Measured
from sw.experiments.morse import command as morse
from sw.experiments.narrow import command as narrow
from sw.experiments.options import add_options, add_storage, task_of
from sw.experiments.record import Record
from sw.experiments.runner import run_all
from sw.experiments.search import command as search
from sw.experiments.shown import MNIST, Shown, changed, figures, shown
from sw.sparse.errors import SparseError

__all__ = ["ABOUT", "differences", "main"]

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
    differing = sum(_compared(name, found, found_lines) for name, found, found_lines in _networks(chosen, options))
    for number, one in enumerate(others, 1):
        print(f"{one.name}, {number} of {len(others)} that are no networks", flush=True)
        status, lines = _again(one, options)
        if status:
            return status
        differing += _compared(one.name, "", lines)
    return 1 if differing else 0


def _networks(chosen: Sequence[tuple[str, dict[str, Any], list[Case]]], options: argparse.Namespace
              ) -> Iterator[tuple[str, str, list[str] | None]]:
    """Of each record its name, what was run, and what differs; None where that is not asked."""
    groups = run_all([[case.point for case in cases] for _, _, cases in chosen], options.out / "results", options.jobs,
                     storage=options.storage)
    for (name, report, cases), results in zip(chosen, groups, strict=True):
        records = [Measured(case.labels, case.point, one).record() for case, one in zip(cases, results, strict=True)]
        findings = EXPERIMENTS[report["experiment"]].findings(records)
        yield (name, f"{len(records)} configurations, {len(findings)} findings; ", None if options.short else
               list(differences(report, records, results[0]["data"].get("content"))))


def _again(one: Shown, options: argparse.Namespace) -> tuple[int, list[str] | None]:
    """Exit status of its command, and what differs; None where that is not asked."""
    given = [*(one.given(options.short) or []), "--out", str(options.out)]
    if given[0] == "morse":
        given += ["--jobs", str(options.jobs)] + (["--storage", options.storage] if options.storage else [])
    status = int(_PROGRAMS[given[0]](given[1:]))
    if status or options.short:
        return status, None
    return 0, list(changed(figures(one.kept), figures(options.out / one.again)))


def _at_hand(one: Shown, short: bool) -> bool:
    found = one.given(short) is not None
    if not found:
        print(f"{one.name}: left out, as {MNIST} names no file", flush=True)
    return found


def _compared(name: str, what: str, lines: list[str] | None) -> int:
    """Say what differs, and how much does."""
    print(f"{name}: {what}" + ("not compared" if lines is None else f"{len(lines)} differ" if lines else "as kept"),
          flush=True)
    for line in lines or ():
        print(f"  {line}")
    return len(lines or ())


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


def differences(report: dict[str, Any], records: Sequence[Record], content: str | None = None) -> Iterator[str]:
    """What is not as kept, a line each: other data, configurations or numbers of weights, and accuracies that differ by
    more than the kept interval; of fewer seeds, from those of the same seeds."""
    data = report["data"].get("content")
    if data and content and data != content:
        yield f"the data are others: {content}, kept {data}"
    if len(report["rows"]) != len(records):
        yield f"{len(records)} configurations, kept {len(report['rows'])}"
        return
    for old, new in zip(report["rows"], records, strict=True):
        if (old["neurons"], old["weights"]) != (new["neurons"], new["weights"]):
            yield f"{new.name}: {new['weights']} weights, kept {old['neurons']} with {old['weights']}"
            continue
        same = old.accuracies[: len(new.accuracies)]
        was, now = sum(same) / len(same), sum(new.accuracies) / len(new.accuracies)
        if abs(now - was) > (old["test_interval"] or 0) + 1e-9:
            yield f"{new.name}: {now:.2f} %, kept {was:.2f} ± {old['test_interval'] or 0:.2f} %"
