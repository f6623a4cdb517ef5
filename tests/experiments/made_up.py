"""Points, tasks and records that tests of experiments share."""

from dataclasses import replace

import numpy as np

from sw.experiments.measured import Measured
from sw.experiments.point import Point
from sw.experiments.record import packed
from sw.experiments.sources import Source
from sw.experiments.task import Task
from sw.pattern.degrees import overall_density
from sw.sparse.settings import Settings

SMALL = Point(Source("digits", 200, 100), (64, 16, 10), (4, 5), settings=Settings(epochs=1), seeds=(1, 2))
TASK = Task(Source("digits", 200, 100), (70, 100, 10))
MNIST_LIKE = replace(TASK, neurons=(800, 100, 10))
MORSE_TASK = Task(Source("morse", 200, 100), (64, 128, 64))

_AGREED = packed(np.full(100, 2))  # both seeds on each sample, so that the test set adds no error


def made(experiment, accuracy, task=TASK):
    """Records of all cases of an experiment, the accuracy of two seeds being what a function of the case says.

    Where there are validation samples, on them it is as good as is said, and on the test samples always 90 %.
    """
    found = []
    for case in experiment.cases(task):
        middle, density = accuracy(case), overall_density(case.point.neurons, case.point.out_degrees)
        result = {
            "density": float(density), "weights": case.point.weights,
            "test_accuracy": [middle - 0.001, middle + 0.001], "validation_accuracy": None, "train_accuracy": [1, 1],
            "seconds": 1.0, "correct": _AGREED,
        }
        if case.point.validation:
            result.update(test_accuracy=[0.9, 0.9], validation_accuracy=[middle, middle])
        found.append(Measured(case.labels, case.point, result).record())
    return found
