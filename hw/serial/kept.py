"""Results that are kept until the host has read them, and the bar of recent ones."""

from amaranth import Cat, Const, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.memory import memory
from hw.serial.player import LUTRAM_ROWS, WordMemory
from sw.design.fixed import bits_for
from sw.design.ports import Ports
from sw.design.schedule import Schedule

__all__ = ["KeptResults", "results_kept"]

_SENT = 32  # slots whose result has yet to come, more than are in the accelerator and before it


def results_kept(most_in_frame: int, flush_slots: int) -> int:
    """How many results a device keeps: a power of two, room for those of two frames and of two flushes."""
    return max(128, 1 << (2 * most_in_frame + 2 * flush_slots - 1).bit_length())


class KeptResults(wiring.Component):
    """A ring of ``count`` results, numbered from 0 since the reset.

    ``results``: the accelerator's, which never wait. ``begun`` pulses for each slot that will give one, in their order;
    ``keep`` says with it whether it is kept. ``room``: places that no result is in or meant for, a clock late, three
    clocks after ``free``; the shell begins no slot whose result would be kept without a place.

    ``first``: the oldest result that is kept, ``next``: the number of the next. ``free`` pulses: ``first`` becomes
    ``free_to``, 0 to ``next`` - ``first`` results later.

    ``read_result``, ``read_activation`` choose what ``prediction`` and ``activation`` show five clocks later; the top
    bit of ``prediction`` is whether it was right.

    ``recent``: of the last 64 results, how many were right, renewed every 64.
    """

    def __init__(self, schedule: Schedule, count: int):
        if count & (count - 1):
            raise ValueError(f"a ring of results must have a power of two of them, got {count}")
        design = schedule.design
        self.count, self.ports, self.last = count, Ports.of(design), design.junctions[-1]
        self.outputs = design.network.neurons[-1]
        if schedule.flush_slots + 8 > _SENT:
            raise ValueError(f"results of {schedule.flush_slots + 8} slots must be awaited, at most {_SENT} can be")
        bits = sum(f.width * f.count for f in self.ports.results)
        super().__init__(
            {
                "results": In(stream.Signature(bits)),
                "begun": In(1),
                "keep": In(1),
                "room": Out(range(count + 1), init=count),
                "first": Out(32),
                "next": Out(32),
                "free": In(1),
                "free_to": In(32),
                "read_result": In(range(count)),
                "read_activation": In(range(max(2, self.outputs))),
                "prediction": Out(16),
                "activation": Out(self.ports.results[0].width),
                "recent": Out(7),
            }
        )

    def elaborate(self, platform):
        m = Module()
        activations, prediction, correct, last = self.ports.results
        groups, units = self.outputs // self.last.per_clock, self.last.per_clock
        there, beat = Signal(name="there"), Signal(len(self.results.payload), name="beat", reset_less=True)
        ends = Signal(name="ends")
        m.d.comb += self.results.ready.eq(1)
        m.d.sync += [
            there.eq(self.results.valid),
            beat.eq(self.results.payload),
            ends.eq(self.results.valid & self.results.payload[last.offset]),
        ]

        # for each slot whose result has yet to come, whether it is kept
        m.submodules.sent = sent = memory(1, _SENT, LUTRAM_ROWS)
        write, read = sent.write_port(), sent.read_port()
        newest, oldest = Signal(range(_SENT), name="newest"), Signal(range(_SENT), name="oldest")
        kept = Signal(name="kept")
        m.d.comb += [
            write.addr.eq(newest), write.data.eq(self.keep), write.en.eq(self.begun),
            read.addr.eq(oldest), read.en.eq(1), kept.eq(read.data),
        ]  # fmt: skip
        with m.If(self.begun):
            m.d.sync += newest.eq(newest + 1)
        with m.If(ends):
            m.d.sync += oldest.eq(oldest + 1)

        row = Signal(range(max(2, groups)), name="row")
        row_bits = bits_for(groups)
        m.submodules.activations = words = WordMemory(activations.width * units, self.count << row_bits)
        m.submodules.predictions = heads = WordMemory(16, self.count)
        head = Cat(beat[prediction.offset :][: prediction.width], Const(0, 15 - prediction.width))
        place = self.next[: bits_for(self.count)]
        m.d.comb += [
            words.write.eq(there & kept),
            words.write_address.eq(Cat(row[:row_bits], place)),
            words.word.eq(beat[: activations.width * units]),
            heads.write.eq(ends & kept),
            heads.write_address.eq(place),
            heads.word.eq(Cat(head, beat[correct.offset])),
        ]
        with m.If(there):
            m.d.sync += row.eq(Mux(ends, 0, row + 1))
        with m.If(ends & kept):
            m.d.sync += self.next.eq(self.next + 1)
        self._read(m, words, heads, units)

        # what is freed may be known late, but not what is begun
        frees, place_bits = Signal(name="frees"), range(self.count + 1)
        freed, gained = (Signal(place_bits, name=name, reset_less=True) for name in ("freed", "gained"))
        m.d.sync += [
            frees.eq(self.free),
            freed.eq(self.free_to - self.first),
            gained.eq(Mux(frees, freed, 0)),
            self.room.eq(self.room + gained - (self.begun & self.keep)),
        ]
        with m.If(self.free):
            m.d.sync += self.first.eq(self.free_to)

        # a clock later
        ended, was_right = Signal(name="ended"), Signal(name="was_right")
        number, right = Signal(6, name="number"), Signal(7, name="right")
        last, sum_ = Signal(name="last"), Signal(7, name="sum")
        m.d.comb += sum_.eq(right + was_right)
        m.d.sync += [ended.eq(ends), was_right.eq(beat[correct.offset])]
        with m.If(ended):
            m.d.sync += [number.eq(number + 1), last.eq(number == 62), right.eq(Mux(last, 0, sum_))]
        with m.If(ended & last):
            m.d.sync += self.recent.eq(sum_)
        return m

    def _read(self, m: Module, words: WordMemory, heads: WordMemory, units: int) -> None:
        row_bits = bits_for(self.outputs // units)
        row, unit = Signal(max(1, row_bits), name="read_row"), Signal(range(max(2, units)), name="read_unit")
        unit_bits = (units - 1).bit_length()
        if units == 1 << unit_bits:
            m.d.comb += [row.eq(self.read_activation >> unit_bits), unit.eq(self.read_activation[:unit_bits])]
        else:
            with m.Switch(self.read_activation):
                for n in range(self.outputs):
                    with m.Case(n):
                        m.d.comb += [row.eq(n // units), unit.eq(n % units)]
        result = Signal(len(self.read_result), name="result")
        address = Signal(len(words.read_address), name="address")
        m.d.comb += [address.eq(Cat(row[:row_bits], self.read_result)), result.eq(self.read_result)]
        m.d.comb += [words.read_address.eq(address), heads.read_address.eq(result)]
        value = Signal(len(self.activation), name="value")
        m.d.comb += value.eq(words.read.word_select(unit, len(self.activation)))
        m.d.sync += [self.activation.eq(value), self.prediction.eq(heads.read)]
