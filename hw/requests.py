"""Requests of the host, one after another: docs/host-protocol.md, from "What is done once" on."""

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.crc import CRC_32
from hw.feed import ByteSlots
from hw.frames import MESSAGE
from hw.kept import KeptResults
from hw.memory import table
from hw.store import RUN, SampleStore
from sw.design.design import Design
from sw.design.frames import (
    ANSWER,
    DATA_MAX,
    LFSR_BYTES,
    RATE_BITS,
    STEP_MAX,
    WITH_ACTIVATIONS,
    Identity,
    Kind,
    Layout,
    Status,
    Verdict,
    slots_ending,
)
from sw.design.ports import CONFIG_LFSR, Ports
from sw.design.schedule import Schedule

__all__ = ["COUNTERS", "Requests"]

COUNTERS = ("slots", "correct", "cycles", "stalls", "clocks", "dropped")
_NOWHERE = 3  # a kind that no junction has: what is asked of it reads 0 and is not written
_FETCH = 7  # clocks in which every value that is sent has arrived
_ARGUMENTS = 16  # bytes before what has no fixed length
# per type: those bytes, and whether more follow
_LENGTHS = {
    Kind.SLOTS: (0, True),
    Kind.FLUSH: (0, False),
    Kind.WRITE: (Layout.WRITE.size, True),
    Kind.STORE_WRITE: (Layout.WORD.size, True),
    Kind.STORE_LABELS: (Layout.WORD.size, True),
    Kind.STORE_RUN: (Layout.STORE_RUN.size, False),
    Kind.STORE_STOP: (0, False),
    Kind.HELLO: (Layout.WORD.size, False),
    Kind.ECHO: (0, True),
    Kind.SET_RATE: (Layout.WORD.size, False),
    Kind.STATUS: (0, False),
    Kind.RESULTS: (Layout.RESULTS.size, False),
    Kind.READ: (Layout.READ.size, False),
    Kind.SIGNATURE: (Layout.SIGNATURE.size, False),
}
_SIGNED_MOST = 1 << 16  # values of a signature


