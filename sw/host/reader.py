"""Which results of the slots that were sent are out, read, and freed: so that the device always has room."""

from collections import deque

import numpy as np

from sw.design.frames import WITH_ACTIVATIONS, Identity, Kind, Layout, slots_ending
from sw.host.values import Results, unpack_results
from sw.host.window import Window

__all__ = ["ResultReader"]

_COUNT = (1 << 32) - 1
_NONE = np.zeros(0, np.int64)


class ResultReader:
    """Results are counted from the begin of the session.

    A result is out for sure when ``flush_slots`` slots after its own have been taken, and only then is it asked for.
    """

    def __init__(self, window: Window, identity: Identity) -> None:
        self._window, self._identity = window, identity
        self._first = 0  # the device's number of result 0
        self._slots = self._taken = 0  # sent; taken by the device
        self._issued = self._read = self._freed = 0  # results
        self._posted: deque[tuple[int, int]] = deque()  # of each request: its number in the window, slots after it
        self._due: deque[int] = deque()  # after how many slots the next results are out
        self._asked: tuple[int, bool, int] | None = None  # RESULTS on its way: tag, with activations, from which on
        self._found: list[Results] = []

    def begin(self, number: int) -> None:
        """The next result has this number; the device forgets those before it."""
        self._first = number
        self._window.ask(Kind.RESULTS, Layout.RESULTS.pack(number, 0, 0))

    def post(self, kind: int, payload: bytes, slots: int, real: np.ndarray = _NONE) -> None:
        """A request in which so many slots end; ``real``: which of them (from 0) give results."""
        self._due.extend((self._slots + 1 + self._identity.flush_slots + real).tolist())
        self._issued += len(real)
        self._slots += slots
        self._posted.append((self._window.post(kind, payload), self._slots))

    @property
    def room(self) -> bool:
        """Whether the device surely has room for the results of another frame."""
        return self._issued - self._freed + slots_ending(self._identity.inputs) <= self._identity.results

    @property
    def waiting(self) -> bool:
        """Whether a request has no answer, or a result is out that has not been read."""
        return self._out() > self._read or bool(self._posted) or self._asked is not None

    def turn(self, activations: bool, limit: float = 1.0) -> None:
        """Ask for results where some are out or the device has no room, and wait for whatever comes."""
        if self._asked is None and (self._out() > self._read or (not self.room and self._read > self._freed)):
            first = (self._first + self._read) & _COUNT
            payload = Layout.RESULTS.pack(first, 0xFFFF, WITH_ACTIVATIONS if activations else 0)
            self._asked = self._window.start(Kind.RESULTS, payload), activations, self._read
        self._window.turn(limit)
        if self._asked:
            tag, with_them, number = self._asked
            data = self._window.taken(tag)
            if data is not None:
                self._asked, self._freed = None, number
                results = unpack_results(data, self._identity, activations=with_them)
                self._read += len(results)
                self._found.append(results)

    def take(self) -> Results:
        """What has been read since the last time."""
        found, self._found = self._found, []
        return Results.join(found)

    def _out(self) -> int:
        """How many results are out for sure."""
        while self._posted and self._posted[0][0] <= self._window.done:
            self._taken = self._posted.popleft()[1]
        while self._due and self._due[0] <= self._taken:
            self._due.popleft()
        return self._issued - len(self._due)
