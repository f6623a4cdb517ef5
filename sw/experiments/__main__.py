"""Train the configurations of an experiment and write its table, report and pictures.

    python -m sw.experiments density --dataset mnist.npz
    python -m sw.experiments all --dataset digits --short
    python -m sw.experiments morse
    python -m sw.experiments difficulty
    python -m sw.experiments narrow --mnist mnist.npz
    python -m sw.experiments search mixes
    python -m sw.experiments claims
    python -m sw.experiments evidence --short
    python -m sw.experiments advise --neurons 784,112,10 --density 0.2

Results of configurations are kept in build/experiments/results, so that a run that was stopped goes on, and another
experiment does not train the same network again.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sw.common.atomic import check_folder
from sw.common.command import command
from sw.data.floats import FEATURES
from sw.experiments import advise, claims, evidence
from sw.experiments.catalogue import EXPERIMENTS
from sw.experiments.difficulty import command as difficulty
from sw.experiments.measured import Measured
from sw.experiments.morse import command as morse
from sw.experiments.narrow import command as narrow
from sw.experiments.options import add_options, arguments_of, task_of
from sw.experiments.output import write
from sw.experiments.runner import run_all
from sw.experiments.search import command as search
from sw.experiments.task import Task

__all__ = ["main"]

_OTHERS = {"morse": morse, "difficulty": difficulty, "narrow": narrow, "search": search, "advise": advise,
           "claims": claims, "evidence": evidence}


@partial(command, stopped="stopped; the same command goes on")
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0 done, 2 it could not be done, 130 stopped."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if program := _OTHERS.get("".join(arguments[:1])):  # these have options of their own
        return int(program.main(arguments[1:]))
    options = _options(arguments)
    import matplotlib  # noqa: F401  -- before hours of training
    task = task_of(options)
    check_folder(options.out)
    _run(task, options)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    names = "\n".join(f"  {one.name:<14}{one.about}" for one in EXPERIMENTS.values())
    for name, program in _OTHERS.items():
        names += f"\n  {name:<14}{program.ABOUT}"
    parser = argparse.ArgumentParser(
        prog="python -m sw.experiments", description=f"{__doc__}\nexperiments:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=[*EXPERIMENTS, "all"], metavar="NAME", help="one of those above, or all")
    add_options(parser)
    parser.add_argument("--out", type=Path, default=Path("build/experiments"), help="folder (build/experiments)")
    return parser.parse_args(arguments)


def _run(task: Task, options: argparse.Namespace) -> None:
    chosen = list(EXPERIMENTS.values()) if options.name == "all" else [EXPERIMENTS[options.name]]
    cases = [experiment.cases(task) for experiment in chosen]
    groups = run_all([[case.point for case in of_one] for of_one in cases], options.out / "results", options.jobs,
                     storage=options.storage)
    for experiment, of_one, results in zip(chosen, cases, groups, strict=True):
        measured = [Measured(case.labels, case.point, result) for case, result in zip(of_one, results, strict=True)]
        draw = "" if options.draw == 1 else f"-draw-{options.draw}"
        folder = options.out / f"{experiment.name}-{results[0]['data']['name']}{draw}"
        paths = write(folder, experiment, task, measured, arguments_of(experiment.name, options))
        print(f"{experiment.name}: {experiment.claim}")
        choice = task.source.features_as
        print(f"  {results[0]['data']['name']}, {choice} features: {FEATURES[choice]}")
        for finding in experiment.findings([m.record() for m in measured]):
            print(f"  {finding}")
        print(f"  {', '.join(str(path) for path in paths)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
