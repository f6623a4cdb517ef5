"""The sample store inside the golden device, and a run of it."""

from dataclasses import dataclass

import numpy as np

from sw.design.frames import Identity
from sw.design.slots import INFER, TRAIN, Slots
from sw.design.store import BITS, Store, order

__all__ = ["Run", "Samples"]

_LFSR_ORDER, _KEEP = 1, 2


@dataclass
class Run:
    """What STORE_RUN asks for; ``left`` and ``place`` move on as slots begin."""

    left: int = 0
    samples: int = 1
    place: int = 0
    bits: int = 8
    kind: int = TRAIN
    rate_shift: int = 0
    flags: int = 0
    begun: int = 0
    stopped: bool = False

    @property
    def running(self) -> bool:
        return self.left > 0 and not self.stopped

    @property
    def keep(self) -> bool:
        return bool(self.flags & _KEEP)


class Samples:
    """Words and labels of the store."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self.words = np.zeros((identity.store_words, identity.word_bytes), np.uint8)
        self.labels = np.zeros(identity.store_samples, np.int64)

    def accepts(self, run: Run) -> bool:
        """Whether a run is valid."""
        known = run.bits in BITS and self._identity.store_bits >> BITS.index(run.bits) & 1
        if not known or run.kind not in (TRAIN, INFER) or run.rate_shift > 15 or run.flags > 3 or not run.left:
            return False
        fit = self._store(run).fit(len(self.words), len(self.labels))
        lowest = run.flags & _LFSR_ORDER
        return 1 <= run.samples <= fit and lowest <= run.place <= run.samples - 1 + lowest

    def slots(self, run: Run, count: int) -> Slots:
        """The next ``count`` slots of a run, which moves on."""
        taken, run.place = order(run.samples, count, run.place, lfsr=bool(run.flags & _LFSR_ORDER))
        run.left -= count
        run.begun += count
        store = self._store(run)
        words = self.words[: run.samples * store.words_per_sample]
        words = words.reshape(run.samples, store.words_per_sample, -1)[taken]
        labels = self.labels[taken]
        labelled = labels < self._identity.classes
        kinds = np.where(labelled, run.kind, INFER).astype(np.uint8)
        return Slots(store.unpack(words), labels, kinds, np.where(kinds == TRAIN, run.rate_shift, 0))

    def _store(self, run: Run) -> Store:
        return Store(self._identity.inputs, self._identity.word_bytes, run.bits)
