"""Runs yosys in a process of its own: its output in a log file, its errors and a time limit as one line."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from boards.errors import BoardError
from boards.flow import Step

__all__ = ["run", "version"]

_PROGRAM = Path(__file__).with_name("yosys_steps.py")
_LOOK = 1.0  # seconds between two looks at the clock


def version() -> str:
    """The version of pyosys, which carries yosys. BoardError if it is not installed."""
    if find_spec("pyosys") is None:
        raise BoardError("the package pyosys must be installed, is not; `make synth` installs it, or: pip install pyosys")
    return metadata.version("pyosys")


def run(
    steps: Sequence[Step], folder: Path, log: Path, *, limit: float, tell: Callable[[str, float], None] | None = None
) -> float:
    """Run the passes of all steps in ``folder``; the seconds they took.

    ``log``: yosys's output goes there. ``limit``: seconds after which it is ended. ``tell(label, seconds)`` is
    called at every step and about once a second.

    BoardError, one line that names the log: a pass failed, yosys crashed, or the limit was reached.
    """
    version()
    started = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-I", str(_PROGRAM)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,  # a line per step; yosys itself writes to the log
            stderr=output,
            start_new_session=True,  # abc is a process of its own, and has to end with it
        )
        try:
            label = _follow(process, steps, started, limit, tell)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
    seconds = time.perf_counter() - started
    if label is not None:
        if seconds >= limit:
            raise BoardError(f"yosys must end within {limit:,.0f} s, was still at {label}; see {log}")
        raise BoardError(f"yosys failed at {label}: {_reason(process.returncode, log)}; see {log}")
    return seconds


def _follow(
    process: subprocess.Popen, steps: Sequence[Step], started: float, limit: float, tell: Callable | None
) -> str | None:
    """Watch the process to its end; None when it is done, else the step it did not finish."""
    assert process.stdin is not None and process.stdout is not None
    with suppress(BrokenPipeError):  # it ended at once: the log says why
        process.stdin.write(json.dumps(steps).encode())
        process.stdin.close()
    label: str | None = "start"
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (seconds := time.perf_counter() - started) < limit:
            if tell is not None and label is not None:
                tell(label, seconds)
            if not selector.select(min(_LOOK, max(0.0, limit - seconds))):
                continue
            line = process.stdout.readline().decode().strip()
            if not line:
                process.wait()
                return label
            label = None if line == "done" else line
    return label or "end"


def _reason(status: int, log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    error = next((line.strip() for line in reversed(lines) if "ERROR" in line), "")
    if error:
        return error
    if status < 0:
        return f"ended by signal {-status} ({signal.Signals(-status).name})"
    return next((line.strip() for line in reversed(lines) if line.strip()), f"exit status {status}")
