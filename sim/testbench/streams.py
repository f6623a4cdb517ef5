"""Drivers and monitors of the accelerator's streams in cocotb.

A clock costs Python some microseconds per trigger, so one loop serves all streams: on the falling edge each
drives its inputs, in ReadOnly of the same moment each looks at its handshake, and what both sides then agree
on happens at the rising edge.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from cocotb.triggers import FallingEdge, ReadOnly

from sim.errors import SimError

__all__ = ["PauseGenerator", "Sink", "Source", "Streams"]


class PauseGenerator:
    """Whether to wait in the next clock: starts a pause with ``chance``; one in sixteen is up to ``longest``."""

    def __init__(self, chance: float, longest: int, seed: int) -> None:
        self._chance, self._longest = chance, longest
        self._rng = np.random.Generator(np.random.PCG64(seed))
        self._draws: list[tuple[float, int, int]] = []
        self._left = 0

    def __call__(self) -> bool:
        if self._chance == 0:
            return False
        if self._left:
            self._left -= 1
            return True
        if not self._draws:
            count = 1000
            starts, kinds = self._rng.random(count), self._rng.integers(0, 16, count)
            lengths = np.where(kinds == 0, self._rng.integers(0, self._longest, count), kinds % 4)
            self._draws = list(zip(starts.tolist(), kinds.tolist(), lengths.tolist(), strict=True))
        start, _, length = self._draws.pop()
        if start >= self._chance:
            return False
        self._left = length
        return True


class Source:
    """Offers queued payloads; ``monitor`` is called with each that has crossed the pins."""

    def __init__(
        self, dut: Any, name: str, pause: PauseGenerator, monitor: Callable[[int], None] | None = None
    ) -> None:
        self._payload = getattr(dut, f"{name}__payload")
        self._valid, self._ready = getattr(dut, f"{name}__valid"), getattr(dut, f"{name}__ready")
        self._pause, self._monitor = pause, monitor
        self._offered = False
        self._driven: bool | None = None  # unknown: drive it in the first clock
        self.queue: deque[int] = deque()

    def drive(self) -> None:
        if not self._offered and self.queue and not self._pause():
            self._payload.value = self.queue[0]
            self._offered = True
        if self._offered != self._driven:
            self._valid.value = int(self._offered)
            self._driven = self._offered

    def sample(self) -> bool:
        if not self._offered or not int(self._ready.value):
            return False
        self.queue.popleft()
        self._offered = False
        if self._monitor:
            # from the pins, not from the queue: what crossed is what counts
            self._monitor(int(self._payload.value))
        return True


class Sink:
    """Takes payloads and gives each to ``monitor``; a beat that was refused must stay as it is."""

    def __init__(self, dut: Any, name: str, pause: PauseGenerator, monitor: Callable[[int], None]) -> None:
        self._payload = getattr(dut, f"{name}__payload")
        self._valid, self._ready = getattr(dut, f"{name}__valid"), getattr(dut, f"{name}__ready")
        self._name, self._pause, self._monitor = name, pause, monitor
        self._open: bool | None = None
        self._refused: int | None = None

    def drive(self) -> None:
        ready = not self._pause()
        if ready != self._open:
            self._ready.value = int(ready)
            self._open = ready

    def sample(self) -> bool:
        payload = int(self._payload.value) if int(self._valid.value) else None
        if self._refused is not None and payload != self._refused:
            raise SimError(f"stream {self._name}: a beat that was refused was then withdrawn or changed")
        self._refused = None
        if payload is None:
            return False
        if not self._open:
            self._refused = payload
            return False
        self._monitor(payload)
        return True


class Streams:
    """Runs clocks. ``clocks`` counts them; without any transfer for ``patience`` clocks it gives up."""

    def __init__(self, clk: Any, streams: Sequence[Source | Sink], patience: int) -> None:
        self._edge, self._settled = FallingEdge(clk), ReadOnly()
        self._streams, self._patience = streams, patience
        self.clocks = 0

    async def run(self, done: Callable[[], bool], what: str) -> None:
        """Until ``done()``. Raises SimError when nothing moves any more."""
        idle = 0
        while not done():
            idle = 0 if await self.clock() else idle + 1
            if idle > self._patience:
                raise SimError(f"{what}: no transfer for {self._patience} clocks, at clock {self.clocks}")

    async def clock(self) -> bool:
        """One clock; whether anything crossed."""
        await self._edge
        for stream in self._streams:
            stream.drive()
        await self._settled
        self.clocks += 1
        moved = False
        for stream in self._streams:
            moved |= stream.sample()
        return moved
