"""The frame receiver: it hands on what a right frame says, whatever bytes come before, between and within."""

from itertools import pairwise

from amaranth.hdl import Array, Assert, Assume, Const, Cover, Elaboratable, Fragment, Module, Mux, Signal

from hw.serial.crc import Crc
from hw.serial.frames import FrameReceiver

__all__ = ["Frames"]

CRC = Crc(1, 0xE0)  # x^8 + x^2 + x + 1, reflected
DEPTH = 16


class Frames(Elaboratable):
    """The receiver with messages of at most ``longest`` bytes and a CRC of 8 bits; any bytes in any clocks that do not
    follow each other, taken at will.

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
        m.d.comb += Assume(~(valid & u.valid))
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

        # what the receiver says of it comes four clocks later
        was, was_right, then, then_right, judged, judged_right, seen, seen_right = (
            Signal(name=f"was_{i}") for i in range(8)
        )
        lengths = [Signal.like(length, name=f"length_{i}") for i in range(4)]
        owed, taken, full = Signal(8), Signal(), Signal()  # bytes not yet taken; there were some while a frame came
        fulls = [Signal(name=f"full_{i}") for i in range(4)]
        m.d.comb += taken.eq(u.messages.valid & u.messages.ready)
        m.d.sync += [
            was.eq(ends), was_right.eq(right), then.eq(was), then_right.eq(was_right),
            judged.eq(then), judged_right.eq(then_right), seen.eq(judged), seen_right.eq(judged_right),
            lengths[0].eq(length), *(new.eq(old) for old, new in pairwise(lengths)),
            owed.eq(owed + Mux(u.good, lengths[3] + 2, 0) - taken),
            full.eq((full & ~ends) | (owed != 0) | u.good | (was & was_right) | (then & then_right)
                    | (judged & judged_right) | (ends & right)),
            fulls[0].eq(full), *(new.eq(old) for old, new in pairwise(fulls)),
        ]  # fmt: skip
        m.d.comb += [
            Assert(~u.good | (seen & seen_right), "only right frames are handed on"),
            Assert(~(seen & seen_right) | fulls[3] | u.good, "a right frame is handed on"),
            Assert(~seen | (u.good ^ u.dropped), "a frame is handed on or dropped"),
            Assert(~u.dropped | seen, "nothing else is dropped"),
            Cover(u.good & (lengths[3] == self.longest), "the longest message"),
        ]
        if self.helpers:
            m.d.comb += [
                Assert(u.heard[0] == valid, "a byte is heard"),
                Assert(~valid | (u.heard[1] == byte), "as it came"),
                Assert(u.clears == (was | fresh), "all is cleared"),
                Assert(u.ended == then, "a frame has ended"),
                Assert(u.judged == judged, "a frame is judged"),
                Assert(~u.right | (judged & judged_right), "right ones are right"),
                Assert(~(judged & judged_right) | fulls[2] | u.right, "all right ones are"),
                Assert(~(valid & (u.decoded[1] | u.decoded[2])), "bytes are two clocks apart"),
            ]
            self._helpers(m, line, count, text, checks, following, was, was_right, then_right, judged_right, lengths,
                          owed, full, fulls[0], fresh)
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
        self, m: Module, line, count, text, checks, following, was, was_right, then_right, judged_right, lengths,
        owed, full, was_full, fresh,
    ) -> None:
        """How the receiver's registers hang together with the bytes that have come."""
        u, buffer, most = self.unit, self.unit.buffer, self.most
        byte, there, end, whole = u.decoded
        stored = Signal(range(most + 2))  # bytes of the text that have gone on
        m.d.comb += stored.eq(Mux(count == 0, 0, count - 1 - (there | u.late)))
        inside, known = (count != 0), (count != 0) & (count <= most)
        base, ahead = Signal(range(DEPTH)), Signal(range(DEPTH))
        sound = whole & (u.check == CRC.residue) & u.enough
        m.d.comb += [base.eq(Mux(u.second, u.upto, buffer.end)), ahead.eq(u.head - base)]
        storing, at = Signal(), Signal(range(DEPTH))
        fitted, fits = Signal(), Signal()  # when it ended: a clock later, two later
        m.d.sync += [fitted.eq(u.fits), fits.eq(fitted)]
        numbered = u.judged & judged_right & fits
        m.d.comb += [storing.eq(u.keeps), at.eq(base + 2 + u.length)]
        m.d.comb += [
            Assert(buffer.write == (storing | numbered | u.second), "no byte is written but those of a message"),
            Assert(~(storing & known) | (buffer.word == Array(text)[stored - 1]), "a byte of the message is written"),
            Assert(~storing | (buffer.address == at), "in its place"),
            Assert(~numbered | ((buffer.address == buffer.end) & (buffer.word == lengths[2])), "its length before it"),
            Assert(
                ~u.second | ((buffer.address == (buffer.end + 1)[: len(base)]) & (buffer.word == 0)),
                "in two bytes",
            ),
        ]
        before = Signal(reset_less=True)  # a byte was heard in the clock before
        young = Signal(init=1)  # after a reset places are right a clock later, and room another one later
        m.d.sync += [before.eq(u.heard[0]), young.eq(fresh)]
        used = Signal(8)  # places from the first byte that is not taken to the next
        m.d.comb += used.eq(owed + Mux(u.second, lengths[3] + 2, 0) + ahead)
        m.d.comb += [
            Assert(end == was, "the end of a frame"),
            Assert(~end | (count == 0), "it has ended"),
            Assert(~end | ~there, "nothing comes with the end"),
            Assert(inside | ~u.more, "no group before a frame"),
            Assert(inside | ~there, "no byte before a frame"),
            Assert(u.begun == inside, "within a frame"),
            Assert(~known | (u.more == (following != count)), "a group goes on"),
            Assert(~(known & u.more) | (u.left == (following - count)[:9]), "so many bytes"),
            Assert(before | (u.one == (u.left == 1)), "a byte is left, a clock late"),
            Assert(~known | u.zero | (following >= 255), "a zero follows"),
            Assert(~(known & there) | (byte == Array(text)[count - 2]), "the byte"),
            Assert(~there | (count >= 2), "of a text"),
            Assert(u.clears | ~known | (u.check == Array(checks)[stored]), "its check"),
            Assert(u.clears | inside | ((u.check == CRC.start) & (u.count == 0)), "at the start"),
            Assert(u.clears | inside | ((u.length == 0) & u.fits), "at the start of a message"),
            Assert(u.clears | ~known | (stored == 0) | (u.held == Array(text)[stored - 1]), "the byte before"),
            Assert(u.clears | ~known | (u.count == (stored != 0)), "the check's bytes"),
            Assert(u.clears | ~known | ~u.fits | (u.length == Mux(stored == 0, 0, stored - 1)), "the message's length"),
            Assert((count <= most) | ~u.fits | ((u.length == self.longest) & (u.count == 1) & (there | u.spoils)),
                   "too long"),
            Assert(~u.late | (count >= 2), "a byte of a text"),
            Assert(~u.ended | (count == 0), "nothing comes when a frame has ended"),
            Assert((end + u.ended + u.judged) <= 1, "one frame at a time"),
            Assert(~(u.judged | u.second) | (count <= 1), "at most a code while it is judged"),
            Assert(~u.judged | (count == 0) | ~u.heard[0], "and then no byte"),
            Assert(~(u.late & known) | (byte == Array(text)[count - 2]), "the same byte"),
            Assert(~u.late | (u.mixed == (u.check[:8] ^ byte)), "it is put into the check"),
            Assert(~u.late | (u.holds == ~u.filled), "it is held"),
            Assert(~(u.holds | u.keeps | u.spoils) | u.late, "a byte does something"),
            Assert(~u.late | u.holds | ~u.fits | (u.keeps ^ u.spoils), "something to the message"),
            Assert(~u.keeps | (u.filled & u.fits & u.short), "what fits is kept"),
            Assert(~(u.spoils | u.keeps) | u.filled, "when the check is held"),
            Assert(~u.spoils | ~u.short | full | (count > most), "what has no place is not"),
            Assert(~end | ~was_right | ~u.fits | (u.length == lengths[0]), "the length at the end"),
            Assert(~end | ~was_right | u.fits | was_full, "there is room for a right one"),
            Assert(~end | ~was_right | ~u.fits | sound, "right by both"),
            Assert(~u.ended | ~then_right | ~fitted | u.passes, "it passes"),
            Assert(~u.passes | (then_right & fitted), "no other does"),
            Assert(~u.judged | ~judged_right | ~fits | u.right, "it is right"),
            Assert(~end | was_right | ~(sound & u.fits), "wrong by both"),
            Assert(owed == (buffer.end - buffer.begin)[: len(base)], "bytes in the ring"),
            Assert(~u.ended | ~then_right | ~fitted | (u.number == lengths[1]), "the number when it has ended"),
            Assert(~u.judged | ~judged_right | ~fits | (u.number == lengths[2]), "the number when it is judged"),
            Assert(~u.right | fits, "what is right fits"),
            *(Assert(~one | ((due >= 2) & (due <= self.longest)), f"as long as may be, {i}")
              for i, (one, due) in enumerate(zip((was_right, then_right, judged_right), lengths, strict=False))),
            Assert(~u.second | (u.number == lengths[3]), "the number"),
            Assert(~u.second | u.good, "the second byte of a number"),
            Assert(u.second | ~u.good, "of a frame that is handed on"),
            Assert(~u.second | ((u.upto - buffer.end)[: len(base)] == lengths[3] + 2), "where a message ends"),
            Assert(fresh | (u.base == (base + 2)[: len(base)]), "where the first byte goes"),
            Assert(~u.judged | (u.following == (u.head + 2)[: len(base)]), "where the next one's goes"),
            Assert(fresh | ((ahead >= 2) & (ahead <= 3 + self.longest)), "the place of the next byte"),
            Assert(u.clears | u.ended | u.judged | ~u.fits | (ahead == 2 + u.length), "all are stored"),
            Assert(~end | ~u.fits | (ahead == 2 + u.length), "at the end too"),
            Assert(~u.ended | ~fitted | (ahead == 2 + u.number), "and when it has ended"),
            Assert(~u.judged | ~fits | (ahead == 2 + u.number), "and when it is judged"),
            Assert(u.enough == (u.length >= 2), "enough bytes"),
            Assert(u.short == (u.length != self.longest), "not all bytes"),
            Assert(u.filled == (u.count == CRC.bytes), "all of the check"),
            Assert(full | young | (u.room & (u.fits | u.clears | (count > most))), "room"),
            Assert(full | (owed == 0), "empty"),
            Assert(fresh | (used <= DEPTH - 5), "never too many"),
            Assert(fresh | (ahead == 2) | (used <= DEPTH - 7), "nor with bytes of a frame"),
            Assert(fresh | ~u.room | (used <= DEPTH - 7), "where there is room"),
            Assert(~(u.room & there) | (used <= DEPTH - 8), "for a byte"),
            Assert(~u.keeps | (used <= DEPTH - 8), "that is kept"),
            Assert(~(there & u.late), "one byte at a time"),
            Assert(~(buffer.here | buffer.fetched | u.messages.valid) | (owed != 0), "what is read is there"),
            Assert(buffer.held == u.messages.valid, "there is a word, as others see it"),
            Assert(~buffer.some | buffer.was | (owed != 0), "what is there to be read"),
            Assert((buffer.here + buffer.fetched + u.messages.valid) <= 1, "one at a time"),
        ]
