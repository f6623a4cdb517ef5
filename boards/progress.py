"""How long a synthesis has taken, against an estimate: yosys itself says nothing of how far it has come."""

import sys
from typing import TextIO

__all__ = ["ElapsedLine"]

_LINE = 10.0  # seconds between lines in a log; a terminal's line is redrawn whenever it is called


class ElapsedLine:
    """Call it with (label, seconds so far). ``estimate``: seconds that it may take in all."""

    def __init__(self, what: str, estimate: float, stream: TextIO | None = None) -> None:
        self._what, self._estimate = what, estimate
        self._stream = sys.stderr if stream is None else stream
        self._terminal = self._stream.isatty()
        self._shown, self._width = 0.0, 0

    def __call__(self, label: str, seconds: float) -> None:
        if not self._terminal and seconds - self._shown < _LINE:
            return
        self._shown = seconds
        left = self._estimate - seconds
        when = f"roughly {left:.0f} s left" if left > 0 else "longer than estimated"
        text = f"{self._what}: {label}, {seconds:.0f} s, {when} (estimate from the design's size)"
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
            self._width = 0
