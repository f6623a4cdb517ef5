"""The device's sample store: upload once, run any number of epochs."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from sw.design.frames import PAYLOAD_MAX, Kind, Layout
from sw.design.slots import TRAIN
from sw.design.store import BITS, Store
from sw.host.client import Client, Progress
from sw.host.errors import HostError

__all__ = ["SampleStore"]

_POLL = 0.02  # seconds between questions how far a run has come
_LFSR_ORDER = 1


@dataclass
class SampleStore:
    """Samples of ``bits``-bit features in the store of a client's device.

    ``samples`` of them are there, once ``upload`` has put them there.
    """

    client: Client
    bits: int = 8
    samples: int = 0

    def __post_init__(self) -> None:
        identity = self.client.identity
        if not identity.store_words:
            raise HostError(f"{self.client.window.link.name}: this bitstream has no sample store")
        if not identity.store_bits >> BITS.index(self.bits) & 1:
            known = ", ".join(str(b) for i, b in enumerate(BITS) if identity.store_bits >> i & 1)
            raise HostError(
                f"{self.client.window.link.name}: the sample store takes features of {known} bits, got {self.bits}"
            )
        self._form = self.form(self.bits)

    def form(self, bits: int) -> Store:
        """How samples of so many bits lie in it."""
        return Store(self.client.identity.inputs, self.client.identity.word_bytes, bits)

    def fit(self, bits: int) -> int:
        """How many samples of so many bits fit."""
        return self.form(bits).fit(self.client.identity.store_words, self.client.identity.store_samples)

    def upload(self, features: np.ndarray, labels: np.ndarray, progress: Progress | None = None) -> None:
        """Write samples, (n, inputs) uint8 and (n,) classes. HostError if they do not fit: how many would."""
        identity, window = self.client.identity, self.client.window
        if len(features) > self.fit(self.bits):
            room = ", ".join(f"{self.fit(b):,} of {b} bits" for b in BITS)
            raise HostError(
                f"{window.link.name}: {len(features):,} samples with features of {self.bits} bits do not fit in the "
                f"store, which holds {room}"
            )
        words = self._form.pack(features).reshape(-1, identity.word_bytes)
        step = (PAYLOAD_MAX - Layout.WORD.size) // identity.word_bytes
        for first in range(0, len(words), step):
            window.post(Kind.STORE_WRITE, Layout.WORD.pack(first) + words[first : first + step].tobytes())
            if progress:
                progress(min(first + step, len(words)) // self._form.words_per_sample, len(features))
        classes = np.minimum(labels, identity.classes).astype("<u2")
        step = (PAYLOAD_MAX - Layout.WORD.size) // 2
        for first in range(0, len(classes), step):
            window.post(Kind.STORE_LABELS, Layout.WORD.pack(first) + classes[first : first + step].tobytes())
        window.settle()
        self.samples = len(features)

    def stored(self, features: np.ndarray) -> np.ndarray:
        """What the device makes of 8-bit features that it stores with fewer bits."""
        return self._form.unpack(self._form.pack(features))

    def run(
        self, slots: int, place: int, *, lfsr: bool, kind: int = TRAIN, rate_shift: int = 0,
        progress: Progress | None = None,
    ) -> int:
        """Run so many slots from a place on; the place where another run goes on. Results are only counted.

        Ends the run on the device too if it is interrupted.
        """
        window = self.client.window
        flags = _LFSR_ORDER if lfsr else 0
        head = slots, self.samples, place, self.bits, kind, rate_shift, flags
        window.post(Kind.STORE_RUN, Layout.STORE_RUN.pack(*head))
        try:
            while (status := self.client.status()).running:
                if progress:
                    progress(slots - status.store_left, slots)
                end = window.link.time() + _POLL
                while window.link.time() < end:
                    window.turn(_POLL)
        except KeyboardInterrupt:
            with suppress(HostError):
                window.post(Kind.STORE_STOP)
                window.settle()
            raise
        return status.store_place
