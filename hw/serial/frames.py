"""Frames on a line of bytes: COBS with a CRC, a whole right frame or none.

A frame is COBS(message, check of the message) and a byte of zero, where COBS (S. Cheshire, M. Baker, "Consistent
Overhead Byte Stuffing", IEEE/ACM Transactions on Networking 7(2), 1999) leaves no other zero. So a receiver that has
lost its place finds it again at the next zero.
"""

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.memory import memory
from hw.serial.crc import CRC_32, Crc
from hw.timeline import cleared

__all__ = ["MESSAGE", "FrameReceiver", "FrameTransmitter"]

MESSAGE = data.StructLayout({"byte": 8, "last": 1})  # of the stream of a message: a byte, and whether it is the last
_FULL = 255  # code of a group of 254 bytes that no zero follows
_SHORTEST = 2  # bytes of a message
_SPARE = 8  # places of a ring that are kept free: two for a number, and as room is known a clock late


class _Buffer(wiring.Component):
    """A ring of words, written anywhere, read in order up to ``end``: one word in six clocks, or fewer.

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
        now, place = Signal(name="write_now"), Signal(len(self.address), name="write_place", reset_less=True)
        word = Signal(self.shape, name="write_word", reset_less=True)
        # there is a word, as it was a clock before; one was offered then; one is being fetched
        some, was, here, fetched = (Signal(name=name) for name in ("some", "was", "here", "fetched"))
        self.some, self.was, self.here, self.fetched = some, was, here, fetched
        # the same twice: what others see, and what is decided by here
        valid, held = (Signal(name=name, attrs={"keep": 1}) for name in ("valid", "held"))
        self.held = held
        found = Signal(self.shape, name="found", reset_less=True)
        m.d.sync += [now.eq(self.write), place.eq(self.address), word.eq(self.word)]
        m.d.comb += [
            write.addr.eq(place),
            write.data.eq(word),
            write.en.eq(now),
            read.addr.eq(self.begin),
            read.en.eq(1),
            self.words.valid.eq(valid),
            self.words.payload.eq(found),
        ]
        m.d.sync += [
            some.eq(self.begin != self.end),
            was.eq(held),
            here.eq(some & ~here & ~fetched & ~held & ~was),
            fetched.eq(here),
            found.eq(read.data),
        ]
        with m.If(fetched):
            m.d.sync += [valid.eq(1), held.eq(1)]
        with m.If(held & self.words.ready):
            m.d.sync += [valid.eq(0), held.eq(0), self.begin.eq(self.begin + 1)]
        return m


class FrameReceiver(wiring.Component):
    """Hands on the messages of right frames, and nothing of others.

    ``byte`` counts in clocks with ``valid``, at most every other one. ``messages`` gives, when a frame has ended, its
    message: the number of its bytes (2, low one first), then the bytes. ``good`` pulses for each, ``dropped`` for each
    frame that is dropped: if its COBS or its check is wrong, if its message has less than 2 bytes or more than
    ``longest``, or if the ring of ``depth`` bytes, less about ten, has no room for it beside messages not yet taken. An
    empty frame is none.
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
        self.decoded = byte, there, end, whole = self._decode(m)
        self._store(m, byte, there)
        self._judge(m, end, whole)
        return m

    def _decode(self, m: Module) -> tuple[Signal, Signal, Signal, Signal]:
        """Of COBS, two clocks later: a byte, if there is one; a frame's end and whether it had all its bytes."""
        # what has come, and what it is if it is a code
        heard, code = Signal(name="heard"), Signal(8, name="code", reset_less=True)
        stops, alone, fills = (Signal(name=name, reset_less=True) for name in ("stops", "alone", "fills"))
        self.heard = heard, code
        m.d.sync += [
            heard.eq(self.valid),
            code.eq(self.byte),
            stops.eq(self.valid & (self.byte == 0)),
            alone.eq(self.byte == 1),
            fills.eq(self.byte == _FULL),
        ]
        # bytes of the group yet to come, and if any
        self.left, self.more = left, more = Signal(8, name="left", reset_less=True), Signal(name="more")
        # one byte of it is yet to come, a clock late: none comes in the clock after another
        self.one = one = Signal(name="one", reset_less=True)
        # within a frame; a zero follows this group
        self.begun, self.zero = begun, zero = Signal(name="begun"), Signal(name="zero")
        byte, there = Signal(8, name="decoded", reset_less=True), Signal(name="there")
        end, whole = Signal(name="end"), Signal(name="whole")
        # as `end`, and in the clock after a reset, for what has none of its own
        self.clears = clears = Signal(init=1, name="clears")
        m.d.sync += [there.eq(0), end.eq(0), clears.eq(0), one.eq(left == 1)]
        with m.If(heard):
            m.d.sync += byte.eq(Mux(more, code, 0))
        with m.If(stops):
            m.d.sync += [end.eq(begun), clears.eq(begun), whole.eq(~more), begun.eq(0), more.eq(0)]
        with m.Elif(heard & more):
            m.d.sync += [there.eq(1), left.eq(left - 1), more.eq(~one)]
        with m.Elif(heard):
            m.d.sync += [there.eq(begun & zero), begun.eq(1)]
            m.d.sync += [left.eq(code - 1), more.eq(~alone), zero.eq(~fills)]
        return byte, there, end, whole

    def _store(self, m: Module, byte: Signal, there: Signal) -> None:
        """The bytes but for the check go after two places for their number, a clock after they are there."""
        crc, buffer = self.crc, self.buffer
        places = range(buffer.depth)
        check = Signal(crc.bits, init=crc.start, name="check", reset_less=True)
        held = Signal(crc.bits, name="held", reset_less=True)
        count = Signal(range(crc.bytes + 1), name="count", reset_less=True)
        length = Signal(range(self.longest + 1), name="length", reset_less=True)
        # of count and length: all bytes of a check are held; another byte may come, as many have come as must
        filled, enough = (Signal(name=name, reset_less=True) for name in ("filled", "enough"))
        short, fits = (Signal(init=1, name=name, reset_less=True) for name in ("short", "fits"))
        head = Signal(places, init=2, name="head", reset_less=True)
        used, room = Signal(places, name="used"), Signal(init=1, name="room")
        # what a byte does: it is there; one of the check is held; one of the message is kept; there is no place for it
        mixed = Signal(8, name="byte_in_check", reset_less=True)
        late, holds, keeps, spoils = (Signal(name=name) for name in ("late", "holds", "keeps", "spoils"))
        self.check, self.held, self.count, self.length, self.fits = check, held, count, length, fits
        self.head, self.room, self.filled, self.short, self.enough = head, room, filled, short, enough
        self.mixed, self.late, self.holds, self.keeps, self.spoils = mixed, late, holds, keeps, spoils
        m.d.comb += used.eq(head - buffer.begin)
        m.d.sync += [
            room.eq(used < buffer.depth - _SPARE),
            mixed.eq(check[:8] ^ byte),
            late.eq(there),
            holds.eq(there & ~filled),
            keeps.eq(there & filled & fits & room & short),
            spoils.eq(there & filled & ~(room & short)),
        ]
        with m.If(late):
            m.d.sync += [check.eq(crc.next(Cat(mixed, check[8:]), Const(0, 8))), held.eq(Cat(held[8:], byte))]
        with m.If(holds):
            m.d.sync += [count.eq(count + 1), filled.eq(count == crc.bytes - 1)]
        with m.If(spoils):
            m.d.sync += fits.eq(0)
        with m.If(keeps):
            m.d.sync += [head.eq(head + 1), length.eq(length + 1), short.eq(length != self.longest - 1)]
            m.d.sync += enough.eq(length >= _SHORTEST - 1)
        with m.If(self.clears):
            m.d.sync += [check.eq(crc.start), count.eq(0), filled.eq(0), fits.eq(1)]
            m.d.sync += [length.eq(0), short.eq(1), enough.eq(0)]

    def _judge(self, m: Module, end: Signal, whole: Signal) -> None:
        """Two clocks after its end a frame is right or not, and then its number is written, in two clocks: before a
        message's byte of the next one comes."""
        crc, buffer, head, places = self.crc, self.buffer, self.head, range(self.buffer.depth)
        ended, well, judged, right, second = (
            Signal(name=name) for name in ("ended", "well", "judged", "right", "second")
        )
        alike = Signal(crc.bytes, name="alike", reset_less=True)  # bytes of the check that are right
        number, upto = Signal(16, name="number", reset_less=True), Signal(places, name="upto", reset_less=True)
        # of a frame's first byte: of this one, and of the next if this one is right
        base = Signal(places, init=2, name="base", reset_less=True)
        following = Signal(places, name="following", reset_less=True)
        self.ended, self.judged, self.right, self.second = ended, judged, right, second
        self.number, self.upto, self.base, self.following = number, upto, base, following
        wanted = Const(crc.residue, crc.bits)
        self.passes = passes = ended & well & alike.all()
        m.d.sync += [
            ended.eq(end),
            well.eq(whole & self.fits & self.enough),
            alike.eq(Cat(self.check.word_select(i, 8) == wanted.word_select(i, 8) for i in range(crc.bytes))),
            following.eq(head + 2),
            judged.eq(ended),
            right.eq(passes),
            self.good.eq(right),
            self.dropped.eq(judged & ~right),
            second.eq(right),
        ]
        with m.If(end):
            m.d.sync += number.eq(self.length)
        with m.If(judged):
            m.d.sync += head.eq(Mux(right, following, base))
        with m.If(right):
            m.d.sync += [base.eq(following), upto.eq(head)]
            m.d.comb += [buffer.write.eq(1), buffer.address.eq(buffer.end), buffer.word.eq(number[:8])]
        with m.Elif(second):
            m.d.comb += [buffer.write.eq(1), buffer.address.eq(buffer.end + 1), buffer.word.eq(number[8:])]
        with m.Else():
            m.d.comb += [buffer.write.eq(self.keeps), buffer.address.eq(head), buffer.word.eq(self.held[:8])]
        with m.If(second):
            m.d.sync += buffer.end.eq(upto)
        with m.If(cleared(m)):
            m.d.sync += [head.eq(head.init), base.eq(base.init)]


