"""How far long work has come and the time left, for people: one line on stderr."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO

__all__ = ["ElapsedLine", "ProgressLine"]

_REDRAW, _LINE = 0.2, 10.0  # seconds between updates: on a terminal, in a log


class _Line:
    """One line that is redrawn on a terminal; elsewhere a line every ten seconds. ``close`` clears a terminal's line;
    as a context manager it closes itself."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._terminal = self._stream.isatty()
        self._started = self._shown = time.perf_counter()
        self._width = 0

    def _due(self) -> bool:
        now = time.perf_counter()
        if now - self._shown < (_REDRAW if self._terminal else _LINE):
            return False
        self._shown = now
        return True

    def _show(self, text: str) -> None:
        if self._terminal:
            self._stream.write(f"\r{text:<{self._width}}")
            self._width = len(text)
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def close(self) -> None:
        if self._terminal and self._width:
            self._stream.write(f"\r{'':<{self._width}}\r")
            self._stream.flush()
            self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
                 ) -> None:
        self.close()


class ProgressLine(_Line):
    """Work whose amount is known. Call it with (done, all)."""

    def __init__(self, what: str, unit: str = "samples", stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._what, self._unit = what, unit

    def __call__(self, done: int, total: int) -> None:
        if not self._due():
            return
        seconds = self._shown - self._started
        rate = done / seconds if seconds > 0 else 0.0
        left = f"{(total - done) / rate:.0f} s left" if rate > 0 else "time left unknown"
        speed = f"{rate:,.{0 if rate >= 10 else 1}f} per second"
        self._show(f"{self._what}: {done:,} of {total:,} {self._unit}, {speed}, {left}")


class ElapsedLine(_Line):
    """Work of another program that says nothing of how far it has come. ``estimate``: seconds that it may take in all.

    Call it with (label of the step, seconds so far).
    """

    def __init__(self, what: str, estimate: float, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._what, self._estimate = what, estimate

    def __call__(self, label: str, seconds: float) -> None:
        if not self._due():
            return
        left = self._estimate - seconds
        when = f"roughly {left:.0f} s left" if left > 0 else "longer than estimated"
        self._show(f"{self._what}: {label}, {seconds:.0f} s, {when} (estimate from the design's size)")
