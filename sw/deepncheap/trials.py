"""What a worker of the search does: load the data once, then train one network after the other."""

import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sw.deepncheap import memory
from sw.deepncheap.architectures import from_dict, number_of_parameters
from sw.deepncheap.objective import Objective, performance
from sw.deepncheap.spaces import TrainingSettings
from sw.study.stage import Figure
from sw.study.workers import Job, Outcome
from sw.study.workers import Objective as Tries

if TYPE_CHECKING:
    from sw.deepncheap.task import Task

__all__ = ["MODEL", "Trials", "figures", "prepare", "tries"]

MODEL = "model.pt"  # the file that each of the best trials keeps


@dataclass(frozen=True)
class Trials:
    """How all trials of a search are done; ``data``: the arguments of `sw.deepncheap.load.load_task`."""

    data: Mapping[str, Any]
    objective: Objective
    epochs: int = 100
    seed: int = 1
    patience: int | None = None
    precision: str = "auto"
    threads: int = 1
    remarks: Mapping[str, Any] = field(default_factory=dict)


def figures(objective: Objective) -> tuple[Figure, ...]:
    """What is shown of a trial; performance and complexity make the Pareto front."""
    first = Figure("accuracy", "accuracy {:.2%}", "higher") if objective.kind == "classification" else \
        Figure("error", "validation loss {:.4g}", "lower")
    by_time = objective.penalty == "t_epoch"
    return (first, Figure("parameters", "{:,} parameters", "" if by_time else "lower"),
            Figure("t_epoch", "{:.2g} s an epoch", "lower" if by_time else ""))


def prepare(trials: Trials, task: "Task | None" = None) -> Tries:
    """The objective of a study, for a process of its own; ``task``: if its data are loaded already.

    DataError, SearchError as of `load_task`.
    """
    import torch

    from sw.deepncheap.load import load_task

    torch.set_num_threads(trials.threads)
    task = task or load_task(**trials.data)
    left = memory.available()
    if task.device.type == "cpu" and left:
        memory.limit(left)  # or a network that no memory holds would end this process, or another one
    return tries(trials, task)


def tries(trials: Trials, task: "Task") -> Tries:
    """The same on data that are loaded."""
    from sw.deepncheap.models import Model, save
    from sw.deepncheap.training import train

    objective = trials.objective

    def one(job: Job, report: Callable[[int, float], bool]) -> Outcome:
        architecture = from_dict(job.configuration["architecture"])
        settings = TrainingSettings(**job.configuration["settings"])
        parameters = number_of_parameters(architecture, task.sample_shape, task.outputs)
        seed = zlib.crc32(f"{trials.seed} {job.stage} {job.number}".encode())

        def after_epoch(epoch: int, error: float) -> bool:
            # the time of an epoch is known at the end; without it f is lower, so that less is pruned
            return report(epoch, objective(error, 0.0, parameters))

        trained = train(architecture, settings, task, epochs=trials.epochs, seed=seed, patience=trials.patience,
                        after_epoch=after_epoch, precision=trials.precision)
        attributes: dict[str, Any] = {
            "error": trained.error, "parameters": trained.parameters, "t_epoch": trained.t_epoch,
            "f_p": performance(task.kind, trained.error),
            "f_c": objective.complexity(trained.t_epoch, trained.parameters),
            "best_epoch": trained.best_epoch, "epochs": len(trained.curve), "ended": trained.ended, "seed": seed,
        }
        if task.kind == "classification":
            attributes["accuracy"] = 1 - trained.error
        model = Model.of(architecture, trained.weights, task, settings=settings._asdict(), **trials.remarks)
        with tempfile.TemporaryDirectory() as folder:
            save(model, Path(folder) / MODEL)
            files = {} if trained.ended == "pruned" else {MODEL: (Path(folder) / MODEL).read_bytes()}
        return Outcome(objective(trained.error, trained.t_epoch, trained.parameters), attributes, files)

    return one
