"""The output layer's result buffer: no beat is lost, doubled, changed or out of order, however the host stalls."""

from collections.abc import Callable
from types import SimpleNamespace
from unittest.mock import patch

from amaranth.hdl import Array, Assert, Cat, Cover, Elaboratable, Fragment, Module, Mux, Signal

import hw.buffer
import hw.output
from hw.buffer import ResultBuffer
from hw.output import OutputLayer
from hw.timeline import Timed, Timeline
from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY
from tests.formal.monitors import within

__all__ = ["Opened", "Results", "arrival", "credit"]


class OpenMemory(Elaboratable):
    """In place of the buffer's memory, whose rows an induction must be able to speak of."""

    def __init__(self, shape, rows: int, lutram_rows: int, *, apart: bool):
        self.rows = [Signal(shape, name=f"row_{i}") for i in range(rows)]
        self.write, self.read = (
            SimpleNamespace(addr=Signal(range(rows)), data=Signal(shape, reset_less=True), en=Signal()) for _ in "wr"
        )

    def write_port(self) -> SimpleNamespace:
        return self.write

    def read_port(self) -> SimpleNamespace:
        return self.read

    def elaborate(self, platform):
        m = Module()
        for i, row in enumerate(self.rows):
            with m.If(self.write.en & (self.write.addr == i)):
                m.d.sync += row.eq(self.write.data)
        with m.If(self.read.en):
            m.d.sync += self.read.data.eq(Array(self.rows)[self.read.addr])
        return m


class Opened:
    """A unit as hardware, ``fragment``, its result buffer, the buffer's memory and what the buffer counts with.

    ``inside``: how many words are in the buffer's rows, as it has counted them and has not yet. ``free``: of rows, the
    most that were in use when there was room.
    """

    def __init__(self, m: Module, unit: Elaboratable):
        buffers, memories, signals = [], [], {}

        def buffer(**facts) -> ResultBuffer:
            buffers.append(ResultBuffer(**facts))
            return buffers[-1]

        def memory(*facts, **more) -> OpenMemory:
            memories.append(OpenMemory(*facts, **more))
            return memories[-1]

        def signal(*facts, **more) -> Signal:
            made = Signal(*facts, **more)
            return signals.setdefault(made.name, made)

        with (
            patch.object(hw.output, "ResultBuffer", buffer),
            patch.multiple(hw.buffer, memory=memory, Signal=signal),
        ):
            self.fragment = Fragment.get(unit, None)
        (self.buffer,), (self.memory,) = buffers, memories
        self.of, self.after, self.to, self.until = (signals[name] for name in ("of", "after", "to", "until"))
        uses = ("count", "read", "row")
        self.some, self.held = (Cat(signals[f"{name}_{use}"] for use in uses) for name in ("some", "held"))
        self.second, self.had, self.behind, self.beyond = (
            signals[name] for name in ("second", "had", "behind", "beyond")
        )
        self.level, self.came, self.went = (signals[name] for name in ("level", "came", "went"))
        self.inside = Signal(range(self.buffer.rows + 2), name="inside")
        m.d.comb += self.inside.eq(self.level + self.came - self.went)
        self.free = self.buffer.rows - self.buffer.spare - 1


