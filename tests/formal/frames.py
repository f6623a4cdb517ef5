"""The frame receiver: it hands on what a right frame says, whatever bytes come before, between and within."""

from amaranth.hdl import Array, Assert, Const, Cover, Elaboratable, Fragment, Module, Mux, Signal

from hw.crc import Crc
from hw.frames import FrameReceiver

__all__ = ["Frames"]

CRC = Crc(1, 0xE0)  # x^8 + x^2 + x + 1, reflected
DEPTH = 16


class Frames(Elaboratable):
    """The receiver with messages of at most ``longest`` bytes and a CRC of 8 bits; any bytes in any clocks, taken at
    will.

    Beside it all bytes of a frame are kept, as many as the longest has, and judged together when it ends, by the
    definitions of COBS and CRC. ``helpers``: with what only the induction needs, and with what is written where.
    """

    def __init__(self, longest: int = 3, *, helpers: bool = True):
        self.longest, self.helpers = longest, helpers
        self.most = longest + CRC.bytes + 1  # bytes on the line of the longest frame, without its end
        self.unit = u = FrameReceiver(DEPTH, longest, CRC)
        self.inputs = [u.byte, u.valid, u.messages.ready]

    def elaborate(self, platform):
        m = Module()
        # elaborated now, as its registers are spoken of
        u = self.unit
        m.submodules.unit = Fragment.get(u, None)
        most = self.most
        # the receiver looks at what has come a clock later, and so is it looked at here
        valid, byte, fresh = Signal(), Signal(8), Signal(init=1)
        m.d.sync += fresh.eq(0)
        m.d.sync += [valid.eq(u.valid), byte.eq(u.byte)]
        line = [Signal(8, name=f"line_{i}") for i in range(most)]
        count = Signal(range(most + 2))
        with m.If(valid):
            with m.If(byte == 0):
                m.d.sync += count.eq(0)
            with m.Elif(count <= most):
                m.d.sync += count.eq(count + 1)
                with m.Switch(count):
                    for i, one in enumerate(line):
                        with m.Case(i):
                            m.d.sync += one.eq(byte)
        ends = valid & (byte == 0) & (count != 0)
        text, checks, following = self._judged(m, line, count)
        right, length = Signal(), Signal(range(most + 1))
        m.d.comb += [
            length.eq(count - 1 - CRC.bytes),
            right.eq((count >= 3 + CRC.bytes) & (count <= most) & (following == count) & (checks[-1] == CRC.residue)),
        ]

        # what the receiver says of it comes three clocks later
        was, was_right, judged, judged_right, seen, seen_right = (Signal(name=f"was_{i}") for i in range(6))
        lengths = [Signal.like(length, name=f"length_{i}") for i in range(3)]
        owed, taken, full = Signal(8), Signal(), Signal()  # bytes not yet taken; there were some while a frame came
        fulls = [Signal(name=f"full_{i}") for i in range(3)]
        m.d.comb += taken.eq(u.messages.valid & u.messages.ready)
        m.d.sync += [
            was.eq(ends), was_right.eq(right), judged.eq(was), judged_right.eq(was_right),
            seen.eq(judged), seen_right.eq(judged_right),
            lengths[0].eq(length), lengths[1].eq(lengths[0]), lengths[2].eq(lengths[1]),
            owed.eq(owed + Mux(u.good, lengths[2] + 2, 0) - taken),
            full.eq((full & ~ends) | (owed != 0) | u.good | (was & was_right) | (judged & judged_right)
                    | (ends & right)),
            fulls[0].eq(full), fulls[1].eq(fulls[0]), fulls[2].eq(fulls[1]),
        ]  # fmt: skip
        m.d.comb += [
            Assert(~u.good | (seen & seen_right), "only right frames are handed on"),
            Assert(~(seen & seen_right) | fulls[2] | u.good, "a right frame is handed on"),
            Assert(~seen | (u.good ^ u.dropped), "a frame is handed on or dropped"),
            Assert(~u.dropped | seen, "nothing else is dropped"),
            Cover(u.good & (lengths[2] == self.longest), "the longest message"),
            Cover(u.dropped & fulls[2] & seen_right, "a right frame without room"),
        ]
        if self.helpers:
            m.d.comb += [
                Assert(u.heard[0] == valid, "a byte is heard"),
                Assert(~valid | (u.heard[1] == byte), "as it came"),
                Assert(u.counts == u.decoded[1], "it is counted"),
                Assert(u.clears == (was | fresh), "all is cleared"),
                Assert(u.ended == judged, "a frame is judged"),
                Assert(~u.right | (judged & judged_right), "right ones are right"),
                Assert(~(judged & judged_right) | fulls[1] | u.right, "all right ones are"),
            ]
            self._helpers(m, line, count, text, checks, following, was, was_right, judged_right, lengths, owed, full,
                          fulls[0])
        return m

    def _judged(self, m: Module, line: list[Signal], count: Signal) -> tuple[list[Signal], list, Signal]:
        """Of the bytes that have come: the text in them, its CRC after each of its bytes and of all, the next code."""
        text, checks = [], [Const(CRC.start, CRC.bits)]
        following = Signal(9, name="following_0")
        m.d.comb += following.eq(line[0])
        for i, byte in enumerate(line[1:], 1):
            is_code, one, after = Signal(name=f"is_code_{i}"), Signal(8, name=f"text_{i}"), Signal(9)
            m.d.comb += [
                is_code.eq(following == i),
                one.eq(Mux(is_code, 0, byte)),
                after.eq(Mux((i < count) & is_code, byte + i, following)),
            ]
            text.append(one)
            following = after
            value = checks[-1] ^ one
            for bit in range(8):
                shifted = Signal(CRC.bits, name=f"check_{i}_{bit}")
                m.d.comb += shifted.eq((value >> 1) ^ Mux(value[0], CRC.polynomial, 0))
                value = shifted
            checks.append(value)
        whole = Signal(CRC.bits)
        m.d.comb += whole.eq(Array(checks)[count - 1])
        return text, [*checks, whole], following

    def _helpers(
        self, m: Module, line, count, text, checks, following, was, was_right, judged_right, lengths, owed, full,
        was_full,
    ) -> None:
        """How the receiver's registers hang together with the bytes that have come."""
        u, buffer, most = self.unit, self.unit.buffer, self.most
        byte, there, end, whole = u.decoded
        stored = Signal(range(most + 2))  # bytes of the text that have gone on from the decoder
        m.d.comb += stored.eq(Mux(count == 0, 0, count - 1 - there))
        inside, known = (count != 0), (count != 0) & (count <= most)
        base, ahead = Signal(range(DEPTH)), Signal(range(DEPTH))
        sound = whole & (u.check == CRC.residue) & (u.length >= 2)
        m.d.comb += [base.eq(Mux(u.second, u.upto, buffer.end)), ahead.eq(u.head - base)]
        storing, at, fitted = Signal(), Signal(range(DEPTH)), Signal()
        m.d.sync += fitted.eq(u.fits)
        numbered = u.ended & judged_right & fitted
        m.d.comb += [storing.eq(there & (u.count != 0) & u.fits & u.room), at.eq(base + 2 + u.length)]
        m.d.comb += [
            Assert(buffer.write == (storing | numbered | u.second), "no byte is written but those of a message"),
            Assert(~(storing & known) | (buffer.word == Array(text)[stored - 1]), "a byte of the message is written"),
            Assert(~storing | (buffer.address == at), "in its place"),
            Assert(~numbered | ((buffer.address == buffer.end) & (buffer.word == lengths[1])), "its length before it"),
            Assert(
                ~u.second | ((buffer.address == (buffer.end + 1)[: len(base)]) & (buffer.word == 0)),
                "in two bytes",
            ),
        ]
        used = Signal(8)  # places from the first byte that is not taken to the next
        m.d.comb += used.eq(owed + Mux(u.second, lengths[2] + 2, 0) + ahead)
        m.d.comb += [
            Assert(end == was, "the end of a frame"),
            Assert(~end | (count == 0), "it has ended"),
            Assert(~end | ~there, "nothing comes with the end"),
            Assert(inside | ~u.more, "no group before a frame"),
            Assert(inside | ~there, "no byte before a frame"),
            Assert(u.begun == inside, "within a frame"),
            Assert(~known | (u.more == (following != count)), "a group goes on"),
            Assert(~(known & u.more) | (u.left == (following - count)[:9]), "so many bytes"),
            Assert(~known | u.zero | (following >= 255), "a zero follows"),
            Assert(~(known & there) | (byte == Array(text)[count - 2]), "the byte"),
            Assert(~there | (count >= 2), "of a text"),
            Assert(u.clears | ~known | (u.check == Array(checks)[stored]), "its check"),
            Assert(u.clears | inside | ((u.check == CRC.start) & (u.count == 0)), "at the start"),
            Assert(u.clears | inside | ((u.length == 0) & u.fits), "at the start of a message"),
            Assert(u.clears | ~known | (stored == 0) | (u.held == Array(text)[stored - 1]), "the byte before"),
            Assert(u.clears | ~known | (u.count == (stored != 0)), "the check's bytes"),
            Assert(u.clears | ~known | (u.length == Mux(stored == 0, 0, stored - 1)), "the message's length"),
            Assert((count <= most) | ((u.length == self.longest) & (u.count == 1) & (there | ~u.fits)), "too long"),
            Assert(~end | ~was_right | (u.length == lengths[0]), "the length at the end"),
            Assert(~end | ~was_right | (sound & (u.fits | was_full)), "right by both"),
            Assert(~end | was_right | ~(sound & u.fits), "wrong by both"),
            Assert(owed == (buffer.end - buffer.begin)[: len(base)], "bytes in the ring"),
            Assert(~u.ended | ~judged_right | (u.number == lengths[1]), "the number when it is judged"),
            Assert(~u.second | (u.number == lengths[2]), "the number"),
            Assert(~u.second | u.good, "the second byte of a number"),
            Assert(u.second | ~u.good, "of a frame that is handed on"),
            Assert(~u.second | ((u.upto - buffer.end)[: len(base)] == lengths[2] + 2), "where a message ends"),
            Assert(u.base == (base + 2)[: len(base)], "where the first byte goes"),
            Assert(~u.ended | (u.following == (u.head + 2)[: len(base)]), "where the next one's goes"),
            Assert((ahead >= 2) & (ahead <= 3 + self.longest), "the place of the next byte"),
            Assert(u.clears | u.ended | ~u.fits | (ahead == 2 + u.length), "all are stored"),
            Assert(~end | ~u.fits | (ahead == 2 + u.length), "at the end too"),
            Assert(~u.ended | ~fitted | (ahead == 2 + u.number), "and when it is judged"),
            Assert(u.enough == (u.length >= 2), "enough bytes"),
            Assert(u.short == (u.length != self.longest), "not all bytes"),
            Assert(u.filled == (u.count == CRC.bytes), "all of the check"),
            Assert(full | (u.room & (u.fits | u.clears | (count > most))), "room"),
            Assert(full | (owed == 0), "empty"),
            Assert(used <= DEPTH - 5, "never too many"),
            Assert((ahead == 2) | (used <= DEPTH - 7), "nor with bytes of a frame"),
            Assert(~u.room | (used <= DEPTH - 7), "where there is room"),
            Assert(~u.room | (u.count == 0) | (used <= DEPTH - 8), "for a byte"),
            Assert(~(buffer.here | buffer.fetched | u.messages.valid) | (owed != 0), "what is read is there"),
            Assert(~buffer.some | buffer.was | (owed != 0), "what is there to be read"),
            Assert((buffer.here + buffer.fetched + u.messages.valid) <= 1, "one at a time"),
        ]
