"""Does pruning change who wins? Curves of many trainings are tabulated once; searches of 30 are drawn from the table.

    python -m sw.app.pruning [--dataset digits] [--epochs 20] [--networks 150] [--searches 500]

Half of the trials of a search have default settings and random widths, as in stage 1 of the search; the other half
have the widths of the best of those and random settings, as in stage 3. The table is kept in build/pruning.
"""

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from optuna.trial import TrialState

from sw.common.atomic import write_atomic
from sw.common.command import Options, command
from sw.common.progress import ProgressLine
from sw.deepncheap.architectures import number_of_parameters
from sw.deepncheap.load import load_task
from sw.deepncheap.objective import Objective, largest_mlp
from sw.deepncheap.rules import default_mlp
from sw.deepncheap.spaces import HiddenLayers, TrainingSettings, TrainingSpace
from sw.deepncheap.task import Task
from sw.deepncheap.training import TrialFailed, train
from sw.study.pruning import MARGIN, limits
from sw.study.stage import Record, best

__all__ = ["main", "replay"]

_HALF = 15
_MARGINS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
_WIDTHS = (150,)  # of the networks whose settings are varied
Curve = list[float]


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status 0."""
    parser = Options(prog="python -m sw.app.pruning", description=__doc__,
                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--networks", type=int, default=150, help="trainings per half (150)")
    parser.add_argument("--searches", type=int, default=500, help="(500)")
    options = parser.parse_args(sys.argv[1:] if arguments is None else arguments)
    table = _table(options.dataset, options.epochs, options.networks)
    print(f"{options.dataset}, {options.epochs} epochs, {options.searches} searches of {2 * _HALF} trials")
    print("margin  epochs saved  another winner  f lost: mean, largest")
    for margin in _MARGINS:
        stream = random.Random(1)
        regrets, saved = [], 0
        for _ in range(options.searches):
            curves = [*stream.sample(table["widths"], _HALF), *stream.sample(table["training"], _HALF)]
            found, steps = replay(curves, margin)
            regrets.append(found - min(map(min, curves)))
            saved += sum(map(len, curves)) - steps
        everything = options.searches * 2 * _HALF * options.epochs
        print(f"{margin:6g}  {saved / everything:12.1%}  {np.count_nonzero(regrets) / options.searches:14.1%}  "
              f"{np.mean(regrets):12.4f}, {max(regrets):.4f}")
    return 0


def replay(curves: Sequence[Curve], margin: float = MARGIN) -> tuple[float, int]:
    """The lowest value of complete trials, and the steps run, of a search whose trials would have these curves."""
    records: list[Record] = []
    steps = 0
    for number, values in enumerate(curves):
        stage = "widths" if number < _HALF else "training"
        hopeless = limits(records, margin)
        curve: dict[int, float] = {}
        state = TrialState.COMPLETE
        for step, value in enumerate(values, 1):
            curve[step] = value
            if min(curve.values()) > hopeless.get(step, float("inf")):
                state = TrialState.PRUNED
                break
        steps += len(curve)
        records.append(Record(number, number, stage, number, state, number, value=min(curve.values()), curve=curve))
    incumbent = best(records)
    assert incumbent is not None
    assert incumbent.value is not None
    return incumbent.value, steps


def _table(dataset: str, epochs: int, networks: int) -> dict[str, list[Curve]]:
    """f after each epoch of random widths, and of random settings."""
    path = Path("build/pruning") / f"{Path(dataset).stem}-{epochs}-{networks}.json"
    if path.exists():
        return json.loads(path.read_text())
    torch.set_num_threads(1)  # more slow such small networks down
    task = load_task(dataset)
    rng = np.random.default_rng(1)
    widths, settings = HiddenLayers(), TrainingSpace()
    default = TrainingSettings(1e-3, 0.0, 256)
    table: dict[str, list[Curve]] = {"widths": [], "training": []}
    with ProgressLine("trainings", "networks") as progress:
        for number in range(networks):
            hidden = widths.at(rng.random(widths.dimensions))
            _add(table["widths"], hidden, default, task, epochs, number)
            _add(table["training"], _WIDTHS, settings.at(rng.random(settings.dimensions)), task, epochs, number)
            progress(number + 1, networks)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, json.dumps(table).encode())
    return table


def _add(curves: list[Curve], hidden: tuple[int, ...], settings: TrainingSettings, task: Task, epochs: int,
         seed: int) -> None:
    parameters = number_of_parameters(default_mlp(hidden), task.sample_shape, task.outputs)
    objective = Objective(penalty="numparams", reference=largest_mlp(task.sample_shape[0], task.outputs, 2, 400),
                          floor=0.5 / len(task.validation))
    try:
        trained = train(default_mlp(hidden), settings, task, epochs=epochs, seed=seed)
    except TrialFailed:
        return
    curves.append([objective(error, 0.0, parameters) for error in trained.curve])


if __name__ == "__main__":
    sys.exit(main())
