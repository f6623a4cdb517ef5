"""From memory to slots: words of features become the beats of a slot, one in every clock."""

from itertools import pairwise

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import data, fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.memory import memory
from hw.sequencer import slot_descriptor
from sw.design.schedule import Schedule
from sw.design.settings import INPUT_BITS
from sw.design.slots import EMPTY

__all__ = ["LUTRAM_ROWS", "SlotPlayer", "WordMemory", "slot_layout"]

LUTRAM_ROWS = 64  # a memory of the shell with more rows is block RAM
_PART = 16  # bits of one memory; wider ones are mapped wrongly by some open flows for Artix-7
_READ = 3  # clocks from an address to its word: two registers, one beside the memory, one where it is needed
_QUEUE = 16  # beats: more than are on their way from memory, and those that are read ahead


def slot_layout(schedule: Schedule) -> data.StructLayout:
    """The accelerator's slot stream (sw.design.ports)."""
    return data.StructLayout(
        {"features": INPUT_BITS * schedule.features_per_beat, "descriptor": slot_descriptor(schedule)}
    )


class WordMemory(wiring.Component):
    """``rows`` words of ``bits`` bits, in memories side by side; ``read`` follows its address by three clocks.

    No word is read in the clock in which it is written.
    """

    def __init__(self, bits: int, rows: int):
        self.bits, self.rows = bits, max(2, rows)
        super().__init__(
            {
                "write": In(1),
                "write_address": In(range(self.rows)),
                "word": In(bits),
                "read_address": In(range(self.rows)),
                "read": Out(bits),
            }
        )

    def elaborate(self, platform):
        m = Module()
        read_word = Signal(self.bits, name="read_word", reset_less=True)
        here = Signal(self.bits, name="here", reset_less=True)
        m.d.sync += here.eq(read_word)
        m.d.comb += self.read.eq(here)
        for part, low in enumerate(range(0, self.bits, _PART)):
            word = self.word[low : low + _PART]
            m.submodules[f"part_{part}"] = one = memory(len(word), self.rows, LUTRAM_ROWS)
            write, read = one.write_port(), one.read_port()
            m.d.comb += [
                write.addr.eq(self.write_address),
                write.data.eq(word),
                write.en.eq(self.write),
                read.addr.eq(self.read_address),
                read.en.eq(1),
            ]
            m.d.sync += read_word[low : low + len(word)].eq(read.data)
        return m


