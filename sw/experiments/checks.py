"""What would make a comparison worthless, refused before anything is trained."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from sw.sparse.errors import SparseError

__all__ = ["check_data", "check_seeds", "drawn_by_seed"]

_SAME = 0.01  # of the test samples may be among the training samples, by chance or carelessness of a collection
_ERRORS = 3  # standard errors by which that share may be larger by chance
_TOLD = 0.999  # of the labels that one feature may tell


class _Splits(Protocol):
    """Features (n, features) and classes (n,) of both splits."""

    @property
    def name(self) -> str: ...
    @property
    def classes(self) -> int: ...
    @property
    def xtr(self) -> np.ndarray: ...
    @property
    def xte(self) -> np.ndarray: ...
    @property
    def yte(self) -> np.ndarray: ...


def check_data(data: _Splits, most: float = _SAME) -> None:
    """Refuse data whose test split says nothing: its samples were trained on, or a feature is the label.

    ``most``: share of the test samples that may also be training samples (one may always), besides those that are by
    chance. Of few different samples, such as Morse code without noise, many are drawn again: any other sample is among
    the training samples as often as one of these occurs more than once (I. J. Good, "The Population Frequencies of
    Species", Biometrika 40, 1953). Training samples that somebody has repeated hide as many that are also test samples.

    Raises
    ------
    SparseError : the rule, and what was found.
    """
    trained = Counter(row.tobytes() for row in np.ascontiguousarray(data.xtr))
    same = sum(row.tobytes() in trained for row in np.ascontiguousarray(data.xte)) / len(data.xte)
    again = sum(times for times in trained.values() if times > 1) / len(data.xtr)
    chance = again + _ERRORS * math.sqrt(again * (1 - again) / len(data.xte))
    if same > max(most, 1 / len(data.xte)) + chance:
        more = f", and {chance:.1%} more by chance, as training samples repeat each other" if chance else ""
        raise SparseError(f"{data.name}: at most {most:.0%} of the test samples, or one, may be training samples"
                          f"{more}, got {same:.1%}")
    for number, feature in enumerate(data.xte.T):
        if data.classes > 2 and _tells(feature, data.yte):
            raise SparseError(f"{data.name}: no feature may tell the label alone, and feature {number} does")


def check_seeds(begun: Iterable[bytes]) -> None:
    """Refuse seeds of which two begin alike: they would count twice. ``begun``: what each begins with."""
    each = list(begun)
    if len(set(each)) < len(each):
        raise SparseError("each seed must draw weights of its own, and two have drawn the same")


def drawn_by_seed(weights: Sequence[np.ndarray]) -> list[bytes]:
    """What `check_seeds` takes, of the first weights of each junction (seeds, weights).

    Signs alone: the sizes depend on in-degrees, which may differ where the draws are the same.
    """
    return [b"".join(np.signbit(junction[seed]).tobytes() for junction in weights) for seed in range(len(weights[0]))]


def _tells(feature: np.ndarray, labels: np.ndarray) -> bool:
    """Whether each value of a feature has one label, nearly; of few values, as else every real number would."""
    values, places = np.unique(feature, return_inverse=True)
    classes = int(labels.max()) + 1
    if not 2 < len(values) <= 2 * classes:
        return False
    counts = np.zeros((len(values), classes), np.int64)
    np.add.at(counts, (places, labels), 1)
    return float(counts.max(axis=1).sum()) / len(labels) >= _TOLD
