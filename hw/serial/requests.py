"""Requests of the host, one after another: docs/host-protocol.md, from "What is done once" on."""

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.serial.access import Access
from hw.serial.answer import HEAD, Answer
from hw.serial.arguments import Arguments
from hw.serial.asked import AskedResults
from hw.serial.crc import CRC_32
from hw.serial.feed import ByteSlots
from hw.serial.frames import MESSAGE
from hw.serial.judge import Admission, Refusal
from hw.serial.kept import KeptResults
from hw.serial.kinds import Kinds
from hw.serial.late import chosen, differs, register
from hw.serial.message import MessageReader
from hw.serial.offer import Offer
from hw.serial.reset import with_reset
from hw.serial.states import States
from hw.serial.store import RUN, SampleStore
from hw.serial.timer import Timer
from hw.serial.units import Units
from sw.design.design import Design
from sw.design.frames import LFSR_BYTES, RATE_BITS, Identity, Kind, Status, Verdict, slots_ending
from sw.design.ports import Ports
from sw.design.schedule import Schedule

__all__ = ["COUNTERS", "Requests"]

COUNTERS = ("slots", "correct", "cycles", "stalls", "clocks", "dropped")
_WAIT = 16  # clocks in which all that is derived from a register has arrived
_STATES = (
    "TYPE", "TAG", "COMPARE", "ARGUMENTS", "SETTLE", "DO",
    "SLOTS", "FLUSH", "RUN", "STARTED", "DIVIDE", "SUBTRACT", "DIVIDED", "GATHER", "UNIT", "WRITE",
    "SIGN", "SIGN_BYTES", "RESULTS", "SKIP", "DONE", "ANSWER", "BYTES", "FETCH", "SENT",
)  # fmt: skip
_UNITS = 17  # bits of a number of values, results


