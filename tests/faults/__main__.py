"""Command line of `make faults`: plant each fault, and print which word of the comparison caught it."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from sw.common.atomic import check_folder
from sw.common.command import Options, command
from sw.common.errors import UserError
from sw.common.progress import ProgressLine
from sw.common.report import write_report
from tests.faults.fault import Outcome, run
from tests.faults.table import FAULTS, long_runs, short_runs
from tests.faults.where import describe


def lines(outcome: Outcome) -> Iterator[str]:
    """An outcome for people."""
    fault, expected = outcome.fault, outcome.fault.where(outcome.design)
    if expected:
        yield f"{fault.name:<75} {outcome.seconds:5.1f} s"
        yield f"    planted in  {fault.plant.named}"
        yield f"    design      {describe(outcome.design)}"
        yield f"    comparison  {outcome.comparison or 'NOT CAUGHT: all words equal'}"
        if fault.listed:
            yield f"    rehearsal   {outcome.rehearsal or 'NOT CAUGHT: every access in order'}"
    else:
        said = "unnoticed" if outcome.right else f"SEEN: {outcome.comparison or outcome.rehearsal}"
        yield f"    elsewhere   {said} on {describe(outcome.design)}"
        yield f"                which has not: {fault.where.text}"


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 every fault caught, 1 a fault not caught or seen where it cannot be, 2 nothing was run."""
    parser = Options(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--fault", help="only faults with this text in their name")
    parser.add_argument("--long", action="store_true", help="each fault on every design, with several seeds")
    parser.add_argument("--report", type=Path, default=Path("build/faults/report.json"), help="file to write (JSON)")
    options = parser.parse_args(arguments)
    faults = [f for f in FAULTS if options.fault is None or options.fault in f.name]
    if not faults:
        raise UserError(
            f"--fault must be part of a fault's name, got '{options.fault}'; the names are:",
            detail="\n".join(f"    {f.name}" for f in FAULTS),
        )
    check_folder(options.report.parent)
    jobs = [(f, *job) for f in faults for job in (long_runs(f) if options.long else short_runs(f))]
    outcomes: list[Outcome] = []
    with ProgressLine("planted faults", "runs") as progress:
        for fault, design, seeds in jobs:
            outcomes.append(run(fault, design, seeds=seeds))
            progress.close()
            print(*lines(outcomes[-1]), sep="\n", flush=True)
            progress(len(outcomes), len(jobs))
    wrong = sorted({o.fault.name for o in outcomes if not o.right})
    figures = {"faults": len(faults), "wrong": wrong, "runs": [o.as_json() for o in outcomes]}
    write_report(options.report, figures, reasons={})
    caught = [o for o in outcomes if o.fault.where(o.design)]
    print()
    print(f"{len(faults)} faults, {len(caught)} runs: {'NOT all' if wrong else 'all'} caught by the comparison", end="")
    print(f"; {len(outcomes) - len(caught)} runs where a fault must pass unnoticed; {options.report}")
    for name in wrong:
        print(f"WRONG: {name}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
