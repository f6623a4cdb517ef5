"""Requests and their answers over a line that may damage, lose, double or cut anything: docs/host-protocol.md.

Sequenced requests are in flight together, and all from the first unanswered one on are sent again when an answer is
missing (go back n); reads are sent again one by one. Every wait has a limit.
"""

import secrets
import struct
from collections import deque
from dataclasses import dataclass
from itertools import count

from sw.design.frames import ANSWER, BASE_RATE, READ_BIT, Identity, Kind, Layout, Verdict
from sw.host.errors import HostError, SessionLost
from sw.host.framing import Receiver, encode
from sw.host.link import Link

__all__ = ["Window"]

LATE = 0.05  # seconds beyond the time that the bytes in flight take, after which an answer is missing
SILENT = 3.0  # without any answer: the line is lost
BUSY = 20.0  # without any progress: it will stay busy
RETRY = 0.002  # after BUSY
ECHOES = 4  # at a time
HELLOS, HELLO_EVERY = 8, 0.25  # longer than a device takes to come back to the base rate
_ANSWER_BYTES = 12  # of an answer without data, and of what goes around it


@dataclass
class _Read:
    kind: int
    frame: bytes
    due: float  # when it is to be sent again
    data: bytes | None = None


class Window:
    """One session with a device. ``identity`` is the device's, once ``open`` has been called.

    Raises
    ------
    SessionLost : from any call: the device was reset, or another host has used it.
    HostError : from any call: no answer, or a request that the device takes as invalid.
    """

    def __init__(self, link: Link) -> None:
        self.link = link
        self.repeated = 0  # frames that were sent again
        self.done = 0  # sequenced requests that have been done
        self._nonce = 0
        self._receiver = Receiver()
        self._pending: deque[tuple[int, bytes]] = deque()  # tag and frame of sequenced requests without an answer
        self._base = self._tag = 0
        self._moved = self._heard = 0.0  # when the last one was answered or they were sent again; of any answer
        self._backed = False  # gone back to this base already
        self._resume: float | None = None  # when to send again after BUSY
        self._busy_since: float | None = None
        self._reads: dict[int, _Read] = {}

    # a session

    def open(self) -> Identity:
        """Begin a session at the base rate; the device's identity."""
        self.link.set_rate(BASE_RATE)
        self._nonce = secrets.randbits(32) | 1
        self._pending.clear()
        self._reads.clear()
        self._base, self._backed, self._resume = 0, False, None
        payload = Layout.WORD.pack(self._nonce)
        # only an answer that names this nonce is surely not one to an earlier host
        _, data = self._insist(Kind.HELLO, payload, lambda _, data: data[:4] == payload)
        try:
            self.identity = Identity.unpack(data[4:])
        except struct.error:
            raise HostError(
                f"{self.link.name}: what answers has an identity of {len(data) - 4} bytes, this host knows one of "
                f"{Identity.LAYOUT.size}: the bitstream is of another version"
            ) from None
        self._heard = self._moved = self.link.time()
        return self.identity

    def _insist(self, kind: int, payload: bytes, good) -> tuple[int, bytes]:
        """Ask at intervals, with nothing else going on, until an answer is good; its verdict and data."""
        tag = secrets.randbits(8)
        frame = b"\0" + encode(kind, tag, payload)
        for _ in range(HELLOS):
            self.link.write(frame)
            end = self.link.time() + HELLO_EVERY
            while (left := end - self.link.time()) > 0:
                for answer, its_tag, data in self._receiver.feed(self.link.read(left)):
                    if answer == kind | ANSWER and its_tag == tag and len(data) >= 2:
                        if good(data[0], data[2:]):
                            return data[0], data[2:]
                        end = 0.0  # ask again at once
        raise HostError(
            f"{self.link.name} does not answer: is the board on, has it the bitstream, and is this its serial port?"
        )

    def echoes(self, payloads: list[bytes]) -> int:
        """How many of these come back as they were sent; nothing is sent again, and nothing else may be going on."""
        good = 0
        for first in range(0, len(payloads), ECHOES):
            due = dict(enumerate(payloads[first : first + ECHOES]))
            self.link.write(b"\0" + b"".join(encode(Kind.ECHO, tag, data) for tag, data in due.items()))
            end = self.link.time() + 2 * LATE + sum(map(len, due.values())) * 22 / self.link.rate
            while due and (left := end - self.link.time()) > 0:
                for answer, tag, data in self._receiver.feed(self.link.read(left)):
                    if answer == Kind.ECHO | ANSWER and tag in due and data[2:] == due.pop(tag):
                        good += 1
            if due:
                break
        return good

    def recover(self) -> None:
        """Go on at the base rate. SessionLost if the device was reset, or another host has used it."""
        self.link.set_rate(BASE_RATE)
        verdict, _ = self._insist(Kind.STATUS, b"", lambda *_: True)
        if verdict == Verdict.OK:
            payload = Layout.WORD.pack(self._nonce)
            if self._insist(Kind.HELLO, payload, lambda *_: True)[1][:4] == payload:
                self._heard = self.link.time()
                self._send_again()
                for read in self._reads.values():
                    read.due = self._heard
                return
        raise self._lost()

    def _lost(self) -> SessionLost:
        return SessionLost(f"{self.link.name}: the device was reset, or another program has used it; its state is lost")

    # requests

    def post(self, kind: int, payload: bytes = b"") -> int:
        """Send a sequenced request, as soon as the window has room. It has been done when ``done`` has come to this."""
        while not self.room:
            self.turn()
        tag = (self._base + len(self._pending)) & 255
        frame = encode(kind, tag, payload)
        if not self._pending:
            self._moved = self.link.time()
        self._quiet()
        self._pending.append((tag, frame))
        self.link.write(frame)
        return self.done + len(self._pending)

    @property
    def room(self) -> bool:
        """Whether a request can be posted without waiting."""
        return len(self._pending) < self.identity.window and self._resume is None

    def settle(self) -> None:
        """Wait until every posted request has been done."""
        while self._pending:
            self.turn()

    def start(self, kind: int, payload: bytes = b"") -> int:
        """Send a read; its tag for ``taken``."""
        tag = next(tag for n in count(1) if (tag := (self._tag + n) & 255) not in self._reads)
        self._tag = tag
        self._quiet()
        frame = encode(kind, tag, payload)
        self._reads[tag] = _Read(kind, frame, 0.0)
        self.link.write(frame)
        self._reads[tag].due = self._late()
        return tag

    def taken(self, tag: int) -> bytes | None:
        """The data of a read's answer, once; None while it has none."""
        data = self._reads[tag].data
        if data is not None:
            del self._reads[tag]
        return data

    def ask(self, kind: int, payload: bytes = b"") -> bytes:
        """A read, and its answer. What was posted before has been done before it."""
        self.settle()
        tag = self.start(kind, payload)
        while (data := self.taken(tag)) is None:
            self.turn()
        return data

    def ask_all(self, requests: list[tuple[int, bytes]]) -> list[bytes]:
        """Many reads, as many at a time as the window has; their answers in order."""
        self.settle()
        waiting, found = deque(requests), []
        tags: deque[int] = deque()
        while waiting or tags:
            while waiting and len(tags) < self.identity.window:
                tags.append(self.start(*waiting.popleft()))
            while tags and (data := self.taken(tags[0])) is not None:
                tags.popleft()
                found.append(data)
            if tags:
                self.turn()
        return found

    # waiting

    def turn(self, limit: float = 1.0) -> None:
        """Wait for bytes, at most ``limit`` seconds, take what they say, and send again what is late."""
        now = self.link.time()
        times = [read.due for read in self._reads.values() if read.data is None]
        if self._pending:
            times.append(self._late(self._moved) if self._resume is None else self._resume)
        data = self.link.read(max(0.0, min([limit, *(t - now for t in times)])))
        for frame in self._receiver.feed(data):
            self._take(*frame)
        self._repair()

    def _quiet(self) -> None:
        """Nothing has been asked so far, so nothing has been missing."""
        if not self._pending and not self._reads:
            self._heard = self.link.time()

    def _late(self, since: float | None = None) -> float:
        """When an answer is missing: the time that all bytes in flight take, both ways, and a margin."""
        asked = sum(len(frame) + _ANSWER_BYTES for _, frame in self._pending)
        asked += sum(len(read.frame) + 1036 for read in self._reads.values())
        return (self.link.time() if since is None else since) + LATE + asked * 10 / self.link.rate

    def _take(self, answer: int, tag: int, data: bytes) -> None:
        if not answer & ANSWER or len(data) < 2:
            return
        kind, verdict, expected = answer & ~ANSWER, data[0], data[1]
        self._heard = self.link.time()
        if verdict == Verdict.NO_SESSION:
            raise self._lost()
        done = (expected - self._base) & 255
        if 0 < done <= len(self._pending):
            for _ in range(done):
                self._pending.popleft()
            self._base, self._moved = expected, self._heard
            self.done += done
            self._backed, self._resume, self._busy_since = False, None, None
        if kind & READ_BIT:
            read = self._reads.get(tag)
            if read is None or read.kind != kind or read.data is not None:
                return
            if verdict == Verdict.OK:
                read.data, self._busy_since = data[2:], None
            elif verdict == Verdict.BUSY:
                self._wait_busy()
                read.due = self._heard + RETRY
            else:
                raise self._invalid(kind)
        elif self._pending and expected == self._base:
            if verdict == Verdict.ORDER and not self._backed:
                self._send_again()
            elif tag == self._base and verdict == Verdict.BUSY:
                self._wait_busy()
                self._resume, self._backed = self._heard + RETRY, True
            elif tag == self._base and verdict == Verdict.INVALID:
                raise self._invalid(kind)

    def _wait_busy(self) -> None:
        if self._busy_since is None:
            self._busy_since = self._heard
        if self._heard - self._busy_since > BUSY:
            raise HostError(f"{self.link.name}: the device has been busy for {BUSY:.0f} seconds without any progress")

    def _invalid(self, kind: int) -> HostError:
        names = {number: name for name, number in vars(Kind).items() if isinstance(number, int)}
        return HostError(f"{self.link.name}: the device takes a request {names.get(kind, kind)} as invalid")

    def _repair(self) -> None:
        now = self.link.time()
        if not self._pending and all(read.data is not None for read in self._reads.values()):
            return
        if now - self._heard > SILENT:
            self.recover()
            return
        if self._pending and now >= (self._late(self._moved) if self._resume is None else self._resume):
            self._send_again()
        for read in self._reads.values():
            if read.data is None and now >= read.due:
                self.link.write(b"\0" + read.frame)
                read.due = self._late()
                self.repeated += 1

    def _send_again(self) -> None:
        """All from the first unanswered one on."""
        self.link.write(b"\0" + b"".join(frame for _, frame in self._pending))
        self.repeated += len(self._pending)
        self._backed, self._resume, self._moved = True, None, self.link.time()
