"""The shell through its simulated serial pins, with the host's own client: every result and every word of state is the
golden model's. A slow clock makes a bit as short, in clocks, as a fast line would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sim.errors import SimError
from sim.serial.simulation import SerialSimulation, build_shell
from sw.design.files import load
from sw.design.frames import BASE_RATE, Kind, Layout, Status, Verdict, rate_step
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.design.store import order
from sw.golden.compiled import CompiledNetwork
from sw.golden.network import Results, State
from sw.host.client import Client
from sw.host.errors import SessionLost
from sw.host.framing import Receiver, encode
from sw.host.rates import fastest
from sw.host.store import SampleStore
from tests.hw.designs import make

pytestmark = pytest.mark.verilator

DESIGNS = Path(__file__).parents[2] / "designs"
TINY = load(DESIGNS / "tiny.toml")
CLOCK = 1_000_000
RATE = CLOCK // 6


@pytest.fixture(scope="module")
def executable(build_cache) -> Path:
    return build_shell(TINY, clock_hz=CLOCK, store_bits=1 << 16, cache=build_cache)


@pytest.fixture
def link(executable) -> Iterator[SerialSimulation]:
    with SerialSimulation(executable, CLOCK) as one:
        one.rates = (RATE,)
        yield one


def some_slots(count: int, seed: int) -> Slots:
    rng = np.random.default_rng(seed)
    kinds = rng.choice([EMPTY, TRAIN, INFER], count, p=[0.05, 0.75, 0.2]).astype(np.uint8)
    features = rng.integers(0, 256, (count, 64), np.uint8)
    return Slots(features, rng.integers(0, 10, count), kinds, rng.integers(1, 5, count))


def begun(link: SerialSimulation, *, fast: bool = False) -> tuple[Client, CompiledNetwork]:
    """A session with a device that has the golden model's state."""
    client, golden = Client(link, TINY), CompiledNetwork(TINY)
    if fast:
        assert fastest(client.window) == RATE
    restore(client, golden.state())
    return client, golden


def restore(client: Client, state: State) -> None:
    client.load(state.weights, state.biases, state.lfsr)


def same_state(client: Client, golden: CompiledNetwork) -> bool:
    end = golden.state()
    return client.matches(end.weights, end.biases, end.lfsr)


def same(found: list[Results], due: Results) -> bool:
    return all(
        np.array_equal(np.concatenate([getattr(part, name) for part in found]), getattr(due, name))
        for name in ("predictions", "correct", "activations")
    )


def test_a_thousand_samples_and_back(link):
    client, golden = begun(link, fast=True)
    slots = some_slots(1000, 1)
    found = [client.run(slots[:300], flush=False), client.run(slots[300:])]
    due = golden.run(slots)
    golden.run(golden.flush())
    assert same(found, due)
    end = golden.state()
    for there, want in zip(client.state(), (end.weights, end.biases, end.lfsr), strict=True):
        assert all(map(np.array_equal, there, want))
    assert same_state(client, golden)
    status = client.status()
    assert (status.slots, status.correct) == (len(due), due.correct.sum())
    assert (status.dropped, client.window.repeated) == (0, 0)
    # a word that is another one is seen
    end.weights[1][3] ^= 1
    assert not client.matches(end.weights, end.biases, end.lfsr)


@pytest.mark.parametrize("lfsr", [False, True], ids=["file order", "LFSR order"])
def test_the_store_keeps_the_machine_busy(link, lfsr):
    """Three epochs, a slot every C clocks, from any place on; and the same bits as the host's own slots would give."""
    client, golden = begun(link)
    rng = np.random.default_rng(2)
    features, labels = rng.integers(0, 256, (120, 64), np.uint8), rng.integers(0, 10, 120)
    # places of either parity of the taps, with the highest bit and without
    for bits, count, place in ((8, 50, 7), (4, 61, 39), (2, 120, 71), (1, 120, 119)):
        store = SampleStore(client, bits)
        store.upload(features[:count], labels[:count])
        slots = 3 * count
        taken, end = order(count, slots, place, lfsr=lfsr)
        assert store.run(slots, place, lfsr=lfsr, rate_shift=2) == end
        exact = (slots - 1) * Schedule.of(TINY).clocks
        clocks = client.status().store_clocks
        # where many states of an LFSR are passed over at once, C = 16 clocks are too short to do so beside a slot
        assert clocks == exact or (lfsr and exact < clocks < exact * 1.01)
        golden.run(Slots.train(store.stored(features[:count])[taken], labels[:count][taken], np.full(slots, 2)))
        golden.run(golden.flush())
        assert same_state(client, golden)


