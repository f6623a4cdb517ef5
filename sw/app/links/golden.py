"""A line to the golden device in this process, with seconds of its own, and faults where they are wanted."""

import random
from collections import deque
from dataclasses import dataclass

from sw.app.links.device import GoldenDevice
from sw.design.frames import BASE_RATE
from sw.host.errors import HostError

__all__ = ["Faults", "GoldenLink"]


@dataclass(frozen=True)
class Faults:
    """Chances per frame, in each direction: of a wrong bit, of its loss, of a second copy, of missing bytes."""

    bit: float = 0.0
    drop: float = 0.0
    double: float = 0.0
    cut: float = 0.0

    def spoil(self, data: bytes, rng: random.Random) -> bytes:
        """What becomes of frames. A cut takes any bytes, also the 0 that ends a frame."""
        out = bytearray()
        for frame in data.split(b"\0")[:-1] if data.endswith(b"\0") else data.split(b"\0"):
            part = bytearray(frame + b"\0")
            if rng.random() < self.drop:
                continue
            if rng.random() < self.bit:
                part[rng.randrange(len(part))] ^= 1 << rng.randrange(8)
            if rng.random() < self.cut:
                begin = rng.randrange(len(part))
                del part[begin : begin + rng.randint(1, len(part))]
            out += part * (2 if rng.random() < self.double else 1)
        return bytes(out)


class GoldenLink:
    """`sw.host.link.Link` whose time passes as its bytes do. ``gone`` makes it a line without a device.

    ``latency``: seconds that an answer takes besides the time of its bytes. ``fastest``: above this rate every byte is
    wrong, as with a cable that does not do it.
    """

    def __init__(
        self, device: GoldenDevice, *, faults: Faults = Faults(), seed: int = 0, latency: float = 0.001,
        rates: tuple[int, ...] = (12_000_000, 3_000_000, 1_000_000), fastest: int = 12_000_000,
    ) -> None:
        self.device, self.faults = device, faults
        self.name, self.rates, self.rate = "golden", rates, BASE_RATE
        self.gone = False
        self._rng = random.Random(seed)
        self._latency, self._fastest = latency, fastest
        self._now = 0.0
        self._coming: deque[tuple[float, bytes]] = deque()

    def write(self, data: bytes) -> None:
        if self.gone:
            raise HostError(f"{self.name}: the line is gone")
        self._pass(len(data) * 10 / self.rate)
        if not self._same_rate():
            self.device.noise()
            return
        answers = self.device.take(self.faults.spoil(data, self._rng))
        if answers:
            ready = max(self._now + self._latency, self._coming[-1][0] if self._coming else 0.0)
            answers = self.faults.spoil(answers, self._rng)
            self._coming.append((ready + len(answers) * 10 / self.rate, answers))

    def read(self, seconds: float) -> bytes:
        if self.gone:
            raise HostError(f"{self.name}: the line is gone")
        if not self._coming or self._coming[0][0] > self._now + seconds:
            self._pass(seconds)
            return b""
        ready, data = self._coming.popleft()
        self._pass(max(0.0, ready - self._now))
        return data

    def time(self) -> float:
        return self._now

    def set_rate(self, rate: int) -> None:
        self.rate = rate

    def close(self) -> None:
        self._coming.clear()

    def _same_rate(self) -> bool:
        return self.rate <= self._fastest and abs(self.device.rate - self.rate) < 0.03 * self.rate

    def _pass(self, seconds: float) -> None:
        self._now += seconds
        self.device.pass_time(seconds)
