"""The sample store through the client: the state is that of the same slots sent one by one."""

from __future__ import annotations

import numpy as np
import pytest

from sw.app.links.device import GoldenDevice
from sw.app.links.golden import Faults, GoldenLink
from sw.design.frames import Kind, Layout
from sw.design.slots import Slots
from sw.design.store import order
from sw.golden.compiled import CompiledNetwork
from sw.host.client import Client
from sw.host.errors import HostError
from sw.host.store import SampleStore
from tests.host.test_faults import TINY

RNG = np.random.default_rng(1)
FEATURES, LABELS = RNG.integers(0, 256, (90, 64), np.uint8), RNG.integers(0, 10, 90)


@pytest.mark.parametrize(("bits", "lfsr"), [(8, False), (4, True), (1, True)])
def test_two_runs_are_three_epochs(bits, lfsr):
    device = GoldenDevice(TINY, store_words=1600)
    client = Client(GoldenLink(device, faults=Faults(0.03, 0.03, 0.03, 0.03), seed=bits), TINY)
    store = SampleStore(client, bits)
    store.upload(FEATURES, LABELS)
    place = int(lfsr)
    taken, after = order(90, 270, place, lfsr=lfsr)
    seen = []
    place = store.run(200, place, lfsr=lfsr, rate_shift=3, progress=lambda *done: seen.append(done))
    assert store.run(70, place, lfsr=lfsr, rate_shift=4) == after
    golden = CompiledNetwork(TINY)
    shifts = np.repeat([3, 4], [200, 70])
    due = golden.run(Slots.train(store.stored(FEATURES)[taken], LABELS[taken], shifts))
    golden.run(golden.flush())
    client.flush()
    state = golden.state()
    assert client.matches(state.weights, state.biases, state.lfsr)
    status = client.status()
    assert (status.slots, status.correct, status.store_clocks) == (270, due.correct.sum(), 69 * 16)


def test_what_does_not_fit():
    client = Client(GoldenLink(GoldenDevice(TINY, store_words=1000)), TINY)
    with pytest.raises(HostError, match=r"90 samples with features of 8 bits do not fit in the store, which holds "
                                        r"500 of 1 bits, 250 of 2 bits, 125 of 4 bits, 62 of 8 bits$"):
        SampleStore(client, 8).upload(FEATURES, LABELS)
    SampleStore(client, 4).upload(FEATURES, LABELS)


def test_no_store_or_other_bits():
    with pytest.raises(HostError, match="golden: this bitstream has no sample store"):
        SampleStore(Client(GoldenLink(GoldenDevice(TINY, store_words=0)), TINY))
    client = Client(GoldenLink(GoldenDevice(TINY, store_bits=0b1001)), TINY)
    with pytest.raises(HostError, match=r"the sample store takes features of 1, 8 bits, got 2"):
        SampleStore(client, 2)


def test_an_interrupted_run_is_stopped_on_the_device():
    device = GoldenDevice(TINY, clock=10_000)
    client = Client(GoldenLink(device), TINY)
    store = SampleStore(client)
    store.upload(FEATURES, LABELS)

    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.run(10**9, 0, lfsr=False, progress=interrupt)
    assert not client.status().running
    client.flush()


def test_a_new_session_ends_a_run():
    device = GoldenDevice(TINY, clock=10_000)
    client = Client(GoldenLink(device), TINY)
    store = SampleStore(client)
    store.upload(FEATURES, LABELS)
    client.window.post(Kind.STORE_RUN, Layout.STORE_RUN.pack(10**8, 90, 0, 8, 1, 3, 0))
    client.window.settle()
    assert client.status().running
    other = Client(GoldenLink(device), TINY)
    assert not other.status().running
    assert other.run(Slots.infer(FEATURES, LABELS)).activations.shape == (90, 10)
