"""The data of an experiment: what the command line names, perhaps only its most varied features or components."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sw.data.reduce import Steps, reduce
from sw.data.scaling import fit_scaling
from sw.data.varied import most_varied
from sw.sources import load, load_raw
from sw.sparse.errors import SparseError

__all__ = ["Loaded", "Source"]


@dataclass(frozen=True, eq=False)
class Loaded:
    """Samples: features (n, features), uint8 v worth v/256 or float32 as they are, and classes (n,) int64."""

    name: str
    classes: int
    xtr: np.ndarray
    ytr: np.ndarray
    xte: np.ndarray
    yte: np.ndarray

    @property
    def features(self) -> int:
        return int(self.xtr.shape[1])


@dataclass(frozen=True)
class Source:
    """Data by name: the same fields, the same samples, in every process.

    ``name``: as in `sw.sources.load`. ``train``, ``test``: samples, None for all. ``pca``: principal components of the
    training samples that take the place of the features, or None; they are not rounded to 8 bits.
    ``keep``: features with the largest variance over the training samples that alone stay, or None; not with ``pca``.
    """

    name: str
    train: int | None = None
    test: int | None = None
    pca: int | None = None
    keep: int | None = None

    def __post_init__(self) -> None:
        if self.pca is not None and self.keep is not None:
            raise SparseError(f"pca and keep must not be given together, got {self.pca} and {self.keep}")

    def load(self) -> Loaded:
        """The samples; kept in memory while few are in use. DataError if there are none."""
        return _load(self)


@lru_cache(maxsize=2)
def _load(source: Source) -> Loaded:
    if source.pca is None:
        data = load(source.name, train=source.train, test=source.test)
        xtr, xte, name = data.xtr, data.xte, data.name
        if source.keep is not None:
            kept = most_varied(xtr, source.keep)
            xtr, xte, name = xtr[:, kept], xte[:, kept], f"{name}-keep-{source.keep}"
        return Loaded(name, data.classes, xtr, data.ytr, xte, data.yte)
    raw = load_raw(source.name, train=source.train, test=source.test)
    scaling, _ = fit_scaling(raw.features["xtr"], source=raw.source)
    raw = replace(raw, features={split: scaling.unit(x) for split, x in raw.features.items()})
    few, _ = reduce(raw, Steps(pca=source.pca))
    x, y = few.features, few.labels
    return Loaded(f"{few.name}-pca-{source.pca}", len(few.class_names), x["xtr"], y["ytr"], x["xte"], y["yte"])
