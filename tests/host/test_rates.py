"""The choice of a rate, on lines that do less than is hoped."""

from __future__ import annotations

import pytest

from sw.app.links.device import GoldenDevice
from sw.app.links.golden import Faults, GoldenLink
from sw.host.client import Client
from sw.host.errors import HostError
from sw.host.rates import fastest, latency_note
from tests.host.test_faults import TINY, compare, some_slots


@pytest.mark.parametrize(("limit", "rate"), [
    (12_000_000, 12_000_000), (11_000_000, 3_000_000), (2_000_000, 1_000_000), (500_000, 115_200),
])
def test_falls_back_by_itself(limit, rate):
    device = GoldenDevice(TINY)
    link = GoldenLink(device, fastest=limit)
    client = Client(link, TINY)
    assert fastest(client.window) == link.rate == rate
    assert device.rate == pytest.approx(rate, rel=0.01)
    assert link.time() < 5
    client.flush()  # the session has gone on
    assert client.window.done == 3


def test_a_line_with_faults_is_not_trusted():
    device = GoldenDevice(TINY)
    link = GoldenLink(device, faults=Faults(bit=0.2), seed=2)
    client = Client(link, TINY)
    assert fastest(client.window) == 115_200
    compare(device, link, some_slots(60, seed=1))


def test_a_rate_that_the_port_cannot_do(monkeypatch):
    device = GoldenDevice(TINY)
    link = GoldenLink(device)
    client = Client(link, TINY)
    plain = link.set_rate

    def set_rate(rate: int) -> None:
        if rate > 1_000_000:
            raise HostError("no such rate")
        plain(rate)

    monkeypatch.setattr(link, "set_rate", set_rate)
    assert fastest(client.window) == round(device.rate, -3) == 1_000_000


def test_rates_that_the_clock_cannot_do():
    device = GoldenDevice(TINY, clock=25_000_000)
    link = GoldenLink(device)
    assert fastest(Client(link, TINY).window) == 3_000_000


def test_a_new_host_finds_a_fast_device():
    device = GoldenDevice(TINY)
    link = GoldenLink(device)
    fastest(Client(link, TINY).window)
    assert device.rate > 1e7
    began = link.time()
    client = Client(link, TINY)  # at 115,200
    assert link.time() - began < 2
    client.flush()


def test_latency_is_named():
    slow = Client(GoldenLink(GoldenDevice(TINY), latency=0.016), TINY)
    assert "an answer takes 16 ms; the latency timer" in latency_note(slow.window)
    assert latency_note(Client(GoldenLink(GoldenDevice(TINY)), TINY).window) == ""
