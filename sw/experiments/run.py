"""Trains a configuration and measures what came of it."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch

from sw.experiments.checks import check_data, check_seeds, drawn_by_seed
from sw.experiments.front import FrontedMLP, image_side
from sw.experiments.masks import masked
from sw.experiments.point import Point, dense_weights
from sw.experiments.record import packed
from sw.experiments.sources import Loaded
from sw.sources import generated
from sw.sparse.errors import SparseError
from sw.sparse.linear import SparseLinear
from sw.sparse.mlp import SparseMLP
from sw.sparse.settings import Samples
from sw.sparse.train import evaluate, train

__all__ = ["run"]

_BINS = 80  # of a histogram of weights; even, so that 0 is a bound
_AT_ONCE = 2048  # samples of which predictions are asked


def run(point: Point) -> dict[str, Any]:
    """Train all seeds and measure them.

    Returns
    -------
    dict for JSON: the settings, ``weights``, ``density`` (of the network that is sparse), seconds; per seed
    ``test_accuracy``, ``test_loss``, ``train_accuracy`` (of as many training samples as there are test samples),
    ``validation_accuracy`` or None, ``kept_epochs``; ``correct``: see `sw.experiments.record.packed`; ``near_zero``:
    per junction and seed, the share of weights smaller than half of the standard deviation that they begin with, at the
    ``start`` and at the ``end`` (None where edges move);
    ``histograms``: per junction, of the trained weights of all seeds, the bounds of
    bins, their counts, the largest size, the standard deviation, and the shares whose size is below a tenth and a fifth
    of the largest and below the standard deviation; ``confusion``: of the test samples of all seeds, how many of each
    class (row) were taken for each (column).

    Raises
    ------
    SparseError, DesignError, DataError : the point cannot be run.
    """
    whole = replace(point.source, pca=None, keep=None, pool=None)  # of few features some are equal by chance
    check_data(whole.load(), drawn=generated(whole.name))
    data = point.source.load()
    # padded once and not in every batch
    inputs = data.features if point.front else point.neurons[0]
    everything, test = _samples(data.xtr, data.ytr, inputs), _samples(data.xte, data.yte, inputs)
    held = len(everything) - point.validation
    samples, validation = everything[:held], everything[held:]
    tests, trains, validations, losses, kept, seconds = [], [], [], [], [], 0.0
    models, after_batch = (_models(point, data), None) if point.method == "fixed" else masked(
        point, data.classes, len(samples))
    begun = _weights(models)
    if point.method == "fixed":  # others draw edges, too, and have been checked before that
        check_seeds(drawn_by_seed(begun))
    for model in models:
        history = train(model, samples, point.settings, validation=validation if point.settings.keeps else None,
                        progress=after_batch)
        seconds += history.seconds
        losses += history.train_loss[-1]
        kept += history.kept_epoch
        tests.append(evaluate(model, test))
        trains.append(evaluate(model, samples[: len(test)]))
        if point.validation:
            validations.append(evaluate(model, validation))
    _check_weights(point, models)
    return {
        "identity": point.identity, "point": asdict(point), "data": _facts(point, data), "weights": point.weights,
        "density": point.weights / dense_weights(point.neurons),
        "test_accuracy": [a for _, each in tests for a in each],
        "test_loss": [loss for each, _ in tests for loss in each],
        "train_accuracy": [a for _, each in trains for a in each],
        "validation_accuracy": [a for _, each in validations for a in each] or None,
        "last_train_loss": losses, "kept_epochs": kept if point.settings.keeps else None,
        "histograms": _histograms(models), "near_zero": _near_zero(begun, models) if after_batch is None else None,
        **_told(models, test, data.classes), "seconds": round(seconds, 3),
    }


def _samples(features: np.ndarray, labels: np.ndarray, inputs: int) -> Samples:
    missing = max(0, inputs - features.shape[1])  # too many features are named where the network gets them
    return Samples.of(np.pad(features, ((0, 0), (0, missing))) if missing else features, labels)


def _models(point: Point, data: Loaded) -> list[SparseMLP] | list[FrontedMLP]:
    """One for all seeds; behind a front end one for each."""
    edges = [point.edges(seed) for seed in point.seeds]
    if point.front is None:
        junctions = [list(of_junction) for of_junction in zip(*edges, strict=True)]
        return [SparseMLP(point.neurons, junctions, seed=point.seeds, classes=data.classes)]
    side = image_side(data.features)
    return [
        FrontedMLP(side, point.front, SparseMLP(point.neurons, of_seed, seed=seed, classes=data.classes))
        for seed, of_seed in zip(point.seeds, edges, strict=True)
    ]


def _facts(point: Point, data: Loaded) -> dict[str, Any]:
    return {
        "name": data.name, "content": data.content, "train": len(data.ytr), "test": len(data.yte),
        "features": data.features, "features_as": point.source.features_as, "classes": data.classes,
        "class_names": list(data.class_names),
    }


@torch.no_grad()
def _told(models: list[SparseMLP] | list[FrontedMLP], test: Samples, classes: int) -> dict[str, Any]:
    """``confusion`` and ``correct``."""
    confusion, correct = np.zeros((classes, classes), np.int64), np.zeros(len(test), np.int64)
    for model in models:
        for begin in range(0, len(test), _AT_ONCE):
            part = test[begin : begin + _AT_ONCE]
            taken = model.predictions(model(part.features)).reshape(-1, len(part)).numpy()
            np.add.at(confusion, (np.broadcast_to(part.labels.numpy(), taken.shape), taken), 1)
            correct[begin : begin + len(part)] += (taken == part.labels.numpy()).sum(axis=0)
    return {"confusion": confusion.tolist(), "correct": packed(correct)}


def _layers(models: list[SparseMLP] | list[FrontedMLP]) -> list[tuple[SparseLinear, ...]]:
    """Per junction, of each model."""
    networks = [model.classifier if isinstance(model, FrontedMLP) else model for model in models]
    return list(zip(*(network.layers() for network in networks), strict=True))


def _weights(models: list[SparseMLP] | list[FrontedMLP]) -> list[np.ndarray]:
    """Per junction (seeds, weights)."""
    return [np.concatenate([layer.weight.detach().numpy().reshape(len(layer.seeds), -1) for layer in layers]).copy()
            for layers in _layers(models)]


def _check_weights(point: Point, models: list[SparseMLP] | list[FrontedMLP]) -> None:
    """SparseError where a junction ends with more weights than the out-degrees say, as one that was not pruned."""
    for left, degree, weights in zip(point.neurons[:-1], point.out_degrees, _weights(models), strict=True):
        most = int((weights != 0).sum(axis=1).max())
        if most > left * degree:
            raise SparseError(f"{point.method}: a junction must end with {left * degree} weights, got {most}")


def _near_zero(begun: list[np.ndarray], models: list[SparseMLP] | list[FrontedMLP]) -> list[dict[str, list[float]]]:
    limits = [start.std(axis=1, keepdims=True) / 2 for start in begun]
    return [
        {name: [round(float(share), 5) for share in (np.abs(weights) < limit).mean(axis=1)]
         for name, weights in (("start", start), ("end", end))}
        for start, end, limit in zip(begun, _weights(models), limits, strict=True)
    ]


@torch.no_grad()
def _histograms(models: list[SparseMLP] | list[FrontedMLP]) -> list[dict[str, Any]]:
    found = []
    for of_seeds in _weights(models):
        weights = of_seeds.reshape(-1)
        size = np.abs(weights)
        largest, deviation = float(size.max()), float(weights.std())
        limit = largest or 1.0
        counts, bounds = np.histogram(weights, _BINS, (-limit, limit))
        found.append({
            "bounds": bounds.tolist(), "counts": counts.tolist(), "largest": largest, "deviation": deviation,
            "below_tenth": float((size < 0.1 * limit).mean()), "below_fifth": float((size < 0.2 * limit).mean()),
            "below_deviation": float((size < deviation).mean()),
        })
    return found
