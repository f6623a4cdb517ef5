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
_BLOCK = 1 << 14  # bits of the smallest block, and so the most rows that one has
_SMALLEST = _BLOCK // _PART  # rows
_READ = 3  # clocks from an address to its word: in the memory, beside it, where it is needed
_QUEUE = 16  # beats: more than are on their way from memory, and those that are read ahead


def slot_layout(schedule: Schedule) -> data.StructLayout:
    """The accelerator's slot stream (sw.design.ports)."""
    return data.StructLayout(
        {"features": INPUT_BITS * schedule.features_per_beat, "descriptor": slot_descriptor(schedule)}
    )


class WordMemory(wiring.Component):
    """``rows`` words of ``bits`` bits, in blocks side by side; ``read`` follows its address by three clocks.

    A word is there two clocks after ``write``, and must not be read in the clock before. So many rows are in one block
    that no word is chosen among blocks, but for memories of more rows than the deepest block has: those are of banks,
    each with a register behind it.
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
        write, address = Signal(name="write_now"), Signal(len(self.write_address), name="write_row")
        word = Signal(self.bits, name="write_word", reset_less=True)
        m.d.sync += [write.eq(self.write), address.eq(self.write_address), word.eq(self.word)]
        banks = _banks(self.rows)
        found = [Signal(self.bits, name=f"bank_{number}", reset_less=True) for number in range(len(banks))]
        here, chosen, choice = Signal(self.bits, name="here", reset_less=True), found[0], self.read_address
        for stage in range(2):
            later = Signal(len(choice), name=f"choice_{stage}", reset_less=True)
            m.d.sync += later.eq(choice)
            choice = later
        for number, (first, rows) in enumerate(banks):
            places = (rows - 1).bit_length()
            part = max(1, min(_PART, _BLOCK >> places))
            top = first >> places  # a bank begins where its number of rows, made a power of two, divides its place
            for at, low in enumerate(range(0, self.bits, part)):
                bits = word[low : low + part]
                m.submodules[f"bank_{number}_part_{at}"] = one = memory(len(bits), rows, LUTRAM_ROWS, apart=True)
                port, read = one.write_port(), one.read_port()
                m.d.comb += [
                    port.addr.eq(address[:places]),
                    port.data.eq(bits),
                    port.en.eq(write & (address[places:] == top)),
                    read.addr.eq(self.read_address[:places]),
                    read.en.eq(1),
                ]
                m.d.sync += found[number][low : low + len(bits)].eq(read.data)
            if number:
                chosen = Mux(choice[places:] == top, found[number], chosen)
        m.d.sync += here.eq(chosen)
        m.d.comb += self.read.eq(here)
        return m


def _banks(rows: int) -> list[tuple[int, int]]:
    """First row and number of rows of each: powers of two, larger ones first, but for what is left at the end."""
    banks, first = [], 0
    while first < rows:
        left = rows - first
        size = left if left <= _SMALLEST else min(_BLOCK, 1 << left.bit_length() - 1)
        banks.append((first, size))
        first += size
    return banks


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
        descriptor = Signal(slot_descriptor(schedule), name="descriptor", reset_less=True)
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
        token = data.StructLayout({"load": 1, "given": 1, "descriptor": len(descriptor.as_value())})
        tokens = [Signal(token, name=f"token_{i}", reset_less=True) for i in range(_READ + 2)]
        theres = [Signal(name=f"token_there_{i}") for i in range(_READ + 2)]
        m.d.comb += [
            theres[0].eq(go),
            tokens[0].load.eq(load),
            tokens[0].given.eq(given),
            tokens[0].descriptor.eq(descriptor),
        ]
        m.d.sync += [new.eq(old) for chain in (tokens, theres) for old, new in pairwise(chain)]
        row = Signal(self.word_bits, name="row", reset_less=True)
        fpb, at = self.schedule.features_per_beat, tokens[_READ]
        with m.If(at.load):
            m.d.sync += row.eq(self.word)
        with m.Elif(theres[_READ]):
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
            there.eq(theres[_READ + 1]),
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
