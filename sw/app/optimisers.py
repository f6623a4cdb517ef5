"""The search's optimiser beside others, on tables of trained networks: how good is what each finds in 30 tries?

    python -m sw.app.optimisers

A figure is the share of all configurations of a table that are better than the one found, in percent: its mean over
the data sets of a benchmark and over repeats, with the 95 % interval over repeats. Every method minimises the same
logarithms of error or loss. Methods take turns within a repeat, and the report is written after each; --resume goes
on with it.
"""

import argparse
import json
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import optuna
import torch
from scipy.stats import t as student

from sw.app.tables import BENCHMARKS, Configuration, Table, table
from sw.common.atomic import check_folder
from sw.common.command import command
from sw.common.errors import UserError
from sw.common.progress import ProgressLine
from sw.common.report import write_report
from sw.deepncheap.optimiser import propose
from sw.deepncheap.scalars import Choice, Value

__all__ = ["METHODS", "interval", "main", "search"]

Shares = dict[str, dict[str, dict[str, float]]]  # method -> benchmark/data set -> repeat -> percent


def _proposed(found: Table, evaluations: int, seed: Sequence[int], **how: Any) -> Iterator[float]:
    observed: list[tuple[Configuration, float]] = []
    for number in range(evaluations):
        configuration = propose(found.space, observed, number=number, seed=seed, **how)
        if configuration is None:
            return
        observed.append((configuration, found.value(configuration)))
        yield observed[-1][1]


def _random(found: Table, evaluations: int, seed: Sequence[int]) -> Iterator[float]:
    some = np.random.default_rng(seed).choice(len(found.values), min(evaluations, len(found.values)), replace=False)
    return map(float, found.values[some])


def _optuna(found: Table, evaluations: int, sampler: optuna.samplers.BaseSampler) -> list[float]:
    """Ordered hyperparameters by their place, so that Optuna knows the order; choices as such."""

    def objective(trial: optuna.Trial) -> float:
        def suggest(name: str) -> Value:
            scalar = found.space.scalars[name]
            if isinstance(scalar, Choice):
                return scalar.suggest(trial, name)
            values = scalar.values() or ()
            return values[trial.suggest_int(name, 0, len(values) - 1)]

        return found.value(tuple(suggest(name) for name in found.space.scalars))

    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=evaluations)
    return [trial.value for trial in study.trials if trial.value is not None]


