"""How far a long run has come, its rate and the time left, for people."""

import sys
import time
from typing import TextIO

__all__ = ["ProgressLine"]

_REDRAW, _LINE = 0.2, 10.0  # seconds between updates: on a terminal, in a log


class ProgressLine:
    """One line that is redrawn on a terminal; elsewhere a line every ten seconds. Call it with (done, all)."""

    def __init__(self, what: str, unit: str = "samples", stream: TextIO | None = None) -> None:
        self._what, self._unit = what, unit
        self._stream = sys.stderr if stream is None else stream
        self._terminal = self._stream.isatty()
        self._started = self._shown = time.perf_counter()
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        now = time.perf_counter()
        if now - self._shown < (_REDRAW if self._terminal else _LINE):
            return
        self._shown = now
        seconds = now - self._started
        rate = done / seconds if seconds > 0 else 0.0
        left = f"{(total - done) / rate:.0f} s left" if rate > 0 else "time left unknown"
        speed = f"{rate:,.{0 if rate >= 10 else 1}f} per second"
        text = f"{self._what}: {done:,} of {total:,} {self._unit}, {speed}, {left}"
        if self._terminal:
            self._stream.write(f"\r{text:<{self._width}}")
            self._width = len(text)
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Clear the line of a terminal."""
        if self._terminal and self._width:
            self._stream.write(f"\r{'':<{self._width}}\r")
            self._stream.flush()
