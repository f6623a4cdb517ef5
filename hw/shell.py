"""What lies around the accelerator on a board: a serial port, requests of a host, a sample store, LEDs.

docs/host-protocol.md defines all that the host sees.
"""

from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.accelerator import Accelerator
from hw.serial.beats import BeatQueue
from hw.serial.elapsed import RunClocks
from hw.serial.feed import ByteSlots
from hw.serial.frames import FrameReceiver, FrameTransmitter
from hw.serial.kept import KeptResults, results_kept
from hw.serial.lights import Lights
from hw.serial.line import Line
from hw.serial.requests import Requests
from hw.serial.reset import with_reset
from hw.serial.store import SampleStore, most_samples
from sw.design.design import Design
from sw.design.frames import PAYLOAD_MAX, Identity, slots_ending
from sw.design.schedule import Schedule
from sw.design.settings import INPUT_BITS

__all__ = ["Shell", "store_words"]

_RECEIVED = 4096  # bytes of frames that have not been answered
_SENT = 2048  # bytes of answers that have not been sent
_WINDOW = 16


def store_words(schedule: Schedule, store_bits: int) -> int:
    """Words of the largest sample store in so many bits of memory, labels not counted; 0 where no sample fits."""
    words = store_bits // (INPUT_BITS * schedule.features_per_beat)
    return words if most_samples(schedule, words) else 0


class Shell(wiring.Component):
    """The whole of a board's logic, but for its clock and its pins.

    ``clock_hz``: of the domain "sync", whose reset begins everything anew. ``board``: its name, up to 16 characters.
    ``store_bits``: block RAM for samples; there is no store where none fits. ``leds``: how many the board has.
    ``known_as``: the design that a host names it by, if it differs in where its multipliers are.

    ``rx``, ``tx``: the serial line, low is 0, at 115,200 baud unless the host changes it; ``rx`` need not be
    synchronous. ``leds``: the first blinks as long as there is a clock; the others are a bar, as long as the share of
    the latest 64 results that were right.
    """

    def __init__(
        self, design: Design, *, clock_hz: int, board: str = "", store_bits: int = 0, leds: int = 4,
        known_as: Design | None = None,
    ):
        schedule = Schedule.of(design)
        self.clock_hz, self.schedule = clock_hz, schedule
        self.accelerator = Accelerator(design)
        self.feed = ByteSlots(schedule)
        words = store_words(schedule, store_bits)
        self.store = SampleStore(schedule, words) if words else None
        self.queue = BeatQueue(schedule, 2 if words else 1)
        results = results_kept(slots_ending(design.network.inputs), schedule.flush_slots)
        self.kept = KeptResults(schedule, results)
        self.identity = Identity.of(
            known_as or design, board=board, clock=clock_hz, results=results, window=_WINDOW, store_words=words,
            store_samples=self.store.samples if self.store else 0,
        )
        self.requests = Requests(design, self.identity, self.feed, self.kept, self.store)
        self.receiver, self.transmitter = FrameReceiver(_RECEIVED, PAYLOAD_MAX + 2), FrameTransmitter(_SENT)
        self.line, self.lights = Line(clock_hz), Lights(clock_hz, leds)
        super().__init__({"rx": In(1, init=1), "tx": Out(1, init=1), "leds": Out(leds)})

    def elaborate(self, platform):
        whole, m = Module(), Module()
        for name in ("accelerator", "queue", "feed", "kept", "requests", "receiver", "transmitter", "line", "lights"):
            m.submodules[name] = with_reset(whole, name, getattr(self, name))  # all are a clock late together
        if self.store:
            m.submodules.store = with_reset(whole, "store", self.store)
        accelerator, requests = self.accelerator, self.requests
        wiring.connect(m, self.receiver.messages, requests.messages)
        wiring.connect(m, requests.answers, self.transmitter.messages)
        wiring.connect(m, requests.config, accelerator.config)
        wiring.connect(m, accelerator.readback, requests.readback)
        wiring.connect(m, accelerator.results, self.kept.results)
        self._line(m)
        self._slots(m)
        self._counters(m)
        whole.submodules.shell = with_reset(whole, "shell", m)
        return whole

    def _line(self, m: Module) -> None:
        line, requests = self.line, self.requests
        wiring.connect(m, self.transmitter.bytes, line.bytes)
        m.d.comb += [
            line.rx.eq(self.rx),
            self.tx.eq(line.tx),
            self.receiver.byte.eq(line.byte),
            self.receiver.valid.eq(line.valid),
            line.good.eq(self.receiver.good),
            line.step.eq(requests.step),
            line.stepped.eq(requests.stepped),
            self.lights.recent.eq(self.kept.recent),
            self.leds.eq(self.lights.leds),
        ]
        m.d.sync += requests.sent.eq(self.transmitter.idle & line.idle)

    def _slots(self, m: Module) -> None:
        """Slots of the host's or of the store: the store's, from when the last of the host's has gone, for a run."""
        feed, kept, store, queue = self.feed, self.kept, self.store, self.queue
        wiring.connect(m, queue.slots, self.accelerator.slots)
        wiring.connect(m, feed.beats, queue.sources[0])
        if not store:
            m.d.comb += [kept.begun.eq(feed.begun), kept.keep.eq(1)]
            return
        wiring.connect(m, store.beats, queue.sources[1])
        m.d.sync += [
            store.granted.eq(store.running & (store.granted | feed.idle)),
            store.admit.eq(kept.room != 0),
            kept.begun.eq(feed.begun | store.begun),
            kept.keep.eq(feed.begun | store.run.keep),
        ]

    def _counters(self, m: Module) -> None:
        accelerator, requests = self.accelerator, self.requests
        for name in ("slots", "correct", "cycles", "stalls"):
            m.d.comb += getattr(requests, f"counter_{name}").eq(getattr(accelerator, f"count_{name}"))
        with m.If(self.receiver.dropped):
            m.d.sync += requests.counter_dropped.eq(requests.counter_dropped + 1)
        if not self.store:
            return
        m.submodules.clocks = clocks = RunClocks(self.schedule)
        m.d.sync += clocks.taken.eq(self.queue.taken & self.store.granted)
        m.d.comb += [
            clocks.start.eq(self.store.start),
            requests.counter_clocks.eq(clocks.clocks),
        ]
