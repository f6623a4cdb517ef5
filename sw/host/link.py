"""What the host needs of a line; a serial port, a simulation and the golden model each have one."""

from typing import Protocol

__all__ = ["Link"]


class Link(Protocol):
    """Bytes to and from one device. Its clock is the line's: a simulated line has simulated seconds.

    Raises HostError, one line, where the line is gone.
    """

    name: str
    rate: int  # baud, at present
    rates: tuple[int, ...]  # those worth a try, the fastest first

    def write(self, data: bytes) -> None:
        """Send all of it."""

    def read(self, seconds: float) -> bytes:
        """What has come; waits at most that long for the first byte, then gives nothing."""

    def time(self) -> float:
        """Seconds since some start."""

    def set_rate(self, rate: int) -> None:
        """Change this end's rate, once all is sent. HostError if the line cannot do it."""

    def close(self) -> None:
        """Give the line back."""