def test_a_run_can_be_stopped_and_goes_on_from_its_place(link):
    client, golden = begun(link)
    rng = np.random.default_rng(3)
    features, labels = rng.integers(0, 256, (30, 64), np.uint8), rng.integers(0, 10, 30)
    store = SampleStore(client, 8)
    store.upload(features, labels)
    client.window.post(Kind.STORE_RUN, Layout.STORE_RUN.pack(100_000, 30, 5, 8, TRAIN, 3, 0))
    client.window.post(Kind.STORE_STOP)
    while (status := client.status()).running:
        pass
    done = 100_000 - status.store_left
    assert 0 < done < 1000
    assert status.store_place == (5 + done) % 30
    store.run(40, status.store_place, lfsr=False, rate_shift=3)
    taken, _ = order(30, done + 40, 5, lfsr=False)
    golden.run(Slots.train(features[taken], labels[taken], np.full(len(taken), 3)))
    golden.run(golden.flush())
    assert same_state(client, golden)


def test_results_of_a_run_are_kept_where_asked(link):
    """More of them than there is room for: slots wait until the host has read."""
    client, golden = begun(link)
    rng = np.random.default_rng(4)
    features, labels = rng.integers(0, 256, (20, 64), np.uint8), rng.integers(0, 10, 20)
    SampleStore(client, 8).upload(features, labels)
    count = client.identity.results * 2
    client.run(some_slots(3, 5), flush=False)  # their results come during the run
    golden.run(some_slots(3, 5))
    first = client.status().results_first
    client.window.post(Kind.STORE_RUN, Layout.STORE_RUN.pack(count, 20, 0, 8, INFER, 0, 2))
    words: list[int] = []
    while client.status().running:
        data = client.window.ask(Kind.RESULTS, Layout.RESULTS.pack(first + len(words), 60, 0))
        words += np.frombuffer(data, "<u2").tolist()
    client.flush()
    while data := client.window.ask(Kind.RESULTS, Layout.RESULTS.pack(first + len(words), 60, 0)):
        words += np.frombuffer(data, "<u2").tolist()
    taken, _ = order(20, count, 0, lfsr=False)
    due = golden.run(Slots.infer(features[taken], labels[taken]))
    assert words[-count:] == (due.predictions | due.correct.astype(np.int64) << 15).tolist()


def test_checkpoint_reset_restore_continue(link):
    """Bit-equal to a run without the reset; the host learns of the reset."""
    client, golden = begun(link)
    slots = some_slots(60, 6)
    client.run(slots[:30])
    checkpoint = client.state()
    link.reset()
    with pytest.raises(SessionLost, match="the device was reset"):
        client.run(slots[30:])
    link.set_rate(BASE_RATE)
    client = Client(link, TINY)
    client.load(*checkpoint)
    found = client.run(slots[30:])
    golden.run(slots[:30])
    golden.run(golden.flush())
    due = golden.run(slots[30:])
    golden.run(golden.flush())
    assert same([found], due)
    assert same_state(client, golden)


def test_damaged_frames_are_repaired(link):
    """About every fifth frame has a wrong bit, both ways; nothing is trained twice and nothing lost."""
    client, golden = begun(link)
    slots = some_slots(50, 7)
    link.damage(1500, 9)
    found = client.run(slots, activations=True)
    link.damage(0, 1)
    assert client.window.repeated > 3
    due = golden.run(slots)
    golden.run(golden.flush())
    assert same([found], due)
    assert same_state(client, golden)
    assert client.status().dropped > 1


def test_the_rate_falls_back_after_a_second(link):
    client, _ = begun(link)
    client.window.ask(Kind.SET_RATE, Layout.WORD.pack(rate_step(RATE, CLOCK)))
    link.write(b"\0" + encode(Kind.ECHO, 1, b"lost"))
    assert link.read(0.95) == b""  # noise at the other rate, and nothing good
    link.read(0.06)
    link.write(b"\0" + encode(Kind.ECHO, 2, b"heard"))
    assert next(iter(Receiver().feed(link.read(0.1) + link.read(0.1))))[1] == 2
    # a quiet line keeps its rate
    client.window.ask(Kind.SET_RATE, Layout.WORD.pack(rate_step(RATE, CLOCK)))
    link.set_rate(RATE)
    client.window.ask(Kind.ECHO, b"there")
    link.read(1.2)
    link.write(b"\0" + encode(Kind.ECHO, 3, b"still"))  # not by the window, which would try the other rate too
    assert next(iter(Receiver().feed(link.read(0.1) + link.read(0.1))))[1] == 3


