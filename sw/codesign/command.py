"""The search for a board as a program: `python sw/search.py --board NAME`."""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from boards.known import BOARDS, board
from sw.codesign.designs import plain
from sw.common.atomic import check_folder
from sw.common.command import Options, command
from sw.common.option import number, seconds
from sw.deepncheap.search import source_of

__all__ = ["main", "parse"]

_TEXT = """Search designs that fit a board, trained in the board's own arithmetic.

    python sw/search.py --dataset morse --board arty --time-budget 20m
    python sw/search.py --dataset samples.csv --label species --board ulx3s

Many networks are tried: inputs, hidden neurons, densities, patterns, word width, rounding, rates. Each gets the most
lanes that the board has room for by the cost model, before it is trained, and is trained shortly by the compiled twin
of the golden model, so in the integers of the hardware. The best are trained longer, with several seeds. What no other
beats in accuracy, speed and size is written to build/search/STUDY/designs: design files and trained states, with the
commands to simulate and to build them. Samples of the test are used at the very end, for what is reported alone.

Stop it when you like, also by the power switch: the same command goes on where it was. More: docs/search.md
"""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options, underscores and hyphens in their names the same. UserError for what cannot be."""
    parser = Options(prog="python sw/search.py", usage="%(prog)s --dataset NAME --board NAME [options]",
                     description=_TEXT, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)
    whole = number(int, 1)
    parser.add_argument("--dataset", required=True, metavar="NAME",
                        help="a file, a folder, morse, digits, sklearn:NAME")
    parser.add_argument("--data-folder", default=".", metavar="FOLDER", help="where the file is (here)")
    parser.add_argument("--label", metavar="COLUMN", help="the column of the labels, for tables")
    parser.add_argument("--train", type=whole, metavar="N", help="the first N training samples (all; of morse 60000)")
    parser.add_argument("--test", type=number(int, 0), metavar="N", help="the first N test samples (all)")
    parser.add_argument("--board", required=True, choices=tuple(BOARDS), help="the board that a design must fit")
    how = parser.add_argument_group("how long")
    how.add_argument("--time-budget", type=seconds, metavar="TIME", help="end after 90s, 20m or 1.5h (all trials)")
    how.add_argument("--networks", type=whole, default=150, metavar="N", help="that are tried (%(default)s)")
    how.add_argument("--slots", type=whole, default=60_000, metavar="N", help="training samples of each (%(default)s)")
    how.add_argument("--finalists", type=whole, default=9, metavar="N", help="that are trained on (%(default)s)")
    how.add_argument("--longer", type=whole, default=8, metavar="N", help="times as many samples each (%(default)s)")
    how.add_argument("--seeds", type=whole, default=3, metavar="N", help="of each finalist (%(default)s)")
    how.add_argument("--check", type=number(int, 0), default=0, metavar="N", help="simulate and synthesise the first N "
                     "designs at the end, beyond the time budget (%(default)s)")
    machine = parser.add_argument_group("the machine")
    machine.add_argument("--seed", type=number(int, 0), default=1, metavar="N", help="draws everything (%(default)s)")
    machine.add_argument("--workers", type=number(int, 1, 1024), default=1, metavar="N", help="trainings at a time "
                         "(%(default)s)")
    machine.add_argument("--study", metavar="NAME", help="what the search is called (from data, board and options)")
    machine.add_argument("--storage", metavar="URL", help="sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/DATABASE "
                         "for any number of machines (build/search/STUDY/study.db)")
    machine.add_argument("--out", type=Path, default=Path("build/search"), metavar="FOLDER", help="(build/search)")
    return parser.parse_args(arguments)


@partial(command, stopped="stopped; the same command goes on")
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 done or out of time, 2 it could not be done, 130 stopped."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    begun = time.monotonic()
    from sw.codesign.search import Effort, identity, search  # not before the options are known to be right
    from sw.codesign.task import Task, Wanted
    from sw.study.storage import open_study

    source = source_of(options.dataset, Path(options.data_folder).expanduser())
    task = Task.load(Wanted(source, board(options.board).device, options.train, options.test, options.label,
                            options.seed))
    effort = Effort(options.networks, options.slots, options.finalists, options.longer, options.seeds)
    what = identity(task, options.board, effort)
    name = options.study or f"{plain(task.raw.name)}-{options.board}-{_digest(what)}"
    out = options.out / name
    check_folder(out)
    study = open_study(options.storage or f"sqlite:///{out / 'study.db'}", name, what)
    try:
        print(f"study {name}: {task.samples:,} samples to train and validate, {len(task.raw.labels['yte']):,} to test, "
              f"of {task.inputs} values, {task.classes} classes; {out / 'index.html'}", flush=True)
        left = None if options.time_budget is None else options.time_budget - (time.monotonic() - begun)
        ended = search(task, options.board, effort, study, out, workers=options.workers, seconds=left,
                       check=options.check, say=partial(print, flush=True))
    finally:
        study.close()
    print(f"{ended.reason}\n  report {out / 'index.html'}")
    return 0


def _digest(what: Mapping[str, Any]) -> str:
    """Other options, another study."""
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:6]