class Requests(wiring.Component):
    """Takes ``messages``, gives ``answers``; drives the units that it is given, which lie beside it.

    ``config``, ``readback``: the accelerator's. ``sent``: the line has sent all that was answered; then ``step``, the
    line's rate, may change, and ``stepped`` pulses. ``counter_*``: of STATUS.
    """

    def __init__(
        self, design: Design, identity: Identity, feed: ByteSlots, kept: KeptResults, store: SampleStore | None
    ):
        self.design, self.identity = design, identity
        self.feed, self.kept, self.store = feed, kept, store
        self.schedule, ports = Schedule.of(design), Ports.of(design)
        self.most = slots_ending(design.network.inputs)
        self.config_layout = data.StructLayout({f.name: f.width for f in ports.config})
        super().__init__(
            {
                "messages": In(stream.Signature(8)),
                "answers": Out(stream.Signature(MESSAGE)),
                "config": Out(stream.Signature(self.config_layout)),
                "readback": In(stream.Signature(ports.readback[0].width)),
                "sent": In(1),
                "step": Out(RATE_BITS),
                "stepped": Out(1),
                **{f"counter_{name}": In(32) for name in COUNTERS},
            }
        )

    def elaborate(self, platform):
        m = Module()
        self._registers(m)
        self._configuration(m)
        self._derived(m)
        self._fields(m)
        with m.FSM():
            self._head(m)
            self._sequenced(m)
            self._reads(m)
            self._answer(m)
        return m

    # What is known of the request

    def _registers(self, m: Module) -> None:
        self.kind, self.tag = Signal(8, name="kind"), Signal(8, name="tag")
        self.left, self.status = Signal(11, name="left"), Signal(3, name="status")  # bytes of payload not yet taken
        self.expected, self.nonce = Signal(8, name="expected"), Signal(32, name="nonce")
        self.before, self.session = Signal(32, name="before"), Signal(name="session")
        self.data_left = Signal(11, name="data_left")  # bytes of the answer's data yet to be sent
        self.value, self.bytes = Signal(48, name="value"), Signal(3, name="bytes")  # to be sent next
        self.wait, self.number = Signal(range(_FETCH + 1), name="wait"), Signal(11, name="number")
        self.units = Signal(17, name="units")  # values, words, labels, results
        self.check = Signal(CRC_32.bits, name="check")
        arguments = Signal(data.ArrayLayout(8, _ARGUMENTS), name="arguments")
        self.arguments, self.word = arguments, lambda at: arguments.as_value()[8 * at :][:32]
        lanes = max(LFSR_BYTES, self.schedule.features_per_beat)
        self.lane, self.gathered = Signal(lanes, init=1, name="lane"), Signal(8 * lanes, name="gathered")
        self.free = Signal(name="free")  # a byte of an answer may be given
        self.running, self.roomy = Signal(name="running"), Signal(name="roomy")
        m.d.comb += self.free.eq(~self.answers.valid)
        m.d.sync += [
            self.session.eq(self.nonce != 0),
            self.running.eq(self.store.running if self.store else 0),
            self.roomy.eq(self.kept.room >= self.most),
            self.feed.flush.eq(0),
            self.feed.forget.eq(0),
            self.kept.free.eq(0),
            self.stepped.eq(0),
        ]
        with m.If(self.answers.ready):
            m.d.sync += self.answers.valid.eq(0)
        if self.store:
            for pulse in ("check", "start", "stop", "write", "label_write"):
                m.d.sync += getattr(self.store, pulse).eq(0)

    def _configuration(self, m: Module) -> None:
        """The port's requests: one that writes what was gathered, or as many reads as are asked for."""
        self.writing, self.asked = Signal(name="writing"), Signal(17, name="asked")
        self.index = Signal(33, name="index")
        port, asks, beyond = self.config.payload, Signal(name="asks"), Signal(name="beyond")
        m.d.sync += asks.eq(self.asked != 0)
        m.d.comb += [
            beyond.eq(self.index[len(port.index) :].any()),
            port.value.eq(self.gathered),
            port.index.eq(self.index),
            port.kind.eq(Mux(beyond, _NOWHERE, self.arguments[1])),
            port.junction.eq(self.arguments[0]),
            port.write.eq(self.writing),
            self.config.valid.eq(self.writing | asks),
        ]
        with m.If(self.config.valid & self.config.ready):
            m.d.sync += [self.index.eq(self.index + 1), self.writing.eq(0)]
            with m.If(~self.writing):
                m.d.sync += [self.asked.eq(self.asked - 1), asks.eq(self.asked != 1)]

    def _derived(self, m: Module) -> None:
        """What follows from the arguments, a few clocks after they have come."""
        store, lanes, each = self.store, self.schedule.features_per_beat, self.identity.value_bytes
        self.is_lfsr, self.valid_place = Signal(name="is_lfsr"), Signal(name="valid_place")
        self.size = Signal(range(LFSR_BYTES + 1), name="size")  # bytes of a value
        self.is_write, self.is_label = Signal(name="is_write"), Signal(name="is_label")
        self.unit = Signal(range(2 + max(lanes, LFSR_BYTES)), name="unit")  # bytes of a value, word or label
        self.end, self.limit = Signal(33, name="end"), Signal(32, name="limit")
        m.d.sync += [
            self.is_lfsr.eq(self.arguments[1] == CONFIG_LFSR),
            self.size.eq(Mux(self.is_lfsr, LFSR_BYTES, each)),
            self.valid_place.eq((self.arguments[0] < len(self.design.junctions)) & (self.arguments[1] <= CONFIG_LFSR)),
            self.is_write.eq(self.kind == Kind.WRITE),
            self.is_label.eq(self.kind == Kind.STORE_LABELS),
            self.unit.eq(Mux(self.is_write, self.size, Mux(self.is_label, 2, lanes))),
            self.limit.eq(Mux(self.is_label, store.samples, store.words) if store else 0),
            self.end.eq(self.word(0) + self.units),
        ]
        # READ
        count = self.word(6)[:16]
        self.fits, self.read_bytes = Signal(name="fits"), Signal(11, name="read_bytes")
        most = Mux(self.is_lfsr, DATA_MAX // LFSR_BYTES, DATA_MAX // each)
        m.d.sync += [
            self.fits.eq((count != 0) & (count <= most)),
            self.read_bytes.eq(Mux(self.is_lfsr, _times(count, LFSR_BYTES), _times(count, each))),
        ]
        # SIGNATURE, SET_RATE
        self.signs, self.rates = Signal(name="signs"), Signal(name="rates")
        m.d.sync += [
            self.signs.eq((self.word(6) != 0) & (self.word(6) <= _SIGNED_MOST)),
            self.rates.eq((self.word(0) != 0) & (self.word(0) <= STEP_MAX)),
        ]
        # STORE_RUN
        self.run, self.runs = Signal(RUN, name="run"), Signal(name="runs")
        bits, kind, shift, flags = (self.arguments[i] for i in range(12, 16))
        m.d.comb += [
            self.run.slots.eq(self.word(0)),
            self.run.samples.eq(self.word(4)),
            self.run.place.eq(self.word(8)),
            self.run.bits.eq(Cat(bits[1] | bits[3], bits[2] | bits[3])),
            self.run.kind.eq(kind),
            self.run.rate_shift.eq(shift),
            Cat(self.run.lfsr, self.run.keep).eq(flags),
        ]
        one = (bits == 1) | (bits == 2) | (bits == 4) | (bits == 8)
        m.d.sync += self.runs.eq(one & ((kind == 1) | (kind == 2)) & (shift < 16) & (flags < 4) & (self.word(0) != 0))

    def _fields(self, m: Module) -> None:
        """Of HELLO and STATUS, the one of this number."""
        facts = self.identity.pack()
        m.submodules.identity = rom = table(8, list(facts), len(facts))
        self.fact, self.field = rom.read_port(), Signal(32, name="field")
        m.d.comb += [self.fact.addr.eq(self.number - 1), self.fact.en.eq(1)]
        fields = [getattr(self, f"counter_{name}") for name in COUNTERS[:4]] + [self.kept.first, self.kept.next]
        fields += [self.store.left, self.store.place] if self.store else [Const(0, 32)] * 2
        fields += [self.counter_clocks, self.counter_dropped, Cat(self.running, self.feed.inside)]
        with m.Switch(self.number):
            for i, one in enumerate(fields):
                with m.Case(i):
                    m.d.sync += self.field.eq(one)

    def _take(self, m: Module, also=1):
        """In a state: takes a byte of the message, if there is one; a condition for what is done with it."""
        m.d.comb += self.messages.ready.eq(also)
        return m.If(self.messages.valid & also)

    def _refuse(self, m: Module, verdict: int) -> None:
        m.d.sync += self.status.eq(verdict)
        m.next = "SKIP"

    # From the first byte to the decision

    def _head(self, m: Module) -> None:
        size, more = Signal(range(_ARGUMENTS + 1), name="argument_bytes"), Signal(name="more")
        known, right, distance = Signal(name="known"), Signal(name="right"), Signal(8, name="distance")
        sequenced, open_ = Signal(name="sequenced"), Signal(name="open")  # open: without a session
        with m.State("LENGTH"):
            m.d.sync += [self.status.eq(Verdict.OK), self.data_left.eq(0), self.number.eq(0)]
            with self._take(m):
                m.d.sync += self.left.eq(self.messages.payload)
                m.next = "LENGTH_HIGH"
        with m.State("LENGTH_HIGH"), self._take(m):
            m.d.sync += self.left[8:].eq(self.messages.payload)
            m.next = "TYPE"
        with m.State("TYPE"), self._take(m):
            m.d.sync += [self.kind.eq(self.messages.payload), self.left.eq(self.left - 2)]
            m.next = "TAG"
        with m.State("TAG"), self._take(m):
            m.d.sync += self.tag.eq(self.messages.payload)
            m.next = "RULES"
        with m.State("RULES"):
            m.d.sync += [known.eq(0), distance.eq(self.tag - self.expected), sequenced.eq(~self.kind[6])]
            m.d.sync += open_.eq(0)
            with m.Switch(self.kind):
                for kind, (count, follow) in _LENGTHS.items():
                    with m.Case(kind):
                        m.d.sync += [known.eq(1), size.eq(count), more.eq(follow)]
                        if kind in (Kind.HELLO, Kind.ECHO, Kind.SET_RATE):
                            m.d.sync += open_.eq(1)
            m.next = "COMPARE"
        with m.State("COMPARE"):
            m.d.sync += right.eq(Mux(more, self.left >= size, self.left == size))
            m.next = "JUDGE"
        with m.State("JUDGE"):
            with m.If(~known):
                self._refuse(m, Verdict.INVALID)
            with m.Elif(~self.session & ~open_):
                self._refuse(m, Verdict.NO_SESSION)
            with m.Elif(sequenced & distance[7]):
                m.next = "SKIP"
            with m.Elif(sequenced & (distance != 0)):
                self._refuse(m, Verdict.ORDER)
            with m.Elif(~right):
                self._refuse(m, Verdict.INVALID)
            with m.Else():
                m.next = "ARGUMENTS"
        with m.State("ARGUMENTS"):
            with m.If(self.number == size):
                m.d.sync += self.wait.eq(_FETCH)
                m.next = "SETTLE"
            with m.Else():
                with self._take(m):
                    m.d.sync += [self.number.eq(self.number + 1), self.left.eq(self.left - 1)]
                    with m.Switch(self.number):
                        for i in range(_ARGUMENTS):
                            with m.Case(i):
                                m.d.sync += self.arguments[i].eq(self.messages.payload)
        with m.State("SETTLE"):  # what is derived from arguments has arrived
            m.d.sync += [self.wait.eq(self.wait - 1), self.number.eq(0), self.units.eq(0)]
            with m.If(self.wait == 0):
                m.next = "BEGIN"
        with m.State("BEGIN"), m.Switch(self.kind):
            self._begin(m)
        with m.State("SKIP"):
            with m.If(self.left == 0):
                m.next = "ANSWER"
            with m.Else(), self._take(m):
                m.d.sync += self.left.eq(self.left - 1)
        with m.State("DONE"):
            m.d.sync += self.expected.eq(self.expected + 1)
            m.next = "ANSWER"

    def _begin(self, m: Module) -> None:
        """What is asked, and whether it can be done now."""
        feed, store = self.feed, self.store
        with m.Case(Kind.SLOTS):
            with m.If(self.running | ~self.roomy):
                self._refuse(m, Verdict.BUSY)
            with m.Else():
                m.next = "SLOTS"
        with m.Case(Kind.FLUSH):
            with m.If(self.running):
                self._refuse(m, Verdict.BUSY)
            with m.Elif(feed.inside):
                self._refuse(m, Verdict.INVALID)
            with m.Else():
                m.d.sync += [feed.flush.eq(1), self.wait.eq(_FETCH)]
                m.next = "FLUSH"
        with m.Case(Kind.WRITE):
            with m.If(self.running):
                self._refuse(m, Verdict.BUSY)
            with m.Elif(feed.inside | ~self.valid_place):
                self._refuse(m, Verdict.INVALID)
            with m.Else():
                m.d.sync += self.index.eq(self.word(2))
                m.next = "DIVIDE"
        with m.Case(Kind.STORE_WRITE, Kind.STORE_LABELS):
            with m.If(self.running):
                self._refuse(m, Verdict.BUSY)
            with m.Else():
                m.d.sync += self.index.eq(self.word(0))
                m.next = "DIVIDE"
        with m.Case(Kind.STORE_RUN):
            if store:
                with m.If(self.running):
                    self._refuse(m, Verdict.BUSY)
                with m.Elif(feed.inside | ~self.runs):
                    self._refuse(m, Verdict.INVALID)
                with m.Else():
                    m.d.sync += [store.run.eq(self.run), store.check.eq(1), self.wait.eq(1)]
                    m.next = "RUN"
            else:
                self._refuse(m, Verdict.INVALID)
        with m.Case(Kind.STORE_STOP):
            if store:
                m.d.sync += store.stop.eq(1)
            m.next = "DONE"
        with m.Case(Kind.HELLO):
            with m.If(self.word(0) == 0):
                self._refuse(m, Verdict.INVALID)
            with m.Else():
                m.d.sync += [self.before.eq(self.nonce), self.nonce.eq(self.word(0))]
                m.d.sync += self.data_left.eq(4 + Identity.LAYOUT.size)
                with m.If(self.word(0) != self.nonce):
                    m.d.sync += [self.expected.eq(0), feed.forget.eq(1)]
                m.next = "ANSWER"
        with m.Case(Kind.ECHO):
            with m.If(self.left > DATA_MAX):
                self._refuse(m, Verdict.INVALID)
            with m.Else():
                m.d.sync += self.data_left.eq(self.left)
                m.next = "ANSWER"
        with m.Case(Kind.SET_RATE):
            with m.If(~self.rates):
                self._refuse(m, Verdict.INVALID)
            with m.Else():
                m.next = "ANSWER"
        with m.Case(Kind.STATUS):
            m.d.sync += self.data_left.eq(Status.LAYOUT.size)
            m.next = "ANSWER"
        with m.Case(Kind.RESULTS):
            m.next = "RESULTS"
        with m.Case(Kind.READ):
            with m.If(self.running):
                self._refuse(m, Verdict.BUSY)
            with m.Elif(~self.valid_place | ~self.fits):
                self._refuse(m, Verdict.INVALID)
            with m.Else():
                m.d.sync += [self.asked.eq(self.word(6)[:16]), self.index.eq(self.word(2))]
                m.d.sync += self.data_left.eq(self.read_bytes)
                m.next = "ANSWER"
        with m.Case(Kind.SIGNATURE):
            with m.If(self.running):
                self._refuse(m, Verdict.BUSY)
            with m.Elif(~self.valid_place | ~self.signs):
                self._refuse(m, Verdict.INVALID)
            with m.Else():
                m.d.sync += [self.asked.eq(self.word(6)), self.units.eq(self.word(6)), self.index.eq(self.word(2))]
                m.d.sync += [self.check.eq(CRC_32.start), self.data_left.eq(4)]
                m.next = "SIGN"

    # Requests that change something

    def _sequenced(self, m: Module) -> None:
        feed = self.feed
        with m.State("SLOTS"):
            m.d.comb += [feed.bytes.payload.eq(self.messages.payload)]
            with m.If(self.left == 0):
                m.next = "DONE"
            with m.Else():
                m.d.comb += feed.bytes.valid.eq(self.messages.valid)
                with self._take(m, feed.bytes.ready):
                    m.d.sync += self.left.eq(self.left - 1)
        with m.State("FLUSH"):
            with m.If(self.wait != 0):
                m.d.sync += self.wait.eq(self.wait - 1)
            with m.Elif(~feed.flushing):
                m.next = "DONE"
        self._units(m)
        if store := self.store:
            with m.State("RUN"):
                m.d.sync += self.wait.eq(0)
                with m.If((self.wait == 0) & ~store.checking & ~store.check):
                    with m.If(store.fits):
                        m.d.sync += [store.start.eq(1), self.wait.eq(_FETCH)]
                        m.next = "STARTED"
                    with m.Else():
                        self._refuse(m, Verdict.INVALID)
            with m.State("STARTED"):  # until `running` is seen here
                m.d.sync += self.wait.eq(self.wait - 1)
                with m.If(self.wait == 0):
                    m.next = "DONE"

    def _units(self, m: Module) -> None:
        """Values, words or labels: how many there are, then one after another."""
        store, size, is_write = self.store, self.unit, self.is_write
        rest, taken = Signal(11, name="rest"), Signal(len(size), name="taken")
        with m.State("DIVIDE"):
            m.d.sync += [rest.eq(self.left), self.units.eq(0)]
            m.next = "DIVIDING"
        with m.State("DIVIDING"):
            with m.If(rest >= size):
                m.d.sync += [rest.eq(rest - size), self.units.eq(self.units + 1)]
            with m.Else():
                m.d.sync += self.wait.eq(_FETCH)
                m.next = "DIVIDED"
        with m.State("DIVIDED"):
            m.d.sync += [self.wait.eq(self.wait - 1), self.lane.eq(1), taken.eq(0)]
            with m.If(self.wait == 0):
                with m.If((rest != 0) | (self.units == 0) | (~is_write & (self.end > self.limit))):
                    self._refuse(m, Verdict.INVALID)
                with m.Else():
                    m.next = "GATHER"
        with m.State("GATHER"):
            with m.If(taken == size):
                m.d.sync += [self.lane.eq(1), taken.eq(0)]
                m.next = "UNIT"
            with m.Elif(self.left == 0):
                m.next = "DONE"
            with m.Else(), self._take(m):
                m.d.sync += [self.left.eq(self.left - 1), self.lane.eq(self.lane << 1), taken.eq(taken + 1)]
                for i, chosen in enumerate(self.lane):
                    with m.If(chosen):
                        m.d.sync += self.gathered.word_select(i, 8).eq(self.messages.payload)
        with m.State("UNIT"):
            if store:
                m.d.sync += [
                    store.write_address.eq(self.index),
                    store.word.eq(self.gathered),
                    store.label_address.eq(self.index),
                    store.label.eq(self.gathered),
                    store.write.eq(self.kind == Kind.STORE_WRITE),
                    store.label_write.eq(self.is_label),
                ]
            with m.If(is_write):
                m.d.sync += self.writing.eq(1)
                m.next = "WRITE"
            with m.Else():
                m.d.sync += self.index.eq(self.index + 1)
                m.next = "GATHER"
        with m.State("WRITE"), m.If(self.config.ready):
            m.next = "GATHER"

    # Requests that read

    def _reads(self, m: Module) -> None:
        kept, outputs = self.kept, self.design.network.neurons[-1]
        with m.State("SIGN"), m.If(self.readback.valid):
            m.d.comb += self.readback.ready.eq(1)
            m.d.sync += [self.value.eq(self.readback.payload), self.bytes.eq(self.size)]
            m.d.sync += self.units.eq(self.units - 1)
            m.next = "SIGN_BYTES"
        with m.State("SIGN_BYTES"):
            m.d.sync += [self.check.eq(CRC_32.next(self.check, self.value[:8])), self.value.eq(self.value >> 8)]
            m.d.sync += self.bytes.eq(self.bytes - 1)
            with m.If(self.bytes == 1):
                m.next = "SIGN"
                with m.If(self.units == 0):
                    m.next = "ANSWER"

        # the oldest that is asked for, as distance from the oldest that is there, and how many are there
        away, have = Signal(32, name="away"), Signal(range(kept.count + 1), name="have")
        count, fit = Signal(16, name="count"), Signal(range(DATA_MAX + 1), name="fit")
        there = Signal(range(kept.count + 1), name="results_there")
        whole = 2 + outputs * self.identity.activation_bytes
        self.every = every = (self.arguments[6] & WITH_ACTIVATIONS).any()
        per = Mux(every, whole, 2)
        with m.State("RESULTS"):
            m.d.sync += [away.eq(self.word(0) - kept.first), have.eq(kept.next - kept.first)]
            m.d.sync += [count.eq(self.word(4)[:16]), fit.eq(Mux(every, DATA_MAX // whole, DATA_MAX // 2))]
            m.next = "RESULTS_THERE"
        with m.State("RESULTS_THERE"):
            m.d.sync += there.eq(have - away)
            with m.If((away > have) | (fit == 0) | (self.arguments[6] > WITH_ACTIVATIONS)):
                self._refuse(m, Verdict.INVALID)
            with m.Else():
                m.d.sync += [kept.free.eq(1), kept.free_to.eq(self.word(0)), kept.read_result.eq(self.word(0))]
                m.next = "RESULTS_ASKED"
        with m.State("RESULTS_ASKED"):
            m.d.sync += self.units.eq(Mux(count < there, count, there))
            m.next = "RESULTS_FIT"
        with m.State("RESULTS_FIT"):
            m.d.sync += self.units.eq(Mux(self.units < fit, self.units, fit))
            m.next = "RESULTS_BYTES"
        with m.State("RESULTS_BYTES"):
            with m.If(self.units == 0):
                m.next = "ANSWER"
            with m.Else():
                m.d.sync += [self.units.eq(self.units - 1), self.data_left.eq(self.data_left + per)]

    # The answer

    def _answer(self, m: Module) -> None:
        def send(byte, last) -> None:
            answer = self.answers
            m.d.sync += [answer.valid.eq(1), answer.payload.byte.eq(byte), answer.payload.last.eq(last)]

        with m.State("ANSWER"), m.If(self.free):
            m.d.sync += self.number.eq(self.number + 1)
            with m.Switch(self.number[:2]):
                for i, byte in enumerate((self.kind | ANSWER, self.tag, self.status, self.expected)):
                    with m.Case(i):
                        send(byte, (self.data_left == 0) if i == 3 else 0)
            with m.If(self.number == 3):
                m.d.sync += [self.number.eq(0), self.wait.eq(_FETCH)]
                with m.If(self.data_left != 0):
                    m.next = "FETCH"
                with m.Elif((self.kind == Kind.SET_RATE) & (self.status == Verdict.OK)):
                    m.next = "SENT"
                with m.Else():
                    m.next = "LENGTH"
        with m.State("FETCH"):
            m.d.sync += self.wait.eq(self.wait - 1)
            with m.If(self.wait == 0):
                m.next = "NEXT"
        with m.State("NEXT"):
            self._next(m)
        with m.State("BYTES"), m.If(self.free):
            send(self.value[:8], self.data_left == 1)
            m.d.sync += [self.value.eq(self.value >> 8), self.bytes.eq(self.bytes - 1)]
            m.d.sync += [self.data_left.eq(self.data_left - 1), self.wait.eq(_FETCH)]
            with m.If(self.data_left == 1):
                m.next = "LENGTH"
            with m.Elif(self.bytes == 1):
                m.next = "FETCH"
        with m.State("SENT"):  # what the line has to send arrives there within a few clocks
            with m.If(self.wait != 0):
                m.d.sync += self.wait.eq(self.wait - 1)
            with m.Elif(self.sent):
                m.d.sync += [self.step.eq(self.word(0)), self.stepped.eq(1)]
                m.next = "LENGTH"

    def _next(self, m: Module) -> None:
        """The next bytes of the answer's data, ``number`` of which have gone before."""
        kept, outputs = self.kept, self.design.network.neurons[-1]
        def give(value, count) -> None:
            m.d.sync += [self.value.eq(value), self.bytes.eq(count), self.number.eq(self.number + 1)]
            m.next = "BYTES"

        with m.Switch(self.kind):
            with m.Case(Kind.HELLO):
                with m.If(self.number == 0):
                    give(self.before, 4)
                with m.Else():
                    give(self.fact.data, 1)
            with m.Case(Kind.ECHO):
                with self._take(m):
                    m.d.sync += self.left.eq(self.left - 1)
                    give(self.messages.payload, 1)
            with m.Case(Kind.STATUS):
                give(self.field, 4)
            with m.Case(Kind.SIGNATURE):
                give(~self.check, 4)
            with m.Case(Kind.READ), m.If(self.readback.valid):
                m.d.comb += self.readback.ready.eq(1)
                give(self.readback.payload, self.size)
            with m.Case(Kind.RESULTS):
                with m.If(self.number == 0):
                    give(kept.prediction, 2)
                    m.d.sync += kept.read_activation.eq(0)
                    with m.If(~self.every):
                        m.d.sync += [self.number.eq(0), kept.read_result.eq(kept.read_result + 1)]
                with m.Else():
                    give(kept.activation, self.identity.activation_bytes)
                    m.d.sync += kept.read_activation.eq(kept.read_activation + 1)
                    with m.If(self.number == outputs):
                        m.d.sync += [self.number.eq(0), kept.read_result.eq(kept.read_result + 1)]


def _times(value, factor: int):
    """A small multiple, of shifted copies: no multiplier is inferred."""
    return sum((value << i for i in range(factor.bit_length()) if factor >> i & 1), start=Const(0, 1))
