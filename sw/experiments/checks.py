"""What would make a comparison worthless, refused before anything is trained."""

import numpy as np

from sw.experiments.sources import Loaded
from sw.sparse.errors import SparseError

__all__ = ["check_data"]

_SAME = 0.01  # of the test samples may be among the training samples, by chance or carelessness of a collection
_TOLD = 0.999  # of the labels that one feature may tell


def check_data(data: Loaded, most: float = _SAME) -> None:
    """Refuse data whose test split says nothing: its samples were trained on, or a feature is the label.

    ``most``: share of the test samples that may also be training samples.

    Raises
    ------
    SparseError : the rule, and what was found.
    """
    trained = {row.tobytes() for row in np.ascontiguousarray(data.xtr)}
    same = sum(row.tobytes() in trained for row in np.ascontiguousarray(data.xte)) / len(data.xte)
    if same > most:
        raise SparseError(f"{data.name}: at most {most:.0%} of the test samples may be training samples, "
                          f"got {same:.1%}")
    for number, feature in enumerate(data.xte.T):
        if data.classes > 2 and _tells(feature, data.yte):
            raise SparseError(f"{data.name}: no feature may tell the label alone, and feature {number} does")


def _tells(feature: np.ndarray, labels: np.ndarray) -> bool:
    """Whether each value of a feature has one label, nearly; of few values, as else every real number would."""
    values, places = np.unique(feature, return_inverse=True)
    classes = int(labels.max()) + 1
    if not 2 < len(values) <= 2 * classes:
        return False
    counts = np.zeros((len(values), classes), np.int64)
    np.add.at(counts, (places, labels), 1)
    return float(counts.max(axis=1).sum()) / len(labels) >= _TOLD
