"""The data of an experiment: what the command line names, perhaps only its most varied features or components."""

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from sw.data.files import begins_file
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

    @property
    def content(self) -> str:
        """Of data in files: 16 hex digits over all their bytes. Empty for data that follow from their name alone."""
        paths = [Path(part.strip()) for part in self.name.removeprefix("mnist:").split(",")]
        files = [file for path in paths for file in _files(path)]
        digest = hashlib.sha256()
        for file in files:
            if file.is_file():
                stat = file.stat()
                digest.update(_file_digest(file, stat.st_size, stat.st_mtime_ns))
        return digest.hexdigest()[:16] if files else ""

    def load(self) -> Loaded:
        """The samples; kept in memory while few are in use. DataError if there are none."""
        return _load(self)


def _files(path: Path) -> list[Path]:
    """A file, the files of a folder, or those whose names begin with the path's name; as `sw.data.files` takes them."""
    if path.is_file():
        return [path]
    return sorted(path.rglob("*") if path.is_dir() else begins_file(path))


@lru_cache(maxsize=64)
def _file_digest(file: Path, size: int, changed: int) -> bytes:
    """SHA-256 of a file as long as it does not change."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()


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
