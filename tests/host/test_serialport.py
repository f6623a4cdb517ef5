"""The serial port: the same client over a pseudo-terminal, the board's port, and everything that can be in the way."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from sw.app.links.device import GoldenDevice
from sw.host import window
from sw.host.client import Client
from sw.host.errors import HostError
from sw.host.rates import fastest
from sw.host.serialport import SerialLink, find_port
from tests.host.terminal import Terminal, patient
from tests.host.test_faults import TINY, compare, some_slots


def test_a_client_over_a_pseudo_terminal(monkeypatch):
    patient(monkeypatch)
    device = GoldenDevice(TINY)
    with Terminal(device) as terminal:
        link = SerialLink(terminal.name)
        client = compare(device, link, some_slots(150, seed=6))
        assert fastest(client.window) == link.rate == 3_000_000
        assert device.rate == pytest.approx(3e6, rel=0.01)
        with pytest.raises(HostError, match=f"^{terminal.name}: another program has it open$"):
            SerialLink(terminal.name)
        link.close()
        # a new host begins at the base rate; a pseudo-terminal has none, so the device need not come back first
        link = SerialLink(terminal.name)
        Client(link, TINY)
        link.close()


def test_unplugged_in_the_middle(monkeypatch):
    patient(monkeypatch)
    device = GoldenDevice(TINY)
    with Terminal(device) as terminal:
        client = Client(SerialLink(terminal.name), TINY)

        def unplug(done: int, _all: int) -> None:
            if done > 100:
                terminal.unplug()

        with pytest.raises(HostError, match=rf"^{terminal.name}: the device behind it is gone$"):
            client.run(some_slots(400, seed=5), progress=unplug)


def test_a_port_without_a_device(monkeypatch):
    monkeypatch.setattr(window, "HELLO_EVERY", 0.01)
    end, port = os.openpty()
    name = os.ttyname(port)
    with pytest.raises(HostError, match=rf"^{name} does not answer: is the board on, has it the bitstream"):
        Client(SerialLink(name), TINY)
    os.close(port)
    os.close(end)


def test_no_port(tmp_path):
    with pytest.raises(HostError, match=r"/dev/ttyUSB99: there is no such serial port$"):
        SerialLink("/dev/ttyUSB99")
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(HostError, match=r"file: it is no serial port$"):
        SerialLink(str(file))


def test_no_rights(monkeypatch, tmp_path):
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(HostError, match=r"^/dev/ttyUSB1: you have no rights on it; on Linux join its group \(sudo "):
        SerialLink("/dev/ttyUSB1")


def ports(*found: tuple[str, int | None, int | None, str | None]) -> list[SimpleNamespace]:
    return [SimpleNamespace(device=d, vid=v, pid=p, location=where) for d, v, p, where in found]


ARTY = [("/dev/ttyUSB0", 0x0403, 0x6010, "1-2:1.0"), ("/dev/ttyUSB1", 0x0403, 0x6010, "1-2:1.1")]
ULX3S = ("/dev/ttyUSB2", 0x0403, 0x6015, "1-3:1.0")
OTHER = ("/dev/ttyS0", None, None, None)


def test_the_board_is_found(monkeypatch):
    for found, name in (([*ARTY[::-1], OTHER], "/dev/ttyUSB1"), ([OTHER, ULX3S], "/dev/ttyUSB2")):
        monkeypatch.setattr(list_ports, "comports", lambda found=found: ports(*found))
        assert find_port() == name


def test_several_boards_or_none(monkeypatch):
    monkeypatch.setattr(list_ports, "comports", lambda: ports(*ARTY, ULX3S))
    with pytest.raises(HostError, match=r"several boards, name one with --link: /dev/ttyUSB1, /dev/ttyUSB2$"):
        find_port()
    monkeypatch.setattr(list_ports, "comports", lambda: ports(OTHER))
    with pytest.raises(HostError, match=r"no board found: .* 0403:6015 FT231X .*; other serial ports, .*: /dev/ttyS0$"):
        find_port()


def test_rates_of_a_port(monkeypatch):
    end, port = os.openpty()
    name = os.ttyname(port)
    monkeypatch.setattr(list_ports, "comports", lambda: ports((name, 0x0403, 0x6010, "1-2:1.1")))
    link = SerialLink(name)
    assert link.rates[0] == 12_000_000
    link.close()
    os.close(port)
    os.close(end)
