"""The device of docs/host-protocol.md in Python, over the golden model: what the hardware shell is tested against.

It computes at once; only the run of a store takes time, which `GoldenDevice.pass_time` gives it.
"""

import struct
import zlib
from collections.abc import Callable

import numpy as np

from sw.app.links.machine import Machine
from sw.app.links.samples import Run, Samples
from sw.design.design import Design
from sw.design.frames import (
    ANSWER,
    BASE_RATE,
    DATA_MAX,
    FALLBACK_SECONDS,
    RATE_BITS,
    READ_BIT,
    SIGNATURE_MAX,
    SLOT_HEAD,
    STEP_MAX,
    WITH_ACTIVATIONS,
    Identity,
    Kind,
    Layout,
    Status,
    Verdict,
    slots_ending,
    value_bytes,
)
from sw.design.ports import CONFIG_LFSR
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.host.framing import Receiver, encode

__all__ = ["GoldenDevice"]

_COUNT = (1 << 32) - 1
_Answer = tuple[int, bytes]  # verdict and data
_INVALID: _Answer = (Verdict.INVALID, b"")
_BUSY: _Answer = (Verdict.BUSY, b"")
_DONE: _Answer = (Verdict.OK, b"")


class GoldenDevice:
    """Bytes in, bytes out. ``identity`` says what it has; ``rate`` is its end's rate in baud."""

    def __init__(
        self, design: Design, *, board: str = "golden", clock: int = 100_000_000, results: int = 64, window: int = 16,
        store_words: int = 4096, store_samples: int = 1024, store_bits: int = 0b1111,
    ) -> None:
        self.design = design
        self.identity = Identity.of(
            design, board=board, clock=clock, results=results, window=window, store_words=store_words,
            store_samples=store_samples, store_bits=store_bits,
        )
        self._do: dict[int, Callable[[bytes], _Answer]] = {
            Kind.SLOTS: self._slots, Kind.FLUSH: self._flush, Kind.WRITE: self._write,
            Kind.STORE_WRITE: self._store_write, Kind.STORE_LABELS: self._store_labels,
            Kind.STORE_RUN: self._store_run, Kind.STORE_STOP: self._store_stop, Kind.HELLO: self._hello,
            Kind.ECHO: self._echo, Kind.SET_RATE: self._set_rate, Kind.STATUS: self._status,
            Kind.RESULTS: self._results, Kind.READ: self._read, Kind.SIGNATURE: self._signature,
        }
        self.reset()

    def reset(self) -> None:
        """As after power-on."""
        self.machine = Machine(self.design, self.identity)
        self.samples = Samples(self.identity)
        self.run = Run()
        self.rate = float(BASE_RATE)
        self.nonce = self.expected = 0
        self._stream = bytearray()  # of a slot that has not ended
        self._receiver = Receiver()
        self._seconds = self._credit = 0.0
        self._unheard: float | None = None  # seconds without a good frame since the line was low or its rate changed

    def take(self, data: bytes) -> bytes:
        """Bytes from the host at this device's rate; its answers. After SET_RATE ``rate`` is the new one."""
        if data and self._unheard is None:
            self._unheard = 0.0
        answers = bytearray()
        for kind, tag, payload in self._receiver.feed(data):
            self._unheard = None
            rate = self.rate
            verdict, given = self._answer(kind, tag, payload)
            answers += encode(kind | ANSWER, tag, bytes((verdict, self.expected)) + given)
            if self.rate != rate:  # the rest of these bytes came at the old one
                self._unheard = 0.0
                break
        return bytes(answers)

    def noise(self) -> None:
        """Bytes at another rate than this device's."""
        if self._unheard is None:
            self._unheard = 0.0

    def pass_time(self, seconds: float) -> None:
        """Let a run of the store go on, and the rate fall back if it is time."""
        self._seconds += seconds
        if self._unheard is not None:
            self._unheard += seconds
            if self._unheard >= FALLBACK_SECONDS:
                self.rate, self._unheard = float(BASE_RATE), None
        self._credit = self._credit + seconds * self.identity.clock / self.identity.clocks if self.run.running else 0.0
        while self.run.running and self._credit >= 1:
            room = self.identity.results - len(self.machine.kept) - self.machine.coming if self.run.keep else 1 << 30
            count = min(self.run.left, int(self._credit), room, 256)
            if count <= 0:
                self._credit = 0.0
                break
            self._credit -= count
            self.machine.run(self.samples.slots(self.run, count), keep=self.run.keep)

    def _answer(self, kind: int, tag: int, payload: bytes) -> _Answer:
        if kind not in self._do:
            return _INVALID
        if not self.nonce and kind not in (Kind.HELLO, Kind.ECHO, Kind.SET_RATE):
            return Verdict.NO_SESSION, b""
        if kind & READ_BIT:
            return self._do[kind](payload)
        ahead = (tag - self.expected) & 255
        if ahead:
            return (Verdict.OK if ahead >= 128 else Verdict.ORDER), b""
        answer = self._do[kind](payload)
        if answer[0] == Verdict.OK:
            self.expected = (self.expected + 1) & 255
        return answer

    # sequenced

    def _slots(self, payload: bytes) -> _Answer:
        machine = self.machine
        due = len(machine.kept) + machine.coming + slots_ending(self.identity.inputs)
        if self.run.running or due > self.identity.results:
            return _BUSY
        self._stream += payload
        found = []
        while self._stream:
            head, length = self._stream[0], SLOT_HEAD + self.identity.inputs
            if head & 3 not in (TRAIN, INFER):
                found.append((EMPTY, 0, 0, bytes(self.identity.inputs)))
                del self._stream[0]
                continue
            if len(self._stream) < length:
                break
            label = int.from_bytes(self._stream[1:SLOT_HEAD], "little")
            kind = head & 3 if label < self.identity.classes else INFER
            found.append((kind, label, head >> 4, bytes(self._stream[SLOT_HEAD:length])))
            del self._stream[:length]
        if found:
            kinds, labels, shifts, features = zip(*found, strict=True)
            rows = np.frombuffer(b"".join(features), np.uint8).reshape(len(found), -1)
            machine.run(Slots(rows, np.array(labels, np.int64), np.array(kinds, np.uint8), np.array(shifts, np.int64)))
        return _DONE

    def _flush(self, payload: bytes) -> _Answer:
        if self.run.running:
            return _BUSY
        if payload or self._stream:
            return _INVALID
        self.machine.flush()
        return _DONE

    def _write(self, payload: bytes) -> _Answer:
        if self.run.running:
            return _BUSY
        head = Layout.WRITE.size
        if len(payload) <= head or self._stream:
            return _INVALID
        junction, kind, first = Layout.WRITE.unpack_from(payload)
        if not self._there(junction, kind) or (len(payload) - head) % value_bytes(self.design, kind):
            return _INVALID
        self.machine.write(junction, kind, first, payload[head:])
        return _DONE

    def _store_write(self, payload: bytes) -> _Answer:
        return self._fill(payload, self.samples.words.reshape(-1), self.identity.word_bytes, np.uint8)

    def _store_labels(self, payload: bytes) -> _Answer:
        return self._fill(payload, self.samples.labels, 1, np.dtype("<u2"))

    def _fill(self, payload: bytes, memory: np.ndarray, size: int, item: type[np.uint8] | np.dtype) -> _Answer:
        """Write whole words of ``size`` items each."""
        if self.run.running:
            return _BUSY
        head = Layout.WORD.size
        step = size * np.dtype(item).itemsize
        if len(payload) <= head or (len(payload) - head) % step:
            return _INVALID
        first = Layout.WORD.unpack_from(payload)[0] * size
        items = np.frombuffer(payload[head:], item)
        if first + len(items) > len(memory):
            return _INVALID
        memory[first : first + len(items)] = items
        return _DONE

    def _store_run(self, payload: bytes) -> _Answer:
        if self.run.running:
            return _BUSY
        if len(payload) != Layout.STORE_RUN.size:
            return _INVALID
        run = Run(*Layout.STORE_RUN.unpack(payload))
        if self._stream or not self.samples.accepts(run):
            return _INVALID
        self.run = run
        return _DONE

    def _store_stop(self, payload: bytes) -> _Answer:
        if payload:
            return _INVALID
        self.run.stopped = True
        return _DONE

    def _there(self, junction: int, kind: int) -> bool:
        return junction < self.identity.junctions and kind <= CONFIG_LFSR

    # reads

    def _hello(self, payload: bytes) -> _Answer:
        if len(payload) != Layout.WORD.size or not any(payload):
            return _INVALID
        (nonce,) = Layout.WORD.unpack(payload)
        held = Layout.WORD.pack(self.nonce)
        if nonce != self.nonce:
            self.nonce, self.expected = nonce, 0
            self._stream.clear()
        return Verdict.OK, held + self.identity.pack()

    def _echo(self, payload: bytes) -> _Answer:
        return (Verdict.OK, payload) if len(payload) <= DATA_MAX else _INVALID

    def _set_rate(self, payload: bytes) -> _Answer:
        if len(payload) != Layout.WORD.size:
            return _INVALID
        (step,) = Layout.WORD.unpack(payload)
        if not 0 < step <= STEP_MAX:
            return _INVALID
        self.rate = self.identity.clock * step / (1 << RATE_BITS)
        return _DONE

    def _status(self, payload: bytes) -> _Answer:
        if payload:
            return _INVALID
        machine, run = self.machine, self.run
        cycles = int(self._seconds * self.identity.clock)
        numbers = (
            machine.results, machine.correct, cycles, max(0, cycles - machine.slots * self.identity.clocks),
            machine.first, machine.next, run.left, run.place, max(0, run.begun - 1) * self.identity.clocks,
            self._receiver.dropped, run.running | bool(self._stream) << 1,
        )
        return Verdict.OK, Status(*(n & _COUNT for n in numbers)).pack()

    def _results(self, payload: bytes) -> _Answer:
        if len(payload) != Layout.RESULTS.size:
            return _INVALID
        first, count, flags = Layout.RESULTS.unpack(payload)
        size = 2 + (self.identity.outputs * self.identity.activation_bytes if flags & WITH_ACTIVATIONS else 0)
        if flags > WITH_ACTIVATIONS or size > DATA_MAX or not self.machine.free(first):
            return _INVALID
        given = list(self.machine.kept)[: min(count, DATA_MAX // size)]
        return Verdict.OK, b"".join(word + (values if flags else b"") for word, values in given)

    def _read(self, payload: bytes) -> _Answer:
        if self.run.running:
            return _BUSY
        if len(payload) != Layout.READ.size:
            return _INVALID
        junction, kind, first, count = Layout.READ.unpack(payload)
        if not self._there(junction, kind) or not 1 <= count * value_bytes(self.design, kind) <= DATA_MAX:
            return _INVALID
        return Verdict.OK, self.machine.read(junction, kind, first, count)

    def _signature(self, payload: bytes) -> _Answer:
        if self.run.running:
            return _BUSY
        if len(payload) != Layout.SIGNATURE.size:
            return _INVALID
        junction, kind, first, count = Layout.SIGNATURE.unpack(payload)
        if not self._there(junction, kind) or not 1 <= count <= SIGNATURE_MAX:
            return _INVALID
        return Verdict.OK, struct.pack("<I", zlib.crc32(self.machine.read(junction, kind, first, count)))
