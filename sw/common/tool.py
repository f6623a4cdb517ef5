"""Programs that a command starts: they and their children end with it."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sw.common.process import environment, held

__all__ = ["run_tool", "tool"]

_PATIENCE = 3.0  # seconds that a program has to tidy up


@contextmanager
def tool(command: Sequence[str], **how: Any) -> Iterator[subprocess.Popen]:
    """A program, in a process group of its own; ``how``: as of Popen, without input and in a clean environment.

    Where the block is left before the program has ended, its whole group is asked to end, then made to.
    """
    options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "env": environment()} | how
    process: subprocess.Popen | None = None
    try:
        with held():
            process = subprocess.Popen(command, **options, start_new_session=True)
        yield process
    finally:
        if process is not None and process.poll() is None:
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(_PATIENCE)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def run_tool(command: Sequence[str], **how: Any) -> subprocess.CompletedProcess:
    """As subprocess.run, for a `tool`."""
    with tool(command, **how) as process:
        out, err = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, out, err)
