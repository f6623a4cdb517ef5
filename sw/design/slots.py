"""The sequence that the machine consumes: training, inference and empty slots."""

from dataclasses import dataclass

import numpy as np

from sw.design.errors import DesignError
from sw.design.settings import RATE_SHIFT_MAX, Network

__all__ = ["EMPTY", "INFER", "TRAIN", "Slots"]

EMPTY, TRAIN, INFER = 0, 1, 2


@dataclass(frozen=True)
class Slots:
    """``n`` slots in order. The weights after them depend on these arrays and on nothing else.

    features: (n, inputs) uint8, worth v / 256; ignored in empty slots.
    labels: (n,) int64, the class; ``classes`` or more means no label (not allowed in a training slot).
    kinds: (n,) uint8, EMPTY, TRAIN or INFER. rate_shifts: (n,) int64, k of a training slot.
    """

    features: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray
    rate_shifts: np.ndarray

    def __post_init__(self):
        n = len(self.features)
        if self.features.dtype != np.uint8 or self.features.ndim != 2:
            raise DesignError(
                f"slots.features must be (n, inputs) uint8, got {self.features.shape} {self.features.dtype}"
            )
        for name in ("labels", "kinds", "rate_shifts"):
            if getattr(self, name).shape != (n,):
                raise DesignError(f"slots.{name} must have shape ({n},), got {getattr(self, name).shape}")

    def check(self, network: Network) -> None:
        """DesignError if these slots do not fit a network: too many features, a wrong label or rate."""
        if self.features.shape[1] > network.neurons[0]:
            raise DesignError(
                f"slots.features must have at most {network.neurons[0]} columns, the first layer's "
                f"neurons, got {self.features.shape[1]}"
            )
        train = self.kinds == TRAIN
        for name, rule, wrong in (
            ("kinds", "0 (empty), 1 (train) or 2 (infer)", self.kinds > INFER),
            (
                "labels",
                f"0..{network.classes - 1} in a training slot",
                train & ((self.labels < 0) | (self.labels >= network.classes)),
            ),
            ("labels", "at least 0", self.labels < 0),
            (
                "rate_shifts",
                f"0..{RATE_SHIFT_MAX} in a training slot",
                train & ((self.rate_shifts < 0) | (self.rate_shifts > RATE_SHIFT_MAX)),
            ),
        ):
            if wrong.any():
                at = int(np.argmax(wrong))
                raise DesignError(f"slots.{name}[{at}] must be {rule}, got {getattr(self, name)[at]}")

    def __len__(self) -> int:
        return len(self.kinds)

    def __getitem__(self, part: slice) -> "Slots":
        return Slots(self.features[part], self.labels[part], self.kinds[part], self.rate_shifts[part])

    @classmethod
    def train(cls, features, labels, rate_shifts) -> "Slots":
        n = len(features)
        return cls(features, np.asarray(labels, np.int64), np.full(n, TRAIN, np.uint8), np.asarray(rate_shifts))

    @classmethod
    def infer(cls, features, labels) -> "Slots":
        n = len(features)
        return cls(features, np.asarray(labels, np.int64), np.full(n, INFER, np.uint8), np.zeros(n, np.int64))

    @classmethod
    def empty(cls, count: int, inputs: int) -> "Slots":
        zeros = np.zeros(count, np.int64)
        return cls(np.zeros((count, inputs), np.uint8), zeros, np.full(count, EMPTY, np.uint8), zeros)

    @classmethod
    def join(cls, *parts: "Slots") -> "Slots":
        names = ("features", "labels", "kinds", "rate_shifts")
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))
