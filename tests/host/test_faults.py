"""Ten thousand frames over a line with every fault: nothing lost, nothing doubled, no hang. Its seconds are its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sw.host.client
from sw.app.links.device import GoldenDevice
from sw.app.links.golden import Faults, GoldenLink
from sw.design.files import load
from sw.design.frames import ANSWER, READ_BIT, Kind, Layout, Verdict
from sw.design.slots import Slots
from sw.golden.compiled import CompiledNetwork
from sw.host.client import Client
from sw.host.errors import HostError, SessionLost
from sw.host.framing import encode
from sw.host.window import Window

ROOT = Path(__file__).parents[2]
TINY = load(ROOT / "designs" / "tiny.toml")


class TimedLink(GoldenLink):
    """It is a failure, and not a wait without an end, if a minute and what frames may take does not suffice."""

    window: Window | None = None
    last, reads = 0.0, 0  # the time when it was read, and how often since

    def read(self, seconds: float) -> bytes:
        self.last, self.reads = self.time(), self.reads + 1 if self.time() == self.last else 0
        assert self.reads < 1000, "the host asks without end and waits for nothing"
        assert self.last < 60 + (self.window.done * 0.04 if self.window else 0), "the host waits for ever"
        return super().read(seconds)


def some_slots(count: int, seed: int) -> Slots:
    rng = np.random.default_rng(seed)
    return Slots(
        rng.integers(0, 256, (count, 64), np.uint8), rng.integers(0, 10, count),
        rng.choice([0, 1, 2], count, p=[0.1, 0.6, 0.3]).astype(np.uint8), rng.integers(1, 5, count),
    )


def compare(device: GoldenDevice, link: TimedLink, slots: Slots) -> Client:
    """Run slots on a device over a line, in three parts; every result and the state are the golden model's."""
    client = Client(link, TINY)
    link.window = client.window
    golden = CompiledNetwork(TINY)
    start = golden.state()
    client.load(start.weights, start.biases, start.lfsr)
    third = len(slots) // 3
    parts = [client.run(slots[:third], flush=False), client.run(slots[third : 2 * third], flush=False)]
    parts.append(client.run(slots[2 * third :]))
    due = golden.run(slots)
    golden.run(golden.flush())
    for name in ("predictions", "correct", "activations"):
        assert np.array_equal(np.concatenate([getattr(part, name) for part in parts]), getattr(due, name))
    end = golden.state()
    for found, want in zip(client.state(), (end.weights, end.biases, end.lfsr), strict=True):
        assert all(map(np.array_equal, found, want))
    assert client.matches(end.weights, end.biases, end.lfsr)
    assert client.status().slots == len(due)
    return client


@pytest.mark.parametrize("faults", [
    Faults(bit=0.02, drop=0.02, double=0.02, cut=0.02), Faults(double=0.3), Faults(cut=0.2, bit=0.1),
], ids=["all", "doubled", "damaged"])
def test_ten_thousand_frames(monkeypatch, long_run, faults):
    few = not (faults.drop or long_run)
    monkeypatch.setattr(sw.host.client, "PAYLOAD_MAX", 67 if few else 12)  # a slot is cut into many frames
    device = GoldenDevice(TINY)
    link = TimedLink(device, faults=faults, seed=1)
    client = compare(device, link, some_slots(500 if few else 2000, seed=2))
    assert client.window.done >= (400 if few else 10_000)
    assert client.window.repeated > 0 or faults == Faults(double=0.3)  # which needs no repair
    # a repair costs a window of frames or a time limit; one frame in three needs it at most: nothing waits for long
    assert link.time() < 60 + client.window.done * (0.02 if faults.cut < 0.1 else 0.04)


def test_a_device_that_does_things_twice_is_seen(monkeypatch):
    """The comparison above would see it: this device forgets which frames it has done."""

    class Forgetful(GoldenDevice):
        def _answer(self, kind, tag, payload):
            if not kind & READ_BIT and (tag - self.expected) & 255 >= 128:
                self._do[kind](payload)
            return super()._answer(kind, tag, payload)

    monkeypatch.setattr(sw.host.client, "PAYLOAD_MAX", 67)
    device = Forgetful(TINY)
    with pytest.raises((AssertionError, HostError)):
        compare(device, TimedLink(device, faults=Faults(double=0.1), seed=1), some_slots(200, seed=2))


