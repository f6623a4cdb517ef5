"""A device of a design, with a call for each thing that it can do."""

import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from sw.design import lfsr
from sw.design.design import Design
from sw.design.frames import (
    DATA_MAX,
    PAYLOAD_MAX,
    PROTOCOL,
    SIGNATURE_MAX,
    Kind,
    Layout,
    Status,
    value_bytes,
)
from sw.design.hashes import circuit_hash, network_hash
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT
from sw.design.slots import EMPTY, Slots
from sw.host.errors import HostError
from sw.host.link import Link
from sw.host.reader import ResultReader
from sw.host.values import Results, pack_slots, pack_values, unpack_values
from sw.host.window import Window

__all__ = ["Client", "Progress"]

Progress = Callable[[int, int], None]
"""Called with how much is done, and how much there is."""

Arrays = list[np.ndarray]
_BLOCK = 4096  # slots whose bytes are made at a time


class Client:
    """A session with the device of ``design``; ``identity`` is what the device says about itself.

    The device keeps its state over sessions. Opening one ends a run of the store that an earlier host has left going
    on, flushes the device, and gives up results that nobody has read.

    Raises
    ------
    HostError : from any call; when the session is opened also if the device is of another design.
    SessionLost : from any call, when the device has lost what this session has left there.
    """

    def __init__(self, link: Link, design: Design) -> None:
        self.design = design
        self.window = Window(link)
        self.identity = self.window.open()
        self._check()
        self._results = ResultReader(self.window, self.identity)
        self.window.post(Kind.STORE_STOP)
        self.flush()
        self._results.begin(self.status().results_next)

    def _check(self) -> None:
        name, found = self.window.link.name, self.identity
        if found.protocol != PROTOCOL:
            raise HostError(f"{name}: the bitstream speaks protocol {found.protocol}, this host {PROTOCOL}")
        due = network_hash(self.design)
        if found.network_hash.hex() != due:
            design, board = (text.rstrip(b"\0").decode("ascii", "replace") for text in (found.design, found.board))
            raise HostError(
                f"{name}: board '{board}' has the bitstream of design '{design}', network {found.network_hash.hex()}; "
                f"'{self.design.name}' is network {due}: load its bitstream, or name the design of the board"
            )

    @property
    def same_circuit(self) -> bool:
        """Whether stages, multipliers and memories are the design's too; what is computed does not depend on them."""
        return self.identity.circuit_hash.hex() == circuit_hash(self.design)

    def status(self) -> Status:
        """Counters and state, after everything that was asked before."""
        return Status.unpack(self.window.ask(Kind.STATUS))

    # weights, biases, LFSR states

    def load(
        self, weights: Sequence, biases: Sequence, lfsr_states: Sequence, progress: Progress | None = None
    ) -> None:
        """Write raw weights (W_i,), biases (N_i,) and LFSR states (groups_i,) of every junction."""
        parts = self._parts()
        total, done = sum(count for *_, count in parts), 0
        values = {CONFIG_WEIGHT: weights, CONFIG_BIAS: biases, CONFIG_LFSR: lfsr_states}
        for junction, kind, count in parts:
            size = value_bytes(self.design, kind)
            data = pack_values(np.asarray(values[kind][junction]), size)
            step = (PAYLOAD_MAX - Layout.WRITE.size) // size
            for first in range(0, count, step):
                head = Layout.WRITE.pack(junction, kind, first)
                self.window.post(Kind.WRITE, head + data[first : first + step].tobytes())
                done += len(data[first : first + step])
                if progress:
                    progress(done, total)
        self.window.settle()

    def state(self) -> tuple[Arrays, Arrays, Arrays]:
        """Raw weights and biases (int64) and LFSR states (uint64) of every junction, after a flush.

        Where rounding is to nearest there are no LFSRs, and their first states are given.
        """
        self.flush()
        requests, parts = [], self._parts()
        for junction, kind, count in parts:
            step = DATA_MAX // value_bytes(self.design, kind)
            requests += [
                (Kind.READ, Layout.READ.pack(junction, kind, first, min(step, count - first)))
                for first in range(0, count, step)
            ]
        answers = iter(self.window.ask_all(requests))
        found: dict[int, Arrays] = {CONFIG_WEIGHT: [], CONFIG_BIAS: [], CONFIG_LFSR: []}
        for _, kind, count in parts:
            size = value_bytes(self.design, kind)
            data = b"".join(next(answers) for _ in range(0, count, DATA_MAX // size))
            if len(data) != count * size:
                raise HostError(f"{self.window.link.name}: {count} values were to be read, got {len(data)} bytes")
            found[kind].append(unpack_values(data, size, signed=kind != CONFIG_LFSR))
        if not found[CONFIG_LFSR]:
            found[CONFIG_LFSR] = [lfsr.seeds(j.index, j.z) for j in self.design.junctions]
        return found[CONFIG_WEIGHT], found[CONFIG_BIAS], found[CONFIG_LFSR]

    def matches(self, weights: Sequence, biases: Sequence, lfsr_states: Sequence) -> bool:
        """Whether the device's state, after a flush, is this one; only signatures cross the line."""
        self.flush()
        values = {CONFIG_WEIGHT: weights, CONFIG_BIAS: biases, CONFIG_LFSR: lfsr_states}
        requests, due = [], []
        for junction, kind, count in self._parts():
            data = pack_values(np.asarray(values[kind][junction]), value_bytes(self.design, kind))
            for first in range(0, count, SIGNATURE_MAX):
                part = data[first : first + SIGNATURE_MAX]
                requests.append((Kind.SIGNATURE, Layout.SIGNATURE.pack(junction, kind, first, len(part))))
                due.append(zlib.crc32(part.tobytes()).to_bytes(4, "little"))
        return self.window.ask_all(requests) == due

    def _parts(self) -> list[tuple[int, int, int]]:
        """What a state has: junction (from 0), kind, number of values."""
        found = []
        for i, j in enumerate(self.design.junctions):
            found += [(i, CONFIG_WEIGHT, j.weights), (i, CONFIG_BIAS, j.right)]
            if self.design.arithmetic.rounding == "stochastic":
                found.append((i, CONFIG_LFSR, lfsr.groups(j.z)))
        return found

    # slots

    def run(
        self, slots: Slots, *, flush: bool = True, activations: bool = True, progress: Progress | None = None
    ) -> Results:
        """Send slots; the results that have come out since the last call.

        With ``flush`` these are all; without, those of the last slots come later, as the accelerator gives them only
        when further slots follow. DesignError if a slot is not valid for the design.
        """
        slots.check(self.design.network)
        if slots.features.shape[1] > self.identity.inputs:
            raise HostError(
                f"{self.window.link.name}: slots have at most {self.identity.inputs} features, got "
                f"{slots.features.shape[1]}"
            )
        reader = self._results
        for at in range(0, len(slots), _BLOCK):
            for sent in self._send(slots[at : at + _BLOCK], activations):
                if progress:
                    progress(at + sent, len(slots))
        if flush:
            reader.post(Kind.FLUSH, b"", self.identity.flush_slots)
        while reader.waiting:
            reader.turn(activations)
        return reader.take()

    def flush(self) -> None:
        """Do every update that is due. Results stay to be read by ``run``."""
        self._results.post(Kind.FLUSH, b"", self.identity.flush_slots)
        self.window.settle()

    def _send(self, slots: Slots, activations: bool) -> Iterator[int]:
        """Frame by frame; the number of slots that have been sent whole."""
        stream, ends = pack_slots(slots, self.identity.inputs)
        real = slots.kinds != EMPTY
        reader, ended = self._results, 0
        for first in range(0, len(stream), PAYLOAD_MAX):
            while not (reader.room and self.window.room):
                reader.turn(activations)
            part = stream[first : first + PAYLOAD_MAX].tobytes()
            now = int(np.searchsorted(ends, first + len(part), side="right"))
            reader.post(Kind.SLOTS, part, now - ended, np.flatnonzero(real[ended:now]))
            reader.turn(activations, 0)
            ended = now
            yield ended