# name -> (values of the configurations tried, in any number up to the one asked for)
METHODS: dict[str, Callable[[Table, int, Sequence[int]], Any]] = {
    "default": lambda found, n, seed: _proposed(found, n, seed),
    "deep-n-cheap-15": lambda found, n, seed: _proposed(found, n, seed, method="deep-n-cheap", start=n // 2),
    "deep-n-cheap-1": lambda found, n, seed: _proposed(found, n, seed, method="deep-n-cheap", start=1),
    "deep-n-cheap-frozen-15": lambda found, n, seed: _proposed(
        found, n, seed, method="deep-n-cheap-frozen", start=n // 2),
    "deep-n-cheap-frozen-1": lambda found, n, seed: _proposed(found, n, seed, method="deep-n-cheap-frozen", start=1),
    "sobol": lambda found, n, seed: _proposed(found, n, seed, start=n),
    "random": _random,
    "optuna-tpe": lambda found, n, seed: _optuna(found, n, optuna.samplers.TPESampler(seed=_number(seed))),
    "optuna-gp": lambda found, n, seed: _optuna(found, n, optuna.samplers.GPSampler(seed=_number(seed))),
}
_QUICK = ("default", "deep-n-cheap-15", "random", "optuna-tpe")


def _number(seed: Sequence[int]) -> int:
    return int(np.random.default_rng(seed).integers(1 << 31))


def search(method: str, found: Table, evaluations: int, repeat: int) -> float:
    """The share of configurations better than the best of so many, in percent."""
    seed = (repeat, crc32(found.dataset.encode()))
    return found.better(min(METHODS[method](found, evaluations, seed)))


def interval(shares: dict[str, dict[str, float]], benchmark: str) -> tuple[float, float, int]:
    """Mean over data sets and repeats, half the 95 % interval by the means of the repeats, number of repeats.

    Only repeats count that every data set has.
    """
    rows = [row for name, row in shares.items() if name.startswith(benchmark + "/")]
    repeats = sorted(set.intersection(*map(set, rows))) if rows else []
    means = [float(np.mean([row[repeat] for row in rows])) for repeat in repeats]
    if len(means) < 2:
        return (means[0] if means else float("nan")), float("nan"), len(means)
    half = student.ppf(0.975, len(means) - 1) * np.std(means, ddof=1) / np.sqrt(len(means))
    return float(np.mean(means)), float(half), len(means)


@command
def main(arguments: Sequence[str] | None) -> None:
    parser = argparse.ArgumentParser(prog="python -m sw.app.optimisers", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS), help="which (all)")
    parser.add_argument("--datasets", nargs="+", metavar="NAME", help="which data sets (all)")
    parser.add_argument("--evaluations", type=int, default=30, help="configurations that each search tries (30)")
    parser.add_argument("--repeats", type=int, default=30, help="searches of each method on each data set (30)")
    parser.add_argument("--first", type=int, default=0, help="number of the first repeat, which is its seed (0)")
    parser.add_argument("--quick", action="store_true", help="few methods, data sets and repeats: some seconds")
    parser.add_argument("--resume", action="store_true", help="keep what the report has")
    parser.add_argument("--out", type=Path, default=Path("build/optimisers.json"), help="report (%(default)s)")
    options = parser.parse_args(arguments)
    for name, least in (("evaluations", 1), ("repeats", 1), ("first", 0)):
        if getattr(options, name) < least:
            raise UserError(f"--{name} must be at least {least}, got {getattr(options, name)}")
    if options.quick:
        options.methods, options.datasets, options.repeats = list(_QUICK), ["vehicle", "protein_structure"], 2
    shares = _kept(options.out, options.evaluations) if options.resume else {}
    tables = _tables(options.datasets)
    check_folder(options.out.parent)
    torch.set_num_threads(1)  # Optuna's Gaussian process works on tiny tensors: two threads take it 30 times as long
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    work = [(repeat, method, one) for repeat in range(options.first, options.first + options.repeats)
            for method in options.methods for one in tables]
    work = [(repeat, method, one) for repeat, method, one in work
            if str(repeat) not in shares.get(method, {}).get(f"{one.benchmark}/{one.dataset}", {})]
    with ProgressLine("optimisers", "searches") as progress:
        for done, (repeat, method, one) in enumerate(work, 1):
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # that Optuna's Gaussian process is experimental
                share = search(method, one, options.evaluations, repeat)
            row = shares.setdefault(method, {}).setdefault(f"{one.benchmark}/{one.dataset}", {})
            row[str(repeat)] = round(share, 5)
            if one is tables[-1]:
                _write(options.out, options.evaluations, shares)
            progress(done, len(work))
    _write(options.out, options.evaluations, shares)
    _print({method: shares[method] for method in options.methods}, options.evaluations, options.out)


def _tables(datasets: Sequence[str] | None) -> list[Table]:
    known = [dataset for names in BENCHMARKS.values() for dataset in names]
    for name in datasets or ():
        if name not in known:
            raise UserError(f"a data set must be one of {', '.join(known)}, got {name}")
    return [table(benchmark, dataset) for benchmark, names in BENCHMARKS.items() for dataset in names
            if datasets is None or dataset in datasets]


def _kept(path: Path, evaluations: int) -> Shares:
    """What an earlier run found. UserError if the report is of another kind."""
    try:
        report = json.loads(path.read_bytes())
        kept: Shares = report["better_percent"]
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{path}: not a report of this program; without --resume it is replaced") from None
    if report.get("evaluations") != evaluations:
        raise UserError(f"{path}: has searches of {report.get('evaluations')} evaluations, got --evaluations "
                        f"{evaluations}; another --out keeps both")
    return kept


def _write(path: Path, evaluations: int, shares: Shares) -> None:
    write_report(path, {"evaluations": evaluations, "better_percent": shares}, {})


def _print(shares: Shares, evaluations: int, path: Path) -> None:
    print(f"  {f'better than found in {evaluations}, %':<32}" + "".join(f"{name:>18}" for name in BENCHMARKS)
          + f"{'repeats':>10}")
    for method, rows in shares.items():
        cells, repeats = "", 0
        for benchmark in BENCHMARKS:
            mean, half, repeats = interval(rows, benchmark)
            cells += f"{f'{mean:.2f} ±{half:5.2f}':>18}"
        print(f"  {method:<32}{cells}{repeats:>10}")
    print(f"  {'report':<32}{path}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
