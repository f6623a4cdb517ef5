"""What would make a comparison worthless, refused before anything is trained."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from sw.sparse.errors import SparseError

__all__ = ["check_data", "check_seeds", "drawn_by_seed"]

_SAME = 0.01  # of the test samples may be among the training samples, by chance or carelessness of a collection
_MANY = 20  # test samples, of which one may be
_ERRORS = 3  # standard errors that chance is granted
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


def check_data(data: _Splits, *, drawn: bool = False) -> None:
    """Refuse data whose test split says nothing: its samples were trained on, or a feature is the label.

    A hundredth of the test samples may be training samples too, and of twenty or more always one. If ``drawn``, each
    sample was generated independently of the others: then as many more may be as chance explains, since black and white
    Morse code has few different samples. Of data that somebody collected this would hide a leak: a collection that
    holds every sample twice looks the same.

    Raises
    ------
    SparseError : the rule, and what was found.
    """
    trained = Counter(row.tobytes() for row in np.ascontiguousarray(data.xtr))
    same = sum(row.tobytes() in trained for row in np.ascontiguousarray(data.xte)) / len(data.xte)
    most = max(_SAME, 1 / len(data.xte)) if len(data.xte) >= _MANY else _SAME
    chance = _by_chance(trained, len(data.xte)) if drawn else 0.0
    if same > most + chance:
        more = f" and {chance:.1%} by chance" if chance else ""
        raise SparseError(f"{data.name}: at most {most:.1%}{more} of the test samples may be training samples, "
                          f"got {same:.1%}")
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


def _by_chance(trained: Counter[bytes], tests: int) -> float:
    """At most which share of ``tests`` new samples are among the training samples, each with how often it occurs.

    A new sample is among them about as often as one of them occurs more than once (I. J. Good, "The Population
    Frequencies of Species and the Estimation of Population Parameters", Biometrika 40, 1953). The variance of that
    estimate is that of W. W. Esty, "A Normal Limit Law for a Nonparametric Estimator of the Coverage of a Random
    Sample", Annals of Statistics 11, 1983.
    """
    samples = trained.total()
    times = Counter(trained.values())
    share = 1 - times[1] / samples
    pairs = times[2] + 1  # one more than there are: that a few samples have none does not make the estimate certain
    variance = (times[1] * share + 2 * pairs) / samples**2 + share * (1 - share) / tests
    return share + _ERRORS * math.sqrt(variance)


def _tells(feature: np.ndarray, labels: np.ndarray) -> bool:
    """Whether each value of a feature has one label, nearly; of few values, as else every real number would."""
    values, places = np.unique(feature, return_inverse=True)
    classes = int(labels.max()) + 1
    if not 2 < len(values) <= 2 * classes:
        return False
    counts = np.zeros((len(values), classes), np.int64)
    np.add.at(counts, (places, labels), 1)
    return float(counts.max(axis=1).sum()) / len(labels) >= _TOLD
