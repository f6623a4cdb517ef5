"""How a process of this project begins: in a clean environment, and ready to be stopped.

The packages import this module first. Run as ``python -m sw.app.accuracy``, a command thus comes here before it
imports anything else; it then starts itself again without the variables that other tools leave in a shell (Vivado's
and ROS's PYTHONPATH, a notebook's MPLBACKEND, LD_PRELOAD, CXXFLAGS, COCOTB_...), which would reach its libraries and
all programs that it starts. Nothing happens where the packages are imported by something else.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from types import FrameType
from typing import NoReturn

__all__ = ["KEPT", "SET", "Stopped", "environment", "held", "stop", "stoppable"]

# What a command and its tools may read of the environment, as patterns; the Makefile has the same list (KEPT).
KEPT = (
    "PATH HOME USER LOGNAME TMPDIR TERM CLASHFREE_* OMP_PROC_BIND "
    # what OpenBLAS needs to compute right on some processors, and which GPUs torch may use
    "OPENBLAS_CORETYPE OPENBLAS_L2_SIZE CUDA_VISIBLE_DEVICES "
    # how pip reaches the network
    "*_proxy *_PROXY SSL_CERT_* *_CA_BUNDLE NETRC XDG_CACHE_HOME XDG_CONFIG_HOME "
    "PIP_*INDEX_URL PIP_TRUSTED_HOST PIP_*CERT PIP_FIND_LINKS PIP_CACHE_DIR PIP_CONFIG_FILE PIP_*TIMEOUT PIP_RETRIES"
).split()
# Messages of compilers in English, as they are searched; all text in UTF-8, whatever the locale is.
SET = {"LC_ALL": "C", "PYTHONUTF8": "1"}

_SHELL = ("PWD", "OLDPWD", "SHLVL", "_", "__CF_USER_TEXT_ENCODING")  # set by every shell or system, read by nothing
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """The process was asked to end by a signal. ``status``: its exit status, 130 after Ctrl-C."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__()
        self.status = 128 + number


def environment() -> dict[str, str]:
    """The environment for programs that are started: what is kept of this process's, and SET."""
    return {n: v for n, v in os.environ.items() if any(fnmatchcase(n, kept) for kept in KEPT)} | SET


def stop(number: int, frame: FrameType | None) -> None:
    """A handler of signals: raise Stopped, once."""
    for one in _SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    if _holding:
        _holding.append(number)
    else:
        raise Stopped(number)


_holding: list[int] = []  # in `held`: 0, then the signal that waits


@contextmanager
def held() -> Iterator[None]:
    """Stopped is raised at the end of the block, not within: what it starts would be lost before it has a name."""
    _holding.append(0)
    try:
        yield
    finally:
        number = _holding[-1]
        _holding.clear()
        if number:
            raise Stopped(number)


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP raise Stopped, once: another Ctrl-C does not disturb the tidying up."""
    # one that is ignored stays so, as in a shell's background jobs and under nohup
    before = {one: signal.signal(one, stop) for one in _SIGNALS if signal.getsignal(one) != signal.SIG_IGN}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """There is nothing to tidy up yet, and an exception in the middle of an import may be lost."""
    os.write(2, b"stopped\n")
    os._exit(128 + number)


def _begin() -> None:
    if {*os.environ.items()} - {(name, os.environ.get(name, "")) for name in _SHELL} != {*environment().items()}:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment())
    for one in _SIGNALS:
        if signal.getsignal(one) != signal.SIG_IGN:
            signal.signal(one, _leave)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:  # closed: the next file that is opened must not take its place
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(number, "r" if number == 0 else "w"))  # noqa: SIM115


if sys.argv[:1] == ["-m"]:  # so while Python looks for the module that it is to run
    _begin()
