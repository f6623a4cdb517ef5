"""Slots from a stream of bytes, as SLOTS of docs/host-protocol.md brings them; and the empty slots of a flush."""

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.player import SlotPlayer, WordMemory
from sw.design.schedule import Schedule
from sw.design.settings import INPUT_BITS
from sw.design.slots import EMPTY, INFER, TRAIN

__all__ = ["ByteSlots"]

_KEPT = 2  # slots whose features are in memory: one being played, one that is complete or on its way


class ByteSlots(wiring.Component):
    """A source of slots: each is played when its last byte has come.

    ``bytes``: the stream of slots; it waits while two slots are in memory. ``forget``: drop what has come of a slot.
    ``flush`` pulses: as many empty slots as a flush takes, ``flushing`` until all of them have been taken; not inside a
    slot. ``inside``: the next byte is not a slot's first. ``begun`` pulses for each slot that will give a result.
    ``idle``: no whole slot is here any more.
    """

    def __init__(self, schedule: Schedule):
        self.schedule = schedule
        beats = -(-schedule.design.network.inputs // schedule.features_per_beat)
        self.rows = _KEPT * beats
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
                "slots": Out(stream.Signature(self.player.layout)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        schedule, player, network = self.schedule, self.player, self.schedule.design.network
        m.submodules.player = player
        m.submodules.memory = words = WordMemory(player.word_bits, self.rows)
        wiring.connect(m, wiring.flipped(self.slots), player.slots)
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
        lane = Signal(lanes, init=1, name="lane")  # of the next feature, one of them is 1
        word = Signal(player.word_bits, name="word", reset_less=True)
        row, start = Signal(range(max(2, self.rows)), name="row"), Signal(range(max(2, self.rows)), name="start")
        left = Signal(range(network.inputs + 1), name="left")
        kept = Signal(range(_KEPT + 1), name="kept")
        kind, rate_shift = Signal(2, name="kind"), Signal(4, name="rate_shift")
        label, none = Signal(16, name="label", reset_less=True), Signal(name="none")
        full, byte, take = Signal(name="full"), Signal(8, name="byte"), Signal(name="take")
        store, keep = Signal(name="store"), Signal(name="keep")
        empties = Signal(range(schedule.flush_slots + 1), name="empties")
        m.d.comb += [
            byte.eq(self.bytes.payload),
            take.eq(self.bytes.valid & self.bytes.ready),
            words.write_address.eq(row),
            words.word.eq(word),
            words.write.eq(store),
        ]
        m.d.sync += [
            full.eq(kept == _KEPT),
            kept.eq(kept + keep - player.finished),
            store.eq(0),
            self.begun.eq(keep),
            none.eq(label >= network.classes),
            self.idle.eq(player.idle & ~offered & ~self.flushing),
        ]
        with m.If(store):
            m.d.sync += row.eq(Mux(row == self.rows - 1, 0, row + 1))
        with m.FSM() as fsm:
            with m.State("KIND"):
                m.d.comb += self.bytes.ready.eq(~self.flushing)
                with m.If(take):
                    m.d.sync += [kind.eq(byte[:2]), rate_shift.eq(byte[4:])]
                    m.next = "KNOWN"
            with m.State("KNOWN"):
                m.d.sync += [start.eq(row), lane.eq(1), left.eq(network.inputs)]
                with m.If((kind == TRAIN) | (kind == INFER)):
                    m.d.sync += self.inside.eq(1)
                    m.next = "LABEL"
                with m.Else():
                    m.d.sync += kind.eq(EMPTY)
                    m.next = "OFFER"
            for part, following in (("LABEL", "LABELLED"), ("LABELLED", "FEATURES")):
                with m.State(part):
                    m.d.comb += self.bytes.ready.eq(1)
                    with m.If(take):
                        m.d.sync += label.eq(Cat(label[8:], byte))
                        m.next = following
                    with m.If(self.forget):
                        m.next = "KIND"
            with m.State("FEATURES"):
                m.d.comb += self.bytes.ready.eq(~full)
                with m.If(take):
                    m.d.sync += [left.eq(left - 1), lane.eq(lane.rotate_left(1))]
                    for i in range(lanes):
                        with m.If(lane[i]):
                            m.d.sync += word.word_select(i, INPUT_BITS).eq(byte)
                    with m.If(lane[0]):  # what is left of a last word is 0
                        m.d.sync += word[INPUT_BITS:].eq(0)
                    m.d.sync += store.eq(lane[-1] | (left == 1))
                    with m.If(left == 1):
                        m.d.sync += self.inside.eq(0)
                        m.next = "OFFER"
                with m.If(self.forget):
                    m.d.sync += row.eq(start)
                    m.next = "KIND"
            with m.State("OFFER"):
                with m.If(~offered & ~store):
                    m.d.sync += [
                        offered.eq(1),
                        command.address.eq(start),
                        command.descriptor.kind.eq(Mux((kind == TRAIN) & none, INFER, kind)),
                        command.descriptor.label.eq(Mux(none, network.classes, label)),
                        command.descriptor.rate_shift.eq(rate_shift),
                    ]
                    m.d.comb += keep.eq(kind != EMPTY)
                    m.next = "KIND"
        with m.If(self.forget):
            m.d.sync += self.inside.eq(0)
        with m.If(self.flush):
            m.d.sync += [empties.eq(schedule.flush_slots), self.flushing.eq(1)]
        with m.If(self.flushing & ~offered & fsm.ongoing("KIND")):
            with m.If(empties != 0):
                m.d.sync += [offered.eq(1), command.descriptor.kind.eq(EMPTY), empties.eq(empties - 1)]
            with m.Elif(player.idle):
                m.d.sync += self.flushing.eq(0)
        return m
