"""Train a design in other widths and roundings, in integers; what was trained before is not trained again."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from sw.common.atomic import check_folder, write_atomic
from sw.common.progress import ProgressLine
from sw.data.dataset import Dataset
from sw.design.design import Design
from sw.design.slots import Slots
from sw.experiments.checks import check_data, check_seeds
from sw.experiments.record import packed
from sw.golden.compiled import CompiledNetwork
from sw.golden.train import accuracy, train
from sw.sources import generated

__all__ = ["ROUNDINGS", "WIDTHS", "Task", "narrowed", "rows", "trained"]

WIDTHS = tuple(range(7, 15))
ROUNDINGS = ("stochastic", "nearest")
_MOST_TRAIN = 10_000  # training samples of which the accuracy is measured


@dataclass(frozen=True)
class Task:
    """A design, its data, how often they are passed over, and the seeds."""

    design: Design
    data: Dataset
    epochs: int
    seeds: tuple[int, ...]

    @cached_property
    def content(self) -> str:
        """16 hex digits over all samples and labels, in their order."""
        digest = hashlib.sha256()
        for array in (self.data.xtr, self.data.ytr, self.data.xte, self.data.yte):
            digest.update(f"{array.dtype}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]


def narrowed(design: Design, width: int, rounding: str, seed: int) -> Design:
    """``design`` with words of ``width`` bits, and patterns and weights of ``seed``.

    Integer bits and rates stay: each bit less is a bit less of fraction.
    """
    return replace(design, arithmetic=replace(design.arithmetic, width=width, rounding=rounding)).with_seed(seed)


def trained(design: Design, data: Dataset, epochs: int) -> tuple[np.ndarray, float]:
    """Of the last weights: which test samples are predicted right, bool (samples,), and the share, 0..1, of the first
    training samples."""
    network = CompiledNetwork(design)
    train(network, data.xtr, data.ytr, 0, epochs * len(data.xtr))
    network.run(network.flush())
    correct = network.run(Slots.infer(data.xte, data.yte)).correct
    return correct, accuracy(network, data.xtr[:_MOST_TRAIN], data.ytr[:_MOST_TRAIN])


def rows(tasks: Sequence[Task], store: Path, widths: Sequence[int] = WIDTHS) -> Iterator[dict[str, Any]]:
    """A record for each task, width and rounding, of all seeds, as soon as these are trained.

    ``store``: folder with a file for each of them; a run that was stopped goes on. SparseError as of `check_data` and
    `check_seeds`.
    """
    for task in tasks:
        check_data(task.data, drawn=generated(task.design.data.source))
    check_folder(store)
    asked = list(product(tasks, ROUNDINGS, widths))
    with ProgressLine("training in few bits", "networks") as progress:
        for done, (task, rounding, width) in enumerate(asked):
            designs = [narrowed(task.design, width, rounding, seed) for seed in task.seeds]
            check_seeds(b"".join(w.tobytes() for w in design.initial_weights()) for design in designs)
            found = []
            for number, (design, seed) in enumerate(zip(designs, task.seeds, strict=True), 1):
                found.append(_kept(task, design, seed, store))
                progress(done * len(task.seeds) + number, len(asked) * len(task.seeds))
            yield _row(task, designs[0], found)


def _kept(task: Task, design: Design, seed: int, store: Path) -> dict[str, Any]:
    key = {"design": repr(replace(design, drawn=None)), "data": task.content, "epochs": task.epochs, "seed": seed}
    name = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:20]
    path = store / f"{name}.json"
    try:
        return dict(json.loads(path.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        pass
    correct, train_accuracy = trained(design, task.data, task.epochs)
    found = {**key, "correct": np.packbits(correct).tobytes().hex(), "train_accuracy": train_accuracy}
    write_atomic(path, (json.dumps(found) + "\n").encode())
    return found


def _row(task: Task, design: Design, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    samples, arithmetic = len(task.data.yte), design.arithmetic
    right = np.array([np.unpackbits(np.frombuffer(bytes.fromhex(one["correct"]), np.uint8))[:samples]
                      for one in found])
    return {
        "design": design.name, "data": task.data.name, "content": task.content, "train": len(task.data.ytr),
        "test": samples, "epochs": task.epochs, "rounding": arithmetic.rounding, "width": arithmetic.width,
        "integer_bits": arithmetic.integer_bits, "fraction_bits": arithmetic.number.fraction_bits,
        "weights": sum(len(w) for w in design.initial_weights()), "seeds": list(task.seeds),
        "test_accuracies": [round(float(a), 4) for a in 100 * right.mean(axis=1)],
        "train_accuracies": [round(100 * one["train_accuracy"], 4) for one in found],
        "correct": packed(right.sum(axis=0)),
    }
