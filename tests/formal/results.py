"""The output layer's result buffer: no beat is lost, doubled, changed or out of order, however the host stalls."""

from collections.abc import Callable
from types import SimpleNamespace
from unittest.mock import patch

from amaranth.hdl import Array, Assert, Cover, Elaboratable, Fragment, Module, Mux, Signal
from amaranth.lib import fifo

from hw.output import OutputLayer
from hw.timeline import Timed, Timeline
from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY
from tests.formal.monitors import within

__all__ = ["Results", "arrival", "credit", "opened"]


class OpenMemory(Elaboratable):
    """In place of the buffer's memory, whose rows an induction must be able to speak of."""

    def __init__(self, *, shape, depth: int, init):
        self.rows = [Signal(shape, name=f"row_{i}") for i in range(depth)]
        self.write, self.read = (
            SimpleNamespace(addr=Signal(range(depth)), data=Signal(shape, reset_less=True), en=Signal()) for _ in "wr"
        )

    def write_port(self) -> SimpleNamespace:
        return self.write

    def read_port(self, *, domain: str) -> SimpleNamespace:
        if domain != "sync":
            raise ValueError(f"the buffer's reads take a clock, got the domain {domain}")
        return self.read

    def elaborate(self, platform):
        m = Module()
        for i, row in enumerate(self.rows):
            with m.If(self.write.en & (self.write.addr == i)):
                m.d.sync += row.eq(self.write.data)
        with m.If(self.read.en):
            m.d.sync += self.read.data.eq(Array(self.rows)[self.read.addr])
        return m


def opened(unit: Elaboratable) -> tuple[Fragment, fifo.SyncFIFOBuffered, OpenMemory]:
    """The unit as hardware, and its result buffer with its memory. The platform "formal" lets Amaranth's buffer
    assert how its counters hang together."""
    buffers, memories = [], []

    def buffer(**facts) -> fifo.SyncFIFOBuffered:
        buffers.append(real(**facts))
        return buffers[-1]

    def memory(**facts) -> OpenMemory:
        memories.append(OpenMemory(**facts))
        return memories[-1]

    real = fifo.SyncFIFOBuffered
    with patch.multiple(fifo, SyncFIFOBuffered=buffer, Memory=memory):
        fragment = Fragment.get(unit, "formal")
    (one,), (its,) = buffers, memories
    return fragment, one, its


def credit(
    m: Module, output: OutputLayer, buffer: fifo.SyncFIFOBuffered, issued: Callable[[int], Signal], *, helpers: bool
) -> None:
    """The buffer is never written while it is full; ``helpers``: and why, for an induction.

    ``issued``: whether, so many clocks ago, it was decided that a tick comes.
    """
    m.d.comb += Assert(~buffer.w_en | buffer.w_rdy, "the result buffer never overflows")
    if not helpers:
        return
    free = buffer.depth - output.schedule.in_flight
    m.d.comb += Assert(~output.room | (buffer.level <= free), "room means that the buffer was nearly empty")
    for age in range(1, arrival(output.schedule) + 1):
        m.d.comb += Assert(~issued(age) | (buffer.level <= free + age), f"a tick decided {age} clocks ago had room")


def arrival(schedule: Schedule) -> int:
    """Clocks from the decision for a tick, which comes a clock later, until its results enter the buffer."""
    return 1 + schedule.stages[-1].activation + schedule.compare_stages


