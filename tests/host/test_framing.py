"""Frames in what a line gives, in whatever pieces."""

import pytest

from sw.design.frames import FRAME_MAX, Kind
from sw.host.framing import Receiver, encode


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_a_frame_comes_in_pieces(step):
    frames = [(Kind.FLUSH, 7, b""), (Kind.ECHO, 9, bytes(range(64))), (Kind.ECHO, 10, b"\0" * 30)]
    line = b"\0".join(encode(*frame) for frame in frames)
    receiver = Receiver()
    found = [frame for at in range(0, len(line), step) for frame in receiver.feed(line[at : at + step])]
    assert (found, receiver.dropped) == (frames, 0)


@pytest.mark.parametrize("step", [1, 100, 10 * FRAME_MAX])
def test_what_is_no_frame_is_counted_and_the_next_one_is_found(step):
    frame = encode(Kind.ECHO, 1, b"next")
    line = frame[:-3] + b"\0" + b"x" * (3 * FRAME_MAX) + b"\0" + frame
    receiver = Receiver()
    found = [one for at in range(0, len(line), step) for one in receiver.feed(line[at : at + step])]
    assert (found, receiver.dropped) == ([(Kind.ECHO, 1, b"next")], 2)
