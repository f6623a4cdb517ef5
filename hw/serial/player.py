"""From memory to slots: words of features become the beats of a slot, one in every clock."""

from itertools import pairwise

from amaranth import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.memory import memory
from hw.sequencer import slot_descriptor
from hw.serial.beats import beats
from hw.timeline import Timed, spread
from sw.design.schedule import Schedule
from sw.design.settings import INPUT_BITS
from sw.design.slots import EMPTY

__all__ = ["LUTRAM_ROWS", "READ_CLOCKS", "SlotPlayer", "WordMemory"]

LUTRAM_ROWS = 64  # a memory of the shell with more rows is block RAM
READ_CLOCKS = 4  # from an address to its word: copies of the address, the memory, beside it, where it is needed
_PART = 16  # bits of one memory; wider ones are mapped wrongly by some open flows for Artix-7
_BLOCK = 1 << 14  # bits of the smallest block, and so the most rows that one has
_SMALLEST = _BLOCK // _PART  # rows
_BLOCKS = 4  # that share a copy of their address
_CHOSEN = 64  # bits of a word that share a copy of which bank it is in
_FEW = 4  # features that share copies of what decides over each of their bits


class WordMemory(wiring.Component):
    """``rows`` words of ``bits`` bits, in blocks side by side; ``read`` follows its address by READ_CLOCKS.

    A row may be read from the clock after its ``write`` on, and not in the clock of it. So many rows
    are in one block that no word is chosen among blocks, but for memories of more rows than the deepest block has:
    those are of banks, each with a register behind it. Some blocks share a copy of the address, which lies near them.
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
        word = Signal(self.bits, name="write_word", reset_less=True)
        m.d.sync += word.eq(self.word)
        here = Signal(self.bits, name="here", reset_less=True)
        lows, chosen = range(0, self.bits, _CHOSEN), []
        for number, (first, rows) in enumerate(_banks(self.rows)):
            name, places = f"bank_{number}", (rows - 1).bit_length()
            # a bank begins where its number of rows, made a power of two, divides its place
            writes, reads = (
                address[places:] == first >> places for address in (self.write_address, self.read_address)
            )
            found = Signal(self.bits, name=name, reset_less=True)
            self._bank(m, name, rows, self.write & writes, word, found)
            parts = [found[low : low + _CHOSEN] for low in lows]
            if number:
                later = Timed(reads, 0).register(m, f"{name}_chosen", READ_CLOCKS - 2)
                copies = spread(m, later.value, self.bits, f"{name}_choice", group=_CHOSEN)
                parts = [Mux(copies[low], *both) for low, *both in zip(lows, parts, chosen, strict=True)]
            chosen = parts
        m.d.sync += here.eq(Cat(chosen))
        m.d.comb += self.read.eq(here)
        return m

    def _bank(self, m: Module, name: str, rows: int, write, word: Signal, found: Signal) -> None:
        """So many rows, of which ``found`` is the one that is read; ``write``: a row is written in the next clock."""
        places = (rows - 1).bit_length()
        part = max(1, min(_PART, _BLOCK >> places))
        lows = range(0, self.bits, part)

        def copies(value, what: str, *, control: bool = False) -> list:
            return spread(m, value, len(lows), f"{name}_{what}", control=control, group=_BLOCKS)

        enables, to = copies(write, "write", control=True), copies(self.write_address[:places], "write_row")
        of = copies(self.read_address[:places], "read_row")
        for at, low in enumerate(lows):
            bits = word[low : low + part]
            m.submodules[f"{name}_part_{at}"] = one = memory(len(bits), rows, LUTRAM_ROWS, apart=True)
            port, read = one.write_port(), one.read_port()
            m.d.comb += [
                port.addr.eq(to[at]),
                port.data.eq(bits),
                port.en.eq(enables[at]),
                read.addr.eq(of[at]),
                read.en.eq(1),
            ]
            m.d.sync += found[low : low + len(bits)].eq(read.data)


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
    """Plays slots from words in memory on ``beats`` (hw.serial.beats), one in every clock in which there is room.

    ``commands``: per slot its ``address``, that of its first word, and its descriptor; nothing is read for an empty
    slot. ``bits``: 0 to 3, features have 2^bits bits; it must not change while a slot is played. A word has the
    features of 8 >> bits beats, the first one lowest, and a feature of b bits is worth what its bits repeated to 8 are
    worth. Features that no word has are 0. ``finished`` pulses when the last word of a slot with features has been
    read. ``idle``: no slot is being played and all beats have been taken.

    ``address``, ``word``: of a WordMemory. ``widths``: the values of ``bits`` that it can play, of which 3 is one.
    """

    def __init__(self, schedule: Schedule, rows: int, widths: tuple[int, ...] = (0, 1, 2, 3)):
        self.schedule, self.widths = schedule, widths
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
                "beats": Out(beats(schedule)),
                "finished": Out(1),
                "idle": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        schedule, command = self.schedule, self.commands.payload
        descriptor = Signal(slot_descriptor(schedule), name="descriptor", reset_less=True)
        # decided a clock before: a slot begins with the next clock; the beat at hand goes, and there is one
        begin, go = Signal(name="begin"), Signal(name="go")
        active, load = Signal(name="active"), Signal(name="load")
        # of the beat at hand: it is its slot's last one, the last but one; it has features, the first ones of a word
        flags = ("last", "last_but_one", "given", "fresh", "empty")  # the slot is empty
        last, last_but_one, given, fresh, empty = (Signal(name=name, reset_less=True) for name in flags)
        left = Signal(range(max(3, schedule.beats)), name="left", reset_less=True)  # beats of the slot after this one
        # beats of the word after this one; of a word, less one
        part, parts = Signal(3, name="part", reset_less=True), Signal(3, name="parts", reset_less=True)
        address = Signal(len(self.address), name="place", reset_less=True)
        m.d.comb += [
            self.address.eq(address),
            load.eq(go & fresh),
            self.commands.ready.eq(begin),
            self.beats.claim.eq(go),
        ]
        ends = ~active | (go & last) | (self.beats.room & Mux(go, last_but_one, last))
        m.d.sync += [
            begin.eq(self.commands.valid & ~begin & ends),
            go.eq(self.beats.room & (begin | (active & ~(go & last)))),
            parts.eq(7 >> self.bits),
            self.finished.eq(go & last & ~empty),
            self.idle.eq(~active & self.beats.empty & ~self.commands.valid),
        ]
        with m.If(go):
            m.d.sync += [
                left.eq(left - 1),
                last.eq(last_but_one),
                last_but_one.eq(left == 2),
                given.eq(given & (left != schedule.beats - self.data_beats)),
                fresh.eq(part == 0),
                part.eq(Mux(part == 0, parts, part - 1)),
            ]
            with m.If(last):
                m.d.sync += active.eq(0)
        with m.If(load):
            m.d.sync += address.eq(address + 1)
        with m.If(begin):
            kind = command.descriptor.kind
            m.d.sync += [
                active.eq(1),
                left.eq(schedule.beats - 1),
                last.eq((kind == EMPTY) | (schedule.beats == 1)),
                last_but_one.eq(schedule.beats == 2),
                given.eq(kind != EMPTY),
                empty.eq(kind == EMPTY),
                fresh.eq(1),
                part.eq(parts),
                descriptor.eq(command.descriptor),
                address.eq(command.address),
            ]
        self._play(m, go, load, given, descriptor)
        return m

    def _play(self, m: Module, go: Signal, load: Signal, given: Signal, descriptor) -> None:
        """What a beat needs follows it to where its word has been read; then its features are made of the word's bits.

        What decides over many bits comes from registers, one for each few features (``spread``).
        """
        fpb = self.schedule.features_per_beat
        token = data.StructLayout({"load": 1, "given": 1, "descriptor": len(descriptor.as_value())})
        tokens = [Signal(token, name=f"token_{i}", reset_less=True) for i in range(READ_CLOCKS + 2)]
        theres = [Signal(name=f"token_there_{i}") for i in range(READ_CLOCKS + 2)]
        m.d.comb += [
            theres[0].eq(go),
            tokens[0].load.eq(load),
            tokens[0].given.eq(go & given),
            tokens[0].descriptor.eq(Mux(go, descriptor.as_value(), 0)),
        ]
        m.d.sync += [new.eq(old) for chain in (tokens, theres) for old, new in pairwise(chain)]
        row = Signal(self.word_bits, name="row", reset_less=True)
        beat, there = Signal(self.beats.beat.shape(), name="expanded", reset_less=True), Signal(name="expanded_there")
        before, several = tokens[READ_CLOCKS - 1], len(self.widths) > 1
        widest = self.widths[-1]  # a beat of the widest features has a whole word
        moves = spread(m, theres[READ_CLOCKS - 1], fpb, "move")
        steps = spread(m, Mux(before.load, widest, self.bits), fpb, "step", group=_FEW) if several else [None] * fpb
        bits = spread(m, self.bits, fpb, "bits_for", group=_FEW) if several else [None] * fpb
        shows = spread(m, tokens[READ_CLOCKS].given, fpb, "show", group=_FEW)

        def by_width(chosen, values: list):
            made = values[-1]
            for width, value in zip(self.widths[:-1], values, strict=False):
                made = Mux(chosen == width, value, made)
            return made

        for i in range(fpb):
            mine = slice(INPUT_BITS * i, INPUT_BITS * (i + 1))
            shifted = [row.rotate_right(fpb << width)[mine] for width in self.widths[:-1]]
            repeated = [Cat(*[row.word_select(i, 1 << w)] * (INPUT_BITS >> w)) for w in self.widths]
            with m.If(moves[i]):
                m.d.sync += row[mine].eq(by_width(steps[i], [*shifted, self.word[mine]]))
            m.d.sync += beat.features[mine].eq(Mux(shows[i], by_width(bits[i], repeated), 0))
        m.d.sync += [beat.descriptor.eq(tokens[-1].descriptor), there.eq(theres[-1])]
        m.d.comb += [self.beats.beat.eq(beat), self.beats.write.eq(there)]
