"""What a classifier says of test samples, by the names of the classes."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sw.common.atomic import write_atomic

__all__ = ["per_class", "told", "write_predictions"]

_SHOWN = 12  # classes in a line
_LOWEST = 6  # of more classes only so many


def per_class(names: Sequence[str], labels: np.ndarray, correct: np.ndarray) -> list[dict[str, Any]]:
    """For JSON, of each class with test samples its name (`class`), its `samples`, and the share that is right.

    ``labels`` (samples,): class indices. ``correct`` (..., samples): whether each is predicted right, perhaps by
    several networks, over which the share (`accuracy`) is the mean.
    """
    return [{"class": names[index], "samples": int((labels == index).sum()),
             "accuracy": round(float(correct[..., labels == index].mean()), 6)}
            for index in np.unique(labels).tolist()]


def told(found: Sequence[Mapping[str, Any]]) -> str:
    """Such a list as a line for a reader: each class, or of many only those with the lowest accuracy."""
    shown = sorted(found, key=lambda one: one["accuracy"])[:_LOWEST] if len(found) > _SHOWN else found
    text = ", ".join(f"{one['class']} {one['accuracy']:.1%}" for one in shown)
    return text if shown is found else f"lowest of {len(found)}: {text}"


def write_predictions(path: Path, names: Sequence[str], labels: np.ndarray, predicted: Mapping[str, np.ndarray]
                      ) -> None:
    """A CSV file with a row for each test sample: its number from 0, its class, and a column for each prediction.

    ``predicted``: class indices (samples,) by the name of the column. FileError if it cannot be written.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["sample", "label", *predicted])
    columns = [[names[index] for index in column.tolist()] for column in (labels, *predicted.values())]
    table.writerows(zip(range(len(labels)), *columns, strict=True))
    write_atomic(path, text.getvalue().encode())
