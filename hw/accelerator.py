"""The whole accelerator: slots in, results out, every junction busy with slots of its own."""

from itertools import pairwise

from amaranth import Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.config import ConfigPort
from hw.junction import JunctionUnit
from hw.output import OutputLayer
from hw.sequencer import slot_descriptor
from hw.timeline import cleared
from sw.design.design import Design
from sw.design.fixed import bits_for
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from sw.design.settings import INPUT_BITS
from sw.design.slots import EMPTY

__all__ = ["Accelerator"]

COUNTER_BITS = 32


class Accelerator(wiring.Component):
    """Trains the network of ``design``, one slot per ``Schedule.clocks`` clocks as long as both streams keep up.

    Streams: sw.design.ports. A clock in which the machine issues work is a tick. Each is decided a clock before: it
    comes when the beat that it needs is there, the result buffer has room and no configuration request waits;
    otherwise nothing is issued, and what is in the pipelines drains.

    Counters, wrapping: ``count_slots`` slots that gave a result, ``count_correct`` those predicted
    right, ``count_cycles`` clocks since reset, ``count_stalls`` clocks without a tick; each a clock late.
    """

    def __init__(self, design: Design):
        self.design = design
        self.schedule = schedule = Schedule.of(design)
        ports = Ports.of(design)
        features = ports.slots[0]
        self.slot_layout = data.StructLayout(
            {features.name: features.width * features.count, "descriptor": slot_descriptor(schedule)}
        )
        result_bits = sum(f.width * f.count for f in ports.results)
        self.units = [JunctionUnit(schedule, j.index) for j in design.junctions]
        self.output = OutputLayer(schedule)
        drain = 1 + max(s.update for s in schedule.stages) + schedule.in_flight
        self.config_port = ConfigPort(
            design,
            drain=drain,
            lane_bits=max(u.config_lane_bits for u in self.units),
            row_bits=max(u.config_row_bits for u in self.units),
        )
        super().__init__(
            {
                "slots": In(stream.Signature(self.slot_layout)),
                "results": Out(stream.Signature(result_bits)),
                "config": In(stream.Signature(self.config_port.layout)),
                "readback": Out(stream.Signature(self.config_port.value_bits)),
                "count_slots": Out(COUNTER_BITS),
                "count_correct": Out(COUNTER_BITS),
                "count_cycles": Out(COUNTER_BITS),
                "count_stalls": Out(COUNTER_BITS),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.output = self.output
        m.submodules.config_port = self.config_port
        for unit in self.units:
            m.submodules[f"junction_{unit.index}"] = unit
        clear = cleared(m)
        issue, descriptors = self._input(m, clear)
        for unit in self.units:
            # a register for each junction, which holds the rest of the machine
            tick = Signal(name=f"tick_{unit.index}", attrs={"keep": 1})
            m.d.sync += tick.eq(issue)
            age = unit.sequencer.descriptor_age
            lag = self.schedule.lags[unit.index - 1]
            m.d.comb += [
                unit.tick.eq(tick),
                unit.ff_next.eq(descriptors[age]),
                unit.up_next.eq(descriptors[age + lag]),
            ]
        for left, right in pairwise(self.units):
            self._join(m, left, right)
        self._output(m)
        self._config(m)
        events = {
            "count_cycles": 1,
            "count_stalls": ~issue,
            "count_slots": self.output.finished,
            "count_correct": self.output.correct,
        }
        for name, event in events.items():
            happened = Signal(name=f"{name}_event", reset_less=True)
            counter = Signal(COUNTER_BITS, name=f"{name}_kept", reset_less=True)
            m.d.sync += [happened.eq(event), counter.eq(Mux(clear, 0, counter + happened))]
            m.d.comb += getattr(self, name).eq(counter)
        return m

    def _input(self, m: Module, clear: Signal) -> tuple[Signal, list]:
        """Take a slot's beats into the first junction's banks.

        Returns whether the next clock is a tick, and the latest slots' descriptors.
        """
        schedule, first = self.schedule, self.units[0]
        clock = Signal(range(schedule.clocks), name="clock")
        parts = first.junction.z // schedule.features_per_beat
        part = Signal(parts, name="part", init=1)  # of the banks' parts that are written, one is high
        row = Signal(bits_for(first.junction.depth), name="row")
        slot = Signal(first.sequencer.slot_bits, name="slot")
        # what the clock means, each a register: the first and the last of a slot, one of those that have a beat
        begins, wrap, beats = Signal(name="begins", init=1), Signal(name="wrap"), Signal(name="beats", init=1)
        needed = Signal(name="needed", init=1)  # a beat, as this slot is not an empty one
        full = Signal(name="full")  # the slot that goes on is not empty
        issue, allowed, last_part = (Signal(name=name) for name in ("issue", "allowed", "last_part"))
        descriptor = self.slots.payload.descriptor
        going_on = Signal(name="going_on")
        m.d.comb += [
            allowed.eq(self.output.room & ~self.config_port.hold),
            issue.eq(allowed & (self.slots.valid | ~needed)),
            self.slots.ready.eq(allowed & needed),
            last_part.eq(part[-1]),
            going_on.eq(Mux(begins, descriptor.kind != EMPTY, full)),
        ]
        beats_next = Signal(name="beats_next")
        m.d.comb += beats_next.eq(wrap | (beats & (clock != schedule.beats - 1)))
        with m.If(issue):
            m.d.sync += [
                clock.eq(Mux(wrap, 0, clock + 1)),
                begins.eq(wrap),
                wrap.eq(clock == schedule.clocks - 2),
                beats.eq(beats_next),
                full.eq(going_on),
                needed.eq(wrap | (beats_next & going_on)),
                part.eq(Mux(last_part | wrap, 1, part << 1)),
            ]
            with m.If(wrap):
                m.d.sync += [row.eq(0), slot.eq(slot + 1)]
            with m.Elif(last_part):
                m.d.sync += row.eq(row + 1)

        # the banks take the beat into their registers in this clock, and write it in that of the tick; decided beside
        # the tick, not from it, as that is late
        written = self.output.room & ~self.config_port.hold_write & needed & self.slots.valid
        m.d.comb += [
            first.left_write.eq(written),
            first.left_parts.eq(part),
            first.left_row.eq(row),
            first.left_slot.eq(slot),
        ]
        features = self.slots.payload.features
        m.d.comb += [value.eq(features.word_select(i, INPUT_BITS)) for i, value in enumerate(first.left_data)]

        oldest = max(u.sequencer.descriptor_age + self.schedule.lags[u.index - 1] for u in self.units)
        layout = slot_descriptor(schedule)
        begun = Signal(name="begun")
        m.d.sync += begun.eq(issue & begins)
        taken = Signal(layout, name="taken", reset_less=True)
        m.d.sync += taken.eq(descriptor)
        descriptors = [Signal(layout, name=f"slot_{age}", reset_less=True) for age in range(oldest + 1)]
        with m.If(begun):
            m.d.sync += descriptors[0].eq(taken)
            m.d.sync += [old.eq(new) for new, old in pairwise(descriptors)]
        with m.If(clear):
            m.d.sync += [each.as_value().eq(0) for each in descriptors]
        return issue, descriptors

    def _join(self, m: Module, left: JunctionUnit, right: JunctionUnit) -> None:
        """Activations go to the right junction's banks; deltas come back from them."""
        m.d.comb += [
            right.left_write.eq(left.right_write),
            right.left_parts.eq(left.right_parts),
            right.left_row.eq(left.right_row),
            right.left_slot.eq(left.right_slot),
            right.below_part.eq(left.delta_part),
            right.below_row.eq(left.delta_row),
            right.below_slot.eq(left.delta_slot),
        ]
        m.d.comb += [mine.eq(given) for mine, given in zip(right.left_data, left.right_data, strict=True)]
        m.d.comb += [mine.eq(given) for mine, given in zip(left.delta_raw, right.below_raw, strict=True)]

    def _output(self, m: Module) -> None:
        last, output = self.units[-1], self.output
        m.d.comb += [
            output.write.eq(last.right_write),
            output.group.eq(last.right_group),
            output.slot.eq(last.right_slot),
            output.descriptor.eq(last.right),
            output.delta_group.eq(last.delta_group),
            output.delta_slot.eq(last.delta_slot),
        ]
        m.d.comb += [mine.eq(given) for mine, given in zip(output.activations, last.right_data, strict=True)]
        m.d.comb += [mine.eq(given) for mine, given in zip(last.delta_raw, output.delta, strict=True)]
        wiring.connect(m, wiring.flipped(self.results), output.results)

    def _config(self, m: Module) -> None:
        port = self.config_port
        wiring.connect(m, wiring.flipped(self.config), port.config)
        wiring.connect(m, wiring.flipped(self.readback), port.readback)
        for unit, write, value in zip(self.units, port.write, port.values, strict=True):
            m.d.comb += [
                unit.config_access.eq(port.access),
                unit.config_write.eq(write),
                unit.config_kind.eq(port.kind),
                unit.config_lane.eq(port.lane),
                unit.config_row.eq(port.row),
                unit.config_value.eq(port.value),
                value.eq(unit.config_data),
            ]
