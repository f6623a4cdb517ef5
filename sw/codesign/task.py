"""What is searched for: a data set, parted for training and validation, and a device."""

import zlib
from dataclasses import dataclass, field, replace

import numpy as np

from sw.cost.devices import Device
from sw.data.build import Raw
from sw.data.dataset import Dataset
from sw.data.scaling import fit_scaling
from sw.data.split import stratified
from sw.design.design import Design
from sw.design.settings import Data
from sw.sources import load_raw

__all__ = ["Task", "Wanted"]

_GENERATED = {"morse": 60_000}  # training samples of what has any number of them


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for. ``train``, ``test``: numbers of samples, None: all that are there."""

    source: str
    device: Device
    train: int | None = None
    test: int | None = None
    label: str | None = None
    seed: int = 1


@dataclass
class Task:
    """A data set whose training samples are parted: a fifth, stratified by a seed, tells how good a design is.

    Samples for the test are never looked at but by `whole`.
    """

    wanted: Wanted
    raw: Raw
    _parts: dict[int | None, Dataset] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, wanted: Wanted) -> "Task":
        """DataError as of `sw.sources.load_raw`."""
        train = wanted.train or _GENERATED.get(wanted.source.partition(":")[0])
        # as `make sim` loads it, whose seed of data is 1
        return cls(wanted, load_raw(wanted.source, train=train, test=wanted.test, label=wanted.label))

    @property
    def inputs(self) -> int:
        """Features of a sample."""
        return int(self.raw.features["xtr"].shape[1])

    @property
    def classes(self) -> int:
        return len(self.raw.class_names)

    @property
    def samples(self) -> int:
        """For training and validation."""
        return len(self.raw.labels["ytr"])

    @property
    def fingerprint(self) -> str:
        """Equal for equal data: tells the data of two searches apart."""
        crc = 0
        for arrays in (self.raw.features, self.raw.labels):
            for name in sorted(arrays):
                crc = zlib.crc32(np.ascontiguousarray(arrays[name]).tobytes(), crc)
        return f"{self.samples} x {self.inputs}, {self.classes} classes, {crc:08x}"

    def data(self, epochs: int) -> Data:
        """What a design file says of it."""
        return Data(self.wanted.source, self.samples, len(self.raw.labels["yte"]), epochs)

    def parted(self, keep: int | None) -> Dataset:
        """Training samples, and as its "test" those for validation; scaled, and inputs chosen, by the former."""
        if keep not in self._parts:
            train, validation = stratified(self.raw.labels["ytr"], self.wanted.seed)
            features, labels = self.raw.features["xtr"], self.raw.labels["ytr"]
            part = replace(
                self.raw,
                features={"xtr": features[train], "xte": features[validation]},
                labels={"ytr": labels[train], "yte": labels[validation]},
            )
            self._parts[keep] = _scaled(part, keep)
        return self._parts[keep]

    def whole(self, design: Design) -> Dataset:
        """As `make sim` loads it for a design: all training samples, and the test samples."""
        return _scaled(self.raw, design.data.keep)


def _scaled(raw: Raw, keep: int | None) -> Dataset:
    return raw.scaled(*fit_scaling(np.asarray(raw.features["xtr"]), "auto", raw.source, keep))
