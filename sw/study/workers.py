"""Processes that try candidates: each prepares once, then takes one job after another and reports every step.

A process that dies takes its job with it and nothing else. Processes end with the one that started them, even if that
one is killed.
"""

import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from typing import Any, Protocol

from sw.common.errors import UserError

__all__ = [
    "Died", "Done", "Failed", "Job", "Message", "Objective", "Outcome", "Refused", "Reported", "Worker", "messages",
]

_PATIENCE = 3.0  # seconds that a process has to end


@dataclass(frozen=True)
class Job:
    """What one trial is to try, and ``limits``: after which steps a value above which is hopeless."""

    stage: str
    number: int
    configuration: Any
    limits: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """The result of a trial.

    Parameters
    ----------
    value
        What is minimised.
    attributes
        What else is known, of JSON's types.
    files
        To be kept if the trial is among the best: content by name.
    """

    value: float
    attributes: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


class Objective(Protocol):
    """Tries a candidate. ``report(step, value)`` takes the value so far, and is true if the rest is hopeless: then the
    outcome so far is to be returned. Any exception is a failure of this trial alone."""

    def __call__(self, job: Job, report: Callable[[int, float], bool]) -> Outcome: ...


@dataclass(frozen=True)
class Reported:
    """The job in hand has come to a step."""

    step: int
    value: float


@dataclass(frozen=True)
class Done:
    """The job is done; ``pruned``: given up as hopeless."""

    outcome: Outcome
    pruned: bool
    seconds: float


@dataclass(frozen=True)
class Failed:
    """The job failed, the process goes on."""

    reason: str
    seconds: float


@dataclass(frozen=True)
class Died:
    """The process is no more."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """The process could not prepare: no job will do."""

    error: UserError


Message = Reported | Done | Failed | Died | Refused


class Worker:
    """A process that does jobs.

    Parameters
    ----------
    prepare
        Gives the objective; called once in the process. A UserError of it is sent as `Refused`. It must be picklable.
    threads
        Threads that its libraries may use.
    fork
        Begin as a copy of this process, with all that is loaded here; then ``prepare`` need not be picklable and sets
        the threads itself. Libraries must not have used threads of their own before: those do not survive a fork.
    """

    def __init__(self, prepare: Callable[[], Objective], threads: int, fork: bool = False) -> None:
        context: SpawnContext | ForkContext = get_context("fork") if fork else get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, prepare, fork), daemon=True)
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        before = {name: os.environ.get(name) for name in names}
        # it inherits that it is blocked: Ctrl-C is for the main process, which ends the others
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            os.environ.update(dict.fromkeys(names, str(threads)))  # they are read when the libraries are loaded
            with warnings.catch_warnings():  # of Python 3.12 on, about any thread: OpenBLAS has some, and forks well
                warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
                self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
        theirs.close()

    def start(self, job: Job) -> None:
        """Begin a job; the one before must have ended."""
        with suppress(OSError):  # it has died, which `messages` will tell
            self.connection.send(job)

    def receive(self) -> Message:
        """The next message, which must be there."""
        try:
            return self.connection.recv()
        except (EOFError, OSError):
            self._process.join(_PATIENCE)
            status = self._process.exitcode
            how = f"was ended by signal {-status}" if status and status < 0 else f"ended with status {status}"
            why = ", perhaps for want of memory" if status == -signal.SIGKILL else ""
            return Died(f"its process {how}{why}")

    def end(self) -> None:
        """End the process, whatever it does."""
        self.connection.close()
        self._process.terminate()
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def messages(workers: Sequence[Worker], timeout: float) -> list[tuple[Worker, Message]]:
    """What the workers have to say, one message each; none where nothing comes within ``timeout`` seconds."""
    by_connection = {worker.connection: worker for worker in workers}
    ready = wait(list(by_connection), timeout)
    return [(by_connection[one], by_connection[one].receive()) for one in ready if isinstance(one, Connection)]


def _serve(connection: Connection, prepare: Callable[[], Objective], forked: bool) -> None:
    if forked:
        _leave_files(connection)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        objective = prepare()
    except UserError as error:
        connection.send(Refused(UserError(str(error))))
        return
    while True:
        try:
            job: Job = connection.recv()
        except EOFError:
            return
        connection.send(_do(objective, job, connection))


def _do(objective: Objective, job: Job, connection: Connection) -> Done | Failed:
    started = time.perf_counter()
    lowest, pruned = float("inf"), False

    def report(step: int, value: float) -> bool:
        nonlocal lowest, pruned
        lowest = min(lowest, value)
        pruned = lowest > job.limits.get(step, float("inf"))
        connection.send(Reported(step, value))
        return pruned

    try:
        outcome = objective(job, report)
    except Exception as error:  # whatever it is: of thousands of candidates some fail, and the search goes on
        text = " ".join(str(error).split())
        reason = text if isinstance(error, UserError) else f"{type(error).__name__}: {text}".removesuffix(": ")
        return Failed(reason[:500], time.perf_counter() - started)
    return Done(outcome, pruned, time.perf_counter() - started)


def _leave_files(connection: Connection) -> None:
    """What the main process has open is no more open here: a lock of a file is held until its last copy is closed."""
    parent = parent_process()
    kept = {0, 1, 2, connection.fileno(), parent.sentinel if parent else 0}
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for file in {int(name) for name in os.listdir("/dev/fd")} - kept - {nothing}:
        with suppress(OSError):  # that of the list itself
            os.fstat(file)
            os.dup2(nothing, file, inheritable=False)  # its number stays taken, since an object here may close it


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
