"""The frame receiver: it hands on what a right frame says, whatever bytes come before, between and within."""

from amaranth.hdl import Array, Assert, Const, Cover, Elaboratable, Module, Mux, Signal

from hw.crc import Crc
from hw.frames import FrameReceiver

__all__ = ["Frames"]

CRC = Crc(1, 0xE0)  # x^8 + x^2 + x + 1, reflected


class Frames(Elaboratable):
    """The receiver with messages of at most ``longest`` bytes and a CRC of 8 bits; any bytes in any clocks, taken at will.

    Beside it all bytes of a frame are kept, as many as the longest has, and judged together when it ends: the definition
    of COBS and CRC, not the way in which the receiver goes about it. ``helpers``: with what only a proof needs.
    """

    def __init__(self, longest: int = 3, *, depth: int = 16, contents: bool = False):
        self.longest, self.contents = longest, contents
        self.unit = u = FrameReceiver(depth, longest, CRC)
        self.pick = Signal()
        self.inputs = [u.byte, u.valid, u.messages.ready, self.pick]

    def elaborate(self, platform):
        m = Module()
        m.submodules.unit = u = self.unit
        most = self.longest + CRC.bytes + 1  # bytes on the line of the longest frame, without its end
        line = Array(Signal(8, name=f"line_{i}") for i in range(most))
        count = Signal(range(most + 2))
        with m.If(u.valid):
            with m.If(u.byte == 0):
                m.d.sync += count.eq(0)
            with m.Elif(count <= most):
                m.d.sync += count.eq(count + 1)
                with m.If(count < most):
                    m.d.sync += line[count].eq(u.byte)
        ends = u.valid & (u.byte == 0) & (count != 0)
        right, length, text = self._judged(m, list(line), count)

        # what the receiver says of it comes two clocks later
        was, was_right, seen, seen_right = Signal(), Signal(), Signal(), Signal()
        m.d.sync += [was.eq(ends), was_right.eq(right), seen.eq(was), seen_right.eq(was_right)]
        owed, full = Signal(8), Signal()  # bytes of messages not yet taken; there were some while the frame came
        taken = u.messages.valid & u.messages.ready
        lengths = [Signal.like(length, name=f"length_{i}") for i in range(2)]
        m.d.sync += [lengths[0].eq(length), lengths[1].eq(lengths[0])]
        m.d.sync += owed.eq(owed + Mux(u.good, lengths[1] + 2, 0) - taken)
        frames_full = [Signal(name=f"full_{i}") for i in range(2)]
        m.d.sync += [
            full.eq((full & ~ends) | (owed != 0) | u.good | (was & was_right) | (ends & right)),
            frames_full[0].eq(full | (owed != 0)),
            frames_full[1].eq(frames_full[0]),
        ]
        m.d.comb += [
            Assert(~u.good | (seen & seen_right), "only right frames are handed on"),
            Assert(~(seen & seen_right) | frames_full[1] | u.good, "a right frame is handed on"),
            Assert(~(seen & ~seen_right) | u.dropped, "a wrong frame is dropped"),
            Assert(~u.dropped | seen, "nothing else is dropped"),
            Assert(~(u.good & u.dropped), "good or dropped"),
            Cover(u.good & (lengths[1] == self.longest), "the longest message"),
            Cover(u.dropped & (count == 2), "a frame is dropped, and the next begins"),
        ]
        if self.contents:
            self._followed(m, owed, taken, lengths[1], [was, seen], text)
        return m

    def _judged(self, m: Module, line: list[Signal], count: Signal):
        """Whether these bytes are a right frame; how long its message is, and its bytes."""
        position, whole = Const(0, 8), Const(0, 1)
        text, valid = [], Const(1, 1)
        following = line[0]  # where the next code must be
        for i, byte in enumerate(line[1:], 1):
            is_code = Signal(name=f"is_code_{i}")
            m.d.comb += is_code.eq(following == i)
            one = Signal(8, name=f"text_{i}")
            m.d.comb += one.eq(Mux(is_code, 0, byte))
            text.append(one)
            nxt = Signal(9, name=f"following_{i}")
            m.d.comb += nxt.eq(Mux((i < count) & is_code, byte + i, following))
            following = nxt
        del position, whole, valid
        check = Const(CRC.start, CRC.bits)
        for i, byte in enumerate(text):
            value = check ^ byte
            for bit in range(8):
                step = Signal(CRC.bits, name=f"check_{i}_{bit}")
                m.d.comb += step.eq((value >> 1) ^ Mux(value[0], CRC.polynomial, 0))
                value = step
            new = Signal(CRC.bits, name=f"check_{i}")
            m.d.comb += new.eq(Mux(i + 1 < count, value, check))
            check = new
        length, right = Signal(range(len(line) + 1)), Signal()
        m.d.comb += length.eq(count - 1 - CRC.bytes)
        # after the message comes what its check is when inverted: so ends the register, whatever the message
        m.d.comb += right.eq(
            (count >= 3 + CRC.bytes) & (count <= len(line)) & (following == count) & (check == CRC.residue)
        )
        return right, length, text

    def _followed(self, m: Module, owed, taken, length, seen, text) -> None:
        """Any one message comes out as it was sent, after those before it: its length in two bytes, then its bytes."""
        u = self.unit
        kept = [[Signal(8, name=f"kept_{i}_{age}") for i in range(self.longest)] for age in range(3)]
        m.d.sync += [a.eq(b) for a, b in zip(kept[0], text, strict=False)]
        m.d.sync += [a.eq(b) for a, b in zip(kept[1], kept[0], strict=True)]
        watched, ahead, at = Signal(), Signal(8), Signal(8)
        its_length = Signal(8)
        with m.If(self.pick & u.good & ~watched):
            m.d.sync += [watched.eq(1), ahead.eq(owed - taken), at.eq(0), its_length.eq(length)]
            m.d.sync += [a.eq(b) for a, b in zip(kept[2], kept[1], strict=True)]
        with m.Elif(watched & taken):
            with m.If(ahead != 0):
                m.d.sync += ahead.eq(ahead - 1)
            with m.Else():
                m.d.sync += [at.eq(at + 1), watched.eq(at != its_length + 1)]
        due = Array([its_length, Const(0, 8), *kept[2]])[at]
        m.d.comb += [
            Assert(~(watched & taken & (ahead == 0)) | (u.messages.payload == due), "a message as it was sent"),
            Assert(~taken | (owed != 0), "nothing comes that was not handed on"),
            Cover(watched & taken & (ahead == 0) & (at == 4), "the third byte of a message"),
        ]
