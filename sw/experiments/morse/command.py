"""Train the Morse ladder and say what tells the accuracy that is reached.

    python -m sw.experiments morse --jobs 2
    python -m sw.experiments morse --parts 700 --networks small --seeds 2 --full-only

The seeds of a network are trained together and kept in build/experiments/results: the same command goes on where it was
stopped, and one with more networks or parts trains what is missing. Another number of seeds trains all of them anew.
Table, report and pictures are written after each group of networks, from all that is there by then.
"""

import argparse
from collections.abc import Sequence
from functools import partial
from itertools import product
from pathlib import Path

from sw.common.atomic import check_folder, write_atomic
from sw.common.command import command
from sw.common.report import write_report
from sw.experiments.measured import Case, Measured
from sw.experiments.morse.charts import drawn
from sw.experiments.morse.ladder import DENSE, LADDER, LARGE, NETWORKS, PARTS, SHORT, SPARSE, cases
from sw.experiments.morse.measures import measures
from sw.experiments.morse.page import answers, page
from sw.experiments.morse.results import gathered
from sw.experiments.morse.tables import tables
from sw.experiments.options import add_storage
from sw.experiments.output import csv_of
from sw.experiments.record import MOST_SEEDS
from sw.experiments.runner import run_all
from sw.sparse.errors import SparseError

__all__ = ["ABOUT", "main"]

ABOUT = "accuracy against metrics of difficulty on 52 Morse variants; needs no --dataset (`morse --help`)"
_PARTS = (LADDER.name, LARGE.name)


@partial(command, stopped="stopped; the same command goes on")
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 done, 2 it could not be done, 130 stopped."""
    options = _options(arguments)
    import matplotlib  # noqa: F401  -- before hours of training
    _run(options)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sw.experiments morse", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=list(_PARTS),
                        help="samples per class: the whole ladder with 700, ten variants with 7000 (both)")
    parser.add_argument("--networks", nargs="+", choices=list(NETWORKS), default=["small", "large"],
                        help=f"hidden neurons: {', '.join(f'{name} {n}' for name, n in NETWORKS.items())} (both)")
    parser.add_argument("--full-only", action="store_true", help="leave out the networks with 20 %% of the weights")
    parser.add_argument("--seeds", type=int, default=5, help=f"how many, trained together; {MOST_SEEDS} at most (5)")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each with one thread (1)")
    add_storage(parser)
    parser.add_argument("--short", action="store_true", help="only to see that it works: few samples, one seed")
    parser.add_argument("--out", type=Path, default=Path("build/experiments"), help="folder (build/experiments)")
    parser.add_argument("--page", type=Path, metavar="FILE",
                        help="also write the study as Markdown, its table and pictures beside it")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> None:
    if options.jobs < 1:
        raise SparseError(f"--jobs must be at least 1, got {options.jobs}")
    if not 1 <= options.seeds <= MOST_SEEDS:
        raise SparseError(f"--seeds must be 1 to {MOST_SEEDS}, got {options.seeds}")
    if options.page and (options.page.suffix != ".md" or not options.page.parent.is_dir()):
        raise SparseError(f"--page must be a .md file in a folder that exists, got {str(options.page)!r}")
    check_folder(options.out)
    parts = [SHORT] if options.short else [PARTS[name] for name in _PARTS if name in options.parts]
    networks = ["small"] if options.short else [name for name in ("small", "large") if name in options.networks]
    densities = [DENSE] if options.full_only else [DENSE, SPARSE]
    seeds = range(1, (1 if options.short else options.seeds) + 1)
    groups = [list(cases(part, network, density, seeds))
              for part, network, density in product(parts, networks, densities)]
    metrics = {part.name: {name: measures(part, name) for name in part.variants} for part in parts}
    measured: list[Measured] = []
    results = run_all([[case.point for case in group] for group in groups], options.out / "results", options.jobs,
                      storage=options.storage)
    for number, (group, found) in enumerate(zip(groups, results, strict=True), 1):
        measured += [Measured(case.labels, case.point, one) for case, one in zip(group, found, strict=True)]
        last = number == len(groups)
        _write(measured, metrics, options, groups, last)


def _write(measured: Sequence[Measured], metrics: dict[str, dict[str, dict[str, float]]], options: argparse.Namespace,
           groups: Sequence[Sequence[Case]], last: bool) -> None:
    folder = options.out / ("morse-short" if options.short else "morse")
    trained = gathered(measured)
    found = [tables(one, metrics[one.part]) for one in trained]
    said = answers(found)
    rows = [row for one in trained for row in one.rows(metrics[one.part])]
    write_report(folder / "report.json", {
        "experiment": "morse", "claim": "r of V_lower, V_upper, V_dist, V_thresh and accuracy is -0.59 to -0.64",
        "short": options.short, "complete": last, "networks_trained": len(measured),
        "networks_asked_for": sum(map(len, groups)), "findings": [line.removeprefix("- ") for line in said],
        "tables": [one.to_dict() for one in found], "rows": rows,
    }, {})
    write_atomic(folder / "table.csv", csv_of(rows))
    pictures = {f"{one.name}-{name}.svg": octets for one in trained for name, octets in
                drawn(one, metrics[one.part]).items()}
    for name, octets in pictures.items():
        write_atomic(folder / name, octets)
    if not last:
        return
    if options.page:
        prefix = f"{options.page.stem}-"
        for name, octets in pictures.items():
            write_atomic(options.page.with_name(prefix + name), octets)
        write_atomic(options.page.with_suffix(".csv"), csv_of(rows))
        write_atomic(options.page, page(trained, found, said, metrics, short=options.short, pictures=prefix).encode())
        print(options.page)
    print("\n".join([*said, f"  {folder / 'report.json'}, {folder / 'table.csv'} and {len(pictures)} pictures"]),
          flush=True)
