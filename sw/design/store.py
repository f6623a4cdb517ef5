"""The sample store of a device: how samples lie in it, and in which order a run takes them.

docs/host-protocol.md has the definitions in full. Hardware, host and golden device all build on this.
"""

from dataclasses import dataclass

import numpy as np

from sw.design.errors import DesignError

__all__ = ["BITS", "LFSR_MASKS", "Store", "next_state", "order"]

BITS = (1, 2, 4, 8)  # of a stored feature

# Taps of maximal LFSRs with 1, 2, ... 24 bits (Xilinx XAPP052, where bits are counted from 1).
_TAPS = (
    (1,), (2, 1), (3, 2), (4, 3), (5, 3), (6, 5), (7, 6), (8, 6, 5, 4), (9, 5), (10, 7), (11, 9), (12, 6, 4, 1),
    (13, 4, 3, 1), (14, 5, 3, 1), (15, 14), (16, 15, 13, 4), (17, 14), (18, 11), (19, 6, 2, 1), (20, 17), (21, 19),
    (22, 21), (23, 18), (24, 23, 22, 17),
)
LFSR_MASKS = (0, *(sum(1 << tap - 1 for tap in taps) for taps in _TAPS))  # by the number of bits


def next_state(state: int, samples: int) -> int:
    """The LFSR state of the next sample, 1..samples."""
    bits = samples.bit_length()
    mask, low = LFSR_MASKS[bits], (1 << bits) - 1
    while True:
        state = (state << 1 | (state & mask).bit_count() & 1) & low
        if state <= samples:
            return state


def order(samples: int, slots: int, place: int, *, lfsr: bool) -> tuple[np.ndarray, int]:
    """The samples of a run, (slots,) int64, and the place at which another one goes on.

    ``place``: in file order the first sample, in LFSR order its state, which is one more.
    """
    if not lfsr:
        return (place + np.arange(slots)) % samples, (place + slots) % samples
    out = np.empty(slots, np.int64)
    for n in range(slots):
        out[n] = place - 1
        place = next_state(place, samples)
    return out, place


@dataclass(frozen=True)
class Store:
    """Samples of ``inputs`` features of ``bits`` bits, in words of ``word_bytes`` bytes, one per feature of a beat."""

    inputs: int
    word_bytes: int
    bits: int

    def __post_init__(self) -> None:
        if self.bits not in BITS:
            raise DesignError(f"stored features must have 1, 2, 4 or 8 bits, got {self.bits}")

    @property
    def beats(self) -> int:
        """Beats of a sample that are stored; the rest of a slot is 0."""
        return -(-self.inputs // self.word_bytes)

    @property
    def words_per_sample(self) -> int:
        return -(-self.beats * self.bits // 8)

    def fit(self, words: int, labels: int) -> int:
        """How many samples fit in a store of so many words and labels."""
        return min(words // self.words_per_sample, labels)

    def pack(self, features: np.ndarray) -> np.ndarray:
        """Words of 8-bit features (samples, inputs): (samples, words_per_sample, word_bytes) uint8."""
        top = (1 << self.bits) - 1
        values = np.zeros((len(features), self.words_per_sample * self.word_bytes * 8 // self.bits), np.uint8)
        values[:, : features.shape[1]] = (features.astype(np.uint16) * top + 127) // 255
        parts = values.reshape(len(features), -1, 8 // self.bits) << np.arange(0, 8, self.bits, dtype=np.uint8)
        packed = np.bitwise_or.reduce(parts, axis=2)
        return packed.reshape(len(features), self.words_per_sample, self.word_bytes)

    def unpack(self, words: np.ndarray) -> np.ndarray:
        """The 8-bit features, (samples, inputs), that a run makes of the words of ``pack``."""
        parts = words.reshape(len(words), -1, 1) >> np.arange(0, 8, self.bits, dtype=np.uint8)
        values = (parts & ((1 << self.bits) - 1)).reshape(len(words), -1)[:, : self.inputs]
        return (values * (255 // ((1 << self.bits) - 1))).astype(np.uint8)
