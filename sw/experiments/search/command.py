"""Run what the slides of Deep-n-Cheap show about its search, and say whether it is so here.

    python -m sw.experiments search mixes
    python -m sw.experiments search all --scale full --dataset mnist.npz --device cuda

Each experiment makes several searches with each seed. Every training is kept in build/experiments/searches as soon as
it is done: the same command goes on where it was stopped, and two experiments do not make the same search twice. Table
(CSV, a row for each seed), report (JSON) and pictures (SVG) are written when all seeds are done.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sw.common.atomic import check_folder, write_atomic
from sw.common.command import Options, command
from sw.common.picture import SETTINGS, content
from sw.common.report import write_report
from sw.data.load import SOURCES
from sw.experiments.checks import check_seeds
from sw.experiments.output import csv_of
from sw.experiments.search.depth import DEPTH
from sw.experiments.search.ensembling import ENSEMBLING
from sw.experiments.search.experiment import Experiment, Row, judgements
from sw.experiments.search.greedy import GREEDY
from sw.experiments.search.loader import LOADER
from sw.experiments.search.mixes import MIXES
from sw.experiments.search.scale import SCALES
from sw.experiments.search.setting import Setting
from sw.experiments.search.tradeoff import TRADEOFF
from sw.experiments.search.transfer import TRANSFER
from sw.sparse.errors import SparseError

__all__ = ["ABOUT", "EXPERIMENTS", "main"]

ABOUT = "what the slides of Deep-n-Cheap show about the search (`search --help`)"
_CLOCKED = ("case", "seed", "t_epoch", "seconds", "epoch_seconds", "load", "value")  # never or always equal
EXPERIMENTS = {one.name: one for one in (TRANSFER, ENSEMBLING, GREEDY, MIXES, TRADEOFF, DEPTH, LOADER)}


_DEFAULTS = {"dataset": "digits", "other": "morse", "network": "mlp", "scale": "small", "seeds": 3}


def _stderr(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@partial(command, stopped="stopped; the same command goes on")
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 done, 2 it could not be done, 130 stopped."""
    options = _options(arguments)
    import matplotlib  # noqa: F401  -- before hours of training
    import torch

    if options.seeds < 1:
        raise SparseError(f"--seeds must be at least 1, got {options.seeds}")
    if options.device == "cuda" and not torch.cuda.is_available():
        raise SparseError("--device cuda must be there, and torch finds none; valid here: cpu, auto")
    device = "cuda" if options.device != "cpu" and torch.cuda.is_available() else "cpu"
    if device == "cpu":
        torch.set_num_threads(1)  # small networks need no more, and equal threads make equal bits
    check_folder(options.out)
    chosen = list(EXPERIMENTS.values()) if options.name == "all" else [EXPERIMENTS[options.name]]
    for experiment in chosen:
        setting = Setting(options.dataset, options.other, experiment.network or options.network, SCALES[options.scale],
                          0, device, options.out / "searches", _stderr)
        _run(experiment, setting, options)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = "\n".join(f"  {one.name:<14}{one.about}" for one in EXPERIMENTS.values())
    parser = Options(prog="python -m sw.experiments search", description=f"{__doc__}\nexperiments:\n{names}",
                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=[*EXPERIMENTS, "all"], metavar="NAME", help="one of those above, or all")
    parser.add_argument("--dataset", help=f"{SOURCES} (digits)")
    parser.add_argument("--other", metavar="DATASET", help="networks are transferred from it (morse)")
    parser.add_argument("--network", choices=("mlp", "cnn"), help="(mlp; depth is about CNNs)")
    parser.add_argument("--scale", choices=list(SCALES), help="short: only to see that it works; "
                        "small: minutes on a processor; full: as Deep-n-Cheap, for a GPU (small)")
    parser.add_argument("--seeds", type=int, help="how many (3)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="(auto)")
    parser.add_argument("--out", type=Path, default=Path("build/experiments"), help="folder (build/experiments)")
    parser.set_defaults(**_DEFAULTS)
    return parser.parse_args(arguments)


def _arguments(experiment: Experiment, options: argparse.Namespace) -> list[str]:
    """What makes the same record again; of a file its name alone."""
    told = ["search", experiment.name]
    for name, default in _DEFAULTS.items():
        if (value := getattr(options, name)) != default:
            told += [f"--{name}", Path(value).name if name in ("dataset", "other") else str(value)]
    return told


def _run(experiment: Experiment, setting: Setting, options: argparse.Namespace) -> None:
    task = setting.task()
    rows: list[dict[str, Any]] = []
    begun = time.perf_counter()
    for seed in range(1, options.seeds + 1):
        rows += [{"case": row["case"], "seed": seed, **row} for row in experiment.rows(replace(setting, seed=seed))]
        left = (time.perf_counter() - begun) / seed * (options.seeds - seed) / 60
        _stderr(f"{experiment.name}: seed {seed} of {options.seeds} done, about {left:.0f} min left")
    check_seeds(_found(rows, seed) for seed in range(1, options.seeds + 1))
    folder = options.out / f"search-{experiment.name}-{task.name}-{setting.network}-{options.scale}"
    paths = [folder / "report.json", folder / "table.csv"]
    write_report(paths[0], {
        "experiment": experiment.name, "claim": experiment.claim, "scale": options.scale, "network": setting.network,
        "data": {"name": task.name, "train": len(task.train), "validation": len(task.validation),
                 "test": len(task.test)}, "device": setting.device, "seeds": options.seeds,
        "arguments": _arguments(experiment, options), "rows": rows,
        "findings": [one.record() for one in judgements(experiment, rows)],
    }, {})
    write_atomic(paths[1], csv_of(rows))
    for name, octets in _pictures(experiment, task.name, rows):
        paths.append(folder / f"{name}.svg")
        write_atomic(paths[-1], octets)
    print(f"{experiment.name}: {experiment.claim}")
    print(f"  {task.name}, {setting.network}, scale {options.scale}, {options.seeds} seeds")
    for finding in experiment.findings(rows):
        print(f"  {finding}")
    print(f"  {', '.join(map(str, paths))}", flush=True)


def _found(rows: Sequence[Row], seed: int) -> bytes:
    """What the searches of a seed found; of an experiment about times alone, the seed."""
    names = [name for name in rows[0] if name not in _CLOCKED]
    return json.dumps([row[name] for row in rows for name in names if row["seed"] == seed] if names else seed).encode()


def _pictures(experiment: Experiment, data: str, rows: Sequence[Row]) -> list[tuple[str, bytes]]:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    drawn = []
    for picture in experiment.pictures:
        with rc_context(SETTINGS):
            figure = Figure(figsize=(5.6, 4.0), layout="constrained")
            picture.draw(figure.subplots(), rows)
            figure.suptitle(f"{picture.title} ({data})", fontsize=10)
            drawn.append((picture.name, content(figure, "svg", picture.title)))
    return drawn