class FrameTransmitter(wiring.Component):
    """Sends ``messages`` (``MESSAGE``) as frames, byte by byte, on ``bytes``.

    It takes a byte of a message in four clocks while its ring of ``depth`` bytes has room; ``idle``: all that it
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
        # of the frame at hand, one in four clocks: a byte of it; whether it is 0; instead of a byte, the frame's end
        there, byte, zero = Signal(name="there"), Signal(8, name="byte", reset_less=True), Signal(name="zero")
        end, counts = Signal(name="end"), Signal(name="counts")  # counts: the byte is one of the message
        check, left = Signal(crc.bits, name="check", reset_less=True), Signal(range(crc.bytes), name="left")
        turn, room, within = Signal(4, init=1, name="turn"), Signal(name="room"), Signal(name="within")
        # which one comes next: a byte of the message, of the check, or the end; in the last of four clocks each may
        message, checks, ends = Signal(init=1, name="of_message"), Signal(name="of_check"), Signal(name="of_end")
        may_take, may_check, may_end = (Signal(name=name) for name in ("may_take", "may_check", "may_end"))
        now = turn[2] & room
        m.d.comb += self.messages.ready.eq(may_take)
        m.d.sync += [
            turn.eq(turn.rotate_left(1)),
            may_take.eq(now & message),
            may_check.eq(now & checks),
            may_end.eq(now & ends),
            there.eq(0),
            end.eq(may_end),
        ]
        with m.If(may_take & self.messages.valid):
            m.d.sync += [byte.eq(self.messages.payload.byte), zero.eq(self.messages.payload.byte == 0)]
            m.d.sync += [within.eq(1), there.eq(1), counts.eq(1), left.eq(crc.bytes - 1)]
            m.d.sync += [message.eq(~self.messages.payload.last), checks.eq(self.messages.payload.last)]
        with m.If(may_check):
            m.d.sync += [byte.eq(~check[:8]), zero.eq(check[:8].all()), there.eq(1), counts.eq(0)]
            m.d.sync += [left.eq(left - 1), checks.eq(left != 0), ends.eq(left == 0)]
        with m.If(may_end):
            m.d.sync += [ends.eq(0), message.eq(1)]
        ended, over, clears = Signal(name="ended"), Signal(name="over"), Signal(init=1, name="clears")
        m.d.sync += [ended.eq(end), over.eq(ended), clears.eq(end)]
        mixed, was = Signal(8, name="byte_in_check", reset_less=True), Signal(name="was_there")
        m.d.sync += [mixed.eq(check[:8] ^ byte), was.eq(there)]
        with m.If(was):
            m.d.sync += check.eq(Mux(counts, crc.next(Cat(mixed, check[8:]), Const(0, 8)), check >> 8))
        with m.If(clears):  # also after a reset
            m.d.sync += check.eq(crc.start)
        with m.If(over):
            m.d.sync += within.eq(0)
        used = self._write(m, there & ~zero, end | (there & zero), ended, over, byte)
        m.d.sync += [room.eq(used < self.depth - _SPARE), self.idle.eq((buffer.begin == buffer.end) & ~within)]
        return m

    def _write(self, m: Module, appends, closes, ended: Signal, over: Signal, byte: Signal) -> Signal:
        """In the clock after: bytes behind the others, a block's code before it when it ends, and a 0 where a frame has
        ended (``over``). Returns how many places of the ring are used."""
        buffer = self.buffer
        start = Signal(range(self.depth), name="start", reset_less=True)
        head = Signal(range(self.depth), init=1, name="head", reset_less=True)
        # bytes of the block and one
        code, used = Signal(8, init=1, name="code"), Signal(range(self.depth), name="used")
        append, full = Signal(name="append"), Signal(name="full")
        close, closing = (Signal(name=name, attrs={"keep": 1}) for name in ("close", "closing"))  # the same twice
        m.d.comb += [
            full.eq(append & (code == _FULL - 1)),
            used.eq(head - buffer.begin),
            buffer.write.eq(append | close),
            buffer.address.eq(Mux(closing, start, head)),
            buffer.word.eq(Mux(closing, Mux(over, 0, code), byte)),
        ]
        m.d.sync += [append.eq(appends), *(twin.eq(closes | full | ended) for twin in (close, closing))]
        with m.If(append | close):
            m.d.sync += [head.eq(head + 1), code.eq(Mux(close, 1, code + 1))]
        with m.If(close):
            m.d.sync += [buffer.end.eq(head), start.eq(head)]
        with m.If(cleared(m)):
            m.d.sync += [start.eq(start.init), head.eq(head.init)]
        return used
