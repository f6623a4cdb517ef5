"""Requests of the host, one after another: docs/host-protocol.md, from "What is done once" on."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from operator import or_

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.crc import CRC_32
from hw.feed import ByteSlots
from hw.frames import MESSAGE
from hw.kept import KeptResults
from hw.memory import table
from hw.states import States
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
        self.states = States(m, "LENGTH")
        self._registers(m)
        self._message(m)
        self._configuration(m)
        self._derived(m)
        self._asked_for(m)
        self._refusals(m)
        self._results(m)
        self._fields(m)
        self._head(m)
        self._do(m)
        self._sequenced(m)
        self._reads(m)
        self._answer(m)
        return m

    # What is known of the request

    def _registers(self, m: Module) -> None:
        self.kind, self.tag = (Signal(8, name=name, reset_less=True) for name in ("kind", "tag"))
        self.left, self.status = Signal(11, name="left"), Signal(3, name="status")  # bytes of payload not yet taken
        self.none_left = Signal(name="none_left")  # a clock late, as the flags below
        self.expected, self.nonce = Signal(8, name="expected"), Signal(32, name="nonce")
        self.before, self.session = Signal(32, name="before", reset_less=True), Signal(name="session")
        # bytes of the answer's data yet to be sent
        self.data_left, self.data_any = Signal(11, name="data_left"), Signal(name="data_any")
        self.data_last = Signal(name="data_last")
        self.value = Signal(48, name="value", reset_less=True)  # to be sent next, and its bytes
        self.bytes = Signal(3, name="bytes", reset_less=True)
        self.wait = Signal(range(_FETCH + 1), name="wait")
        most = max(len(self.identity.pack()) + 1, self.design.network.neurons[-1])
        self.number = Signal(range(most + 1), name="number")
        self.units, self.none = Signal(17, name="units"), Signal(name="none")  # values, words, labels, results
        self.check = Signal(CRC_32.bits, name="check", reset_less=True)
        self.place = Signal(_ARGUMENTS, init=1, name="place")  # of the next argument
        arguments = Signal(data.ArrayLayout(8, _ARGUMENTS), name="arguments", reset_less=True)
        self.arguments, self.word = arguments, lambda at: arguments.as_value()[8 * at :][:32]
        lanes = max(LFSR_BYTES, self.schedule.features_per_beat)
        self.lane = Signal(lanes, init=1, name="lane")
        self.gathered = Signal(8 * lanes, name="gathered", reset_less=True)
        self.free = Signal(name="free")  # a byte of an answer may be given
        self.running, self.roomy = Signal(name="running"), Signal(name="roomy")
        self.changes = Signal(name="changes")  # the rate, after the answer
        self.to_run = Signal(RUN, name="to_run", reset_less=True)
        m.d.comb += self.free.eq(~self.answers.valid)
        m.d.sync += [
            self.session.eq(self.nonce != 0),
            self.running.eq(self.store.running if self.store else 0),
            self.roomy.eq(self.kept.room >= self.most),
            self.none_left.eq(self.left == 0),
            self.none.eq(self.units == 0),
            self.data_any.eq(self.data_left != 0),
            self.data_last.eq(self.data_left == 1),
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

    def _message(self, m: Module) -> None:
        """The message's next byte: two are taken two clocks apart, or more, so flags of a clock late are in time."""
        self.have, self.byte = Signal(name="have"), Signal(8, name="byte", reset_less=True)
        m.d.comb += self.messages.ready.eq(~self.have)
        with m.If(~self.have):
            m.d.sync += [self.have.eq(self.messages.valid), self.byte.eq(self.messages.payload)]

    @contextmanager
    def _take(self, m: Module, also=1) -> Iterator[None]:
        """In a state: takes a byte of the message, if there is one; a condition for what is done with it."""
        with m.If(self.have & also):
            m.d.sync += self.have.eq(0)
            yield

    def _configuration(self, m: Module) -> None:
        """The port's requests: one that writes what was gathered, or as many reads as are asked for."""
        self.writing, self.asked = Signal(name="writing"), Signal(17, name="asked")
        self.index = Signal(33, name="index", reset_less=True)
        port, asks, beyond = self.config.payload, Signal(name="asks"), Signal(name="beyond")
        taken = Signal(name="request_taken")
        m.d.comb += [
            port.value.eq(self.gathered),
            port.index.eq(self.index),
            port.kind.eq(Mux(beyond, _NOWHERE, self.arguments[1])),
            port.junction.eq(self.arguments[0]),
            port.write.eq(self.writing),
            self.config.valid.eq(self.writing | asks),
            taken.eq(self.config.valid & self.config.ready),
        ]
        m.d.sync += [beyond.eq(self.index[len(port.index) :].any()), asks.eq((self.asked != 0) & ~taken)]
        with m.If(taken):
            m.d.sync += [self.index.eq(self.index + 1), self.writing.eq(0)]
            with m.If(~self.writing):
                m.d.sync += self.asked.eq(self.asked - 1)
        # what has been read, seen a clock late
        self.found, self.read = Signal(name="found"), Signal(name="read_taken")
        m.d.sync += self.found.eq(self.readback.valid & ~self.read)
        m.d.comb += self.readback.ready.eq(self.read)

    def _asked_for(self, m: Module) -> None:
        """Flags of the type, and what else follows from it alone."""
        names = {number: name.lower() for name, number in vars(Kind).items() if name.isupper()}
        self.asks = {kind: Signal(name=f"is_{names[kind]}", reset_less=True) for kind in _LENGTHS}
        m.d.sync += [flag.eq(self.kind == kind) for kind, flag in self.asks.items()]

        def register(name: str, value, width: int = 1) -> Signal:
            made = Signal(width, name=name, reset_less=True)
            m.d.sync += made.eq(value)
            return made

        self.register = register
        self.known = register("known", self._any(*_LENGTHS))
        self.open = register("open", self._any(Kind.HELLO, Kind.ECHO, Kind.SET_RATE))  # also without a session
        self.more = register("more", self._any(*(kind for kind, (_, follow) in _LENGTHS.items() if follow)))
        sizes = [Mux(self.asks[kind], size, 0) for kind, (size, _) in _LENGTHS.items() if size]
        self.argument_bytes = register("argument_bytes", reduce(or_, sizes), 5)

    def _any(self, *kinds: int):
        return Cat(self.asks[kind] for kind in kinds).any()

    def _derived(self, m: Module) -> None:
        """What follows from the arguments, a few clocks after they have come."""
        store, lanes, each = self.store, self.schedule.features_per_beat, self.identity.value_bytes
        self.is_lfsr, self.valid_place = Signal(name="is_lfsr"), Signal(name="valid_place")
        self.size = Signal(range(LFSR_BYTES + 1), name="size")  # bytes of a value
        self.is_write, self.is_label = Signal(name="is_write"), Signal(name="is_label")
        self.unit = Signal(range(2 + max(lanes, LFSR_BYTES)), name="unit")  # bytes of a value, word or label
        end, limit = Signal(33, name="end", reset_less=True), Signal(32, name="limit", reset_less=True)
        self.past = Signal(name="past")  # the last word or label is beyond the last one there is
        m.d.sync += [
            self.is_lfsr.eq(self.arguments[1] == CONFIG_LFSR),
            self.size.eq(Mux(self.is_lfsr, LFSR_BYTES, each)),
            self.valid_place.eq((self.arguments[0] < len(self.design.junctions)) & (self.arguments[1] <= CONFIG_LFSR)),
            self.is_write.eq(self.kind == Kind.WRITE),
            self.is_label.eq(self.kind == Kind.STORE_LABELS),
            self.unit.eq(Mux(self.is_write, self.size, Mux(self.is_label, 2, lanes))),
            limit.eq(Mux(self.is_label, store.samples, store.words) if store else 0),
            end.eq(self.word(0) + self.units),
            self.past.eq(end > limit),
        ]
        # READ
        count = self.word(6)[:16]
        self.fits, self.read_bytes = Signal(name="fits"), Signal(11, name="read_bytes", reset_less=True)
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

    def _refusals(self, m: Module) -> None:
        """``blocked``, ``wrong``: it cannot be done now, it cannot be done; what it begins with if it can."""
        asks, register = self.asks, self.register
        port = (Kind.WRITE, Kind.READ, Kind.SIGNATURE)
        of_run = register("of_run", self._any(Kind.SLOTS, Kind.FLUSH, Kind.STORE_WRITE, Kind.STORE_LABELS,
                                              Kind.STORE_RUN, *port))  # fmt: skip
        self.blocked = register("blocked", (of_run & self.running) | (asks[Kind.SLOTS] & ~self.roomy))
        inside = register("inside", self.feed.inside & self._any(Kind.FLUSH, Kind.WRITE, Kind.STORE_RUN))
        nowhere = register("nowhere", ~self.valid_place & self._any(*port))
        zero, long = register("zero_word", self.word(0) == 0), register("long", self.left > DATA_MAX)
        self.renewed = register("renewed", self.word(0) != self.nonce)
        bad = {
            Kind.HELLO: zero, Kind.ECHO: long, Kind.SET_RATE: ~self.rates, Kind.READ: ~self.fits,
            Kind.SIGNATURE: ~self.signs, Kind.STORE_RUN: ~self.runs if self.store else 1,
        }  # fmt: skip
        bad_value = register("bad_value", Cat(asks[kind] & rule for kind, rule in bad.items()).any())
        self.wrong = register("wrong", inside | nowhere | bad_value)
        stored = register("of_store", self._any(Kind.STORE_WRITE, Kind.STORE_LABELS))
        self.first = register("first_index", Mux(stored, self.word(0), self.word(2)), 32)
        many = self.word(6)[:17]
        self.reads = register("reads", Mux(asks[Kind.SIGNATURE], many, Mux(asks[Kind.READ], many[:16], 0)), 17)
        lengths = {Kind.HELLO: 4 + Identity.LAYOUT.size, Kind.ECHO: self.left, Kind.STATUS: Status.LAYOUT.size,
                   Kind.READ: self.read_bytes, Kind.SIGNATURE: 4}  # fmt: skip
        self.data_bytes = register("data_bytes", reduce(or_, (Mux(asks[k], n, 0) for k, n in lengths.items())), 11)

    def _results(self, m: Module) -> None:
        """RESULTS: the oldest that is asked for, as distance from the oldest that is there, and how many are given."""
        kept, outputs, register = self.kept, self.design.network.neurons[-1], self.register
        whole = 2 + outputs * self.identity.activation_bytes
        self.every = register("every", self.arguments[6] == WITH_ACTIVATIONS)
        self.result_bytes = Mux(self.every, whole, 2)
        places = (kept.count + 1).bit_length()
        away = register("away", self.word(0) - kept.first, 32)
        have = register("have_results", kept.next - kept.first, places)
        # more of them may come meanwhile: what holds for those of before holds still
        far = register("far", away > have)
        there = register("results_there", have - away, places)
        fit = register("fit", Mux(self.every, DATA_MAX // whole, DATA_MAX // 2), 10)
        count = self.word(4)[:16]
        wanted = register("wanted", Mux(count < there, count, there), places)
        self.given = register("given", Mux(wanted < fit, wanted, fit), places)
        ill = register("ill", far | (fit == 0) | (self.arguments[6] > WITH_ACTIVATIONS))
        self.wrong = register("wrong_request", self.wrong | (ill & self.asks[Kind.RESULTS]))

    def _fields(self, m: Module) -> None:
        """Of HELLO and STATUS, the one of this number; what is to be sent next of each."""
        kept, outputs, asks, register = self.kept, self.design.network.neurons[-1], self.asks, self.register
        facts = self.identity.pack()
        m.submodules.identity = rom = table(8, list(facts), len(facts))
        fact, field = rom.read_port(), Signal(32, name="field", reset_less=True)
        m.d.comb += [fact.addr.eq(register("fact_number", self.number - 1, len(fact.addr))), fact.en.eq(1)]
        fields = [getattr(self, f"counter_{name}") for name in COUNTERS[:4]] + [kept.first, kept.next]
        fields += [self.store.left, self.store.place] if self.store else [Const(0, 32)] * 2
        fields += [self.counter_clocks, self.counter_dropped, Cat(self.running, self.feed.inside)]
        with m.Switch(self.number[:4]):
            for i, one in enumerate(fields):
                with m.Case(i) if i + 1 < len(fields) else m.Default():
                    m.d.sync += field.eq(one)
        start, end = register("at_start", self.number == 0), register("at_end", self.number == outputs)
        self.start = start
        self.row_ends = register("row_ends", asks[Kind.RESULTS] & Mux(start, ~self.every, end))
        offers = {
            Kind.HELLO: (Mux(start, self.before, fact.data), Mux(start, 4, 1)),
            Kind.ECHO: (self.byte, 1),
            Kind.STATUS: (field, 4),
            Kind.SIGNATURE: (~self.check, 4),
            Kind.READ: (self.readback.payload, self.size),
            Kind.RESULTS: (Mux(start, kept.prediction, kept.activation), Mux(start, 2, self.identity.activation_bytes)),
        }
        self.offer = register("offer", reduce(or_, (Mux(asks[k], v, 0) for k, (v, _) in offers.items())), 48)
        self.offer_bytes = register("offer_bytes", reduce(or_, (Mux(asks[k], n, 0) for k, (_, n) in offers.items())), 3)
        here = register("have_before", self.have)
        self.offered = Signal(name="offered")
        m.d.comb += self.offered.eq((~asks[Kind.ECHO] | here) & (~asks[Kind.READ] | self.found))

    def _refuse(self, m: Module, verdict: int) -> None:
        m.d.sync += self.status.eq(verdict)
        self.states.go("SKIP")

    # From the first byte to the decision

    def _head(self, m: Module) -> None:
        at, go = self.states.at, self.states.go
        enough = self.register("enough", self.left >= self.argument_bytes)
        exact = self.register("exact", self.left == self.argument_bytes)
        distance = self.register("distance", self.tag - self.expected, 8)
        past = self.register("done_before", ~self.kind[6] & distance[7])
        ahead = self.register("ahead", ~self.kind[6] & (distance != 0))
        complete = self.register("complete", self.number == self.argument_bytes)
        with at("LENGTH"):
            m.d.sync += [self.status.eq(Verdict.OK), self.data_left.eq(0), self.number.eq(0), self.place.eq(1)]
            m.d.sync += self.changes.eq(0)
            with self._take(m):
                m.d.sync += self.left.eq(self.byte)
                go("LENGTH_HIGH")
        with at("LENGTH_HIGH"), self._take(m):
            m.d.sync += self.left[8:].eq(self.byte)
            go("TYPE")
        with at("TYPE"), self._take(m):
            m.d.sync += [self.kind.eq(self.byte), self.left.eq(self.left - 2)]
            go("TAG")
        with at("TAG"), self._take(m):
            m.d.sync += [self.tag.eq(self.byte), self.wait.eq(_FETCH)]
            go("COMPARE")
        with at("COMPARE"):  # what is derived from type and tag has arrived
            m.d.sync += self.wait.eq(self.wait - 1)
            with m.If(self.wait == 0):
                go("JUDGE")
        with at("JUDGE"):
            with m.If(~self.known):
                self._refuse(m, Verdict.INVALID)
            with m.Elif(~self.session & ~self.open):
                self._refuse(m, Verdict.NO_SESSION)
            with m.Elif(past):
                go("SKIP")
            with m.Elif(ahead):
                self._refuse(m, Verdict.ORDER)
            with m.Elif(~Mux(self.more, enough, exact)):
                self._refuse(m, Verdict.INVALID)
            with m.Else():
                go("ARGUMENTS")
        with at("ARGUMENTS"):
            with m.If(complete):
                m.d.sync += self.wait.eq(_FETCH)
                go("SETTLE")
            with m.Else(), self._take(m):
                m.d.sync += [self.number.eq(self.number + 1), self.left.eq(self.left - 1)]
                m.d.sync += self.place.eq(self.place << 1)
                for i in range(_ARGUMENTS):
                    with m.If(self.place[i]):
                        m.d.sync += self.arguments[i].eq(self.byte)
        with at("SETTLE"):  # what is derived from arguments has arrived
            m.d.sync += [self.wait.eq(self.wait - 1), self.number.eq(0)]
            with m.If(self.wait == 0):
                go("BEGIN")
        with at("BEGIN"):
            with m.If(self.blocked):
                self._refuse(m, Verdict.BUSY)
            with m.Elif(self.wrong):
                self._refuse(m, Verdict.INVALID)
            with m.Else():
                go("DO")
        with at("SKIP"):
            with m.If(self.none_left):
                go("ANSWER")
            with m.Else(), self._take(m):
                m.d.sync += self.left.eq(self.left - 1)
        with at("DONE"):
            m.d.sync += self.expected.eq(self.expected + 1)
            go("ANSWER")

    def _do(self, m: Module) -> None:
        """What is asked begins."""
        asks, feed, store, kept, go = self.asks, self.feed, self.store, self.kept, self.states.go
        m.d.comb += kept.free_to.eq(self.word(0))
        with self.states.at("DO"):
            m.d.sync += [
                self.index.eq(self.first),
                self.asked.eq(self.reads),
                self.units.eq(Mux(asks[Kind.RESULTS], self.given, self.reads)),
                self.data_left.eq(self.data_bytes),
                self.check.eq(CRC_32.start),
                self.wait.eq(_FETCH),
                self.changes.eq(asks[Kind.SET_RATE]),
            ]
            following = {
                Kind.SLOTS: "SLOTS", Kind.FLUSH: "FLUSH", Kind.WRITE: "DIVIDE", Kind.STORE_WRITE: "DIVIDE",
                Kind.STORE_LABELS: "DIVIDE", Kind.STORE_RUN: "RUN" if store else "DONE", Kind.STORE_STOP: "DONE",
                Kind.RESULTS: "RESULTS_WAIT", Kind.SIGNATURE: "SIGN",
            }  # fmt: skip
            for kind, flag in asks.items():
                with m.If(flag):
                    go(following.get(kind, "ANSWER"))
            with m.If(asks[Kind.FLUSH]):
                m.d.sync += feed.flush.eq(1)
            if store:
                with m.If(asks[Kind.STORE_RUN]):
                    m.d.sync += [self.to_run.eq(self.run), store.check.eq(1), self.wait.eq(1)]
                with m.If(asks[Kind.STORE_STOP]):
                    m.d.sync += store.stop.eq(1)
            with m.If(asks[Kind.HELLO]):
                m.d.sync += [self.before.eq(self.nonce), self.nonce.eq(self.word(0))]
                with m.If(self.renewed):
                    m.d.sync += [self.expected.eq(0), feed.forget.eq(1)]
            with m.If(asks[Kind.RESULTS]):
                m.d.sync += [kept.free.eq(1), kept.read_result.eq(self.word(0))]

    # Requests that change something

    def _sequenced(self, m: Module) -> None:
        feed, at, go = self.feed, self.states.at, self.states.go
        take = Signal(name="slot_byte")
        m.d.comb += [
            feed.bytes.payload.eq(self.byte),
            feed.bytes.valid.eq(self.states.now("SLOTS") & self.have & ~self.none_left),
            take.eq(feed.bytes.valid & feed.bytes.ready),
        ]
        with at("SLOTS"):
            with m.If(self.none_left):
                go("DONE")
            with m.Elif(take):
                m.d.sync += [self.have.eq(0), self.left.eq(self.left - 1)]
        with at("FLUSH"):
            with m.If(self.wait != 0):
                m.d.sync += self.wait.eq(self.wait - 1)
            with m.Elif(~feed.flushing):
                go("DONE")
        self._units(m)
        if store := self.store:
            with at("RUN"):
                m.d.sync += self.wait.eq(0)
                with m.If((self.wait == 0) & ~store.checking & ~store.check):
                    with m.If(store.fits):
                        m.d.sync += [store.start.eq(1), self.wait.eq(_FETCH)]
                        go("STARTED")
                    with m.Else():
                        self._refuse(m, Verdict.INVALID)
            with at("STARTED"):  # until `running` is seen here
                m.d.sync += self.wait.eq(self.wait - 1)
                with m.If(self.wait == 0):
                    go("DONE")

    def _units(self, m: Module) -> None:
        """Values, words or labels: how many there are, then one after another."""
        store, size, is_write = self.store, self.unit, self.is_write
        at, go = self.states.at, self.states.go
        rest, taken = Signal(11, name="rest", reset_less=True), Signal(len(size), name="taken", reset_less=True)
        another, whole = self.register("another", rest >= size), self.register("whole", taken == size)
        uneven = self.register("uneven", rest != 0)
        ill = self.register("misfit", uneven | self.none | (~is_write & self.past))
        with at("DIVIDE"):
            m.d.sync += [rest.eq(self.left), self.units.eq(0)]
            go("DIVIDING")
        with at("DIVIDING"):  # until it is known whether there is another one
            go("SUBTRACT")
        with at("SUBTRACT"):
            with m.If(another):
                m.d.sync += [rest.eq(rest - size), self.units.eq(self.units + 1)]
                go("DIVIDING")
            with m.Else():
                m.d.sync += self.wait.eq(_FETCH)
                go("DIVIDED")
        with at("DIVIDED"):
            m.d.sync += [self.wait.eq(self.wait - 1), self.lane.eq(1), taken.eq(0)]
            with m.If(self.wait == 0):
                with m.If(ill):
                    self._refuse(m, Verdict.INVALID)
                with m.Else():
                    go("GATHER")
        with at("GATHER"):
            with m.If(whole):
                m.d.sync += [self.lane.eq(1), taken.eq(0)]
                go("UNIT")
            with m.Elif(self.none_left):
                go("DONE")
            with m.Else(), self._take(m):
                m.d.sync += [self.left.eq(self.left - 1), self.lane.eq(self.lane << 1), taken.eq(taken + 1)]
                for i, chosen in enumerate(self.lane):
                    with m.If(chosen):
                        m.d.sync += self.gathered.word_select(i, 8).eq(self.byte)
        with at("UNIT"):
            if store:
                m.d.sync += [store.write.eq(self.asks[Kind.STORE_WRITE]), store.label_write.eq(self.is_label)]
            with m.If(is_write):
                m.d.sync += self.writing.eq(1)
                go("WRITE")
            with m.Else():
                m.d.sync += self.index.eq(self.index + 1)
                go("GATHER")
        with at("WRITE"), m.If(self.config.ready):
            go("GATHER")
        if store:
            place = self.register("store_index", self.index, max(len(store.write_address), len(store.label_address)))
            m.d.comb += [
                store.write_address.eq(place),
                store.word.eq(self.gathered),
                store.label_address.eq(place),
                store.label.eq(self.gathered),
                store.run.eq(self.to_run),
            ]

    # Requests that read

    def _reads(self, m: Module) -> None:
        at, go, now = self.states.at, self.states.go, self.states.now
        final, only = Signal(name="final", reset_less=True), self.register("only", self.units == 1)
        m.d.comb += self.read.eq(self.found & (now("SIGN") | (now("NEXT") & self.asks[Kind.READ])))
        with at("SIGN"), m.If(self.found):
            m.d.sync += [self.value.eq(self.readback.payload), self.bytes.eq(self.size)]
            m.d.sync += [self.units.eq(self.units - 1), final.eq(only)]
            go("SIGN_BYTES")
        with at("SIGN_BYTES"):
            m.d.sync += [self.check.eq(CRC_32.next(self.check, self.value[:8])), self.value.eq(self.value >> 8)]
            m.d.sync += self.bytes.eq(self.bytes - 1)
            with m.If(self.bytes == 1):
                with m.If(final):
                    go("ANSWER")
                with m.Else():
                    go("SIGN")
        with at("RESULTS_WAIT"):
            go("RESULTS")
        with at("RESULTS"):
            with m.If(self.none):
                go("ANSWER")
            with m.Else():
                m.d.sync += [self.units.eq(self.units - 1), self.data_left.eq(self.data_left + self.result_bytes)]
                go("RESULTS_WAIT")

    # The answer

    def _answer(self, m: Module) -> None:
        at, go = self.states.at, self.states.go

        def send(byte, last) -> None:
            answer = self.answers
            m.d.sync += [answer.valid.eq(1), answer.payload.byte.eq(byte), answer.payload.last.eq(last)]

        with at("ANSWER"), m.If(self.free):
            m.d.sync += [self.number.eq(self.number + 1), self.wait.eq(_FETCH)]
            with m.Switch(self.number[:2]):
                for i, byte in enumerate((self.kind | ANSWER, self.tag, self.status, self.expected)):
                    with m.Case(i):
                        send(byte, ~self.data_any if i == 3 else 0)
            with m.If(self.number[:2] == 3):
                m.d.sync += self.number.eq(0)
                with m.If(self.data_any):
                    go("FETCH")
                with m.Elif(self.changes):
                    go("SENT")
                with m.Else():
                    go("LENGTH")
        with at("FETCH"):
            m.d.sync += self.wait.eq(self.wait - 1)
            with m.If(self.wait == 0):
                go("NEXT")
        with at("NEXT"), m.If(self.offered):
            self._next(m)
            go("BYTES")
        with at("BYTES"), m.If(self.free):
            send(self.value[:8], self.data_last)
            m.d.sync += [self.value.eq(self.value >> 8), self.bytes.eq(self.bytes - 1)]
            m.d.sync += [self.data_left.eq(self.data_left - 1), self.wait.eq(_FETCH)]
            with m.If(self.data_last):
                go("LENGTH")
            with m.Elif(self.bytes == 1):
                go("FETCH")
        with at("SENT"):  # what the line has to send arrives there within a few clocks
            with m.If(self.wait != 0):
                m.d.sync += self.wait.eq(self.wait - 1)
            with m.Elif(self.sent):
                m.d.sync += [self.step.eq(self.word(0)), self.stepped.eq(1)]
                go("LENGTH")

    def _next(self, m: Module) -> None:
        """The next bytes of the answer's data, ``number`` of which have gone before."""
        kept = self.kept
        m.d.sync += [
            self.value.eq(self.offer),
            self.bytes.eq(self.offer_bytes),
            self.number.eq(Mux(self.row_ends, 0, self.number + 1)),
            kept.read_activation.eq(Mux(self.start, 0, kept.read_activation + 1)),
        ]
        with m.If(self.row_ends):
            m.d.sync += kept.read_result.eq(kept.read_result + 1)
        with m.If(self.asks[Kind.ECHO]):
            m.d.sync += [self.have.eq(0), self.left.eq(self.left - 1)]


def _times(value, factor: int):
    """A small multiple, of shifted copies: no multiplier is inferred."""
    return sum((value << i for i in range(factor.bit_length()) if factor >> i & 1), start=Const(0, 1))
