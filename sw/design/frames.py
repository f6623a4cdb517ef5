"""Frames between host and device, as docs/host-protocol.md defines them: types, checks, layouts of payloads.

A body is type, tag, payload and CRC-32; on the line it is stuffed (COBS) and ended by a 0, which is left to both ends.
All integers are little endian.
"""

import struct
import zlib
from dataclasses import astuple, dataclass
from typing import Self

from sw.design import lfsr
from sw.design.design import Design
from sw.design.hashes import circuit_hash, network_hash
from sw.design.ports import CONFIG_LFSR
from sw.design.schedule import Schedule

__all__ = [
    "ANSWER",
    "BASE_RATE",
    "BODY_MAX",
    "BODY_MIN",
    "CLOCKS_PER_BIT",
    "CRC_RESIDUE",
    "DATA_MAX",
    "FALLBACK_SECONDS",
    "FRAME_MAX",
    "LFSR_BYTES",
    "PAYLOAD_MAX",
    "PROTOCOL",
    "RATE_BITS",
    "READ_BIT",
    "SIGNATURE_MAX",
    "SLOT_HEAD",
    "STEP_MAX",
    "WITH_ACTIVATIONS",
    "Identity",
    "Kind",
    "Layout",
    "Status",
    "Verdict",
    "open_body",
    "rate_step",
    "seal",
    "slots_ending",
    "value_bytes",
]

PROTOCOL = 1
PAYLOAD_MAX = 1024
DATA_MAX = PAYLOAD_MAX - 2  # of an answer, beside status and expected
BODY_MIN, BODY_MAX = 6, PAYLOAD_MAX + 6
FRAME_MAX = BODY_MAX + -(-BODY_MAX // 254) + 1  # on the line, with the 0 that ends it
CRC_RESIDUE = 0xDEBB20E3  # the register after a good body, before the final inversion
BASE_RATE = 115_200
CLOCKS_PER_BIT = 6  # at least: a receiver that samples a bit fewer times is not reliable
RATE_BITS = 24  # the rate is clock * step / 2^RATE_BITS
STEP_MAX = 1 << (RATE_BITS - 2)
FALLBACK_SECONDS = 1.0
ANSWER, READ_BIT = 0x80, 0x40
LFSR_BYTES = -(-lfsr.LENGTH // 8)
SLOT_HEAD = 3  # bytes of a slot before its features
SIGNATURE_MAX = 1 << 16  # values of a signature
WITH_ACTIVATIONS = 1  # flag of RESULTS


class Kind:
    """Types of requests; an answer has ANSWER set."""

    SLOTS, FLUSH, WRITE, STORE_WRITE, STORE_LABELS, STORE_RUN, STORE_STOP = range(0x01, 0x08)
    HELLO, ECHO, SET_RATE, STATUS, RESULTS, READ, SIGNATURE = range(0x40, 0x47)


class Verdict:
    """The status byte of an answer."""

    OK, BUSY, ORDER, INVALID, NO_SESSION = range(5)


def seal(kind: int, tag: int, payload: bytes) -> bytes:
    """The body of a frame."""
    head = bytes((kind, tag)) + payload
    return head + struct.pack("<I", zlib.crc32(head))


def open_body(body: bytes) -> tuple[int, int, bytes] | None:
    """Type, tag and payload of a body; None if it is too short, too long, or its CRC is wrong."""
    if not BODY_MIN <= len(body) <= BODY_MAX or zlib.crc32(body) ^ 0xFFFFFFFF != CRC_RESIDUE:
        return None
    return body[0], body[1], body[2:-4]


def rate_step(rate: float, clock: int) -> int:
    """The step of SET_RATE that comes nearest to a rate in baud, for a clock in Hz."""
    return round(rate * (1 << RATE_BITS) / clock)


def value_bytes(design: Design, kind: int) -> int:
    """Bytes of a value of the configuration port on the line."""
    return LFSR_BYTES if kind == CONFIG_LFSR else -(-design.arithmetic.width // 8)


def slots_ending(inputs: int) -> int:
    """The most slots with a result that can end in one frame."""
    return (PAYLOAD_MAX - 1) // (SLOT_HEAD + inputs) + 1


class _Fields:
    """A dataclass whose fields follow each other as LAYOUT says."""

    LAYOUT: struct.Struct

    def pack(self) -> bytes:
        return self.LAYOUT.pack(*astuple(self))  # type: ignore[call-overload]

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """struct.error if the length is wrong."""
        return cls(*cls.LAYOUT.unpack(data))


@dataclass(frozen=True)
class Identity(_Fields):
    """What a device says about itself; constant."""

    protocol: int
    window: int
    value_bytes: int
    activation_bytes: int
    clock: int
    network_hash: bytes
    circuit_hash: bytes
    inputs: int
    outputs: int
    classes: int
    clocks: int
    flush_slots: int
    results: int
    store_words: int
    store_samples: int
    word_bytes: int
    junctions: int
    store_bits: int
    board: bytes
    design: bytes

    LAYOUT = struct.Struct("<BBBBI8s8sIIIIHHIIHBB16s32s")

    @classmethod
    def of(
        cls, design: Design, *, board: str, clock: int, results: int, window: int = 16, store_words: int = 0,
        store_samples: int = 0, store_bits: int = 0b1111,
    ) -> "Identity":
        """That of a design on a board whose clock has so many Hz, with so many results kept and such a store."""
        schedule, network = Schedule.of(design), design.network
        return cls(
            protocol=PROTOCOL,
            window=window,
            value_bytes=-(-design.arithmetic.width // 8),
            activation_bytes=-(-(design.arithmetic.number.fraction_bits + 1) // 8),
            clock=clock,
            network_hash=bytes.fromhex(network_hash(design)),
            circuit_hash=bytes.fromhex(circuit_hash(design)),
            inputs=network.inputs,
            outputs=network.neurons[-1],
            classes=network.classes,
            clocks=schedule.clocks,
            flush_slots=schedule.flush_slots,
            results=results,
            store_words=store_words,
            store_samples=store_samples,
            word_bytes=schedule.features_per_beat,
            junctions=len(design.junctions),
            store_bits=store_bits,
            board=board.encode("ascii", "replace")[:16].ljust(16, b"\0"),
            design=design.name.encode("ascii", "replace")[:32].ljust(32, b"\0"),
        )


@dataclass(frozen=True)
class Status(_Fields):
    """Counters and state of a device; the counters wrap."""

    slots: int
    correct: int
    cycles: int
    stalls: int
    results_first: int
    results_next: int
    store_left: int
    store_place: int
    store_clocks: int
    dropped: int
    flags: int

    LAYOUT = struct.Struct("<11I")

    @property
    def running(self) -> bool:
        """Whether a run of the store is going on."""
        return bool(self.flags & 1)

    @property
    def inside_slot(self) -> bool:
        return bool(self.flags & 2)


class Layout:
    """Payload layouts of the other requests."""

    WRITE = struct.Struct("<BBI")  # junction, kind, first; then the values
    READ = struct.Struct("<BBIH")  # junction, kind, first, count
    SIGNATURE = struct.Struct("<BBII")
    RESULTS = struct.Struct("<IHB")  # first, count, flags
    STORE_RUN = struct.Struct("<IIIBBBB")  # slots, samples, place, bits, kind, rate shift, flags
    WORD = struct.Struct("<I")  # a first word or sample, a nonce, a step, a signature
