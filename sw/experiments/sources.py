"""The data of an experiment: what the command line names, as floats, perhaps only its most varied features or
components."""

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from sw.data.floats import float_map, mapped
from sw.data.load import source_files
from sw.data.reduce import Steps, reduce
from sw.data.varied import most_varied
from sw.sources import load_raw
from sw.sparse.errors import SparseError

__all__ = ["Loaded", "Source"]


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


@dataclass(frozen=True)
class Source:
    """Data by name: the same fields, the same samples, in every process.

    ``name``, ``label``: as in `sw.sources.load`. ``train``, ``test``: samples, None for all. ``features_as``: a choice
    of `sw.data.floats`. ``pca``: principal components of the training samples that take the place of these features, or
    None. ``keep``: features with the largest variance over the training samples (as "unit") that alone stay, or None;
    not with ``pca``.
    """

    name: str
    train: int | None = None
    test: int | None = None
    pca: int | None = None
    keep: int | None = None
    label: str | None = None
    features_as: str = "unit"

    def __post_init__(self) -> None:
        if self.pca is not None and self.keep is not None:
            raise SparseError(f"pca and keep must not be given together, got {self.pca} and {self.keep}")

    @property
    def content(self) -> str:
        """Of data in files: 16 hex digits over all their bytes. Empty for data that follow from their name alone."""
        files = source_files(self.name)
        digest = hashlib.sha256()
        for file in files:
            stat = file.stat()
            digest.update(_file_digest(file, stat.st_size, stat.st_mtime_ns))
        return digest.hexdigest()[:16] if files else ""

    def load(self) -> Loaded:
        """The samples; kept in memory while few are in use. DataError if there are none."""
        return _load(self)


@lru_cache(maxsize=64)
def _file_digest(file: Path, size: int, changed: int) -> bytes:
    """SHA-256 of a file as long as it does not change."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()


@lru_cache(maxsize=2)
def _load(source: Source) -> Loaded:
    raw = load_raw(source.name, train=source.train, test=source.test, label=source.label)
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
    x, y = found.features, found.labels
    return Loaded(name, found.class_names, x["xtr"], y["ytr"], x["xte"], y["yte"])
