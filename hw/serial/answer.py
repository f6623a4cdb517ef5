"""Answers: four bytes at their head, then the data's values, byte by byte."""

from amaranth import Cat, Const, Module, Mux, Signal

from hw.serial.late import chosen, register
from hw.serial.offer import Offer
from hw.serial.states import States
from hw.serial.timer import Timer
from sw.design.frames import ANSWER

__all__ = ["HEAD", "Answer"]

HEAD = 4  # bytes


class Answer:
    """From the state ANSWER on: sends ``left`` bytes, those of the head among them, on ``stream``; ``ends`` is high
    with the last one, and the machine must then leave BYTES.

    ``number`` values have been sent of the data, see Offer; ``fetched`` pulses when one is.
    """

    def __init__(self, m: Module, states: States, timer: Timer, stream):
        self.m, self.states, self.timer, self.stream = m, states, timer, stream
        self.left, self.fetched = Signal(11, name="data_left", reset_less=True), Signal(name="value_fetched")
        self.ends = Signal(name="answer_ends")

    def send(self, offer: Offer, number: Signal, *, kind, tag, status, expected) -> None:
        m, at, go, stream = self.m, self.states.at, self.states.go, self.stream
        value = Signal(Offer.WIDTH, name="value", reset_less=True)
        bytes_ = Signal(3, name="bytes", reset_less=True)
        free, last = ~stream.valid, register(m, "data_last", self.left == 1)
        value_ends = register(m, "value_ends", bytes_ == 1)
        with m.If(stream.ready):
            m.d.sync += stream.valid.eq(0)
        m.d.comb += self.ends.eq(free & last)
        # what comes next hangs on the state, and only whether it does on the decision
        head = Cat(kind | ANSWER, tag, status, Const(0, 8 - len(status)), expected)
        begins, fetches, goes_on = (self.states.now(name) for name in ("ANSWER", "FETCH", "BYTES"))
        values = ((begins, head), (fetches, offer.value), (goes_on, value >> 8))
        new = chosen(m, "value_next", values, Offer.WIDTH)
        new_bytes = register(m, "bytes_next", Mux(begins, HEAD, Mux(fetches, offer.bytes, bytes_ - 1)), 3)
        change = Signal(name="value_changes")
        m.d.sync += change.eq(0)
        with m.If(change):
            m.d.sync += [value.eq(new), bytes_.eq(new_bytes)]
        byte = Signal(8, name="answer_byte", reset_less=True)
        m.d.comb += stream.payload.byte.eq(byte)
        with at("ANSWER"):
            m.d.sync += change.eq(1)
            go("BYTES")
        with at("BYTES", free):
            m.d.sync += [stream.valid.eq(1), byte.eq(value[:8]), stream.payload.last.eq(last)]
            m.d.sync += [self.left.eq(self.left - 1), change.eq(1)]
        with at("BYTES", free & ~last & value_ends):
            m.d.comb += self.timer.start.eq(1)
            go("FETCH")
        with at("FETCH", self.timer.over & offer.there):
            m.d.comb += self.fetched.eq(1)
            m.d.sync += change.eq(1)
            go("BYTES")
