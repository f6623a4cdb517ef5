"""Frames as they are on the line: stuffed (COBS), ended by a 0."""

from cobs import cobs

from sw.design.frames import FRAME_MAX, open_body, seal

__all__ = ["Receiver", "encode"]


def encode(kind: int, tag: int, payload: bytes) -> bytes:
    """A frame for the line."""
    return cobs.encode(seal(kind, tag, payload)) + b"\0"


class Receiver:
    """Takes bytes as they come; ``dropped`` counts the frames that were damaged."""

    def __init__(self) -> None:
        self.dropped = 0
        self._part = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, int, bytes]]:
        """Type, tag and payload of the frames that end in ``data`` and are whole."""
        found = []
        *ends, rest = data.split(b"\0")
        for end in ends:
            stuffed = bytes(self._part) + end
            self._part.clear()
            if stuffed:
                frame = self._open(stuffed)
                if frame is None:
                    self.dropped += 1
                else:
                    found.append(frame)
        # of a frame that is too long already, the rest need not be kept
        self._part += rest[: max(0, FRAME_MAX + 1 - len(self._part))]
        return found

    def _open(self, stuffed: bytes) -> tuple[int, int, bytes] | None:
        if len(stuffed) >= FRAME_MAX:
            return None
        try:
            return open_body(cobs.decode(stuffed))
        except cobs.DecodeError:
            return None
