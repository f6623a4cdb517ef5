"""The data of an experiment: what the command line names, perhaps with fewer or decorrelated features."""

from dataclasses import dataclass
from functools import lru_cache

from sw.data.dataset import Dataset
from sw.data.load import load

__all__ = ["Source"]


@dataclass(frozen=True)
class Source:
    """Data by name: the same fields, the same samples, in every process.

    ``name``: as in `sw.data.load`. ``train``, ``test``: samples, None for all. ``pca``: principal components that
    take the place of the features, or None.
    """

    name: str
    train: int | None = None
    test: int | None = None
    pca: int | None = None

    def load(self) -> Dataset:
        """The dataset; kept in memory while few are in use. DataError if there is none."""
        return _load(self)


@lru_cache(maxsize=2)
def _load(source: Source) -> Dataset:
    return load(source.name, train=source.train, test=source.test)