@pytest.mark.parametrize(("kind", "payload", "due"), [
    (0x08, b"", Verdict.INVALID),
    (0x7F, b"", Verdict.INVALID),
    (Kind.FLUSH, b"x", Verdict.INVALID),
    (Kind.WRITE, Layout.WRITE.pack(0, 0, 0), Verdict.INVALID),
    (Kind.WRITE, Layout.WRITE.pack(0, 0, 0) + b"abc", Verdict.INVALID),
    (Kind.WRITE, Layout.WRITE.pack(2, 0, 0) + b"ab", Verdict.INVALID),
    (Kind.WRITE, Layout.WRITE.pack(0, 3, 0) + b"ab", Verdict.INVALID),
    (Kind.STORE_WRITE, Layout.WORD.pack(2047) + bytes(8), Verdict.INVALID),
    (Kind.STORE_WRITE, Layout.WORD.pack((1 << 32) - 1) + bytes(8), Verdict.INVALID),
    (Kind.STORE_WRITE, Layout.WORD.pack(0) + bytes(5), Verdict.INVALID),
    (Kind.STORE_LABELS, Layout.WORD.pack(1024) + bytes(2), Verdict.INVALID),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(0, 1, 0, 8, 1, 0, 0), Verdict.INVALID),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 0, 0, 8, 1, 0, 0), Verdict.INVALID),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 129, 0, 8, 1, 0, 0), Verdict.INVALID),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, (1 << 31) + 1, 0, 8, 1, 0, 0), Verdict.INVALID),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 9, 8, 1, 0, 0), Verdict.INVALID),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 0, 8, 1, 0, 1), Verdict.INVALID),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 10, 8, 1, 0, 1), Verdict.INVALID),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 0, 3, 1, 0, 0), Verdict.INVALID),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 0, 8, 0, 0, 0), Verdict.INVALID),
    (Kind.STORE_RUN, Layout.STORE_RUN.pack(1, 9, 0, 8, 1, 16, 0), Verdict.INVALID),
    (Kind.HELLO, bytes(4), Verdict.INVALID),
    (Kind.ECHO, bytes(1023), Verdict.INVALID),
    (Kind.SET_RATE, Layout.WORD.pack(0), Verdict.INVALID),
    (Kind.SET_RATE, Layout.WORD.pack((1 << 22) + 1), Verdict.INVALID),
    (Kind.RESULTS, Layout.RESULTS.pack(1, 1, 0), Verdict.INVALID),
    (Kind.RESULTS, Layout.RESULTS.pack((1 << 32) - 1, 1, 0), Verdict.INVALID),
    (Kind.RESULTS, Layout.RESULTS.pack(0, 1, 2), Verdict.INVALID),
    (Kind.READ, Layout.READ.pack(0, 0, 0, 512), Verdict.INVALID),
    (Kind.READ, Layout.READ.pack(0, 2, 0, 171), Verdict.INVALID),
    (Kind.READ, Layout.READ.pack(0, 0, 0, 0), Verdict.INVALID),
    (Kind.SIGNATURE, Layout.SIGNATURE.pack(0, 0, 0, 0), Verdict.INVALID),
    (Kind.SIGNATURE, Layout.SIGNATURE.pack(0, 0, 0, 65537), Verdict.INVALID),
    (Kind.SLOTS, b"\1\0", Verdict.OK),
])
def test_requests_that_cannot_be_done(executable, kind, payload, due):
    """A line of its own each, without the client, which would not send these."""
    with SerialSimulation(executable, CLOCK) as link:
        tell = Conversation(link)
        if kind not in (Kind.ECHO, Kind.HELLO, Kind.SET_RATE, 0x08, 0x7F):
            assert tell(kind, 0, payload)[0] == Verdict.NO_SESSION
        assert tell(Kind.HELLO, 9, Layout.WORD.pack(77))[0] == Verdict.OK
        verdict, expected, data = tell(kind, 0, payload)
        assert (verdict, expected, data) == (due, int(due == Verdict.OK and not kind & 0x40), b"")


class Conversation:
    """One request and its answer at a time."""

    def __init__(self, link: SerialSimulation) -> None:
        self.link, self.receiver = link, Receiver()

    def __call__(self, kind: int, tag: int, payload: bytes = b"") -> tuple[int, int, bytes]:
        self.link.write(encode(kind, tag, payload))
        for _ in range(1200):
            for answer, its_tag, data in self.receiver.feed(self.link.read(0.5)):
                assert (answer, its_tag) == (kind | 0x80, tag)
                return data[0], data[1], data[2:]
        raise AssertionError("no answer")


