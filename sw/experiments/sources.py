"""The data of an experiment: what the command line names, as floats, perhaps only its most varied features or
components."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import isqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sw.data.floats import float_map, mapped
from sw.data.load import source_files
from sw.data.reduce import Steps, reduce
from sw.data.varied import most_varied
from sw.sources import load_raw
from sw.sparse.errors import SparseError

__all__ = ["Loaded", "Shape", "Source", "pooled"]


@dataclass(frozen=True, eq=False)
class Loaded:
    """Samples: features (n, features), uint8 v worth v/256 or float32 as they are, and classes (n,) int64."""

    name: str
    class_names: tuple[str, ...]
    xtr: np.ndarray
    ytr: np.ndarray
    xte: np.ndarray
    yte: np.ndarray

    @property
    def classes(self) -> int:
        return len(self.class_names)

    @property
    def features(self) -> int:
        return int(self.xtr.shape[1])

    @cached_property
    def content(self) -> str:
        """16 hex digits over all features and labels, as they are trained on."""
        digest = hashlib.sha256()
        for array in (self.xtr, self.ytr, self.xte, self.yte):
            digest.update(f"{array.dtype} {array.shape} ".encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]


class Shape(NamedTuple):
    """Numbers of features, classes and training samples."""

    features: int
    classes: int
    train: int


@dataclass(frozen=True)
class Source:
    """Data by name: the same fields, the same samples, in every process.

    ``name``, ``label``: as in `sw.sources.load`. ``train``, ``test``: samples, None for all. ``features_as``: a choice
    of `sw.data.floats`. ``draw``: seed of data that are generated. Of what follows at most one, the others None.
    ``pca``: principal components of the training samples that take the place of these features. ``keep``: features with
    the largest variance over the training samples (as "unit") that alone stay. ``pool``: square images, row by row, of
    which each square of so many pixels a side becomes its mean.
    """

    name: str
    train: int | None = None
    test: int | None = None
    pca: int | None = None
    keep: int | None = None
    label: str | None = None
    features_as: str = "unit"
    pool: int | None = None
    draw: int = 1

    def __post_init__(self) -> None:
        given = [name for name in ("pca", "keep", "pool") if getattr(self, name) is not None]
        if len(given) > 1:
            raise SparseError(f"{' and '.join(given)} must not be given together")

    @property
    def content(self) -> str:
        """Of data in files: 16 hex digits over all their bytes. Empty for data that follow from their name alone."""
        files = source_files(self.name)
        digest = hashlib.sha256()
        for file in files:
            stat = file.stat()
            digest.update(_file_digest(file, stat.st_size, stat.st_mtime_ns))
        return digest.hexdigest()[:16] if files else ""

    @property
    def shape(self) -> Shape:
        """Remembered, where the samples are too large to be kept in memory."""
        return _shape(self)

    def load(self) -> Loaded:
        """The samples; kept in memory while few are in use. DataError if there are none."""
        return _load(self)


@lru_cache(maxsize=64)
def _file_digest(file: Path, size: int, changed: int) -> bytes:
    """SHA-256 of a file as long as it does not change."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()


@lru_cache(maxsize=256)
def _shape(source: Source) -> Shape:
    data = source.load()
    return Shape(data.features, data.classes, len(data.ytr))


@lru_cache(maxsize=2)
def _load(source: Source) -> Loaded:
    raw = load_raw(source.name, train=source.train, test=source.test, label=source.label, seed=source.draw)
    found = mapped(raw, float_map(raw, source.features_as))
    name = raw.name
    if source.keep is not None:
        unit = found if source.features_as == "unit" else mapped(raw, float_map(raw, "unit"))
        kept = most_varied(unit.features["xtr"], source.keep)
        found = replace(found, features={split: x[:, kept] for split, x in found.features.items()})
        name += f"-keep-{source.keep}"
    if source.pca is not None:
        found, _ = reduce(found, Steps(pca=source.pca))
        name += f"-pca-{source.pca}"
    if source.pool is not None:
        found = replace(found, features={split: pooled(x, source.pool) for split, x in found.features.items()})
        name += f"-pool-{source.pool}"
    x, y = found.features, found.labels
    return Loaded(name, found.class_names, x["xtr"], y["ytr"], x["xte"], y["yte"])


def pooled(features: np.ndarray, side: int) -> np.ndarray:
    """float32 (n, fewer): the mean of each square of ``side`` pixels. SparseError where squares do not fill images."""
    whole = isqrt(features.shape[1])
    if side < 1 or whole * whole != features.shape[1] or whole % side:
        raise SparseError(f"pool must divide the side of square images, got {side} and {features.shape[1]} features")
    # bytes are worth v / 256, as `Samples.of` has it
    unit = features.astype(np.float32) / (256 if features.dtype == np.uint8 else 1)
    squares = unit.reshape(len(features), whole // side, side, whole // side, side)
    return np.ascontiguousarray(squares.mean(axis=(2, 4)).reshape(len(features), -1))
