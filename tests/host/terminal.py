"""The golden device behind a pseudo-terminal, in a thread: for the host, a serial port."""

from __future__ import annotations

import os
import select
import threading
import time
import tty
from types import TracebackType

import pytest

from sw.app.links.device import GoldenDevice
from sw.host import window

__all__ = ["Terminal", "patient"]


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real seconds: a busy machine may leave the device's thread without a processor for some."""
    monkeypatch.setattr(window, "LATE", 5.0)
    monkeypatch.setattr(window, "SILENT", 60.0)
    monkeypatch.setattr(window, "HELLO_EVERY", 5.0)


class Terminal:
    """Use as a context manager; ``name`` is the port. ``unplug`` closes the device's end."""

    def __init__(self, device: GoldenDevice) -> None:
        self.device = device
        self._end, port = os.openpty()
        tty.setraw(port)
        self.name = os.ttyname(port)
        self._port: int | None = port  # open, or the first reader would see the end of the file
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Terminal:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unplug()

    def unplug(self) -> None:
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()
        if self._port is not None:
            os.close(self._port)
            os.close(self._end)
            self._port = None

    def _serve(self) -> None:
        then = time.monotonic()
        while not self._stop.is_set():
            ready, _, _ = select.select([self._end], [], [], 0.01)
            now = time.monotonic()
            self.device.pass_time(now - then)
            then = now
            if ready:
                answers = self.device.take(os.read(self._end, 4096))
                while answers and not self._stop.is_set():
                    _, free, _ = select.select([], [self._end], [], 0.01)
                    if free:
                        answers = answers[os.write(self._end, answers[:1024]) :]
