"""Trains a configuration and measures what came of it."""

from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from sw.experiments.front import FrontedMLP, image_side
from sw.experiments.point import Point, dense_weights
from sw.experiments.sources import Loaded
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
    ``validation_accuracy`` or None; ``histograms``: per junction, of the trained weights of all seeds, the bounds of
    bins, their counts, the largest size, the standard deviation, and the shares whose size is below a tenth and a fifth
    of the largest and below the standard deviation; ``confusion``: of the test samples of all seeds, how many of each
    class (row) were taken for each (column).

    Raises
    ------
    SparseError, DesignError, DataError : the point cannot be run.
    """
    data = point.source.load()
    # padded once and not in every batch
    inputs = data.features if point.front else point.neurons[0]
    everything, test = _samples(data.xtr, data.ytr, inputs), _samples(data.xte, data.yte, inputs)
    held = len(everything) - point.validation
    samples, validation = everything[:held], everything[held:]
    tests, trains, validations, losses, seconds = [], [], [], [], 0.0
    models = _models(point, data)
    for model in models:
        history = train(model, samples, point.settings)
        seconds += history.seconds
        losses += history.train_loss[-1]
        tests.append(evaluate(model, test))
        trains.append(evaluate(model, samples[: len(test)]))
        if point.validation:
            validations.append(evaluate(model, validation))
    return {
        "identity": point.identity, "point": asdict(point), "data": _facts(point, data), "weights": point.weights,
        "density": point.weights / dense_weights(point.neurons),
        "test_accuracy": [a for _, each in tests for a in each],
        "test_loss": [loss for each, _ in tests for loss in each],
        "train_accuracy": [a for _, each in trains for a in each],
        "validation_accuracy": [a for _, each in validations for a in each] or None,
        "last_train_loss": losses, "histograms": _histograms(models),
        "confusion": _confusion(models, test, data.classes).tolist(), "seconds": round(seconds, 3),
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
    return {"name": data.name, "train": len(data.ytr), "test": len(data.yte), "features": data.features,
            "features_as": point.source.features_as, "classes": data.classes, "class_names": list(data.class_names)}


@torch.no_grad()
def _confusion(models: list[SparseMLP] | list[FrontedMLP], test: Samples, classes: int) -> np.ndarray:
    """int64 (classes, classes)."""
    found = np.zeros((classes, classes), np.int64)
    for model in models:
        for begin in range(0, len(test), _AT_ONCE):
            part = test[begin : begin + _AT_ONCE]
            taken = model.predictions(model(part.features)).reshape(-1, len(part)).numpy()
            np.add.at(found, (np.broadcast_to(part.labels.numpy(), taken.shape), taken), 1)
    return found


@torch.no_grad()
def _histograms(models: list[SparseMLP] | list[FrontedMLP]) -> list[dict[str, Any]]:
    networks = [model.classifier if isinstance(model, FrontedMLP) else model for model in models]
    found = []
    for layers in zip(*(network.layers() for network in networks), strict=True):
        weights = np.concatenate([layer.weight.numpy().reshape(-1) for layer in layers])
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
