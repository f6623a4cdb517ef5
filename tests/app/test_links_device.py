"""The golden device, request by request, as docs/host-protocol.md has them."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from sw.app.links.device import GoldenDevice
from sw.design.files import load
from sw.design.frames import ANSWER, Identity, Kind, Layout, Status
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT
from sw.design.slots import Slots
from sw.design.store import Store, order
from sw.golden.network import GoldenNetwork
from sw.host.framing import Receiver, encode

ROOT = Path(__file__).parents[2]
TINY = load(ROOT / "designs" / "tiny.toml")
OK, BUSY, ORDER, INVALID, NO_SESSION = range(5)


class Talk:
    """Frames to a device, one at a time."""

    def __init__(self, **sizes: int) -> None:
        self.device = GoldenDevice(TINY, **sizes)
        self.sequence = 0

    def ask(self, kind: int, payload: bytes = b"", tag: int = 7) -> tuple[int, int, bytes]:
        """Verdict, expected number and data."""
        ((answer, its_tag, data),) = Receiver().feed(self.device.take(encode(kind, tag, payload)))
        assert (answer, its_tag) == (kind | ANSWER, tag)
        return data[0], data[1], data[2:]

    def do(self, kind: int, payload: bytes = b"") -> int:
        """A sequenced request's verdict."""
        verdict, expected, data = self.ask(kind, payload, self.sequence)
        assert data == b""
        self.sequence = expected
        return verdict

    def status(self) -> Status:
        return Status.unpack(self.ask(Kind.STATUS)[2])


@pytest.fixture
def talk() -> Talk:
    talk = Talk(results=64, store_words=2000, store_samples=100)
    assert talk.ask(Kind.HELLO, struct.pack("<I", 99))[0] == OK
    return talk


def slot(kind: int, label: int = 0, shift: int = 0, value: int = 0, inputs: int = 64) -> bytes:
    return struct.pack("<BH", kind | shift << 4, label) + bytes([value] * inputs)


def test_hello_begins_a_session_once(talk):
    fresh = Talk()
    assert fresh.ask(Kind.STATUS) == (NO_SESSION, 0, b"")
    assert fresh.ask(Kind.SLOTS, b"\0", 200) == (NO_SESSION, 0, b"")  # 200 is no number of the past here
    assert fresh.ask(Kind.ECHO, b"x") == (OK, 0, b"x")
    assert fresh.ask(Kind.HELLO, bytes(4))[0] == INVALID
    assert talk.do(Kind.FLUSH) == OK
    _, expected, data = talk.ask(Kind.HELLO, struct.pack("<I", 99))
    assert (expected, data[:4]) == (1, struct.pack("<I", 99))  # the same session goes on
    assert Identity.unpack(data[4:]) == talk.device.identity
    assert talk.ask(Kind.HELLO, struct.pack("<I", 98))[1] == 0
    talk.device.reset()
    assert talk.ask(Kind.HELLO, struct.pack("<I", 98))[2][:4] == bytes(4)


def test_each_number_is_done_once(talk):
    for n in range(300):  # over the end of the numbers
        assert talk.ask(Kind.SLOTS, slot(2), n & 255)[:2] == (OK, n + 1 & 255)
        assert talk.ask(Kind.SLOTS, slot(2), n & 255)[:2] == (OK, n + 1 & 255)
        assert talk.ask(Kind.SLOTS, slot(2), n + 2 & 255)[:2] == (ORDER, n + 1 & 255)
        if n % 20 == 19:
            talk.ask(Kind.RESULTS, Layout.RESULTS.pack(talk.status().results_next, 0, 0))
    talk.sequence = 100
    assert talk.do(Kind.FLUSH) == ORDER
    assert talk.do(Kind.FLUSH) == OK
    assert talk.status().slots == 300


def test_slots_are_cut_anywhere(talk):
    stream = slot(1, 3, 2, 200) + b"\0" + slot(2, 3, 0, 50) + slot(1, 10, 2, 7) + slot(3)[:1]
    for i in range(0, len(stream), 50):
        assert talk.do(Kind.SLOTS, stream[i : i + 50]) == OK
        inside = talk.status().inside_slot
        if inside:
            assert talk.do(Kind.FLUSH) == talk.do(Kind.WRITE, Layout.WRITE.pack(0, 0, 0) + bytes(2)) == INVALID
    assert talk.do(Kind.FLUSH) == OK
    golden = GoldenNetwork(TINY)
    rows = np.array([[200] * 64, [0] * 64, [50] * 64, [7] * 64, [0] * 64], np.uint8)
    # without a label of its own the last train slot is an infer slot
    kinds, labels = np.array([1, 0, 2, 2, 0], np.uint8), np.array([3, 0, 3, 10, 0])
    due = golden.run(Slots(rows, labels, kinds, np.array([2, 0, 0, 0, 0])))
    golden.run(golden.flush())
    verdict, _, data = talk.ask(Kind.RESULTS, Layout.RESULTS.pack(0, 100, 1))
    size = 2 + 10 * talk.device.identity.activation_bytes
    assert (verdict, len(data)) == (OK, 3 * size)
    for n in range(3):
        word, *values = struct.unpack("<11H", data[n * size : (n + 1) * size])
        assert word == due.predictions[n] | due.correct[n] << 15
        assert values == due.activations[n].tolist()
    raw = golden.state().weights[0].astype("<i2").tobytes()
    assert talk.ask(Kind.READ, Layout.READ.pack(0, CONFIG_WEIGHT, 0, 256))[2] == raw
    assert talk.ask(Kind.SIGNATURE, Layout.SIGNATURE.pack(0, 0, 0, 256))[2] == struct.pack("<I", zlib.crc32(raw))


