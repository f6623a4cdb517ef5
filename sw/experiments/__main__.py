"""Train the configurations of an experiment and write its table, report and pictures.

    python -m sw.experiments density --dataset mnist.npz
    python -m sw.experiments all --dataset digits --short
    python -m sw.experiments morse
    python -m sw.experiments search mixes
    python -m sw.experiments advise --neurons 784,112,10 --density 0.2

Results of configurations are kept in build/experiments/results, so that a run that was stopped goes on, and another
experiment does not train the same network again.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from sw.common.atomic import check_folder
from sw.common.command import command
from sw.data.floats import FEATURES, add_features_option
from sw.data.load import SOURCES
from sw.experiments import advise
from sw.experiments.catalogue import EXPERIMENTS
from sw.experiments.measured import Measured
from sw.experiments.morse import command as morse
from sw.experiments.output import write
from sw.experiments.runner import run_all
from sw.experiments.search import command as search
from sw.experiments.sources import Source
from sw.experiments.task import DEFAULTS, Task, base_network
from sw.sparse.errors import SparseError
from sw.sparse.settings import Settings

__all__ = ["main"]

_SHORT = {"train": 400, "test": 200, "epochs": 2, "seeds": 2}


@partial(command, stopped="stopped; the same command goes on")
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 done, 2 it could not be done, 130 stopped."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for name, program in (("morse", morse), ("search", search), ("advise", advise)):  # these have options of their own
        if list(arguments[:1]) == [name]:
            return program.main(arguments[1:])
    options = _options(arguments)
    import matplotlib  # noqa: F401  -- before hours of training
    task = _task(options)
    check_folder(options.out)
    _run(task, options)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    names = "\n".join(f"  {one.name:<14}{one.about}" for one in EXPERIMENTS.values())
    for name, program in (("morse", morse), ("search", search), ("advise", advise)):
        names += f"\n  {name:<14}{program.ABOUT}"
    parser = argparse.ArgumentParser(
        prog="python -m sw.experiments", description=f"{__doc__}\nexperiments:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    default = DEFAULTS
    parser.add_argument("name", choices=[*EXPERIMENTS, "all"], metavar="NAME", help="one of those above, or all")
    parser.add_argument("--dataset", default="morse", help=f"{SOURCES} (morse)")
    parser.add_argument("--label", metavar="COLUMN", help="the column of the labels, for tables")
    add_features_option(parser, "unit")
    parser.add_argument("--train", type=int, help="training samples (all)")
    parser.add_argument("--test", type=int, help="test samples (all)")
    parser.add_argument("--hidden", type=int, help="neurons of a hidden layer (a multiple of the classes near 100)")
    parser.add_argument("--epochs", type=int, help=f"({default.epochs})")
    parser.add_argument("--batch", type=int, default=default.batch, help=f"({default.batch})")
    parser.add_argument("--rate", type=float, default=default.rate, help=f"({default.rate})")
    parser.add_argument("--decay", type=float, default=default.decay,
                        help=f"the rate is divided by 1 + decay * update ({default.decay})")
    parser.add_argument("--l2", type=float, default=default.l2, help="lambda of the fully connected network, of which "
                        f"sparse ones get as much as of its weights ({default.l2})")
    parser.add_argument("--seeds", type=int, help="how many (5)")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each with one thread (1)")
    parser.add_argument("--short", action="store_true", help=f"only to see that it works: {_SHORT}")
    parser.add_argument("--out", type=Path, default=Path("build/experiments"), help="folder (build/experiments)")
    return parser.parse_args(arguments)


def _task(options: argparse.Namespace) -> Task:
    def given(name: str, otherwise: int | None = None) -> int | None:
        value: int | None = getattr(options, name)
        return value if value is not None else _SHORT[name] if options.short else otherwise

    seeds = given("seeds", 5) or 0
    for name, value in (("jobs", options.jobs), ("seeds", seeds)):
        if value < 1:
            raise SparseError(f"--{name} must be at least 1, got {value}")
    source = Source(options.dataset, given("train"), given("test"), label=options.label, features_as=options.features)
    data = source.load()
    if len(data.yte) == 0:
        raise SparseError(f"{data.name}: an experiment needs test samples, got none")
    settings = Settings(batch=options.batch, rate=options.rate, decay=options.decay, l2=options.l2)
    epochs = given("epochs", settings.epochs) or 0
    return Task(
        source, base_network(data.features, data.classes, options.hidden), replace(settings, epochs=epochs),
        tuple(range(1, seeds + 1)), options.short,
    )


def _run(task: Task, options: argparse.Namespace) -> None:
    chosen = list(EXPERIMENTS.values()) if options.name == "all" else [EXPERIMENTS[options.name]]
    cases = [experiment.cases(task) for experiment in chosen]
    groups = run_all([[case.point for case in of_one] for of_one in cases], options.out / "results", options.jobs)
    for experiment, of_one, results in zip(chosen, cases, groups, strict=True):
        measured = [Measured(case.labels, case.point, result) for case, result in zip(of_one, results, strict=True)]
        paths = write(options.out / f"{experiment.name}-{results[0]['data']['name']}", experiment, task, measured)
        print(f"{experiment.name}: {experiment.claim}")
        choice = task.source.features_as
        print(f"  {results[0]['data']['name']}, {choice} features: {FEATURES[choice]}")
        for sentence in experiment.findings(measured):
            print(f"  {sentence}")
        print(f"  {', '.join(str(path) for path in paths)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