def test_what_is_done_once(link):
    tell = Conversation(link)
    assert tell(Kind.HELLO, 1, Layout.WORD.pack(5))[2][:4] == bytes(4)
    weights = [Layout.WRITE.pack(0, 0, n) + bytes([n + 1, 0]) for n in range(4)]
    assert tell(Kind.WRITE, 1, weights[1])[:2] == (Verdict.ORDER, 0)
    assert tell(Kind.WRITE, 0, weights[0])[:2] == (Verdict.OK, 1)
    assert tell(Kind.WRITE, 0, weights[3])[:2] == (Verdict.OK, 1)  # had been done before
    assert tell(Kind.WRITE, 1, weights[1])[:2] == (Verdict.OK, 2)
    assert tell(Kind.READ, 0, Layout.READ.pack(0, 0, 0, 4))[2] == bytes([1, 0, 2, 0, 0, 0, 0, 0])
    assert tell(Kind.HELLO, 1, Layout.WORD.pack(5))[1] == 2
    # inside a slot; a new session forgets it, and nothing else
    assert tell(Kind.SLOTS, 2, b"\1\0\0\7")[:2] == (Verdict.OK, 3)
    assert Status.unpack(tell(Kind.STATUS, 0)[2]).inside_slot
    for kind, payload in ((Kind.FLUSH, b""), (Kind.WRITE, weights[0])):
        assert tell(kind, 3, payload)[:2] == (Verdict.INVALID, 3)
    assert tell(Kind.HELLO, 1, Layout.WORD.pack(6))[1] == 0
    assert not Status.unpack(tell(Kind.STATUS, 0)[2]).inside_slot
    assert tell(Kind.FLUSH, 0)[:2] == (Verdict.OK, 1)
    # what is beyond the last value reads 0 and is not written, however large its number is
    for nonce, first in enumerate((256, 1 << 16, 1 << 31, (1 << 32) - 1), 7):
        assert tell(Kind.WRITE, 1, Layout.WRITE.pack(0, 0, first) + b"\x11\0")[0] == Verdict.OK
        assert tell(Kind.HELLO, 1, Layout.WORD.pack(nonce))[1] == 0
        assert tell(Kind.FLUSH, 0)[:2] == (Verdict.OK, 1)
    assert tell(Kind.READ, 0, Layout.READ.pack(0, 0, 0, 2))[2] == bytes([1, 0, 2, 0])
    assert tell(Kind.READ, 0, Layout.READ.pack(0, 0, (1 << 32) - 1, 2))[2] == bytes(4)


def test_a_board_that_is_off_gives_one_line(link):
    client, _ = begun(link)
    link.close()
    with pytest.raises(SimError, match="the simulated board has ended"):
        client.status()


@pytest.mark.slow
@pytest.mark.parametrize("lfsr", [False, True], ids=["file order", "LFSR order"])
def test_three_epochs_of_a_store_as_large_as_that_of_morse(build_cache, lfsr):
    """500 samples of 64 features, C = 512: 1,499 C clocks from the first beat of the first slot to that of the last."""
    design = make("slow", (64, 16, 10), (8, 5), (1, 1), inputs=64, classes=10, rounding="stochastic")
    clocks = Schedule.of(design).clocks
    assert clocks == 512
    executable = build_shell(design, clock_hz=CLOCK, store_bits=500 * 64 * 8, cache=build_cache)
    rng = np.random.default_rng(8)
    features, labels = rng.integers(0, 256, (500, 64), np.uint8), rng.integers(0, 10, 500)
    with SerialSimulation(executable, CLOCK) as link:
        client, golden = Client(link, design), CompiledNetwork(design)
        restore(client, golden.state())
        store = SampleStore(client, 8)
        store.upload(features, labels)
        store.run(1500, 1, lfsr=lfsr, rate_shift=2)
        assert client.status().store_clocks == 1499 * clocks
        taken, _ = order(500, 1500, 1, lfsr=lfsr)
        golden.run(Slots.train(features[taken], labels[taken], np.full(1500, 2)))
        golden.run(golden.flush())
        assert same_state(client, golden)


@pytest.mark.slow
def test_images_per_second(build_cache):
    """mnist-arty's 784 features of 8 bits, at 100 MHz: more than 1,000 a second at 12 Mbaud, 300 at 3 Mbaud."""
    design = load(DESIGNS / "mnist-arty.toml")
    executable = build_shell(design, cache=build_cache)
    rng = np.random.default_rng(9)
    with SerialSimulation(executable) as link:
        client, golden = Client(link, design), CompiledNetwork(design)
        for rate, count, least in ((12_000_000, 40, 1000), (3_000_000, 12, 300)):
            client.window.ask(Kind.SET_RATE, Layout.WORD.pack(rate_step(rate, link.clock_hz)))
            link.read(0.0005)
            link.set_rate(rate)
            restore(client, golden.state())
            features = rng.integers(0, 256, (count, 784), np.uint8)
            slots = Slots.train(features, rng.integers(0, 10, count), np.full(count, 3))
            began = link.time()
            client.run(slots, activations=False)
            assert count / (link.time() - began) > least
            golden.run(slots)
            golden.run(golden.flush())
            assert same_state(client, golden)
            assert client.window.repeated == 0
