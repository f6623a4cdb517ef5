"""The serial port against waveforms that are made and read in floating point."""

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring

from hw.serial.uart import UartReceiver, UartTransmitter
from sw.design.frames import rate_step
from tests.hw.play import play

CLOCK = 100_000_000
DATA = bytes([0x00, 0xFF, 0x55, 0xA5, 0x01, 0x80, 0x3C])


def wave(data: bytes, bit: float, begin: float = 20.3) -> list[int]:
    """The line in every clock, when a bit takes so many clocks."""
    levels = [1] * 10_000
    at = begin
    for byte in data:
        for level in [0, *(byte >> i & 1 for i in range(8)), 1]:
            for clock in range(round(at), round(at + bit)):
                levels[clock] = level
            at += bit
    return levels[: round(at) + 40]


def received(levels: list[int], rate: float) -> bytes:
    steps = ({"rx": level, "step": rate_step(rate, CLOCK)} for level in levels)
    shown = play(UartReceiver(), steps, ["valid", "byte"])
    return bytes(shown["byte"][shown["valid"] == 1].tolist())


@pytest.mark.parametrize("rate", [CLOCK / 4, 12e6, 3e6, 1.1e6])
@pytest.mark.parametrize("error", [-0.02, 0.0, 0.02])
def test_bytes_are_received_from_a_sender_that_is_not_exact(rate, error):
    data = DATA if rate > 2e6 else DATA[:3]
    assert received(wave(data, CLOCK / rate * (1 + error)), rate) == data


def test_a_byte_without_its_stop_bit_is_dropped_and_the_next_is_received():
    levels = wave(b"\x12\x34\x56", 10.0, 20.0)
    for clock in range(20 + 190, 20 + 200):  # stop bit of the second
        levels[clock] = 0
    levels[220:220] = [1] * 150
    assert received(levels, 10e6) == b"\x12\x56"


def test_a_short_pulse_is_no_start_bit():
    levels = [1] * 20 + [0] * 3 + [1] * 30 + wave(b"\x7e", 10.0)
    assert received(levels, 10e6) == b"\x7e"


class Loop(wiring.Component):
    """A transmitter, and its line back into a receiver."""

    def __init__(self):
        self.sender, self.receiver = UartTransmitter(), UartReceiver()
        super().__init__({"step": wiring.In(24), "valid": wiring.In(1), "payload": wiring.In(8), "ready": wiring.Out(1)}
                         | {"byte": wiring.Out(8), "there": wiring.Out(1), "line": wiring.Out(1)})  # fmt: skip

    def elaborate(self, platform):
        m = Module()
        m.submodules.sender, m.submodules.receiver = sender, receiver = self.sender, self.receiver
        m.d.comb += [
            sender.step.eq(self.step), receiver.step.eq(self.step), receiver.rx.eq(sender.tx), self.line.eq(sender.tx),
            sender.bytes.payload.eq(self.payload), sender.bytes.valid.eq(self.valid),
            self.ready.eq(sender.bytes.ready), self.byte.eq(receiver.byte), self.there.eq(receiver.valid),
        ]  # fmt: skip
        return m


@pytest.mark.parametrize("rate", [CLOCK // 4, 12_000_000])
def test_what_is_sent_is_received_at_the_rate(rate):
    """Bytes that are offered all the time: each takes ten bits, and a clock to be taken."""
    steps = [{"step": rate_step(rate, CLOCK), "valid": 1, "payload": byte} for byte in DATA for _ in range(1)]
    # the payload stays until it is taken, so each byte is held for as long as one takes
    bit = CLOCK / rate
    held = [step for step in steps for _ in range(round(10 * bit) + 1)] + [{"valid": 0}] * 100
    shown = play(Loop(), held, ["ready", "there", "byte", "line"])
    assert bytes(shown["byte"][shown["there"] == 1].tolist()) == DATA
    taken = np.flatnonzero(shown["ready"])[: len(DATA)]
    assert abs(np.diff(taken) - (10 * bit + 1)).max() <= 1
