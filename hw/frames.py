"""Frames on a line of bytes: COBS with a CRC, a whole right frame or none.

A frame is COBS(message, check of the message) and a byte of zero, where COBS (S. Cheshire, M. Baker, "Consistent
Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7(2), 1999) leaves no other zero. So a receiver that has
lost its place finds it again at the next zero.
"""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.crc import CRC_32, Crc
from hw.memory import memory

__all__ = ["MESSAGE", "FrameReceiver", "FrameTransmitter"]

MESSAGE = data.StructLayout({"byte": 8, "last": 1})  # of the stream of a message: a byte, and whether it is the last
_FULL = 255  # code of a group of 254 bytes that no zero follows
_SHORTEST = 2  # bytes of a message
_SPARE = 8  # places of a ring that are kept free: two for a number, and as room is known a clock late


class _Buffer(wiring.Component):
    """A ring of words, written anywhere, read in order up to ``end``: one word in four clocks, or fewer.

    ``write``, ``address``, ``word``: as of a memory. ``end``: the place after the last word that may be read; words up
    to there have been written in clocks before. ``begin``: the place of the word that is offered, or to be fetched.
    """

    def __init__(self, shape, depth: int):
        if depth & (depth - 1):
            raise ValueError(f"a ring's depth must be a power of two, got {depth}")
        self.shape, self.depth = shape, depth
        place = range(depth)
        super().__init__(
            {
                "write": In(1),
                "address": In(place),
                "word": In(shape),
                "end": In(place),
                "begin": Out(place),
                "words": Out(stream.Signature(shape)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = ring = memory(self.shape, self.depth, 64, apart=True)
        write, read = ring.write_port(), ring.read_port()
        self.fetched, self.here = fetched, here = Signal(name="fetched"), Signal(name="here")
        m.d.comb += [
            write.addr.eq(self.address),
            write.data.eq(self.word),
            write.en.eq(self.write),
            read.addr.eq(self.begin),
            read.en.eq(1),
        ]
        m.d.sync += [
            here.eq((self.begin != self.end) & ~here & ~fetched & ~self.words.valid),
            fetched.eq(here),
            self.words.payload.eq(read.data),
        ]
        with m.If(fetched):
            m.d.sync += self.words.valid.eq(1)
        with m.If(self.words.valid & self.words.ready):
            m.d.sync += [self.words.valid.eq(0), self.begin.eq(self.begin + 1)]
        return m


class FrameReceiver(wiring.Component):
    """Hands on the messages of right frames, and nothing of others.

    ``byte`` counts in clocks with ``valid``, which may be all. ``messages`` gives, when a frame has ended, its message:
    the number of its bytes (2, low one first), then the bytes. ``good`` pulses for each, ``dropped`` for each frame
    that is dropped: if its COBS or its check is wrong, if its message has less than 2 bytes or more than ``longest``,
    or if the ring of ``depth`` bytes, less about ten, has no room for it beside messages not yet taken. An empty frame
    is none.
    """

    def __init__(self, depth: int, longest: int, crc: Crc = CRC_32):
        self.longest, self.crc = longest, crc
        self.buffer = _Buffer(8, depth)
        super().__init__(
            {
                "byte": In(8),
                "valid": In(1),
                "messages": Out(stream.Signature(8)),
                "good": Out(1),
                "dropped": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.buffer = self.buffer
        wiring.connect(m, wiring.flipped(self.messages), self.buffer.words)
        self.decoded = self._decode(m)
        self._store(m, *self.decoded)
        return m

    def _decode(self, m: Module) -> tuple[Signal, Signal, Signal, Signal]:
        """Of COBS, a clock later: a byte and whether there is one; a frame's end and whether it had all its bytes."""
        # bytes of the group yet to come, and if any
        self.left, self.more = left, more = Signal(8, name="left"), Signal(name="more")
        # within a frame; a zero follows this group
        self.begun, self.zero = begun, zero = Signal(name="begun"), Signal(name="zero")
        byte, there = Signal(8, name="decoded"), Signal(name="there")
        end, whole = Signal(name="end"), Signal(name="whole")
        m.d.sync += [there.eq(0), end.eq(0)]
        with m.If(self.valid):
            with m.If(self.byte == 0):
                m.d.sync += [end.eq(begun), whole.eq(~more), begun.eq(0), more.eq(0)]
            with m.Elif(more):
                m.d.sync += [byte.eq(self.byte), there.eq(1), left.eq(left - 1), more.eq(left != 1)]
            with m.Else():
                m.d.sync += [byte.eq(0), there.eq(begun & zero), begun.eq(1)]
                m.d.sync += [left.eq(self.byte - 1), more.eq(self.byte != 1), zero.eq(self.byte != _FULL)]
        return byte, there, end, whole

    def _store(self, m: Module, byte: Signal, there: Signal, end: Signal, whole: Signal) -> None:
        """The bytes but for the check go after two places for their number, which is written if the frame is right."""
        crc, buffer = self.crc, self.buffer
        places = range(buffer.depth)
        check = Signal(crc.bits, init=crc.start, name="check")
        held, count = Signal(crc.bits, name="held", reset_less=True), Signal(range(crc.bytes + 1), name="count")
        head, upto = Signal(places, init=2, name="head"), Signal(places, name="upto")
        length, fits = Signal(range(self.longest + 1), name="length"), Signal(init=1, name="fits")
        filled, right, second = Signal(name="filled"), Signal(name="right"), Signal(name="second")
        used, room = Signal(places, name="used"), Signal(init=1, name="room")
        after = Signal(places, name="after")
        self.check, self.held, self.count, self.length, self.fits = check, held, count, length, fits
        self.head, self.upto, self.second, self.room = head, upto, second, room
        m.d.comb += [
            used.eq(head - buffer.begin),
            filled.eq(count == crc.bytes),
            right.eq(end & whole & fits & (length >= _SHORTEST) & (check == crc.residue)),
            after.eq(Mux(right, head, buffer.end)),
        ]
        m.d.sync += room.eq(used < buffer.depth - _SPARE)
        m.d.sync += [self.good.eq(right), self.dropped.eq(end & ~right), second.eq(right)]
        with m.If(there):
            m.d.sync += [check.eq(crc.next(check, byte)), held.eq(Cat(held[8:], byte)), count.eq(count + ~filled)]
            with m.If(filled):
                m.d.sync += [fits.eq(fits & room & (length != self.longest)), head.eq(head + (fits & room))]
                m.d.sync += length.eq(length + (length != self.longest))
        with m.If(end):
            m.d.sync += [check.eq(crc.start), count.eq(0), fits.eq(1), length.eq(0)]
            m.d.sync += [head.eq(after + 2), upto.eq(head)]
        # a message's bytes come no earlier than ``crc.bytes`` + 2 clocks after the end of the frame before
        self.number = number = Signal(16, name="number")
        with m.If(right):
            m.d.sync += number.eq(length)
            m.d.comb += [buffer.write.eq(1), buffer.address.eq(buffer.end), buffer.word.eq(length[:8])]
        with m.Elif(second):
            m.d.comb += [buffer.write.eq(1), buffer.address.eq(buffer.end + 1), buffer.word.eq(number[8:])]
            m.d.sync += buffer.end.eq(upto)
        with m.Else():
            m.d.comb += [buffer.write.eq(there & filled & fits & room), buffer.address.eq(head)]
            m.d.comb += buffer.word.eq(held[:8])


class FrameTransmitter(wiring.Component):
    """Sends ``messages`` (``MESSAGE``) as frames, byte by byte, on ``bytes``.

    It takes a byte of a message in two clocks while its ring of ``depth`` bytes has room; ``idle``: all that it
    took has been sent. ``depth`` must be 512 or more, as a block is sent when it has been taken.
    """

    def __init__(self, depth: int, crc: Crc = CRC_32):
        if depth < 512:
            raise ValueError(f"a transmitter's ring must have 512 bytes or more, got {depth}")
        self.crc, self.depth = crc, depth
        self.buffer = _Buffer(8, depth)
        super().__init__(
            {"messages": In(stream.Signature(MESSAGE)), "bytes": Out(stream.Signature(8)), "idle": Out(1)}
        )

    def elaborate(self, platform):
        m = Module()
        crc, buffer = self.crc, self.buffer
        m.submodules.buffer = buffer
        wiring.connect(m, wiring.flipped(self.bytes), buffer.words)
        # of the frame at hand, one in two clocks: a byte of it; whether it is 0; instead of a byte, the frame's end
        there, byte, zero = Signal(name="there"), Signal(8, name="byte", reset_less=True), Signal(name="zero")
        end, counts = Signal(name="end"), Signal(name="counts")  # counts: the byte is one of the message
        check, left = Signal(crc.bits, init=crc.start, name="check"), Signal(range(crc.bytes + 1), name="left")
        start, head = Signal(range(self.depth), name="start"), Signal(range(self.depth), init=1, name="head")
        code, full = Signal(8, init=1, name="code"), Signal(name="full")  # bytes of the block, and one
        used, room = Signal(range(self.depth), name="used"), Signal(name="room")
        within, free = Signal(name="within"), Signal(name="free")
        m.d.comb += [used.eq(head - buffer.begin), free.eq(room & ~there & ~end)]
        m.d.sync += [
            room.eq(used < self.depth - _SPARE),
            self.idle.eq((buffer.begin == buffer.end) & ~within),
            there.eq(0),
            end.eq(0),
        ]
        with m.FSM():
            with m.State("MESSAGE"):
                m.d.comb += self.messages.ready.eq(free)
                m.d.sync += [byte.eq(self.messages.payload.byte), zero.eq(self.messages.payload.byte == 0)]
                m.d.sync += [counts.eq(1), left.eq(crc.bytes)]
                with m.If(self.messages.valid & free):
                    m.d.sync += [within.eq(1), there.eq(1)]
                    with m.If(self.messages.payload.last):
                        m.next = "CHECK"
            with m.State("CHECK"):
                with m.If(free & (left == 0)):
                    m.d.sync += end.eq(1)
                    m.next = "END"
                with m.Elif(free):
                    m.d.sync += [byte.eq(~check[:8]), zero.eq(check[:8].all()), counts.eq(0), there.eq(1)]
                    m.d.sync += left.eq(left - 1)
            with m.State("END"):
                with m.If(~end):  # the last block has its code; a 0 ends the frame
                    m.d.sync += within.eq(0)
                    m.next = "MESSAGE"
        with m.If(there):
            m.d.sync += check.eq(Mux(counts, crc.next(check, byte), check >> 8))
        ended = Signal(name="ended")
        m.d.sync += ended.eq(end)
        with m.If(ended):
            m.d.sync += check.eq(crc.start)
        self._write(m, ended, full, end | (there & zero), there, start, head, code, byte)
        return m

    def _write(self, m: Module, ended, full, block, there, start, head, code, byte) -> None:
        """A block's code before it when it ends, bytes behind the others, and a 0 where a frame has ended."""
        buffer = self.buffer
        closes = Signal(name="closes")
        m.d.comb += [closes.eq(ended | full | block), buffer.write.eq(closes | there)]
        m.d.comb += buffer.address.eq(Mux(closes, start, head))
        m.d.comb += buffer.word.eq(Mux(closes, Mux(ended, 0, code), byte))
        with m.If(closes):
            m.d.sync += [buffer.end.eq(head), start.eq(head)]
        with m.If(closes | there):
            m.d.sync += head.eq(head + 1)
        with m.If(closes):
            m.d.sync += [code.eq(1), full.eq(0)]
        with m.Elif(there):
            m.d.sync += [code.eq(code + 1), full.eq(code == _FULL - 1)]
