"""A line by the name that its user gives: golden, sim, usb, or a serial port."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from sw.design.design import Design
from sw.host.link import Link

__all__ = ["HELP", "SIMULATED", "open_link"]

HELP = (
    "golden (the golden model in this process), sim (the simulated hardware), usb (the board's serial port, found by "
    "its USB numbers), or the name of a serial port"
)
SIMULATED = ("golden", "sim")  # devices that begin anew with every command


# A slow clock makes a bit at the base rate as short, in clocks, as one at 12 Mbaud is at 100 MHz: so nothing is
# simulated that only waits for the line, and the second after which a device falls back is short.
_SIM_CLOCK = 1_000_000
_SIM_STORE_BITS = 1 << 18


@contextmanager
def open_link(name: str, design: Design) -> Iterator[Link]:
    """The line to a device of a design. HostError if there is none."""
    link: Link
    if name == "golden":
        from sw.app.links.device import GoldenDevice
        from sw.app.links.golden import GoldenLink

        link = GoldenLink(GoldenDevice(design, results=256))
    elif name == "sim":
        link = _simulated(design)
    else:
        from sw.host.serialport import SerialLink, find_port

        link = SerialLink(find_port() if name == "usb" else name)
    try:
        yield link
    finally:
        link.close()


def _simulated(design: Design) -> Link:
    from sim.serial.simulation import SerialSimulation, build_shell

    print("building the simulated device (once, a minute or more) ...", file=sys.stderr, flush=True)
    executable = build_shell(design, clock_hz=_SIM_CLOCK, store_bits=_SIM_STORE_BITS)
    return cast(Link, SerialSimulation(executable, _SIM_CLOCK))
