"""What an experiment is asked about, and the searches that it makes of that."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sw.deepncheap.architectures import Architecture, Cnn, number_of_parameters
from sw.deepncheap.load import load_task
from sw.deepncheap.models import Model, load
from sw.deepncheap.objective import Objective, largest_mlp
from sw.deepncheap.optimiser import DEFAULT, METHODS
from sw.deepncheap.rules import CNN_GRIDS, Grids, default_cnn
from sw.deepncheap.spaces import Channels, HiddenLayers, TrainingSpace
from sw.deepncheap.stages import Bayes, Problem, architecture_of, settings_of, stages
from sw.deepncheap.task import Task
from sw.deepncheap.training import error_of
from sw.deepncheap.trials import MODEL, Trials, tries
from sw.experiments.checks import check_data
from sw.experiments.search.joint import GivenStage, Joint, JointStage, Random
from sw.experiments.search.loop import trained
from sw.experiments.search.scale import Scale
from sw.sources import generated
from sw.sparse.errors import SparseError
from sw.study.keep import folder_of
from sw.study.stage import Record, ranked

__all__ = ["ALL", "KEPT", "Found", "Points", "Setting"]

Row = dict[str, Any]
ALL = ("widths", "grids", "training")
KEPT = 5  # of the best networks of each search, their weights
_VERSION = 2  # of what a search does; another one makes old results void


@dataclass(frozen=True)
class Points:
    """How a Bayesian stage takes its points: ``initial`` ones, then ``steps``; "random": each of them at random."""

    initial: int
    steps: int
    method: str = DEFAULT

    @classmethod
    def default(cls, number: int) -> "Points":
        """As the search does by default."""
        initial = min(METHODS[DEFAULT].start, number)
        return cls(initial, number - initial)

    def bayes(self, seed: int, candidates: int) -> Bayes:
        if self.method == "random":
            return Random(seed, self.initial, self.steps)
        return Bayes(seed, self.initial, self.steps, candidates, self.method)


@dataclass(frozen=True)
class Found:
    """What a search has found; its files are in ``folder``."""

    task: Task
    records: list[Record]
    folder: Path

    @cached_property
    def ranked(self) -> list[Record]:
        """The complete trials, the best first. SparseError if there is none."""
        found = ranked(self.records)
        if not found:
            raise SparseError(f"{self.folder}: every trial of this search failed, the last one so: "
                              f"{self.records[-1].attributes.get('failure')}")
        return found

    @property
    def architecture(self) -> Architecture:
        """The best network."""
        return architecture_of(self.ranked[0])

    def models(self, most: int) -> list[Model]:
        """The best ones with their weights, at most `KEPT`."""
        return [load(folder_of(self.folder, record) / MODEL) for record in self.ranked[:most]]

    def row(self, **labels: str | float) -> Row:
        """Of a table: labels, figures of the best network in per cent and seconds, and how much was trained."""
        best = self.ranked[0]
        (model,) = self.models(1)
        settings, found = settings_of(best), best.attributes
        network = architecture_of(best)
        widths = network.channels if isinstance(network, Cnn) else network.hidden
        test = 100 * (1 - error_of(model.network().to(self.task.device), self.task.test, self.task.kind))
        return {
            **labels, "value": best.value, "accuracy": 100 * found["accuracy"], "test_accuracy": test,
            "parameters": found["parameters"], "t_epoch": found["t_epoch"], "widths": "-".join(map(str, widths)),
            "learning_rate": settings.learning_rate, "weight_decay": settings.weight_decay,
            "batch_size": settings.batch_size, "trainings": len(self.records),
            "seconds": round(sum(record.seconds for record in self.records), 1),
        }


@dataclass(frozen=True)
class Setting:
    """Data, kind of network, size and seed of searches; ``other``: the data that networks are transferred from.

    ``store``: folder in which every search is kept under what it is, so that it is not made twice.
    """

    dataset: str
    other: str
    network: str
    scales: dict[str, Scale]
    seed: int
    device: str
    store: Path
    tell: Callable[[str], None]

    @property
    def scale(self) -> Scale:
        return self.scales[self.network]

    def task(self, dataset: str | None = None) -> Task:
        """The data, loaded. DataError, SearchError as of `load_task`; SparseError where there is nothing to test on."""
        return _task(dataset or self.dataset, self.network == "cnn", self.scale.train, self.scale.test, self.device)

    def search(self, *, dataset: str | None = None, parts: tuple[str, ...] = ALL, points: Points | None = None,
               architecture: Architecture | None = None, convolutions: tuple[int, int] | None = None,
               wc: float = 0.0, penalty: str = "numparams") -> Found:
        """Search, or go on with a search, or read what it found.

        Parameters
        ----------
        dataset : None: that of the setting.
        parts : of "widths", "grids", "training"; ("joint",) chooses all of the first two at once. Not "widths" and
            "grids" where an ``architecture`` is given.
        points : of the Bayesian stages; None: the default's, as many as the scale has.
        convolutions : how many, instead of the scale's.
        """
        task, scale = self.task(dataset), self.scale
        penalty = penalty if wc else "numparams"  # the same search, and so made once
        if convolutions:
            scale = replace(scale, convolutions=convolutions)
        points = points or Points.default(scale.trials)
        what = {"version": _VERSION, "data": task.fingerprint, "network": self.network, "parts": parts,
                "points": asdict(points), "architecture": repr(architecture), "wc": wc, "penalty": penalty,
                "seed": self.seed, "device": self.device, "scale": asdict(scale)}
        folder = self.store / hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]
        by_time = penalty == "t_epoch"
        objective = Objective(wc=wc, penalty=penalty, floor=0.5 / len(task.validation),
                              reference=scale.reference if by_time else _largest(self.network, scale, task))
        trials = Trials({}, objective, scale.epochs, self.seed, remarks={"dataset": task.name})

        seconds: list[float] = []  # of the trainings that were done now

        def tell(record: Record, done: int, of: int) -> None:
            seconds.append(record.seconds)
            left = sum(seconds) / len(seconds) * (of - done) / 60
            said = f"{record.value:.3f}" if record.value is not None else record.attributes.get("failure")
            self.tell(f"    {task.name}, seed {self.seed}, {record.stage} {record.number}: {said}; {done} of at "
                      f"most {of}, {left:.0f} min left of this search")

        records = trained(self._stages(task, scale, parts, points, architecture), tries(trials, task), folder,
                          keep=KEPT, tell=tell)
        return Found(task, records, folder)

    def _stages(self, task: Task, scale: Scale, parts: tuple[str, ...], points: Points,
                architecture: Architecture | None) -> list[Any]:
        problem = Problem(task.sample_shape, task.outputs, len(task.train))
        bayes = points.bayes(self.seed, scale.candidates)
        widths = HiddenLayers(scale.layers, scale.nodes) if self.network == "mlp" else \
            Channels(scale.convolutions, scale.first, scale.upper)
        if parts == ("joint",):
            return [JointStage(problem, bayes, space=Joint(widths))]
        most = min(512, len(task.train))
        every = stages(self.network, problem, bayes, widths=widths, grids=Grids(), order=CNN_GRIDS,
                       settings=TrainingSpace(batch_size=(min(32, most), most)))
        named = {"widths": every[:1], "grids": every[1:-1], "training": every[-1:]}
        given: list[Any] = [] if architecture is None else [GivenStage(problem, architecture)]
        return given + [stage for part in ALL if part in parts for stage in named[part]]


@lru_cache(maxsize=2)
def _task(dataset: str, images: bool, train: int | None, test: int | None, device: str) -> Task:
    task = load_task(dataset, images=images, train=train, test=test, device=torch.device(device))
    if not len(task.test):
        raise SparseError(f"{task.name}: an experiment needs test samples, got none")
    check_data(_Arrays(task), drawn=generated(dataset))
    return task


class _Arrays:
    """The samples as `check_data` takes them; those to validate on are trained on, too: settings are chosen by them."""

    def __init__(self, task: Task) -> None:
        self.name, self.classes = task.name, task.outputs
        self.xtr = np.concatenate([one.x.flatten(1).cpu().numpy() for one in (task.train, task.validation)])
        self.xte, self.yte = task.test.x.flatten(1).cpu().numpy(), task.test.y.cpu().numpy()


def _largest(network: str, scale: Scale, task: Task) -> int:
    """Parameters of the largest network of the space."""
    if network == "mlp":
        return largest_mlp(prod(task.sample_shape), task.outputs, scale.layers[1], scale.nodes[1])
    channels = [min(scale.first[1] << layer, scale.upper) for layer in range(scale.convolutions[1])]
    return number_of_parameters(default_cnn(channels), task.sample_shape, task.outputs)
