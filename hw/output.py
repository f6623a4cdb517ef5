"""The output layer: deltas for BP, and the results that leave the machine."""

from amaranth import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import saturated
from hw.banks import Queue
from hw.buffer import ResultBuffer
from hw.sequencer import groups, slot_bits, slot_descriptor
from hw.timeline import Timed, Timeline, keep_to
from sw.design.fixed import bits_for
from sw.design.memories import result_rows
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY

__all__ = ["OutputLayer"]

ROUNDED = 1  # clocks from an activation to the write of its delta


class OutputLayer(wiring.Component):
    """Output deltas a - y in a queue, predictions, and the result stream.

    Members:
        write, group, slot, descriptor, activations: from the last junction, at its stage ``activation``.
        delta_group, delta_slot: which deltas the last junction needs (its stage ``fetch``); ``delta`` follows at its
            stage ``raw``.
        results: see sw.design.ports. room: enough of the result buffer is free for all work in flight
            and one more tick.
        finished, correct: pulses, one per slot with results.
    """

    def __init__(self, schedule: Schedule):
        self.schedule = schedule
        self.design = design = schedule.design
        self.last = last = design.junctions[-1]
        self.groups = groups(last)
        self.number = design.arithmetic.number
        self.activation_bits = self.number.fraction_bits + 1
        self.ports = Ports.of(design)
        units = last.per_clock
        bits = sum(field.width * field.count for field in self.ports.results)
        super().__init__(
            {
                "write": In(1),
                "group": In(bits_for(self.groups)),
                "slot": In(slot_bits(schedule)),
                "descriptor": In(slot_descriptor(schedule)),
                "activations": In(self.activation_bits).array(units),
                "delta_group": In(bits_for(self.groups)),
                "delta_slot": In(slot_bits(schedule)),
                "delta": Out(signed(self.number.width)).array(units),
                "results": Out(stream.Signature(bits)),
                "room": Out(1),
                "finished": Out(1),
                "correct": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        line = Timeline(m)
        first = Signal(range(max(2, self.last.right)), name="first")  # output neuron of unit 0
        m.d.comb += first.eq(self.group * self.last.per_clock)
        self._deltas(m, line, first)
        self._results(m, line, first)
        return m

    def _deltas(self, m: Module, line: Timeline, first: Signal) -> None:
        sets = self.schedule.delta_sets[-1]
        shape, units = signed(self.number.width), self.last.per_clock
        m.submodules.deltas = queue = Queue(
            groups=self.groups, sets=sets, shape=shape, per_group=units, lutram_rows=self.design.hardware.lutram_rows,
            read_clocks=self.design.hardware.stages.read,
        )
        stages = self.schedule.stages[-1]
        keep_to(stages, output_delta=stages.activation + ROUNDED)
        one = 1 << self.number.fraction_bits
        m.d.comb += [
            queue.write.eq(line.at(Timed(self.write, 0), ROUNDED, control=True)),
            queue.write_group.eq(line.at(Timed(self.group, 0), ROUNDED)),
            queue.write_set.eq(line.at(Timed(self.slot, 0), ROUNDED)[: queue.set_bits]),
            queue.read_group.eq(self.delta_group),
            queue.read_set.eq(self.delta_slot[: queue.set_bits]),
        ]
        for i, activation in enumerate(self.activations):
            target = self.descriptor.label == first + i
            delta = Signal(shape, name=f"delta_{i}", reset_less=True)
            exact = Signal(signed(self.number.fraction_bits + 2), name=f"error_{i}")
            m.d.comb += exact.eq(activation - Mux(target, one, 0))
            m.d.sync += delta.eq(saturated(exact, self.number))
            m.d.comb += queue.write_data[i].eq(delta)
            found = Timed(queue.read_data[i], stages.fetch + queue.read_clocks)
            m.d.comb += self.delta[i].eq(line.at(found, stages.raw))

    def _results(self, m: Module, line: Timeline, first: Signal) -> None:
        units, classes = self.last.per_clock, self.design.network.classes
        index_bits = bits_for(classes)
        # candidates for the largest real output: (key, index); a padding neuron's key is 0, a real one's is not
        candidates = []
        for i, activation in enumerate(self.activations[:classes]):  # the others are padding in every group
            real = Signal(name=f"real_{i}")
            m.d.comb += real.eq(self.group < -(-(classes - i) // units))
            key = Timed(Mux(real, Cat(activation, Const(1, 1)), 0), 0).register(m, f"key_0_{i}")
            index = Timed((first + i)[:index_bits], 0).register(m, f"index_0_{i}")
            candidates.append((key.value, index.value))
        end = self.schedule.compare_stages
        for stage in range(2, end):
            pairs = []
            for n in range(0, len(candidates), 2):
                (key, index), *other = candidates[n : n + 2]
                if other:  # the lower index keeps its place on a tie
                    larger = other[0][0] > key
                    key, index = Mux(larger, other[0][0], key), Mux(larger, other[0][1], index)
                key_, index_ = (
                    Signal(self.activation_bits + 1, name=f"key_{stage}_{n}", reset_less=True),
                    Signal(index_bits, name=f"index_{stage}_{n}", reset_less=True),
                )
                m.d.sync += [key_.eq(key), index_.eq(index)]
                pairs.append((key_, index_))
            candidates = pairs
        if len(candidates) > 1:
            raise ValueError(f"{end} stages must leave one of the output neurons compared, leave {len(candidates)}")
        key, index = candidates[0]
        best = Signal(self.activation_bits + 1, name="best", reset_less=True)
        best_index = Signal(index_bits, name="best_index", reset_less=True)
        group = line.at(Timed(self.group, 0), end - 1)
        with m.If(line.at(Timed(self.write, 0), end - 1, control=True)):
            with m.If((group == 0) | (key > best)):
                m.d.sync += [best.eq(key), best_index.eq(index)]

        used = Signal(name="used")
        m.d.comb += used.eq(self.write & (self.descriptor.kind != EMPTY))
        last = Signal(name="last")
        m.d.comb += last.eq(line.at(Timed(self.group, 0), end) == self.groups - 1)
        label = Signal(len(self.descriptor.label), name="label")
        m.d.comb += label.eq(self.descriptor.label)
        correct = Signal(name="correct")
        m.d.comb += correct.eq(best_index == line.at(Timed(label, 0), end))
        beat = [line.at(Timed(activation, 0), end) for activation in self.activations]

        in_flight = self.schedule.in_flight
        m.submodules.buffer = buffer = ResultBuffer(
            width=len(self.results.payload), rows=result_rows(in_flight), spare=in_flight,
            lutram_rows=self.design.hardware.lutram_rows,
        )  # fmt: skip
        write = line.at(Timed(used, 0), end, control=True)
        wiring.connect(m, wiring.flipped(self.results), buffer.results)
        m.d.comb += [
            buffer.write.eq(write),
            buffer.data.eq(Cat(*beat, best_index, correct, last)),
            self.room.eq(buffer.room),
            self.finished.eq(write & last),
            self.correct.eq(write & last & correct),
        ]
