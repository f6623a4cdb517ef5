"""The serial port of a board: finds it by what its USB chip says, opens it, and says in one line what is in the way."""

import errno
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import serial
from serial.tools import list_ports

from sw.design.frames import BASE_RATE
from sw.host.errors import HostError

__all__ = ["SerialLink", "find_port"]

# USB vendor and product of the boards' serial chips: what they are, and the rates worth a try
CHIPS = {
    (0x0403, 0x6010): ("FT2232H (Arty, Nexys)", (12_000_000, 6_000_000, 4_000_000, 3_000_000, 2_000_000, 1_000_000)),
    (0x0403, 0x6015): ("FT231X (ULX3S)", (3_000_000, 2_000_000, 1_000_000)),
}
_OTHER_RATES = (3_000_000, 1_000_000)
_WAIT = 0.002  # seconds of a system call; a longer wait is several of them
_WRITE_LIMIT = 5.0
_REASONS = {
    errno.EACCES: "you have no rights on it; on Linux join its group (sudo usermod -aG dialout $USER) and log in again",
    errno.ENOENT: "there is no such serial port",
    errno.EBUSY: "another program has it open",
    errno.EAGAIN: "another program has it open",
    errno.ENOTTY: "it is no serial port",
    errno.EIO: "the device behind it is gone",
    errno.ENODEV: "the device behind it is gone",
    errno.ENXIO: "the device behind it is gone",
}
# where pyserial gives no number
_SIGNS = {"lock": errno.EBUSY, "disconnected": errno.EIO, "Bad file descriptor": errno.EIO}


def find_port() -> str:
    """The name of the one board's port. HostError if there is none, or more than one."""
    boards: dict[str, list] = {}
    others = []
    for port in sorted(list_ports.comports(), key=lambda port: (port.location or "", port.device)):
        if (port.vid, port.pid) in CHIPS:
            # a chip with two ports has the serial line on the second; the first is for loading bitstreams
            boards.setdefault((port.location or port.device).partition(":")[0], []).append(port)
        else:
            others.append(port.device)
    if len(boards) == 1:
        return next(iter(boards.values()))[-1].device
    if boards:
        names = ", ".join(ports[-1].device for ports in boards.values())
        raise HostError(f"there are several boards, name one with --link: {names}")
    known = ", ".join(f"{v:04x}:{p:04x} {name}" for (v, p), (name, _) in CHIPS.items())
    seen = f"; other serial ports, for --link: {', '.join(others)}" if others else ""
    raise HostError(f"no board found: no serial port has one of the USB numbers {known}{seen}")


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What pyserial and the system raise, as one line."""
    try:
        yield
    except serial.SerialTimeoutException:
        raise HostError(f"{name} has taken no bytes for {_WRITE_LIMIT:.0f} seconds") from None
    except (OSError, ValueError) as error:  # SerialException is an OSError, often without its number
        text = " ".join(str(error).split())
        number = next((code for sign, code in _SIGNS.items() if sign in text), getattr(error, "errno", None))
        if number is None and (found := re.search(r"\((\d+), ", text)):  # that of termios
            number = int(found[1])
        raise HostError(f"{name}: {_REASONS.get(number or 0, text)}") from None


class SerialLink:
    """`sw.host.link.Link` over a serial port, which no other program may use meanwhile."""

    def __init__(self, name: str) -> None:
        self.name, self.rate = name, BASE_RATE
        chips = {port.device: (port.vid, port.pid) for port in list_ports.comports()}
        _, self.rates = CHIPS.get(chips.get(name, (0, 0)), ("", _OTHER_RATES))
        with _told(name):
            self._port = serial.Serial(
                name, BASE_RATE, timeout=_WAIT, write_timeout=_WRITE_LIMIT, exclusive=True
            )
            self._port.reset_input_buffer()

    def write(self, data: bytes) -> None:
        with _told(self.name):
            self._port.write(data)

    def read(self, seconds: float) -> bytes:
        end = time.monotonic() + seconds
        with _told(self.name):
            while True:
                if count := self._port.in_waiting:
                    return self._port.read(count)
                if time.monotonic() >= end:
                    return b""
                if first := self._port.read(1):
                    return first + self._port.read(self._port.in_waiting)

    def time(self) -> float:
        return time.monotonic()

    def set_rate(self, rate: int) -> None:
        with _told(self.name):
            self._port.flush()
            self._port.baudrate = rate
        self.rate = rate

    def close(self) -> None:
        with suppress(OSError):
            self._port.close()
