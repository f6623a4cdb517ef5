"""What networks are trained on: data that lie as a whole on the device that trains."""

import zlib
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Self

import torch
from torch import Tensor

from sw.deepncheap.scaling import Scaling

__all__ = ["KINDS", "Samples", "Task"]

KINDS = ("classification", "regression")


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs (n, ...) float32, and classes (n,) int64 or targets (n, outputs) float32."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.x)

    def to(self, device: torch.device | str) -> "Samples":
        return Samples(self.x.to(device), self.y.to(device))


@dataclass(frozen=True, eq=False)
class Task:
    """Data and what is asked of them.

    Parameters
    ----------
    name : of the data, for reports.
    kind : "classification" or "regression".
    train, validation, test : the samples, scaled; ``test`` may have none.
    outputs : classes, or targets.
    inputs_by, targets_by : how inputs, and the targets of a regression, were scaled.
    augment : whether training images are shifted and mirrored at random, see `sw.deepncheap.augmentation`.
    class_names : of each class.
    """

    name: str
    kind: str
    train: Samples
    validation: Samples
    test: Samples
    outputs: int
    inputs_by: Scaling
    targets_by: Scaling | None = None
    augment: bool = False
    class_names: tuple[str, ...] = ()

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """(features,) or (channels, rows, columns)."""
        return tuple(self.train.x.shape[1:])

    @property
    def device(self) -> torch.device:
        return self.train.x.device

    @cached_property
    def fingerprint(self) -> str:
        """Equal for equal data, split and scaling: tells the data of two searches apart."""
        crc = 0
        for part in (self.train, self.validation, self.test):
            for tensor in (part.x, part.y):
                crc = zlib.crc32(tensor.contiguous().cpu().numpy().tobytes(), crc)
        shape = "x".join(map(str, self.sample_shape))
        return f"{self.kind} {shape} {len(self.train)}+{len(self.validation)}+{len(self.test)} {crc:08x}"

    def to(self, device: torch.device | str) -> Self:
        """The same on another device."""
        parts = {field.name: getattr(self, field.name).to(device) for field in fields(self) if field.type is Samples}
        return replace(self, **parts)
