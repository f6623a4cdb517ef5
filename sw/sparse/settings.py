"""How a network is trained, and on what."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sw.sparse.errors import SparseError

__all__ = ["Samples", "Settings"]


@dataclass(frozen=True)
class Samples:
    """Features (n, ...) as floats and classes (n,) int64, both on the device of the model."""

    features: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        if self.labels.dtype != torch.int64 or self.labels.dim() != 1 or len(self.labels) != len(self.features):
            raise SparseError(
                f"samples need one int64 label for each of the {len(self.features)} rows of features, "
                f"got {tuple(self.labels.shape)} of {str(self.labels.dtype).removeprefix('torch.')}"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, part: slice) -> "Samples":
        return Samples(self.features[part], self.labels[part])

    @classmethod
    def of(cls, features: np.ndarray, labels: np.ndarray, device: str | None = None,
           dtype: torch.dtype = torch.float32) -> "Samples":
        """From a split of `sw.data`: uint8 features, v worth v / 256; floats are taken as they are."""
        x = torch.from_numpy(features).to(device=device, dtype=dtype)
        return cls(x / 256 if features.dtype == np.uint8 else x, torch.from_numpy(labels).to(device=device))


@dataclass(frozen=True)
class Settings:
    """A training run. The defaults are the reference's: Adam, rate / (1 + decay t) after t updates, batch 256.

    ``l2``: lambda of lambda * sum w^2 over the weights of all sparse and linear layers, not the biases.
    ``patience``: epochs without a better validation ``monitor`` ("loss" or "accuracy") after which a seed stops.
    ``restore_best``: end with the weights of the best epoch instead of the last.
    ``seed``: of the order of samples, where the model has no seeds of its own.
    """

    epochs: int = 20
    batch: int = 256
    optimiser: str = "adam"
    rate: float = 1e-3
    decay: float = 1e-5
    momentum: float = 0.0
    l2: float = 0.0
    patience: int | None = None
    restore_best: bool = False
    monitor: str = "loss"
    seed: int = 0

    def __post_init__(self) -> None:
        for name, holds, rule in (
            ("epochs", self.epochs >= 1, "at least 1"),
            ("batch", self.batch >= 1, "at least 1"),
            ("optimiser", self.optimiser in ("adam", "sgd"), '"adam" or "sgd"'),
            ("rate", self.rate > 0, "more than 0"),
            ("decay", self.decay >= 0, "at least 0"),
            ("momentum", 0 <= self.momentum < 1, "0 or more and below 1"),
            ("momentum", self.momentum == 0 or self.optimiser == "sgd", '0 unless the optimiser is "sgd"'),
            ("l2", self.l2 >= 0, "at least 0"),
            ("patience", self.patience is None or self.patience >= 1, "at least 1, or None"),
            ("monitor", self.monitor in ("loss", "accuracy"), '"loss" or "accuracy"'),
            ("seed", self.seed >= 0, "at least 0"),
        ):
            if not holds:
                raise SparseError(f"{name} must be {rule}, got {_shown(getattr(self, name))}")

    @property
    def keeps(self) -> bool:
        """Whether the weights at the end may not be those of the last epoch."""
        return self.restore_best or self.patience is not None

    def rate_at(self, update: int) -> float:
        """Learning rate of an update, counted from 0."""
        return self.rate / (1 + self.decay * update)


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
