"""The whole accelerator as it is, all four streams stalled at will: from a slot that was taken to its results."""

from amaranth.hdl import Array, Assert, Cover, Elaboratable, Module, Mux, Signal

from hw.accelerator import Accelerator
from hw.config import SETTLE
from hw.timeline import Timed, Timeline, cleared
from sw.design.design import Design
from tests.formal.monitors import within
from tests.formal.results import Opened, arrival, credit

__all__ = ["Machine"]


class Machine(Elaboratable):
    """``helpers``: with what only a proof needs. ``in_time``: and it ticks if the hosts let it."""

    def __init__(self, design: Design, *, helpers: bool = True, in_time: bool = False):
        self.unit = a = Accelerator(design)
        self.helpers, self.in_time = helpers, in_time
        self.pick = Signal()
        self.inputs = [self.pick, a.slots.valid, a.slots.payload.as_value(), a.results.ready]
        self.inputs += [a.config.valid, a.config.payload.as_value(), a.readback.ready]

    def elaborate(self, platform):
        m = Module()
        a, output, config = self.unit, self.unit.output, self.unit.config_port
        schedule, tick = a.schedule, a.units[0].tick
        opened = Opened(m, a)
        m.submodules.unit = opened.fragment
        line = Timeline(m)
        # a tick is decided in the clock before it
        issued = lambda age: line.at(Timed(tick, 1), age, control=True)  # noqa: E731
        credit(m, opened, schedule, issued, helpers=self.helpers)
        might = Signal()
        m.d.sync += might.eq(output.room & ~config.hold)

        # drained: no tick in this clock and those before in which one's work lasts
        lasts = config.drain - 1
        since = Signal(range(lasts + 2), init=lasts + 1)
        m.d.sync += since.eq(Mux(tick, 0, Mux(since > lasts, since, since + 1)))
        drained = ~tick & (since > lasts)
        m.d.comb += [
            Assert(~tick | might, "a tick has room and is not held"),
            Assert(~tick | ~cleared(m), "no tick in the clock after a reset, in which counters are still reset"),
            *(Assert(unit.tick == tick, "all junctions tick together") for unit in a.units[1:]),
            Assert(~config.access | drained, "access only when nothing is in flight"),
        ]
        self._results(m, line, tick)
        if self.in_time:
            m.d.comb += Cover(config.access & a.results.valid, "access with results waiting")
            keeps = a.slots.valid & a.results.ready & a.readback.ready & ~a.config.valid
            in_flight = arrival(schedule)
            one_request = 2 * config.index_bits + 2 * SETTLE + 8
            within(m, "a tick in time", keeps & ~tick, 2 * in_flight + config.drain + one_request)
        return m

    def _results(self, m: Module, line: Timeline, tick: Signal) -> None:
        """Each slot's groups are finished once, in order, with its descriptor, in ticks that counting gives."""
        a, output, schedule = self.unit, self.unit.output, self.unit.schedule
        last, start, clocks = a.design.junctions[-1], schedule.ff[-1], schedule.clocks
        stage = schedule.stages[-1].activation
        finishing = [c for c in range(last.clocks) if c % last.clocks_per_group == last.clocks_per_group - 1]
        entering, position = Signal(range(max(2, clocks))), Signal(range(max(2, clocks)), init=-start % clocks)
        with m.If(tick):
            for counter in (entering, position):
                m.d.sync += counter.eq(Mux(counter == clocks - 1, 0, counter + 1))
        finishes = Signal()
        m.d.comb += finishes.eq(tick & Array(int(c in finishing) for c in range(clocks))[position])
        written = line.at(Timed(finishes, 0), stage, control=True)
        m.d.comb += Assert(output.write == written, "a group in its ticks alone")

        # any one slot
        offered = Signal(len(a.slots.payload.descriptor.as_value()))
        m.d.comb += offered.eq(a.slots.payload.descriptor)
        given = line.at(Timed(offered, -1), 0)
        watched, kept = Signal(), Signal(len(given))
        ticks = Signal(range(start + clocks + 1))  # since it began to enter
        with m.If(tick & (entering == 0) & self.pick & ~watched):
            m.d.sync += [watched.eq(1), ticks.eq(1), kept.eq(given)]
        with m.Elif(tick & watched):
            m.d.sync += [ticks.eq(ticks + 1), watched.eq(ticks != start + clocks - 1)]
        due, group = Signal(), Signal(range(max(2, len(finishing))))
        for n, c in enumerate(finishing):
            with m.If(tick & watched & (ticks == start + c)):
                m.d.comb += [due.eq(1), group.eq(n)]
        comes = line.at(Timed(due, 0), stage, control=True)
        descriptor, number = line.at(Timed(kept, 0), stage), line.at(Timed(group, 0), stage)
        m.d.comb += [
            Assert(~comes | output.write, "every group of a slot is finished"),
            Assert(~comes | (output.group == number), "in order"),
            Assert(~comes | (output.descriptor.as_value() == descriptor), "with the descriptor of its slot"),
            Cover(comes & (descriptor != 0) & (number == len(finishing) - 1), "the last group of a slot"),
        ]