def test_a_new_session_forgets_half_a_slot(talk):
    talk.do(Kind.SLOTS, slot(1)[:40])
    talk.ask(Kind.HELLO, struct.pack("<I", 5))
    talk.sequence = 0
    assert not talk.status().inside_slot
    assert talk.do(Kind.SLOTS, slot(2)) == talk.do(Kind.FLUSH) == OK
    assert talk.status().slots == 1


def test_busy_before_there_might_be_no_room(talk):
    sent = 0
    while (verdict := talk.do(Kind.SLOTS, slot(2))) == OK:
        sent += 1
    assert (verdict, sent) == (BUSY, 64 - 16 + 1)  # 16 slots may end in a frame
    assert talk.status().results_next == sent - talk.device.identity.flush_slots  # the last ones need further slots
    assert talk.do(Kind.FLUSH) == OK
    assert talk.ask(Kind.RESULTS, Layout.RESULTS.pack(1, 0, 0)) == (OK, talk.sequence, b"")  # frees one
    assert talk.do(Kind.SLOTS, slot(2)) == OK
    assert talk.do(Kind.SLOTS, slot(2)) == BUSY
    assert talk.ask(Kind.RESULTS, Layout.RESULTS.pack(0, 1, 0))[0] == INVALID  # it is gone
    assert talk.ask(Kind.RESULTS, Layout.RESULTS.pack(60, 1, 0))[0] == INVALID  # not there yet
    assert talk.status().results_first == 1


def test_state_is_written_and_read(talk):
    values = np.array([-2048, 2047, -1], "<i2").tobytes()
    assert talk.do(Kind.WRITE, Layout.WRITE.pack(1, CONFIG_BIAS, 7) + values) == OK
    assert talk.ask(Kind.READ, Layout.READ.pack(1, CONFIG_BIAS, 6, 4))[2] == bytes(2) + values
    states = (123).to_bytes(6, "little")
    assert talk.do(Kind.WRITE, Layout.WRITE.pack(0, CONFIG_LFSR, 0) + states) == OK
    assert talk.do(Kind.WRITE, Layout.WRITE.pack(0, CONFIG_LFSR, 0) + bytes(6)) == OK  # 0 is no state
    assert talk.ask(Kind.READ, Layout.READ.pack(0, CONFIG_LFSR, 0, 1))[2] == states
    assert talk.device.machine.read(0, CONFIG_LFSR, 0, 1) == states


@pytest.mark.parametrize(("kind", "payload"), [
    (0x08, b""), (0x00, b""), (0x47, b""), (0x3F, b""),
    (Kind.FLUSH, b"x"), (Kind.STATUS, b"x"), (Kind.HELLO, b"abc"), (Kind.ECHO, bytes(1023)), (Kind.STORE_STOP, b"x"),
    (Kind.WRITE, Layout.WRITE.pack(0, 0, 0)), (Kind.WRITE, Layout.WRITE.pack(0, 0, 0) + bytes(3)),
    (Kind.WRITE, Layout.WRITE.pack(2, 0, 0) + bytes(2)), (Kind.WRITE, Layout.WRITE.pack(0, 3, 0) + bytes(2)),
    (Kind.READ, Layout.READ.pack(0, 0, 0, 0)), (Kind.READ, Layout.READ.pack(0, 0, 0, 512)),
    (Kind.READ, Layout.READ.pack(0, CONFIG_LFSR, 0, 171)), (Kind.READ, Layout.READ.pack(2, 0, 0, 1)),
    (Kind.SIGNATURE, Layout.SIGNATURE.pack(0, 0, 0, 0)), (Kind.SIGNATURE, Layout.SIGNATURE.pack(0, 0, 0, 65537)),
    (Kind.RESULTS, Layout.RESULTS.pack(0, 1, 2)), (Kind.RESULTS, b""),
    (Kind.SET_RATE, bytes(4)), (Kind.SET_RATE, struct.pack("<I", (1 << 22) + 1)),
    (Kind.STORE_WRITE, bytes(4)), (Kind.STORE_WRITE, bytes(5)), (Kind.STORE_WRITE, struct.pack("<I", 2000) + bytes(4)),
    (Kind.STORE_LABELS, bytes(5)), (Kind.STORE_LABELS, struct.pack("<I", 99) + bytes(4)),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(0, 1, 0, 8, 1, 0, 0)),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 0, 0, 8, 1, 0, 0)),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 101, 0, 8, 1, 0, 0)),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 9, 8, 1, 0, 0)),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 0, 8, 1, 0, 1)),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 10, 8, 1, 0, 1)),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 0, 3, 1, 0, 0)),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 0, 8, 3, 0, 0)),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 0, 8, 1, 16, 0)),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 0, 8, 1, 0, 4)),
])
def test_invalid_requests_change_nothing(talk, kind, payload):
    before = talk.status()
    assert talk.ask(kind, payload, talk.sequence) == (INVALID, talk.sequence, b"")
    assert talk.status() == before


