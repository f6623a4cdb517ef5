"""Command line of `make formal`: prove the properties of the table, then plant faults that they must catch."""

import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sw.common.atomic import check_folder
from sw.common.command import Options, command
from sw.common.progress import ProgressLine
from sw.common.report import write_report
from tests.formal.outcome import Outcome, planted, proven
from tests.formal.sby import FormalError, missing
from tests.formal.table import FAULTS, PROOFS

HEADS = ("property", "unit", "size", "method", "bound", "seconds", "result")
WIDTHS = (64, 28, 36, 18, 9, 7)


def row(*cells: str) -> str:
    return "  ".join([f"{c:<{w}}" for c, w in zip(cells, WIDTHS, strict=False)] + [cells[-1]])


def cells(o: Outcome) -> tuple[str, ...]:
    return o.property, o.unit, o.size, o.method, o.bound, f"{o.seconds:7.1f}", o.result


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 all proven and caught, 1 a property fails or a fault was not caught, 2 no answer."""
    parser = Options(prog="python -m tests.formal", description=__doc__)
    parser.add_argument("--long", nargs="?", choices=("0", "1"), default="0", const="1",
                        help="larger sizes and more faults too")
    parser.add_argument("--only", default="", help="only proofs and faults with this text in their names")
    parser.add_argument("--folder", type=Path, default=Path("build/formal"), help="for the runs and report.json")
    options = parser.parse_args(arguments)
    options.long = options.long == "1"
    proofs = [p for p in PROOFS if options.only in p.name and (options.long or not p.long)]
    faults = [f for f in FAULTS if options.only in f.name and (options.long or not f.long)]
    if not proofs and not faults:
        names = ", ".join([p.name for p in PROOFS] + [f.name for f in FAULTS])
        raise FormalError(f"--only must be part of a name, got '{options.only}'; the names are: {names}")
    if why := missing():
        raise FormalError(why)
    jobs = [(proven, p) for p in proofs] + [(planted, f) for f in faults]
    outcomes: list[Outcome] = []
    started = time.perf_counter()
    shutil.rmtree(options.folder, ignore_errors=True)
    check_folder(options.folder)
    with ProgressLine("formal", "runs") as progress:
        print(row(*HEADS), flush=True)
        for job, what in jobs:
            outcomes.append(job(what, options.folder))  # type: ignore[arg-type]
            progress.close()
            print(row(*cells(outcomes[-1])), flush=True)
            progress(len(outcomes), len(jobs))
    seconds = time.perf_counter() - started
    figures = {"long": options.long, "seconds": seconds, "runs": [o.as_json() for o in outcomes]}
    write_report(options.folder / "report.json", figures, reasons={})
    wrong = [o.property for o in outcomes if not o.right]
    print()
    print(f"{len(proofs)} proofs, {len(faults)} planted faults, {seconds:.0f} s: ", end="")
    print(f"{len(wrong)} WRONG" if wrong else "all proven and caught", end="")
    print(f"; {options.folder / 'report.json'}")
    for name in wrong:
        print(f"WRONG: {name}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
