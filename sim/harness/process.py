"""The C++ harness as a child process: starts it, reads its records while it runs.

A thread takes the records from the pipe, so that the harness goes on while this process is busy with the
golden model; it waits only when it is far ahead.
"""

import queue
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from sim.errors import SimError
from sim.harness.program import Program
from sw.common.process import environment

__all__ = ["Block", "Counters", "Harness", "record_type"]

_RESULTS, _VALUES, _END = 1, 2, 3
_BLOCKS_AHEAD = 2048  # of up to 256 results


def record_type(outputs: int) -> np.dtype:
    """One result: clock of its last beat, prediction, whether correct, all output activations (raw)."""
    return np.dtype(
        [("clock", "<u8"), ("prediction", "<i4"), ("correct", "<i4"), ("activations", "<i4", (outputs,))]
    )


@dataclass(frozen=True)
class Counters:
    """The harness: all clocks, seconds of processor time outside configuration; the machine: its four counters."""

    clocks: int
    seconds: float
    slots: int
    correct: int
    cycles: int
    stalls: int


Block = np.ndarray | Counters
"""Results (a structured array), read-back values (int64), or the counters, which come last."""


class Harness:
    """Runs a program; iterate over the blocks that it gives. Use as a context manager: leaving it ends the child.

    Parameters
    ----------
    executable : a harness built with the design of the program.
    features : (rows, inputs) uint8.

    Raises
    ------
    SimError : while iterating: the harness stopped before the end of the program; the message has its reason.
    """

    def __init__(self, executable: Path, program: Program, features: np.ndarray) -> None:
        if features.dtype != np.uint8 or features.ndim != 2 or features.shape[1] != program.inputs:
            raise SimError(
                f"features of a harness run must be (rows, {program.inputs}) uint8, "
                f"got {features.shape} {features.dtype}"
            )
        self._record = record_type(program.design.network.neurons[-1])
        self._blocks: queue.Queue[Block | SimError] = queue.Queue(_BLOCKS_AHEAD)
        self._leaving = threading.Event()
        self._folder = tempfile.TemporaryDirectory(prefix="clashfree-")
        try:
            folder = Path(self._folder.name)
            program.write(folder / "program")
            (folder / "features").write_bytes(np.ascontiguousarray(features).tobytes())
            self._complaints = folder / "complaints"
            with self._complaints.open("wb") as complaints:
                self._child = subprocess.Popen(
                    [str(executable), str(folder / "program"), str(folder / "features")],
                    env=environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                )
        except OSError as error:
            self._folder.cleanup()
            raise SimError(f"harness {executable} does not run: {error}") from error
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Harness":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        self._child.kill()
        self._child.wait()
        self._reader.join()
        if self._child.stdout:
            self._child.stdout.close()
        self._folder.cleanup()

    def __iter__(self) -> Iterator[Block]:
        block: Block | None = None
        while not isinstance(block, Counters):
            block = self.next()
            assert block is not None
            yield block

    def next(self, *, wait: bool = True) -> Block | None:
        """The next block; None if there is none yet and ``wait`` is false. Not to be called after the last one."""
        try:
            block = self._blocks.get(block=wait)
        except queue.Empty:
            return None
        if isinstance(block, SimError):
            raise block
        return block

    def _read(self) -> None:
        block: Block | SimError | None = None
        while not isinstance(block, Counters | SimError):
            try:
                block = self._next()
            except Exception as error:  # whatever it is, the iterating side must not wait for ever
                block = error if isinstance(error, SimError) else SimError(f"harness records unreadable: {error}")
            while not self._leaving.is_set():
                try:
                    self._blocks.put(block, timeout=0.2)
                    break
                except queue.Full:
                    continue

    def _next(self) -> Block:
        tag, count = np.frombuffer(self._bytes(8), "<i4").tolist()
        if tag == _RESULTS:
            return np.frombuffer(self._bytes(count * self._record.itemsize), self._record)
        if tag == _VALUES:
            return np.frombuffer(self._bytes(count * 8), "<i8")
        if tag != _END or count != 6:
            raise SimError(f"harness gave a record of unknown kind {tag} with {count} items")
        clocks, nanoseconds, *counters = np.frombuffer(self._bytes(count * 8), "<i8").tolist()
        code = self._child.wait()
        if code != 0:
            raise SimError(f"harness ended with status {code} after its last record")
        return Counters(clocks, nanoseconds / 1e9, *counters)

    def _bytes(self, count: int) -> bytes:
        assert self._child.stdout is not None
        data = self._child.stdout.read(count)
        if len(data) < count:
            code = self._child.wait()
            said = " ".join(self._complaints.read_text(errors="replace").split())
            raise SimError(f"harness stopped with status {code}: {said or 'it said nothing'}")
        return data