def test_a_window_hides_the_latency():
    """That of the latency timer of a USB serial port: the line is never idle for long."""
    device = GoldenDevice(TINY, results=256)
    link = TimedLink(device, latency=0.016)
    client = Client(link, TINY)
    start = link.time()
    client.run(some_slots(3000, seed=3), activations=False)
    assert client.window.repeated == 0
    bytes_alone = 3000 * 0.9 * 67 * 10 / 115_200
    assert link.time() - start < 1.1 * bytes_alone


@pytest.mark.parametrize("when", [0, 1, 7, 40])
def test_reset_in_the_middle_is_told_in_one_line(when):
    device = GoldenDevice(TINY)
    link = TimedLink(device)
    client = Client(link, TINY)
    slots, frames = some_slots(1000, seed=4), 0

    def count(_done: int, _all: int) -> None:
        nonlocal frames
        if frames == when:
            device.reset()
        frames += 1

    with pytest.raises(SessionLost, match=r"golden: the device was reset, .*; its state is lost$"):
        client.run(slots, progress=count)
    compare(device, link, slots[:100])  # the next session works


def test_another_host_takes_over():
    device = GoldenDevice(TINY)
    link = TimedLink(device)
    client = Client(link, TINY)
    other = Client(link, TINY)
    other.flush()
    other.flush()
    client.window.link.set_rate(9600)  # the line is lost, and the device answers to another session after it
    with pytest.raises(SessionLost, match="another program has used it"):
        client.flush()


def test_an_answer_to_an_earlier_host_is_not_taken(monkeypatch):
    """It has the tag of this host's own request, by chance, but names another session."""
    monkeypatch.setattr("secrets.randbits", lambda bits: 8)
    link = TimedLink(GoldenDevice(TINY))
    earlier = [encode(Kind.HELLO | ANSWER, 8, bytes([Verdict.OK, 0]) + Layout.WORD.pack(1234) + b"of another version")]
    read = link.read
    monkeypatch.setattr(link, "read", lambda seconds: earlier.pop() if earlier else read(seconds))
    assert Client(link, TINY).status().slots == 0
    assert not earlier


def test_no_more_is_sent_than_the_device_has_room_for():
    """Else it says that it is busy, and frames are sent again."""
    device = GoldenDevice(TINY, results=48)
    client = Client(TimedLink(device), TINY)
    client.run(some_slots(1000, seed=3), activations=False)
    assert client.window.repeated == 0


def test_unplugged_in_the_middle():
    device = GoldenDevice(TINY)
    link = TimedLink(device)
    client = Client(link, TINY)

    def unplug(done: int, _all: int) -> None:
        link.gone = done > 300

    with pytest.raises(HostError, match=r"^golden: the line is gone$"):
        client.run(some_slots(1000, seed=5), progress=unplug)


def test_a_silent_device_is_given_up():
    device = GoldenDevice(TINY)
    link = TimedLink(device, faults=Faults(drop=1.0))
    with pytest.raises(HostError, match="golden does not answer: is the board on"):
        Client(link, TINY)
    assert link.time() < 3
    link.faults = Faults()
    client = Client(link, TINY)
    began, link.faults = link.time(), Faults(drop=1.0)
    with pytest.raises(HostError, match="does not answer"):
        client.status()
    assert link.time() - began < 8


def test_line_that_comes_back():
    """Five seconds without a byte, and the session goes on where it was."""
    device = GoldenDevice(TINY)
    link = TimedLink(device)
    client = Client(link, TINY)
    client.flush()
    device.rate = 12e6  # as if it had gone there by itself
    assert client.status().slots == 0
    assert (link.rate, device.rate) == (115_200, 115_200)


def test_wrong_design():
    device = GoldenDevice(load(ROOT / "designs" / "digits.toml"))
    with pytest.raises(HostError, match=r"board 'golden' has the bitstream of design 'digits', network .*'tiny' is "):
        Client(TimedLink(device), TINY)
    # another circuit of the same network computes the same
    other = replace(TINY, hardware=replace(TINY.hardware, multipliers=12))
    assert not Client(TimedLink(GoldenDevice(other)), TINY).same_circuit
    assert Client(TimedLink(GoldenDevice(TINY)), TINY).same_circuit