class Requests(wiring.Component):
    """Takes ``messages``, gives ``answers``; drives the units that it is given, which lie beside it.

    ``config``, ``readback``: the accelerator's. ``sent``: the line has sent all that was answered; then the line's rate
    may change: ``stepped`` pulses, with the new one as ``step``. ``counter_*``: of STATUS.
    """

    def __init__(
        self, design: Design, identity: Identity, feed: ByteSlots, kept: KeptResults, store: SampleStore | None
    ):
        self.design, self.identity = design, identity
        self.feed, self.kept, self.store = feed, kept, store
        self.schedule, ports = Schedule.of(design), Ports.of(design)
        self.most = slots_ending(design.network.inputs)
        self.value_bits = ports.readback[0].width
        layout = data.StructLayout({f.name: f.width for f in ports.config})
        self.message, self.access = MessageReader(), Access(layout, self.value_bits)
        super().__init__(
            {
                "messages": In(stream.Signature(8)),
                "answers": Out(stream.Signature(MESSAGE)),
                "config": Out(stream.Signature(layout)),
                "readback": In(stream.Signature(self.value_bits)),
                "sent": In(1),
                "step": Out(RATE_BITS),
                "stepped": Out(1),
                **{f"counter_{name}": In(32) for name in COUNTERS},
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.message = with_reset(m, "message", self.message)
        m.submodules.access = with_reset(m, "access", self.access)
        wiring.connect(m, wiring.flipped(self.messages), self.message.messages)
        wiring.connect(m, self.access.config, wiring.flipped(self.config))
        wiring.connect(m, wiring.flipped(self.readback), self.access.readback)
        self.states = States(m, _STATES)
        self.timer = Timer(m, _WAIT)
        self.answer = Answer(m, self.states, self.timer, self.answers)
        self._registers(m)
        self._derived(m)
        self._head(m)
        self._do(m)
        self._slots(m)
        self._units(m)
        self._sign(m)
        self._answer(m)
        return m

    # What is known of the request

    def _registers(self, m: Module) -> None:
        self.kind, self.tag = (Signal(8, name=name, reset_less=True) for name in ("kind", "tag"))
        self.status = Signal(3, name="status", reset_less=True)
        self.expected = Signal(8, name="expected", reset_less=True)
        with m.If(self.states.clear):
            m.d.sync += self.expected.eq(0)
        self.nonce, self.before = Signal(32, name="nonce"), Signal(32, name="before", reset_less=True)
        most = max(len(self.identity.pack()) + 1, self.design.network.neurons[-1])
        self.number = Signal(range(most + 1), name="number", reset_less=True)  # of values of the answer's data
        self.count = Signal(_UNITS, name="to_come", reset_less=True)  # values to be signed, results
        self.units = Signal(11, name="units", reset_less=True)  # values, words, labels of the message
        self.check = Signal(CRC_32.bits, name="check", reset_less=True)
        self.changes = Signal(name="changes", reset_less=True)  # the rate, after the answer
        self.running = register(m, "running", self.store.running if self.store else 0)
        # for each pulse, low but when it is said to be high
        m.d.sync += [self.feed.flush.eq(0), self.feed.forget.eq(0), self.kept.free.eq(0), self.stepped.eq(0)]
        m.d.sync += [self.message.take.eq(0), self.access.begin.eq(0), self.access.read.eq(0)]
        m.d.sync += [self.access.use.eq(0), self.access.write.eq(0), self.access.skip.eq(0)]
        if self.store:
            for pulse in ("start", "stop", "write", "label_write"):
                m.d.sync += getattr(self.store, pulse).eq(0)

    def _derived(self, m: Module) -> None:
        store, kept, message, identity = self.store, self.kept, self.message, self.identity
        outputs = self.design.network.neurons[-1]
        self.kinds = kinds = Kinds(m, self.kind)
        flags = kinds.flags
        self.arguments = arguments = Arguments(
            m, self.design, store, byte=message.byte, value_bytes=identity.value_bytes, units=self.units,
            is_label=flags[Kind.STORE_LABELS],
        )  # fmt: skip
        session = differs(m, "session", self.nonce)
        self.admission = Admission(m, kinds, kind=self.kind, tag=self.tag, expected=self.expected, session=session,
                                   left=message.left)  # fmt: skip
        self.asked = AskedResults(m, arguments, kept, outputs=outputs, activation_bytes=identity.activation_bytes)
        self.refusal = Refusal(
            m, kinds, arguments, self.feed, running=self.running, roomy=register(m, "roomy", kept.room >= self.most),
            left=message.left, wrong=self.asked.wrong, store=bool(store),
        )  # fmt: skip
        self.renewed = differs(m, "renewed", arguments.word(0), self.nonce)
        # what a request begins with
        stored = register(m, "of_store", kinds.any(Kind.STORE_WRITE, Kind.STORE_LABELS))
        self.first = register(m, "first_index", Mux(stored, arguments.word(0), arguments.word(2)), 32)
        many = arguments.word(6)[:_UNITS]
        self.reads = register(m, "reads", Cat(many[:16], many[16] & flags[Kind.SIGNATURE]), _UNITS)
        self.to_do = register(m, "to_do", Mux(flags[Kind.RESULTS], self.asked.given, self.reads), _UNITS)
        lengths = {Kind.HELLO: 4 + Identity.LAYOUT.size, Kind.ECHO: message.left, Kind.STATUS: Status.LAYOUT.size,
                   Kind.READ: arguments.read_bytes, Kind.SIGNATURE: 4}  # fmt: skip
        data_bytes = chosen(m, "data_bytes", ((flags[kind], length) for kind, length in lengths.items()), 11)
        self.answer_bytes = register(m, "answer_bytes", data_bytes + HEAD, 11)
        fields = [getattr(self, f"counter_{name}") for name in COUNTERS[:4]] + [kept.first, kept.next]
        fields += [store.left, store.place] if store else [Const(0, 32)] * 2
        fields += [self.counter_clocks, self.counter_dropped, Cat(self.running, self.feed.inside)]
        self.offer = Offer(
            m, kinds, kept, identity, number=self.number, before=self.before, byte=message.byte, have=message.have,
            fields=fields, check=self.check, read=self.readback.payload, size=arguments.size,
            found=self.access.found, every=self.asked.every, outputs=outputs,
        )  # fmt: skip

    def _refuse(self, m: Module, verdict) -> None:
        m.d.sync += self.status.eq(verdict)
        self.states.go("SKIP")

    # From the first byte to the decision

    def _head(self, m: Module) -> None:
        at, go, message, over = self.states.at, self.states.go, self.message, self.timer.over
        admission, refusal, arguments = self.admission, self.refusal, self.arguments
        complete = register(m, "complete", arguments.count == self.kinds.argument_bytes)
        with at("TYPE", message.have):
            m.d.sync += [self.kind.eq(message.byte), message.take.eq(1)]
            m.d.comb += arguments.begin.eq(1)
            go("TAG")
        with at("TAG", message.have):
            m.d.sync += [self.tag.eq(message.byte), message.take.eq(1)]
            m.d.comb += self.timer.start.eq(1)
            go("COMPARE")
        with at("COMPARE"):
            m.d.sync += [self.status.eq(Verdict.OK), self.changes.eq(0), self.answer.left.eq(HEAD), self.number.eq(0)]
        with at("COMPARE", over & admission.refused):
            self._refuse(m, admission.verdict)
        with at("COMPARE", over & admission.repeated):
            go("SKIP")
        with at("COMPARE", over & admission.accepted):
            go("ARGUMENTS")
        with at("ARGUMENTS", ~complete & message.have):
            m.d.sync += message.take.eq(1)
            m.d.comb += arguments.put.eq(1)
        with at("ARGUMENTS", complete):
            m.d.comb += self.timer.start.eq(1)
            go("SETTLE")
        with at("SETTLE", over & refusal.refused):
            self._refuse(m, refusal.verdict)
        with at("SETTLE", over & ~refusal.refused):
            m.d.comb += self.timer.start.eq(1)
            go("DO")
        with at("SKIP", ~message.none & message.have):
            m.d.sync += message.take.eq(1)
        with at("SKIP", message.none):
            go("ANSWER")
        with at("DONE"):
            m.d.sync += self.expected.eq(self.expected + 1)
            go("ANSWER")

    def _do(self, m: Module) -> None:
        """What is asked begins."""
        flags, feed, store, kept, at = self.kinds.flags, self.feed, self.store, self.kept, self.states.at
        access, arguments = self.access, self.arguments
        self.read_result = Signal(len(kept.read_result), name="result_read", reset_less=True)
        self.read_activation = Signal(len(kept.read_activation), name="activation_read", reset_less=True)
        m.d.comb += [
            kept.read_result.eq(self.read_result),
            kept.read_activation.eq(self.read_activation),
            access.first.eq(self.first),
            access.count.eq(self.reads),
            access.junction.eq(arguments.bytes[0]),
            access.kind.eq(arguments.bytes[1]),
            kept.free_to.eq(arguments.word(0)),
        ]
        with at("DO"):
            m.d.sync += [access.begin.eq(1), self.count.eq(self.to_do), self.answer.left.eq(self.answer_bytes)]
        following = {
            "SLOTS": (Kind.SLOTS,), "FLUSH": (Kind.FLUSH,), "DIVIDE": (Kind.WRITE, Kind.STORE_WRITE, Kind.STORE_LABELS),
            "RUN": (Kind.STORE_RUN,), "DONE": (Kind.STORE_STOP,), "RESULTS": (Kind.RESULTS,), "SIGN": (Kind.SIGNATURE,),
            "ANSWER": (Kind.HELLO, Kind.ECHO, Kind.SET_RATE, Kind.STATUS, Kind.READ),
        }  # fmt: skip
        for name, kinds in following.items():
            with at("DO", register(m, f"to_{name.lower()}", self.kinds.any(*kinds))):
                self.states.go(name)
        with at("DO", flags[Kind.FLUSH]):
            m.d.sync += feed.flush.eq(1)
        with at("DO", flags[Kind.SET_RATE]):
            m.d.sync += self.changes.eq(1)
        with at("DO", self.kinds.any(Kind.READ, Kind.SIGNATURE)):
            m.d.sync += access.read.eq(1)
        with at("DO", flags[Kind.RESULTS]):
            m.d.sync += [kept.free.eq(1), self.read_result.eq(arguments.word(0))]
        with at("DO", flags[Kind.HELLO]):
            m.d.sync += [self.before.eq(self.nonce), self.nonce.eq(arguments.word(0))]
        with at("DO", flags[Kind.HELLO] & self.renewed):
            m.d.sync += [self.expected.eq(0), feed.forget.eq(1)]
        if store:
            with at("DO", flags[Kind.STORE_STOP]):
                m.d.sync += store.stop.eq(1)
            asks, to_run = Signal(name="asks_to_run"), Signal(RUN, name="to_run", reset_less=True)
            m.d.sync += [asks.eq(0), store.check.eq(asks)]
            with at("DO", flags[Kind.STORE_RUN]):
                m.d.sync += asks.eq(1)
            with m.If(asks):
                m.d.sync += to_run.eq(arguments.run)
            m.d.comb += store.run.eq(to_run)

    # Requests that change something

    def _slots(self, m: Module) -> None:
        """Bytes go to the feed by way of a register; a flush; a run of the store."""
        feed, store, message = self.feed, self.store, self.message
        at, go, over = self.states.at, self.states.go, self.timer.over
        valid, byte = Signal(name="slot_byte_valid"), Signal(8, name="slot_byte", reset_less=True)
        m.d.comb += [feed.bytes.valid.eq(valid), feed.bytes.payload.eq(byte)]
        with m.If(feed.bytes.ready):
            m.d.sync += valid.eq(0)
        with at("SLOTS", message.have & ~valid):
            m.d.sync += [byte.eq(message.byte), valid.eq(1), message.take.eq(1)]
        with at("SLOTS", message.none & ~valid):
            go("DONE")
        with at("FLUSH", over & ~feed.flushing):
            go("DONE")
        if store:
            with at("RUN", over & ~store.checking & store.fits):
                m.d.sync += store.start.eq(1)
                m.d.comb += self.timer.start.eq(1)
                go("STARTED")
            with at("RUN", over & ~store.checking & ~store.fits):
                self._refuse(m, Verdict.INVALID)
            with at("STARTED", over):  # `running` is seen here
                go("DONE")

    def _units(self, m: Module) -> None:
        """Values are written through the port, words and labels into the store."""
        store, access, flags = self.store, self.access, self.kinds.flags
        at, go = self.states.at, self.states.go
        lanes, is_write = self.schedule.features_per_beat, flags[Kind.WRITE]
        other = register(m, "stored_size", Mux(flags[Kind.STORE_LABELS], 2, lanes), (lanes + 2).bit_length())
        width = (max(lanes, LFSR_BYTES) + 1).bit_length()
        size = register(m, "unit_size", Mux(is_write, self.arguments.size, other), width)
        units = Units(m, self.states, self.timer, self.message, count=self.units, size=size,
                      lanes=max(LFSR_BYTES, lanes))  # fmt: skip
        units.gather(~is_write & self.arguments.past, lambda: self._refuse(m, Verdict.INVALID))
        m.d.comb += access.value.eq(units.value)
        with at("UNIT", is_write):
            m.d.sync += access.write.eq(1)
            go("WRITE")
        with at("UNIT", ~is_write):
            m.d.sync += access.skip.eq(1)
            go("GATHER")
        with at("WRITE", ~access.writing):
            go("GATHER")
        if store:
            with at("UNIT", flags[Kind.STORE_WRITE]):
                m.d.sync += store.write.eq(1)
            with at("UNIT", flags[Kind.STORE_LABELS]):
                m.d.sync += store.label_write.eq(1)
            place = register(m, "store_index", access.index, max(len(store.write_address), len(store.label_address)))
            m.d.comb += [
                store.write_address.eq(place),
                store.word.eq(units.value),
                store.label_address.eq(place),
                store.label.eq(units.value),
            ]

    # Requests that read

    def _sign(self, m: Module) -> None:
        """A CRC of values, a byte in each step; and how many bytes results take, one after another."""
        at, go, access = self.states.at, self.states.go, self.access
        value = Signal(self.value_bits, name="signed", reset_less=True)
        left = Signal(3, name="bytes_to_sign", reset_less=True)
        final, last = register(m, "final", self.count == 0), register(m, "last_to_sign", left == 1)
        # the check goes on from a byte a clock after it has been used, and begins anew with each request
        mixed = register(m, "byte_in_check", self.check[:8] ^ value[:8], 8)
        following = register(m, "signature", CRC_32.next(Cat(mixed, self.check[8:]), Const(0, 8)), CRC_32.bits)
        goes_on = Signal(name="check_goes_on")
        m.d.sync += goes_on.eq(0)
        with m.If(register(m, "check_begins", self.states.now("DO"))):
            m.d.sync += self.check.eq(CRC_32.start)
        with m.Elif(goes_on):
            m.d.sync += self.check.eq(following)
        with m.If(self.states.now("SIGN")):
            m.d.sync += [value.eq(self.readback.payload), left.eq(self.arguments.size)]
        with at("SIGN", access.found):
            m.d.sync += self.count.eq(self.count - 1)
            m.d.sync += access.use.eq(1)
            go("SIGN_BYTES")
        with at("SIGN_BYTES"):
            m.d.sync += [goes_on.eq(1), left.eq(left - 1), value.eq(value >> 8)]
        with at("SIGN_BYTES", last & final):
            go("ANSWER")
        with at("SIGN_BYTES", last & ~final):
            go("SIGN")
        longer = register(m, "with_a_result", self.answer.left + self.asked.bytes, len(self.answer.left))
        with at("RESULTS", ~final):
            m.d.sync += [self.count.eq(self.count - 1), self.answer.left.eq(longer)]
        with at("RESULTS", final):
            go("ANSWER")

    def _answer(self, m: Module) -> None:
        at, go, answer, offer = self.states.at, self.states.go, self.answer, self.offer
        message, flags, timer = self.message, self.kinds.flags, self.timer
        answer.send(offer, self.number, kind=self.kind, tag=self.tag, status=self.status, expected=self.expected)
        further = register(m, "further", self.number != 0)
        with m.If(answer.fetched):
            m.d.sync += self.number.eq(Mux(offer.row_ends, 0, self.number + 1))
            m.d.sync += self.read_activation.eq(Mux(further, self.read_activation + 1, 0))
            with m.If(offer.row_ends):
                m.d.sync += self.read_result.eq(self.read_result + 1)
            m.d.sync += [message.take.eq(flags[Kind.ECHO]), self.access.use.eq(flags[Kind.READ])]
        with at("BYTES", answer.ends & ~self.changes):
            m.d.comb += message.next.eq(1)
            go("TYPE")
        with at("BYTES", answer.ends & self.changes):
            m.d.comb += timer.start.eq(1)
            go("SENT")
        m.d.comb += self.step.eq(self.arguments.word(0))
        with at("SENT", timer.over & self.sent):  # what the line has to send has arrived there
            m.d.sync += self.stepped.eq(1)
            m.d.comb += message.next.eq(1)
            go("TYPE")
