"""Bodies of frames and the layouts of their payloads."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from sw.design.design import Design
from sw.design.files import load
from sw.design.frames import BODY_MAX, PAYLOAD_MAX, Identity, Kind, Status, open_body, rate_step, seal, slots_ending

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tiny() -> Design:
    return load(ROOT / "designs" / "tiny.toml")


def test_a_body_in_bytes():
    """The check value of CRC-32 in the catalogues is CBF43926, for the digits 1 to 9."""
    body = b"123456789" + bytes.fromhex("2639f4cb")
    assert seal(ord("1"), ord("2"), b"3456789") == body
    assert open_body(body) == (ord("1"), ord("2"), b"3456789")


def test_damage_is_seen():
    rng = random.Random(1)
    for length in (0, 1, 100, PAYLOAD_MAX):
        body = seal(Kind.ECHO, 3, rng.randbytes(length))
        assert open_body(body) == (Kind.ECHO, 3, body[2:-4])
        for _ in range(50):
            bad = bytearray(body)
            for bit in rng.sample(range(8 * len(body)), rng.randint(1, 3)):
                bad[bit // 8] ^= 1 << bit % 8
            assert open_body(bytes(bad)) is None
        for cut in range(min(len(body), 12)):
            assert open_body(body[:cut]) is None
    assert open_body(seal(Kind.ECHO, 3, bytes(PAYLOAD_MAX + 1))) is None
    assert BODY_MAX == PAYLOAD_MAX + 6


def test_identity_has_the_bytes_of_the_protocol(tiny):
    identity = Identity.of(tiny, board="arty", clock=100_000_000, results=64, store_words=512, store_samples=256)
    data = identity.pack()
    assert Identity.unpack(data) == identity
    assert (len(data), data[0], data[1]) == (104, 1, 16)
    assert data[4:8] == (100_000_000).to_bytes(4, "little")
    assert data[24:28] == (64).to_bytes(4, "little")  # inputs
    assert data[-48:-32] == b"arty".ljust(16, b"\0")
    assert data[-32:] == b"tiny".ljust(32, b"\0")
    with pytest.raises(struct.error):
        Identity.unpack(data[:-1])


def test_status_has_the_bytes_of_the_protocol():
    status = Status(*range(1, 12))
    assert status.pack() == b"".join(n.to_bytes(4, "little") for n in range(1, 12))
    assert (status.running, status.inside_slot) == (True, True)  # flags 11
    assert not Status(*range(11)).running  # flags 10


@pytest.mark.parametrize(("inputs", "slots"), [(784, 2), (1021, 1), (1020, 2), (65536, 1), (1, 256), (64, 16)])
def test_slots_that_may_end_in_a_frame(inputs, slots):
    assert slots_ending(inputs) == slots
    best = max(
        sum(1 for n in range(1, 1025) if (start + n) % (inputs + 3) == 0) for start in range(inputs + 3)
    ) if inputs < 2000 else 1
    assert best == slots


def test_rate_step():
    assert rate_step(115_200, 100_000_000) == 19_327
    assert rate_step(12e6, 96_000_000) == 1 << 21