class SlotPlayer(wiring.Component):
    """Plays slots from words in memory on ``slots``, a beat in every clock in which it is taken.

    ``commands``: per slot its ``address``, that of its first word, and its descriptor; nothing is read for an empty
    slot. ``bits``: 0 to 3, features have 2^bits bits; it must not change while a slot is played. A word has the
    features of 8 >> bits beats, the first one lowest, and a feature of b bits is worth what its bits repeated to 8 are
    worth. Features that no word has are 0. ``finished`` pulses when the last word of a slot with features has been
    read. ``idle``: no slot is being played and all beats have been taken.

    ``address``, ``word``: of the memory's read port. ``widths``: the values of ``bits`` that it can play.
    """

    def __init__(self, schedule: Schedule, rows: int, widths: tuple[int, ...] = (0, 1, 2, 3)):
        self.schedule, self.widths = schedule, widths
        self.layout = slot_layout(schedule)
        self.word_bits = INPUT_BITS * schedule.features_per_beat
        self.data_beats = -(-schedule.design.network.inputs // schedule.features_per_beat)
        places = range(max(2, rows))
        self.command = data.StructLayout({"address": places, "descriptor": slot_descriptor(schedule)})
        super().__init__(
            {
                "commands": In(stream.Signature(self.command)),
                "bits": In(2),
                "address": Out(places),
                "word": In(self.word_bits),
                "slots": Out(stream.Signature(self.layout)),
                "finished": Out(1),
                "idle": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        schedule, command = self.schedule, self.commands.payload
        descriptor = Signal(slot_descriptor(schedule), name="descriptor")
        active, go, room = Signal(name="active"), Signal(name="go"), Signal(name="room")
        beat, part = Signal(range(max(2, schedule.beats)), name="beat"), Signal(3, name="part")
        last, given, empty = Signal(name="last"), Signal(name="given"), Signal(name="empty")  # of the beat at hand
        parts = Signal(3, name="parts")  # beats of a word, less one
        m.d.sync += parts.eq(7 >> self.bits)
        m.d.comb += [
            go.eq(active & room),
            last.eq(empty | (beat == schedule.beats - 1)),
            self.commands.ready.eq(~active | (go & last)),
        ]
        load = Signal(name="load")
        m.d.comb += load.eq(go & given & (part == 0))
        m.d.sync += self.finished.eq(go & last & ~empty)
        with m.If(go):
            m.d.sync += [beat.eq(beat + 1), part.eq(Mux(part == parts, 0, part + 1))]
            m.d.sync += given.eq(given & (beat != self.data_beats - 1))
            with m.If(load):
                m.d.sync += self.address.eq(self.address + 1)
            with m.If(last):
                m.d.sync += active.eq(0)
        with m.If(self.commands.valid & self.commands.ready):
            m.d.sync += [
                active.eq(1),
                beat.eq(0),
                part.eq(0),
                descriptor.eq(command.descriptor),
                empty.eq(command.descriptor.kind == EMPTY),
                given.eq(command.descriptor.kind != EMPTY),
                self.address.eq(command.address),
            ]
        self._play(m, go, load, given, descriptor, room, active)
        return m

    def _play(self, m: Module, go, load, given, descriptor, room: Signal, active: Signal) -> None:
        """What a beat needs follows it to where its word has been read; then its features go to the queue."""
        token = data.StructLayout({"there": 1, "load": 1, "given": 1, "descriptor": len(descriptor.as_value())})
        tokens = [Signal(token, name=f"token_{i}") for i in range(_READ + 2)]
        m.d.comb += [
            tokens[0].there.eq(go),
            tokens[0].load.eq(load),
            tokens[0].given.eq(given),
            tokens[0].descriptor.eq(descriptor),
        ]
        m.d.sync += [new.eq(old) for old, new in pairwise(tokens)]
        row = Signal(self.word_bits, name="row", reset_less=True)
        fpb, at = self.schedule.features_per_beat, tokens[_READ]
        with m.If(at.load):
            m.d.sync += row.eq(self.word)
        with m.Elif(at.there):
            with m.Switch(self.bits):
                for bits in self.widths[:-1]:  # a beat of the widest features has a whole word
                    with m.Case(bits):
                        m.d.sync += row.eq(row >> (fpb << bits))
        features = Signal(self.word_bits, name="features")
        with m.Switch(self.bits):
            for bits in self.widths:
                with m.Case(bits):
                    each = [row.word_select(i, 1 << bits) for i in range(fpb)]
                    m.d.comb += features.eq(Cat(Cat(*[one] * (INPUT_BITS >> bits)) for one in each))
        beat, there = Signal(self.layout, name="expanded", reset_less=True), Signal(name="expanded_there")
        at = tokens[_READ + 1]
        m.d.sync += [
            beat.features.eq(Mux(at.given, features, 0)),
            beat.descriptor.eq(at.descriptor),
            there.eq(at.there),
        ]
        m.submodules.queue = queue = fifo.SyncFIFOBuffered(width=len(beat.as_value()), depth=_QUEUE)
        taken = Signal(name="taken")
        free = Signal(range(_QUEUE + 1), init=_QUEUE, name="free")  # places of the queue that no beat is meant for
        m.d.comb += [
            queue.w_data.eq(beat),
            queue.w_en.eq(there),
            self.slots.payload.eq(queue.r_data),
            self.slots.valid.eq(queue.r_rdy),
            queue.r_en.eq(self.slots.ready),
            taken.eq(self.slots.valid & self.slots.ready),
        ]
        m.d.sync += [free.eq(free + taken - go), room.eq(free > 2), self.idle.eq(~active & (free == _QUEUE))]
        m.d.sync += self.idle.eq(~active & (free == _QUEUE) & ~self.commands.valid)
