"""Slots from a stream of bytes, as SLOTS of docs/host-protocol.md brings them; and the empty slots of a flush."""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.sequencer import slot_descriptor
from hw.serial.beats import beats
from hw.serial.onehot import OneHot
from hw.serial.player import SlotPlayer, WordMemory
from sw.design.schedule import Schedule
from sw.design.settings import INPUT_BITS
from sw.design.slots import EMPTY, INFER, TRAIN

__all__ = ["ByteSlots"]

_KEPT = 2  # slots whose features are in memory: one being played, one that is complete or on its way


class ByteSlots(wiring.Component):
    """A source of slots: each is played when its last byte has come.

    ``beats``: of the slots (hw.serial.beats). ``bytes``: the stream of slots; it takes one in four clocks at most, and
    none while two slots are in memory. ``forget``: drop what has come of a slot, some clocks after its last byte.
    ``flush`` pulses: as many empty slots as a flush takes, ``flushing`` until all of them have been taken; not
    inside a slot. ``inside``: the next byte is not a slot's first. ``begun`` pulses for each slot that will give a
    result. ``idle``: no whole slot is here any more.
    """

    def __init__(self, schedule: Schedule):
        self.schedule = schedule
        self.rows = _KEPT * -(-schedule.design.network.inputs // schedule.features_per_beat)
        self.player = SlotPlayer(schedule, self.rows, widths=(3,))
        super().__init__(
            {
                "bytes": In(stream.Signature(8)),
                "forget": In(1),
                "flush": In(1),
                "flushing": Out(1),
                "inside": Out(1),
                "begun": Out(1),
                "idle": Out(1),
                "beats": Out(beats(schedule)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        schedule, player, network = self.schedule, self.player, self.schedule.design.network
        m.submodules.player = player
        m.submodules.memory = words = WordMemory(player.word_bits, self.rows)
        wiring.connect(m, wiring.flipped(self.beats), player.beats)
        offered, command = Signal(name="offered"), Signal(player.command, name="command", reset_less=True)
        m.d.comb += [
            words.read_address.eq(player.address),
            player.word.eq(words.read),
            player.bits.eq(3),
            player.commands.valid.eq(offered),
            player.commands.payload.eq(command),
        ]
        with m.If(player.commands.ready):
            m.d.sync += offered.eq(0)

        lanes = schedule.features_per_beat
        lane = Signal(lanes, name="lane", reset_less=True)  # of the next feature, one of them is 1
        word = Signal(player.word_bits, name="word", reset_less=True)
        row, start = (Signal(range(max(2, self.rows)), name=name, reset_less=True) for name in ("row", "start"))
        left = Signal(range(network.inputs + 1), name="left", reset_less=True)
        kept, full = Signal(range(_KEPT + 1), name="kept"), Signal(name="full")
        read, known = (Signal(slot_descriptor(schedule), name=name, reset_less=True) for name in ("read", "known"))
        label, labels = Signal(16, name="label", reset_less=True), Signal(name="labels", reset_less=True)
        flags = ("last_row", "one_left", "filled", "none")  # the slot is not empty; has no label
        last_row, one_left, filled, none = (Signal(name=name, reset_less=True) for name in flags)
        ready, here, byte = Signal(name="ready"), Signal(name="here"), Signal(8, name="byte", reset_less=True)
        store = Signal(name="store")
        # a clock after the state in which it is due: the first lane again; a feature less to come
        fresh, less = (Signal(name=name, reset_less=True) for name in ("fresh", "less"))
        puts = Signal(lanes, name="puts", reset_less=True)  # where the byte goes: the last one is a feature
        empties = Signal(schedule.flush_slots, name="empties")  # as many ones as are to come
        states = OneHot(m, "KIND")
        at, go, now = states.at, states.go, states.now
        # a byte is taken where the next state will have it, so that none waits here when its request has been answered
        takes = now("KIND") | now("LABEL") | now("LABEL_HIGH") | now("FEATURES")
        m.d.comb += [
            self.bytes.ready.eq(ready),
            words.write_address.eq(row),
            words.word.eq(word),
            words.write.eq(store),
        ]
        m.d.sync += [
            here.eq(self.bytes.valid & ready),
            ready.eq(takes & ~here & ~full & ~(self.bytes.valid & ready)),
            full.eq(kept == _KEPT),
            kept.eq(kept + self.begun - player.finished),
            store.eq(0),
            fresh.eq(now("KNOWN")),
            less.eq(now("FEATURE")),
            labels.eq(now("LABEL") | now("LABEL_HIGH")),
            puts.eq(Mux(now("FEATURES"), lane, 0)),
            self.begun.eq(0),
            filled.eq((read.kind == TRAIN) | (read.kind == INFER)),
            none.eq(label >= network.classes),
            one_left.eq(left == 1),
            last_row.eq(row == self.rows - 1),
            known.kind.eq(Mux(filled, Mux((read.kind == TRAIN) & none, INFER, read.kind), EMPTY)),
            known.label.eq(Mux(none, network.classes, label)),
            known.rate_shift.eq(read.rate_shift),
            self.idle.eq(player.idle & ~offered & ~self.flushing),
        ]
        with m.If(~here):
            m.d.sync += byte.eq(self.bytes.payload)
        with m.If(store):
            m.d.sync += row.eq(Mux(last_row, 0, row + 1))

        for i in range(lanes):
            with m.If(puts[i]):
                m.d.sync += word.word_select(i, INPUT_BITS).eq(byte)
        if rest := network.inputs % lanes:
            with m.If(puts[0]):  # what the last word does not need is 0
                m.d.sync += word[INPUT_BITS * rest :].eq(0)

        with at("KIND"), m.If(here):
            m.d.sync += [read.kind.eq(byte[:2]), read.rate_shift.eq(byte[4:])]
            go("TYPED")
        with at("TYPED"):  # until it is known what kind it is
            go("KNOWN")
        with at("KNOWN"):
            m.d.sync += start.eq(row)
            with m.If(filled):
                m.d.sync += self.inside.eq(1)
                go("LABEL")
            with m.Else():
                go("WAIT")
        with at("LABEL"):
            m.d.sync += left.eq(network.inputs)
        for part, following in (("LABEL", "LABEL_HIGH"), ("LABEL_HIGH", "FEATURES")):
            with at(part):
                with m.If(self.forget):
                    go("KIND")
                with m.Elif(here):
                    go(following)
        with m.If(here & labels):
            m.d.sync += label.eq(Cat(label[8:], byte))
        with at("FEATURES"):
            with m.If(self.forget):
                m.d.sync += row.eq(start)
                go("KIND")
            with m.Elif(here):
                go("FEATURE")
        with at("FEATURE"):
            m.d.sync += [lane.eq(lane.rotate_left(1)), store.eq(lane[-1] | one_left)]
            with m.If(one_left):
                m.d.sync += self.inside.eq(0)
                go("STORE")
            with m.Else():
                go("FEATURES")
        with at("STORE"):
            go("WAIT")
        with at("WAIT"), m.If(~offered):
            go("OFFER")
        with at("OFFER"):
            m.d.sync += [offered.eq(1), command.address.eq(start), command.descriptor.eq(known)]
            m.d.sync += self.begun.eq(filled)
            go("KIND")
        with m.If(less):
            m.d.sync += left.eq(left - 1)
        with m.If(fresh):
            m.d.sync += lane.eq(1)
        with m.If(self.forget):
            m.d.sync += self.inside.eq(0)
        with m.If(self.flush):
            m.d.sync += [empties.eq(-1), self.flushing.eq(1)]
        with m.If(self.flushing & ~offered & now("KIND")):
            with m.If(empties[0]):
                m.d.sync += [offered.eq(1), command.descriptor.kind.eq(EMPTY), empties.eq(empties >> 1)]
            with m.Elif(player.idle):
                m.d.sync += self.flushing.eq(0)
        return m
