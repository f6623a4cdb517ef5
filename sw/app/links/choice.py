"""A line by the name that its user gives: golden, sim, usb, or a serial port."""

from collections.abc import Iterator
from contextlib import contextmanager

from sw.design.design import Design
from sw.host.link import Link

__all__ = ["HELP", "SIMULATED", "open_link"]

HELP = (
    "golden (the golden model in this process), sim (the simulated hardware), usb (the board's serial port, found by "
    "its USB numbers), or the name of a serial port"
)
SIMULATED = ("golden", "sim")  # devices that begin anew with every command


@contextmanager
def open_link(name: str, design: Design) -> Iterator[Link]:
    """The line to a device of a design. HostError if there is none."""
    link: Link
    if name == "golden":
        from sw.app.links.device import GoldenDevice
        from sw.app.links.golden import GoldenLink

        link = GoldenLink(GoldenDevice(design, results=256))
    else:
        from sw.host.serialport import SerialLink, find_port

        link = SerialLink(find_port() if name == "usb" else name)
    try:
        yield link
    finally:
        link.close()