def credit(m: Module, opened: Opened, schedule: Schedule, issued: Callable[[int], Signal], *, helpers: bool) -> None:
    """The buffer is never written while it is full; ``helpers``: and why, for an induction.

    ``issued``: whether, so many clocks ago, it was decided that a tick comes.
    """
    buffer, inside, free, rows = opened.buffer, opened.inside, opened.free, opened.buffer.rows
    m.d.comb += Assert(~buffer.write | (inside < rows), "the result buffer never overflows")
    if not helpers:
        return
    # what it counts with
    between = Signal(range(-rows, rows), name="between")
    m.d.comb += [
        between.eq(opened.to - opened.of),
        Assert((opened.to < rows) & (opened.of < rows), "rows that are there"),
        Assert(opened.after == Mux(opened.of == rows - 1, 0, opened.of + 1), "the row after"),
        Assert(opened.second == Mux(opened.after == rows - 1, 0, opened.after + 1), "and the one after"),
        Assert(opened.had == (opened.level != 0), "there were words"),
        Assert(opened.behind == (opened.level != 1), "there was not one word"),
        Assert(opened.beyond == (opened.level != 2), "nor two"),
        Assert(opened.some == (inside != 0).replicate(len(opened.some)), "some words are in the rows"),
        Assert(opened.held == buffer.results.valid.replicate(len(opened.held)), "there is a result, as others see it"),
        Assert(opened.until == opened.to, "the row that is written, twice"),
        Assert((inside == Mux(between < 0, between + rows, between)) | (inside == between + rows), "between the ends"),
        Assert(opened.level + opened.came >= opened.went, "no word goes twice"),
        Assert(inside <= rows, "no more words than rows"),
        # the level is a clock late, and room another one
        Assert(~buffer.room | (opened.level <= free + 1), "room means that the buffer was nearly empty"),
    ]
    for age in range(1, arrival(schedule) + 1):
        m.d.comb += Assert(~issued(age) | (inside <= free + 2 + age), f"a tick decided {age} clocks ago had room")


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
        opened = Opened(m, u)
        m.submodules.unit, buffer = opened.fragment, opened.buffer
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
        m.d.comb += Assert(buffer.write == due, "a finished group enters once")
        for i, value in enumerate(u.activations):
            same = buffer.data.word_select(i, len(value)) == line.at(Timed(value, 0), end)
            m.d.comb += Assert(~due | same, "with its activations")
        last = line.at(Timed(u.group, 0), end) == u.groups - 1
        m.d.comb += Assert(~due | (buffer.data[-1] == last), "and its last flag")
        credit(m, opened, self.schedule, issued, helpers=self.helpers)
        self._followed(m, opened, left)

        # while the host takes, ticks come again soon: no more beats arrive, and those that are there leave
        arrive = arrival(self.schedule)
        blocked = within(m, "room in time", ~u.room & u.results.ready, 2 * arrive + 12)
        if self.helpers:
            most = opened.free + 2 * arrive + 6
            m.d.comb += [
                Assert((blocked <= arrive) | (opened.inside + blocked <= most), "beats leave"),
                Assert((blocked <= arrive + 3) | (opened.level + blocked <= most + 2), "and are no longer counted"),
            ]
            for age in range(1, arrive + 1):
                m.d.comb += Assert(~issued(age) | (age > blocked), "no tick without room")
        return m

    def _followed(self, m: Module, opened: Opened, left: Signal) -> None:
        """Any one beat that enters comes out after those before it, unchanged; so all do."""
        results, buffer, memory = self.unit.results, opened.buffer, opened.memory
        rows = buffer.rows
        held = Signal(range(rows + 2))  # in the rows and in front of the stream
        m.d.sync += held.eq(held + buffer.write - left)
        watched, ahead, kept = Signal(), Signal(range(rows + 2)), Signal(len(buffer.data))
        with m.If(self.pick & buffer.write & ~watched):
            m.d.sync += [watched.eq(1), ahead.eq(held - left), kept.eq(buffer.data)]
        with m.Elif(watched & left):
            m.d.sync += [ahead.eq(ahead - 1), watched.eq(ahead != 0)]
        comes = watched & left & (ahead == 0)
        m.d.comb += [
            Assert(~left | (held != 0), "nothing leaves that did not enter"),
            Assert(~comes | (results.payload == kept), "a beat comes in its turn and unchanged"),
            Cover(comes & (held == 5), "a beat with others behind it"),
        ]
        refused = Signal()
        m.d.sync += refused.eq(results.valid & ~results.ready)
        m.d.comb += Assert(~refused | results.valid, "a refused beat stays")
        within(m, "a beat in time", ~results.valid & (held != 0), 1)
        if self.helpers:
            index, place = Signal(range(2 * rows + 2)), Signal(range(rows))
            m.d.comb += [
                index.eq(opened.of + ahead - results.valid),
                place.eq(Mux(index >= rows, index - rows, index)),
            ]
            there = Mux((ahead == 0) & results.valid, results.payload, Array(memory.rows)[place])
            m.d.comb += [
                Assert(held == opened.inside + results.valid, "words are in the rows and one in front"),
                Assert(~watched | ((ahead < held) & (there == kept)), "where the beat is"),
                Assert(results.valid | (held <= 1), "the next beat is fetched at once"),
            ]