@pytest.mark.parametrize(("bits", "flags"), [(8, 0), (4, 1), (1, 3), (2, 2)])
def test_a_run_of_the_store(talk, bits, flags):
    """Its state is that of the same slots in the same order, whatever comes meanwhile."""
    rng = np.random.default_rng(bits)
    features, labels = rng.integers(0, 256, (50, 64), np.uint8), rng.integers(0, 11, 50)
    store = Store(64, talk.device.identity.word_bytes, bits)
    words = store.pack(features).tobytes()
    step = 1000 // talk.device.identity.word_bytes * talk.device.identity.word_bytes
    for at in range(0, len(words), step):
        head = Layout.WORD.pack(at // talk.device.identity.word_bytes)
        assert talk.do(Kind.STORE_WRITE, head + words[at : at + step]) == OK
    assert talk.do(Kind.STORE_LABELS, Layout.WORD.pack(0) + labels.astype("<u2").tobytes()) == OK
    place = 3
    assert talk.do(Kind.STORE_RUN, Layout.STORE_RUN.pack(120, 50, place, bits, 1, 4, flags)) == OK
    assert talk.status().running
    for kind, payload in [(Kind.SLOTS, b"\0"), (Kind.FLUSH, b""), (Kind.WRITE, Layout.WRITE.pack(0, 0, 0) + bytes(2)),
                          (Kind.STORE_WRITE, bytes(8)), (Kind.STORE_LABELS, bytes(6)),
                          (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 1, 0, 8, 1, 0, 0))]:
        assert talk.do(kind, payload) == BUSY
    assert talk.ask(Kind.READ, Layout.READ.pack(0, 0, 0, 1))[0] == BUSY
    for _ in range(200):
        talk.device.pass_time(16e-8)  # of one slot
        if flags & 2:
            talk.ask(Kind.RESULTS, Layout.RESULTS.pack(talk.status().results_next, 0, 0))
    assert not talk.status().running
    assert talk.do(Kind.FLUSH) == OK

    taken, after = order(50, 120, place, lfsr=bool(flags & 1))
    golden = GoldenNetwork(TINY)
    kinds = np.where(labels[taken] < 10, 1, 2).astype(np.uint8)
    due = golden.run(
        Slots(store.unpack(store.pack(features))[taken], labels[taken], kinds, np.where(kinds == 1, 4, 0))
    )
    golden.run(golden.flush())
    status = talk.status()
    assert (status.store_left, status.store_place, status.store_clocks) == (0, after, 119 * 16)
    assert (status.slots, status.correct) == (120, due.correct.sum())
    assert status.results_next == (120 if flags & 2 else 0)
    raw = golden.state().weights[0].astype("<i2").tobytes()
    assert talk.ask(Kind.READ, Layout.READ.pack(0, 0, 0, 256))[2] == raw


def test_a_run_is_stopped(talk):
    talk.do(Kind.STORE_LABELS, bytes(4 + 20))
    assert talk.do(Kind.STORE_RUN, Layout.STORE_RUN.pack(100, 10, 0, 8, 1, 4, 0)) == OK
    talk.device.pass_time(33.5 * 16e-8)
    assert talk.do(Kind.STORE_STOP) == talk.do(Kind.STORE_STOP) == OK
    status = talk.status()
    assert (status.running, status.store_left, status.store_place) == (False, 67, 3)
    assert talk.do(Kind.FLUSH) == OK


def test_rate_falls_back(talk):
    device = talk.device
    assert talk.ask(Kind.SET_RATE, struct.pack("<I", 1 << 20))[0] == OK
    assert device.rate == 6.25e6
    device.pass_time(0.9)
    talk.ask(Kind.ECHO)
    device.pass_time(5)  # a quiet line keeps its rate
    assert device.rate == 6.25e6
    device.noise()
    device.pass_time(0.9)
    assert device.rate == 6.25e6
    device.pass_time(0.2)
    assert device.rate == 115_200


def test_damaged_frames_are_counted(talk):
    good = encode(Kind.ECHO, 1, b"abc")
    assert talk.device.take(good[:3] + good[4:]) == talk.device.take(b"\0\0" + bytes([5, 1, 0])) == b""
    assert talk.device.take(b"x" * 5000 + b"\0") == b""
    assert len(talk.device.take(good + good[:-2])) == len(talk.device.take(b"\0" + good)) == 13
    assert talk.status().dropped == 4
