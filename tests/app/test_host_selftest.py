"""The self-test: it passes on the golden device, and sees planted faults in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sw.app.host.selftest import SelfTestFailed, self_test
from sw.app.links.device import GoldenDevice
from sw.app.links.golden import GoldenLink
from sw.app.links.machine import Machine
from sw.design.files import load
from sw.host.client import Client
from sw.host.rates import fastest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def client() -> Client:
    design = load(ROOT / "designs" / "tiny.toml")
    client = Client(GoldenLink(GoldenDevice(design)), design)
    fastest(client.window)  # a slow line is given fewer slots
    return client


@pytest.mark.parametrize("name", ["tiny", "odd"])
def test_passes_and_leaves_the_state(name):
    design = load(ROOT / "designs" / f"{name}.toml")
    client = Client(GoldenLink(GoldenDevice(design)), design)
    before = client.state()
    passed = self_test(client)
    assert passed.results > 40
    assert passed.values == 8 * sum(j.weights + j.right for j in design.junctions)
    assert client.matches(*before)


def test_a_stuck_bit_of_a_weight_is_seen(client, monkeypatch):
    plain = Machine.write

    def write(self, junction, kind, first, data):
        plain(self, junction, kind, first, data)
        if (junction, kind) == (1, 0):
            self._values(1, 0)[9] |= 1

    monkeypatch.setattr(Machine, "write", write)
    with pytest.raises(SelfTestFailed, match=r"golden: self-test: (activations of result|junction \d: weight)"):
        self_test(client)


@pytest.mark.parametrize("table", ["_sigmoid", "_slope"])
def test_a_wrong_table_entry_is_seen(client, table):
    """Each of five, by one more than it should be."""
    for entry in (5, 250, 480, 600, 1000):
        tables = getattr(client.window.link.device.machine._golden.junctions[0], table)
        tables[entry] += 1
        with pytest.raises(SelfTestFailed):
            self_test(client)
        tables[entry] -= 1


def test_a_wrong_signature_alone_is_seen(client, monkeypatch):
    monkeypatch.setattr(Client, "matches", lambda *_: False)
    with pytest.raises(SelfTestFailed, match="the signature is wrong, but every value that was read is right"):
        self_test(client)
