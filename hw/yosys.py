"""Runs yosys in a process of its own: its output in a log file, its errors and a time limit as one line.

In a fresh process the automatic names do not depend on what was converted before, an error of yosys does not
end ours, and its messages stay out of our output.
"""

import json
import math
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from sw.common.errors import UserError
from sw.common.process import environment

__all__ = ["Step", "YosysError", "run", "version"]

#: label for people, passes
Step = tuple[str, list[str]]
Tell = Callable[[str, float], None]

_PROGRAM = Path(__file__).with_name("yosys_steps.py")
_LOOK = 1.0  # seconds between two looks at the clock


class YosysError(UserError):
    """yosys is not there, or has not done what it was asked to. The message is one line, with its own reason."""


def version() -> str:
    """The version of pyosys, which carries yosys. YosysError if it is not installed."""
    if find_spec("pyosys") is None:
        raise YosysError("pyosys must be installed, is not; `make sim` installs it, or: pip install pyosys")
    return metadata.version("pyosys")


def run(
    steps: Sequence[Step],
    folder: Path,
    *,
    outputs: Sequence[str] = (),
    log: Path | None = None,
    limit: float = math.inf,
    tell: Tell | None = None,
) -> float:
    """Run the passes of all steps, on an empty design, in ``folder``; the seconds they took.

    ``outputs``: files that the passes have to leave in the folder. ``log``: what yosys says goes there; it is not
    kept without. ``limit``: seconds after which yosys is ended. ``tell(label, seconds)`` is called at every
    step and about once a second.

    YosysError, which names the log: a pass failed, yosys crashed, the limit was reached, an output is missing.
    """
    version()
    see = f"; see {log}" if log else ""
    started = time.perf_counter()
    with log.open("w+b") if log else tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-I", str(_PROGRAM)],
            cwd=folder,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,  # a line per step; yosys itself writes to the log
            stderr=said,
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
                raise YosysError(f"yosys must end within {limit:,.0f} s, was still at {label}{see}")
            raise YosysError(f"yosys failed at {label}: {_reason(process.returncode, said)}{see}")
    for name in outputs:
        if not (folder / name).is_file():
            raise YosysError(f"yosys must write {name}, has not{see}")
    return seconds


def _follow(
    process: subprocess.Popen, steps: Sequence[Step], started: float, limit: float, tell: Tell | None
) -> str | None:
    """Watch the process to its end; None when it is done, else the step it did not finish."""
    assert process.stdin is not None
    assert process.stdout is not None
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


def _reason(status: int, said: IO[bytes]) -> str:
    said.seek(0)
    lines = [line.strip() for line in said.read().decode(errors="replace").splitlines()]
    for line in reversed(lines):
        if "ERROR" in line:
            return line
    if status < 0:
        return f"ended by signal {-status} ({signal.Signals(-status).name})"
    return next((line for line in reversed(lines) if line), f"exit status {status}")
