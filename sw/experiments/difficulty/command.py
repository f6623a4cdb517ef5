"""Which measure of difficulty foretells the accuracies of the Morse study, in points, and at what cost.

    python -m sw.experiments difficulty --page docs/morse-difficulty.md

Nothing is trained: the accuracies are those of docs/morse-study.csv, or of another table of `python -m sw.experiments
morse`. Measures are kept in build/experiments/difficulty: the same command goes on where it was stopped.
"""

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sw.common.atomic import write_atomic
from sw.common.command import command
from sw.common.report import write_report
from sw.experiments.difficulty.complexity import left_out_error
from sw.experiments.difficulty.findings import CLAIMS, findings
from sw.experiments.difficulty.forecasts import SIZE, ladder, larger
from sw.experiments.difficulty.measures import OWN
from sw.experiments.difficulty.page import page
from sw.experiments.difficulty.store import measured
from sw.experiments.morse.ladder import LADDER, LARGE, NETWORKS, SHORT, Part
from sw.experiments.output import csv_of
from sw.morse.better import outlook_of_dataset
from sw.morse.moments import Moments
from sw.morse.variants import variant
from sw.sources import load_raw
from sw.sparse.errors import SparseError

__all__ = ["ABOUT", "main"]

ABOUT = "measures of difficulty against the Morse study's accuracies; needs no --dataset (`difficulty --help`)"
_STUDY = Path("docs/morse-study.csv")
_FEW = 3
_TRIED = tuple(name for name in SHORT.variants if name != "flips-8")  # whose V_thresh is 0 with so few samples
_COLUMNS = {"part", "network", "variant", "density", "test_accuracy"}


@partial(command, stopped="stopped; the same command goes on")
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 done, 2 it could not be done, 130 stopped."""
    parser = argparse.ArgumentParser(prog="python -m sw.experiments difficulty", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accuracies", type=Path, default=_STUDY, metavar="CSV", help=f"of the study ({_STUDY})")
    parser.add_argument("--out", type=Path, default=Path("build/experiments"), help="folder (build/experiments)")
    parser.add_argument("--kept-only", action="store_true", help="measure nothing: the variants measured so far")
    parser.add_argument("--short", action="store_true", help="only to see that it works: few variants and samples")
    parser.add_argument("--page", type=Path, metavar="FILE",
                        help="also write a page of Markdown, report and table beside it")
    options = parser.parse_args(arguments)
    if options.page and (options.page.suffix != ".md" or not options.page.parent.is_dir()):
        raise SparseError(f"--page must be a .md file in a folder that exists, got {str(options.page)!r}")
    _run(options)
    return 0


def accuracies(file: Path) -> dict[tuple[str, str], dict[str, float]]:
    """Per cent of the fully connected networks by part and network, then by variant."""
    try:
        rows = list(csv.DictReader(file.read_text().splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise SparseError(f"{file}: cannot be read: {error}") from None
    if not rows or not set(rows[0]) >= _COLUMNS:
        raise SparseError(f"{file} must be a table of the Morse study with the columns {', '.join(sorted(_COLUMNS))}")
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in rows:
        if float(row["density"]) == 1:
            found.setdefault((row["part"], row["network"]), {})[row["variant"]] = float(row["test_accuracy"])
    return found


def _run(options: argparse.Namespace) -> None:
    due = accuracies(options.accuracies)
    networks = [name for name in NETWORKS if (LADDER.name, name) in due]
    if not networks:
        raise SparseError(f"{options.accuracies} must have accuracies of part {LADDER.name}, got none")
    networks.sort(key=lambda name: NETWORKS[name])
    asked = [replace(SHORT, name=LADDER.name, variants=_TRIED)] if options.short else [LADDER, LARGE]
    parts = [_of(part, due) for part in asked if any(key[0] == part.name for key in due)]
    folder = options.out / ("difficulty-short" if options.short else "difficulty")
    found = measured(parts, folder / "measures", kept_only=options.kept_only)
    values = {part: {name: one["values"] for name, one in of.items()} for part, of in found.items()}
    families = {name: variant(name).family for name in values[LADDER.name]}
    if len({family for family in families.values() if family != SIZE}) < _FEW:
        raise SparseError(f"variants of at least {_FEW} families besides {SIZE} must be measured, got {len(families)} "
                          "variants")
    ladders, without, on_larger = {}, {}, {}
    for network in networks:
        name, of_ladder = f"{NETWORKS[network]} hidden neurons", due[LADDER.name, network]
        ladders[name] = ladder(values[LADDER.name], of_ladder, families)
        without[name] = ladder(values[LADDER.name], of_ladder, families, without=SIZE)
        if len(values.get(LARGE.name, ())) >= _FEW and (LARGE.name, network) in due:
            on_larger[name] = larger(values[LADDER.name], of_ladder, values[LARGE.name], due[LARGE.name, network])
    said = findings(ladders, on_larger, [families[name] for name in values[LADDER.name]])
    other = _digits(values[LADDER.name], due[LADDER.name, networks[0]])
    again = "python -m sw.experiments difficulty"
    again += " --short" if options.short else ""
    again += f" --page {options.page}" if options.page else ""
    report = {
        "experiment": "difficulty", "claim": CLAIMS, "command": again, "findings": [one.record() for one in said],
        **{name: {network: [one.to_dict() for one in of] for network, of in forecasts.items()}
           for name, forecasts in (("ladder", ladders), ("without_size", without), ("larger", on_larger))},
        "digits": other,
    }
    rows = [{"part": part, "variant": name, "family": variant(name).family,
             **{key: float(f"{value:.6g}") for key, value in one["values"].items()},
             **{f"seconds {key}": value for key, value in one["seconds"].items()}}
            for part, of in found.items() for name, one in of.items()]
    for path in [folder / "difficulty", *([options.page.with_suffix("")] if options.page else [])]:
        write_report(path.with_suffix(".json"), report, {})
        write_atomic(path.with_suffix(".csv"), csv_of(rows))
    if options.page:
        write_atomic(options.page, page(ladders, without, on_larger, said, found, other, command=again,
                                        stem=options.page.stem).encode())
    print("\n".join([*(str(one) for one in said if one.claim), f"  {folder / 'difficulty.json'}"]))


def _of(part: Part, due: Mapping[tuple[str, str], Mapping[str, float]]) -> Part:
    """The part, without variants that some network was not trained on."""
    kept = [set(of) for (name, _), of in due.items() if name == part.name]
    return replace(part, variants=tuple(name for name in part.variants if all(name in of for of in kept)))


def _digits(values: Mapping[str, Mapping[str, float]], accuracy: Mapping[str, float]) -> dict[str, Any]:
    """What the line through the ladder would say of data of another kind, of its training split."""
    raw = load_raw("digits")
    x, y = raw.features["xtr"], raw.labels["ytr"]
    new = outlook_of_dataset(raw, Moments.of_dataset(raw))
    assert new is not None
    scores = np.log10([values[name][OWN] for name in values])
    slope, start = np.polyfit(scores, [accuracy[name] for name in values], 1)
    return {"score": new.score, "low": float(scores.min()), "high": float(scores.max()),
            "foretold": float(start + slope * new.score),
            "N3": left_out_error(x.astype(np.float32), y, np.arange(len(y)))}
