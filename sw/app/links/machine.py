"""The accelerator inside the golden device: slots in, numbered results out, state by the configuration port."""

from collections import deque

import numpy as np

from sw.design import lfsr
from sw.design.design import Design
from sw.design.frames import Identity, value_bytes
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT
from sw.design.slots import EMPTY, Slots
from sw.golden.network import GoldenNetwork

__all__ = ["Machine"]

_COUNT = (1 << 32) - 1


class Machine:
    """Results come out as late as the protocol allows, so that no host relies on less.

    ``kept``: packed results that wait for the host (prediction and flag; activations), the first of number ``first``.
    ``coming``: slots whose result is to be kept and is still to come.
    """

    def __init__(self, design: Design, identity: Identity) -> None:
        self.design = design
        self.slots = self.results = self.correct = 0
        self.first = self.coming = 0
        self.kept: deque[tuple[bytes, bytes]] = deque()
        self._delay = identity.flush_slots
        self._activation_bytes = identity.activation_bytes
        self._pending: deque[tuple[int, int, np.ndarray, bool]] = deque()
        self._golden = GoldenNetwork(design)
        self._state = self._golden.state()
        self._stale = self._written = False

    @property
    def next(self) -> int:
        """Number of the next result that will be kept."""
        return (self.first + len(self.kept)) & _COUNT

    def run(self, slots: Slots, *, keep: bool = True) -> None:
        if self._written:
            self._golden.load(self._state)
        self._written, self._stale = False, True
        results = self._golden.run(slots)
        at = 0
        for kind in slots.kinds.tolist():
            self.slots += 1
            if kind != EMPTY:
                word = int(results.predictions[at]) | int(results.correct[at]) << 15
                self._pending.append((self.slots + self._delay, word, results.activations[at], keep))
                self.coming += keep
                at += 1
            while self._pending and self._pending[0][0] <= self.slots:
                self._come_out(*self._pending.popleft()[1:])

    def _come_out(self, word: int, activations: np.ndarray, keep: bool) -> None:
        self.results += 1
        self.correct += word >> 15
        if keep:
            self.coming -= 1
            values = b"".join(int(a).to_bytes(self._activation_bytes, "little") for a in activations)
            self.kept.append((word.to_bytes(2, "little"), values))

    def free(self, first: int) -> bool:
        """Give up the results before this number; False if there is no such one."""
        count = (first - self.first) & _COUNT
        if count > len(self.kept):
            return False
        for _ in range(count):
            self.kept.popleft()
        self.first = first
        return True

    def flush(self) -> None:
        self.run(Slots.empty(self._delay, self.design.network.inputs))

    def read(self, junction: int, kind: int, first: int, count: int) -> bytes:
        """Values by the configuration port, as they go over the line."""
        size = value_bytes(self.design, kind)
        values = self._values(junction, kind)[first : first + count]
        data = b"".join(int(v).to_bytes(size, "little", signed=kind != CONFIG_LFSR) for v in values)
        return data.ljust(count * size, b"\0")

    def write(self, junction: int, kind: int, first: int, data: bytes) -> None:
        size = value_bytes(self.design, kind)
        values = self._values(junction, kind)
        width = lfsr.LENGTH if kind == CONFIG_LFSR else self.design.arithmetic.width
        for i in range(0, len(data), size):
            value, index = int.from_bytes(data[i : i + size], "little") & ((1 << width) - 1), first + i // size
            if index >= len(values) or (kind == CONFIG_LFSR and value == 0):
                continue
            values[index] = value - (value >> width - 1 << width) if kind != CONFIG_LFSR else value
            self._written = True

    def _values(self, junction: int, kind: int) -> np.ndarray:
        """All values of a junction and kind; no LFSRs where rounding is to nearest."""
        if self._stale:
            self._state, self._stale = self._golden.state(), False
        if kind == CONFIG_LFSR and self.design.arithmetic.rounding != "stochastic":
            return np.zeros(0, np.uint64)
        parts = {CONFIG_WEIGHT: self._state.weights, CONFIG_BIAS: self._state.biases, CONFIG_LFSR: self._state.lfsr}
        return parts[kind][junction]