class Results(Elaboratable):
    """The output layer behind a machine that decides for a tick whenever there is room and it likes to, and finishes a
    group for any of its ticks, the schedule's number of clocks later. ``helpers``: with what only the induction needs.
    """

    def __init__(self, design: Design, *, helpers: bool = True):
        self.schedule, self.helpers = Schedule.of(design), helpers
        self.unit = u = OutputLayer(self.schedule)
        self.likes, self.finishes, self.pick = Signal(), Signal(), Signal()
        self.inputs = [self.likes, self.finishes, self.pick, u.results.ready]
        self.inputs += [u.group, u.descriptor.as_value(), *u.activations]

    def elaborate(self, platform):
        m = Module()
        u, end = self.unit, self.schedule.compare_stages
        m.submodules.unit, buffer, memory = opened(u)
        line = Timeline(m)
        issue, entered, left = Signal(), Signal(), Signal()

        def issued(age: int) -> Signal:
            return line.at(Timed(issue, 0), age, control=True)

        m.d.comb += [
            issue.eq(self.likes & u.room),
            u.write.eq(issued(arrival(self.schedule) - end) & self.finishes),
            entered.eq(u.write & (u.descriptor.kind != EMPTY)),
            left.eq(u.results.valid & u.results.ready),
        ]

        # every group of a slot that is not empty enters the buffer once, whole
        due = line.at(Timed(entered, 0), end, control=True)
        m.d.comb += Assert(buffer.w_en == due, "a finished group enters once")
        for i, value in enumerate(u.activations):
            same = buffer.w_data.word_select(i, len(value)) == line.at(Timed(value, 0), end)
            m.d.comb += Assert(~due | same, "with its activations")
        last = line.at(Timed(u.group, 0), end) == u.groups - 1
        m.d.comb += Assert(~due | (buffer.w_data[-1] == last), "and its last flag")
        credit(m, u, buffer, issued, helpers=self.helpers)
        self._followed(m, buffer, memory, left)

        # while the host takes, ticks come again soon: no more beats arrive, and those that are there leave
        arrive, free = arrival(self.schedule), buffer.depth - self.schedule.in_flight
        blocked = within(m, "room in time", ~u.room & u.results.ready, 2 * arrive + 4)
        if self.helpers:
            m.d.comb += Assert((blocked <= arrive) | (buffer.level + blocked <= free + 2 * arrive + 2), "beats leave")
            for age in range(1, arrive + 1):
                m.d.comb += Assert(~issued(age) | (age > blocked), "no tick without room")
        return m

    def _followed(self, m: Module, buffer: fifo.SyncFIFOBuffered, memory: OpenMemory, left: Signal) -> None:
        """Any one beat that enters comes out after those before it, unchanged; so all do."""
        results = self.unit.results
        watched, ahead, kept = Signal(), Signal(range(buffer.depth + 1)), Signal(len(buffer.w_data))
        with m.If(self.pick & buffer.w_en & ~watched):
            m.d.sync += [watched.eq(1), ahead.eq(buffer.level - left), kept.eq(buffer.w_data)]
        with m.Elif(watched & left):
            m.d.sync += [ahead.eq(ahead - 1), watched.eq(ahead != 0)]
        comes = watched & left & (ahead == 0)
        m.d.comb += [
            Assert(~left | (buffer.level != 0), "nothing leaves that did not enter"),
            Assert(~comes | (results.payload == kept), "a beat comes in its turn and unchanged"),
            Cover(comes & (buffer.level == 5), "a beat with others behind it"),
        ]
        refused = Signal()
        m.d.sync += refused.eq(results.valid & ~results.ready)
        m.d.comb += Assert(~refused | results.valid, "a refused beat stays")
        within(m, "a beat in time", ~results.valid & (buffer.level != 0), 1)
        if self.helpers:
            rows = len(memory.rows)
            index, place = Signal(range(2 * rows + 2)), Signal(range(rows))
            m.d.comb += [
                index.eq(memory.read.addr + ahead - buffer.r_rdy),
                place.eq(Mux(index >= rows, index - rows, index)),
            ]
            there = Mux((ahead == 0) & buffer.r_rdy, results.payload, Array(memory.rows)[place])
            m.d.comb += [
                Assert(~watched | ((ahead < buffer.level) & (there == kept)), "where the beat is"),
                Assert(results.valid | (buffer.level <= 1), "the next beat is fetched at once"),
            ]
