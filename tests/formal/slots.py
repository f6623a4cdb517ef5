# amaranth: UnusedElaboratable=no

"""The slot input: a beat is taken exactly when a tick needs it, and what was taken is kept where it belongs."""

from types import SimpleNamespace

from amaranth.hdl import Array, Assert, Const, Cover, Elaboratable, Module, Mux, Signal
from amaranth.lib import data

from hw.accelerator import Accelerator
from hw.banks import LeftBanks
from hw.sequencer import JunctionSequencer, slot_bits, slot_descriptor
from hw.timeline import Timed, Timeline
from sw.design.design import Design
from sw.design.schedule import INPUT_WRITE, Schedule
from sw.design.settings import INPUT_BITS
from sw.design.slots import EMPTY

__all__ = ["Slots"]


class Slots(Elaboratable):
    """The accelerator's input with any host, room in the result buffer whenever it likes, and held at any time."""

    def __init__(self, design: Design):
        self.design, self.schedule = design, Schedule.of(design)
        s, descriptor = self.schedule, slot_descriptor(self.schedule)
        layout = data.StructLayout({"features": INPUT_BITS * s.features_per_beat, "descriptor": descriptor})
        self.slots = SimpleNamespace(payload=Signal(layout), valid=Signal(), ready=Signal())
        self.room, self.hold, self.pick = Signal(), Signal(), Signal()
        self.inputs = [self.slots.payload.as_value(), self.slots.valid, self.room, self.hold, self.pick]
        # the ages alone, nothing of these becomes hardware
        self.ages = [JunctionSequencer(s, j.index) for j in design.junctions]

    def elaborate(self, platform):
        m = Module()
        s, slots, first = self.schedule, self.slots, self.design.junctions[0]
        parts, bits = first.z // s.features_per_beat, slot_bits(s)
        units = [SimpleNamespace(index=q.index, junction=q.junction, sequencer=q) for q in self.ages]
        left = units[0]
        left.left_write, left.left_parts = Signal(), Signal(parts)
        left.left_row, left.left_slot = Signal(range(max(2, first.depth))), Signal(bits)
        left.left_data = [Signal(INPUT_BITS, name=f"left_{i}") for i in range(s.features_per_beat)]
        machine = SimpleNamespace(
            schedule=s,
            units=units,
            slots=slots,
            output=SimpleNamespace(room=self.room),
            config_port=SimpleNamespace(hold=self.hold, hold_write=self.hold),
        )
        part = m.submodules.part = Module()
        issue, descriptors = Accelerator._input(machine, part, Const(0))

        # beats and slots by counting ticks
        beat, number, empty = Signal(range(max(2, s.clocks))), Signal(bits), Signal()
        begins, needed, taken = Signal(), Signal(), Signal()
        kind = slots.payload.descriptor.kind
        m.d.comb += [
            begins.eq(beat == 0),
            needed.eq(begins | ((beat < s.beats) & ~empty)),
            taken.eq(slots.valid & slots.ready),
        ]
        with m.If(issue):
            m.d.sync += beat.eq(Mux(beat == s.clocks - 1, 0, beat + 1))
            with m.If(begins):
                m.d.sync += empty.eq(kind == EMPTY)
            with m.If(beat == s.clocks - 1):
                m.d.sync += number.eq(number + 1)
        m.d.comb += [
            Assert(taken == (issue & needed), "a beat is taken exactly when it is used"),
            Assert(~issue | (self.room & ~self.hold), "a tick has room and is not held"),
            Assert(issue | ~self.room | self.hold | (needed & ~slots.valid), "no pause without a reason"),
        ]

        # the tick is a clock later, at stage 0; what is given to the banks is written at INPUT_WRITE
        line, given = Timeline(m), INPUT_WRITE - LeftBanks.write_latency

        def seen(signal: Signal, control: bool = False) -> Signal:
            return line.at(Timed(signal, -1), given, control=control)

        values = Signal(len(slots.payload.features))
        m.d.comb += values.eq(slots.payload.features)
        was = seen(taken, control=True)
        places = [divmod(n, parts) for n in range(s.clocks)]
        row = Array(row % (1 << len(left.left_row)) for row, _ in places)[seen(beat)]
        place = Array(1 << part for _, part in places)[seen(beat)]
        m.d.comb += [
            Assert(left.left_write == was, "a beat is written once"),
            Assert((left.left_row == row) & (left.left_parts == place), "in its place"),
            Assert(~was | (left.left_slot == seen(number)), "in the set of its slot"),
        ]
        for i, value in enumerate(left.left_data):
            m.d.comb += Assert(~was | (value == seen(values).word_select(i, INPUT_BITS)), "with its features")
        begun, descriptor = Signal(), Signal(len(slots.payload.descriptor.as_value()))
        m.d.comb += [begun.eq(issue & begins), descriptor.eq(slots.payload.descriptor)]
        self._descriptors(
            m, line.at(Timed(begun, -1), 0, control=True), line.at(Timed(descriptor, -1), 0), descriptors
        )
        refused = Signal()
        m.d.sync += refused.eq(slots.valid & ~slots.ready)
        m.d.comb += Cover(empty & (number == 2) & taken & refused, "an empty slot between others, and a pause")
        return m

    def _descriptors(self, m: Module, begins, given, descriptors: list) -> None:
        """The descriptor of any one slot is there for as long as a junction may ask for it."""
        watched, age, kept = Signal(), Signal(range(len(descriptors) + 1)), Signal(len(given))
        with m.If(begins & self.pick & ~watched):
            m.d.sync += [watched.eq(1), age.eq(0), kept.eq(given)]
        with m.Elif(begins & watched):
            m.d.sync += [age.eq(age + 1), watched.eq(age != len(descriptors) - 1)]
        found = Array(d.as_value() for d in descriptors)[age]
        m.d.comb += Assert(~watched | (found == kept), "the descriptor of a slot is kept")
