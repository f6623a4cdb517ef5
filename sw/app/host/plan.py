"""What a training run sends, slot by slot: the device and the golden model get the same."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sw.design.design import Design
from sw.design.hashes import network_hash
from sw.design.slots import Slots
from sw.design.store import order

__all__ = ["Piece", "Plan"]


@dataclass(frozen=True)
class Piece:
    """Training slots ``first`` to ``last`` - 1; ``flush``: a flush and a checkpoint follow."""

    first: int
    last: int
    flush: bool


@dataclass(frozen=True)
class Plan:
    """A training run.

    Parameters
    ----------
    features, labels
        (samples, inputs) uint8, as the device gets them, and (samples,) classes.
    order
        "file", "shuffle" (both as ``Training.sequence``) or "lfsr" (as the sample store's).
    checkpoint
        Training slots after which the state is saved, again and again; 0: only at the end. A flush goes before it,
        which is part of what is trained.
    """

    design: Design
    features: np.ndarray
    labels: np.ndarray
    order: str
    epochs: int
    checkpoint: int

    @property
    def total(self) -> int:
        return len(self.features) * self.epochs

    def digest(self, start: str) -> str:
        """What this run is, so that a checkpoint of another is not taken for one of it. ``start``: the state's hash."""
        training = self.design.training
        facts = [
            network_hash(self.design), start, self.order, self.epochs, self.checkpoint, training.rate_shift,
            training.weight_seed if self.order == "shuffle" else None, self.features.shape,
        ]
        digest = hashlib.sha256(json.dumps(facts).encode())
        digest.update(self.features.tobytes())
        digest.update(self.labels.astype("<i8").tobytes())
        return digest.hexdigest()[:16]

    def pieces(self, done: int, *, at_rates: bool) -> Iterator[Piece]:
        """From slot ``done`` on; ``at_rates``: none has two rates."""
        cuts = set(range(self.checkpoint, self.total, self.checkpoint)) if self.checkpoint else set()
        flushes = cuts | {self.total}
        if at_rates:
            cuts = cuts | {first for first, _ in self.design.training.rate_shift}
        bounds = [done, *sorted(cut for cut in cuts if done < cut < self.total), self.total]
        for first, last in pairwise(bounds):
            if first < last:
                yield Piece(first, last, last in flushes)

    def rows(self) -> np.ndarray:
        """(total,) int64: the sample of every slot."""
        if self.order == "lfsr":
            return order(len(self.features), self.total, 1, lfsr=True)[0]
        shuffled = self.design.training.sequence(len(self.features), self.epochs)
        return shuffled if self.order == "shuffle" else np.arange(self.total) % len(self.features)

    def place(self, done: int) -> int:
        """Where a run of the store begins with slot ``done``."""
        lfsr = self.order == "lfsr"
        return order(len(self.features), done % len(self.features), int(lfsr), lfsr=lfsr)[1]

    def slots(self, rows: np.ndarray, piece: Piece) -> Slots:
        some = slice(piece.first, piece.last)
        return Slots.train(
            self.features[rows[some]], self.labels[rows[some]], self.design.training.shifts(piece.last)[piece.first :]
        )
