"""Frames against the package cobs and zlib: what is sent, what is handed on, what is dropped."""

import zlib

import numpy as np
import pytest
from cobs import cobs

from hw.serial.crc import CRC_32, Crc
from hw.serial.frames import FrameReceiver, FrameTransmitter
from sw.design.frames import CRC_RESIDUE
from tests.hw.play import simulate

LONGEST = 700
# groups of 253 to 255 bytes, zeros at both ends and alone, the shortest
LENGTHS = (2, 3, 10, 249, 250, 251, 254, 255, 256, 510, 700)


def message(rng: np.random.Generator, length: int) -> bytes:
    """Bytes of which some are 0, none, or all."""
    data = rng.integers(0, 256, length)
    data[rng.random(length) < rng.choice([0.0, 0.0, 0.3, 1.0])] = 0
    return data.astype(np.uint8).tobytes()


def messages(seed: int) -> list[bytes]:
    rng = np.random.Generator(np.random.PCG64(seed))
    return [message(rng, length) for length in LENGTHS for _ in range(2)] + [bytes(range(1, 255)) * 2, bytes(300)]


def framed(text: bytes) -> bytes:
    return cobs.encode(text + zlib.crc32(text).to_bytes(4, "little")) + b"\0"


def test_the_crc_is_that_of_zlib():
    for text in messages(1):
        register = CRC_32.start
        for byte in text:
            register = CRC_32.after(register, byte)
        assert register ^ 0xFFFFFFFF == zlib.crc32(text)
        for byte in zlib.crc32(text).to_bytes(4, "little"):
            register = CRC_32.after(register, byte)
        assert register == CRC_32.residue == CRC_RESIDUE


def test_a_narrow_crc_ends_with_its_residue_too():
    crc = Crc(1, 0xE0)
    register = crc.start
    for byte in b"abc":
        register = crc.after(register, byte)
    assert crc.after(register, ~register & 0xFF) == crc.residue


def sent(texts: list[bytes], depth: int = 512, slow: int = 0) -> bytes:
    """What the transmitter gives for these, to a line that takes a byte in one of ``slow`` + 1 clocks."""
    dut, out = FrameTransmitter(depth), bytearray()
    queue = [(byte, i == len(text) - 1) for text in texts for i, byte in enumerate(text)]

    async def testbench(context):
        clock = idle = 0
        while idle < 20:
            if queue:
                context.set(dut.messages.payload, {"byte": queue[0][0], "last": queue[0][1]})
            context.set(dut.messages.valid, bool(queue))
            context.set(dut.bytes.ready, clock % (slow + 1) == 0)
            _, _, ready, valid, byte, taking, none = await context.tick().sample(
                dut.messages.ready, dut.bytes.valid, dut.bytes.payload, dut.bytes.ready, dut.idle
            )
            clock += 1
            if queue and ready:
                queue.pop(0)
            if valid and taking:
                out.append(byte)
            idle = idle + 1 if none and not queue else 0

    simulate(dut, testbench)
    return bytes(out)


@pytest.mark.parametrize("slow", [0, 5])
def test_what_is_sent_is_cobs_with_a_crc(slow):
    texts = messages(2)[:: 7 if slow else 2]
    frames = sent(texts, slow=slow).split(b"\0")
    assert frames.pop() == b""
    for frame, text in zip(frames, texts, strict=True):
        assert cobs.decode(frame) == text + zlib.crc32(text).to_bytes(4, "little")
        assert len(frame) <= len(cobs.encode(text + bytes(4))) + 1  # a group of no byte may end a frame


def handed_on(line: bytes, *, depth: int = 2048, gap: int = 1, patience: int = 0) -> tuple[list[bytes], int, int]:
    """The messages that a receiver hands on, how many frames it calls good, and how many it drops.

    ``gap``: clocks between bytes; ``patience``: clocks after which the reader begins to take.
    """
    dut = FrameReceiver(depth, LONGEST)
    out, counts = bytearray(), np.zeros(2, int)

    async def testbench(context):
        at, clock, quiet = 0, 0, 0
        while quiet < 200 + patience:
            valid = at < len(line) and clock % (gap + 1) == 0
            context.set(dut.valid, valid)
            context.set(dut.byte, line[at] if valid else clock & 255)
            context.set(dut.messages.ready, clock >= patience)
            _, _, there, byte, ready, good, dropped = await context.tick().sample(
                dut.messages.valid, dut.messages.payload, dut.messages.ready, dut.good, dut.dropped
            )
            at, clock = at + valid, clock + 1
            if there and ready:
                out.append(byte)
            counts[:] += good, dropped
            quiet = quiet + 1 if at == len(line) and not there else 0

    simulate(dut, testbench)
    found = []
    while out:
        length = int.from_bytes(out[:2], "little")
        found.append(bytes(out[2 : 2 + length]))
        del out[: 2 + length]
    return found, int(counts[0]), int(counts[1])


@pytest.mark.parametrize("gap", [1, 2])
def test_good_frames_are_handed_on_and_others_are_dropped(gap):
    """Among good ones: noise, cut ones, wrong bits, too long, too short, empty ones."""
    rng = np.random.Generator(np.random.PCG64(3))
    texts = messages(3)[:: 5 if gap > 1 else 3]
    line, wrong = bytearray(), 0
    for text in texts:
        bad = bytearray(framed(text))
        what = rng.integers(6)
        if what == 0:
            bad = bytearray(rng.integers(1, 256, 20).astype(np.uint8).tobytes() + b"\0")
        elif what == 1:
            del bad[rng.integers(len(bad) - 1)]
        elif what == 2:
            bad[rng.integers(len(bad) - 1)] ^= 1 << rng.integers(8)
        elif what == 3:
            bad = bytearray(framed(bytes(LONGEST + 1)))
        elif what == 4:
            bad = bytearray(framed(b"a"))
        else:
            bad = bytearray(b"\0\0\0")
        line += bad + framed(text)
        wrong += sum(bool(part) for part in bytes(bad).split(b"\0"))
    found, good, dropped = handed_on(bytes(line), gap=gap)
    assert found == texts
    assert (good, dropped) == (len(texts), wrong)


def test_frames_that_there_is_no_room_for_are_dropped_whole():
    """Nobody takes while five frames come: as many are kept as fit, and what comes later is received again."""
    texts = [bytes([n]) * 100 for n in range(1, 6)]
    line = b"".join(map(framed, texts)) + b"\0" * 400 + framed(b"later")
    found, good, dropped = handed_on(line, depth=256, patience=900)
    assert found == [*texts[:2], b"later"]
    assert (good, dropped) == (3, 3)


def test_a_message_as_long_as_allowed_and_one_byte_more():
    line = framed(b"\1" * LONGEST) + framed(b"\1" * (LONGEST + 1)) + framed(b"ab")
    assert handed_on(line)[0] == [b"\1" * LONGEST, b"ab"]


def test_a_frame_whose_last_group_is_cut_is_dropped_though_all_else_is_right():
    frame = bytearray(framed(b"\1\2\3"))
    assert 0 not in frame[:-1]
    assert frame[0] == len(frame) - 1  # one group
    frame[0] += 1
    assert handed_on(bytes(frame) + framed(b"ab")) == ([b"ab"], 1, 1)


def test_the_ring_must_be_a_power_of_two_and_hold_a_group(units_left_unused):
    with pytest.raises(ValueError, match="power of two, got 1000"):
        FrameReceiver(1000, 10)
    with pytest.raises(ValueError, match="512 bytes or more, got 256"):
        FrameTransmitter(256)
