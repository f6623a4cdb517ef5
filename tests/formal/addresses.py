"""Sequencer and address generator of a junction, together: each sweep reads every row of every bank once."""

from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from unittest.mock import patch

from amaranth.asserts import AnyConst
from amaranth.hdl import Array, Assert, Assume, Cover, Elaboratable, Fragment, Module, Mux, Signal

import hw.address
from hw.junction import JunctionUnit
from hw.sequencer import JunctionSequencer
from hw.timeline import Timed, Timeline, cleared, due
from sw.design.design import Design
from sw.design.schedule import Schedule
from sw.pattern.clash_free import Pattern

__all__ = ["Addresses", "AnyPattern"]


class AnyTable(Elaboratable):
    """In place of a constant memory: ``words``, whatever they are."""

    def __init__(self, words: Sequence[Signal]):
        self.words = words
        self.addr, self.data = Signal(range(max(2, len(words)))), Signal(len(words[0]), reset_less=True)

    def read_port(self, *, domain: str = "sync") -> "AnyTable":
        self.domain = domain
        return self

    def elaborate(self, platform):
        m = Module()
        m.d[self.domain] += self.data.eq(Array(self.words)[self.addr])
        return m


class AnyPattern:
    """The tables of any pattern that ``Pattern.check`` lets pass: kinds 2 and 3 any start vectors, kind 1 any sweeps.

    ``lut_rows``: clocks up to which the hardware looks rows up by the clock, for kinds 2 and 3 too.
    """

    def __init__(self, m: Module, pattern: Pattern, lut_rows: int):
        self.m, self.pattern = m, pattern
        self.bits = max(1, (pattern.depth - 1).bit_length())
        self.by_clock = pattern.kind == 1 or pattern.clocks <= lut_rows
        banks = range(pattern.z)
        #: by word and bank
        count = pattern.clocks if self.by_clock else len(pattern.table)
        self.rows = [[Signal(self.bits, name=f"any_{i}_{bank}") for bank in banks] for i in range(count)]
        for word in self.rows:
            for row in word:
                m.d.comb += [row.eq(AnyConst(self.bits)), Assume(row < pattern.depth)]
        if self.by_clock:
            for bank in banks:
                for first in range(0, count, pattern.depth):
                    sweep = [word[bank] for word in self.rows[first : first + pattern.depth]]
                    m.d.comb += [Assume(a != b) for i, a in enumerate(sweep) for b in sweep[:i]]

    def table(self, width: int, words: Sequence[int], lutram_rows: int) -> AnyTable:
        """What ``hw.memory.table`` would have made of the pattern's own words: rows, or start vectors less D."""
        bits, depth = width // self.pattern.z, self.pattern.depth
        made = [Signal(width, name=f"word_{bits}_{i}") for i in range(len(words))]
        for word, rows in zip(made, self.rows, strict=True):
            for bank, row in enumerate(rows):
                self.m.d.comb += word.word_select(bank, bits).eq(row if bits == self.bits else row - depth)
        return AnyTable(made)

    def row(self, bank: int, sweep: Signal, step: Signal):
        """The row that is due."""
        depth = self.pattern.depth
        column = Array(word[bank] for word in self.rows)
        if self.by_clock:
            return column[sweep * depth + step]
        total = column[Array(s // self.pattern.sweeps_per_start for s in range(self.pattern.out_degree))[sweep]] + step
        return Mux(total >= depth, total - depth, total)


class Addresses(Elaboratable):
    """Junction ``index`` of a design, whose own pattern counts for its shape alone.

    ``lemma``: what the sequencer says of every tick is asserted; else it is assumed, to be proven apart, and which
    rows are read is asserted. Both at once if ``lemma`` is None. ``helpers``: with what only a proof needs.
    """

    def __init__(
        self, design: Design, index: int = 1, *, lut_rows: int = 32, lemma: bool | None = None, helpers: bool = True
    ):
        self.schedule, self.lut_rows, self.lemma, self.helpers = Schedule.of(design), lut_rows, lemma, helpers
        self.junction, self.stages = design.junctions[index - 1], self.schedule.stages[index - 1]
        self.first_tick = self.schedule.ff[index - 1]
        self.sequencer = JunctionSequencer(self.schedule, index)
        self.tick = Signal()
        self.inputs = [self.tick]

    def elaborate(self, platform):
        m = Module()
        j, clocks = self.junction, self.schedule.clocks
        rows, pattern = self._hardware(m, platform)

        # the position in the cycle by counting ticks, and when its reads happen
        position, go = Signal(range(max(2, clocks)), init=-self.first_tick % clocks), Signal()
        with m.If(self.tick):
            m.d.sync += position.eq(Mux(position == clocks - 1, 0, position + 1))
        m.d.comb += go.eq(self.tick & (position < j.clocks))
        # the counters are reset a clock late, in which the machine does not tick
        fresh = cleared(m)
        m.d.comb += Assume(~fresh | ~self.tick)
        line, stage = Timeline(m), self.stages.left_address
        came, at = line.at(Timed(go, 0), stage, control=True), line.at(Timed(position, 0), stage)
        if self.lemma is not False:
            self._sequencer_right(m, Assert, position, go, fresh)
        if self.lemma is not True:
            if self.lemma is False:
                self._sequencer_right(m, Assume, position, go, fresh)
            self._rows_once(m, rows, pattern, came, at)
        return m

    def _hardware(self, m: Module, platform) -> tuple[list, AnyPattern]:
        """The part of a junction that makes the addresses, by the junction's own method."""
        part = Module()
        seq = part.submodules.sequencer = self.sequencer
        part.d.comb += seq.tick.eq(self.tick)
        junction = SimpleNamespace(
            sequencer=seq, stages=self.stages, junction=self.junction, design=self.schedule.design, _line=Timeline(part)
        )
        junction._at = partial(JunctionUnit._at, junction)
        rows = [due(self.stages, "left_address", row) for row in JunctionUnit._rows(junction, part)]
        pattern = AnyPattern(m, self.junction.pattern, self.lut_rows)
        with patch.multiple(hw.address, table=pattern.table, ROWS_BY_CLOCK=self.lut_rows):
            m.submodules.part = Fragment.get(part, platform)
        return rows, pattern

    def _sequencer_right(self, m: Module, say, position: Signal, go: Signal, fresh: Signal) -> None:
        seq, j, clocks = self.sequencer, self.junction, range(self.schedule.clocks)
        m.d.comb += [
            say(position < len(clocks), "the position is in the cycle"),
            say(seq.go == go, "a tick is work in the clocks of the junction alone"),
        ]
        starts = Array(c // j.depth // j.pattern.sweeps_per_start for c in clocks)
        with m.If((position < j.clocks) & ~fresh):
            m.d.comb += [
                say(seq.clock == position, "the clock of the sequencer"),
                say(seq.step == Array(c % j.depth for c in clocks)[position], "the step of the sequencer"),
                say(seq.start == starts[position], "the start vector of the sequencer"),
            ]

    def _rows_once(self, m: Module, rows: list, pattern: AnyPattern, came: Signal, at: Signal) -> None:
        """A bank's row at any one step of a sweep is kept, and compared with all others of this sweep."""
        j, clocks = self.junction, range(self.schedule.clocks)
        sweep, step = Signal(range(max(2, j.out_degree))), Signal(range(max(2, j.depth)))
        m.d.comb += [step.eq(Array(c % j.depth for c in clocks)[at])]
        m.d.comb += [sweep.eq(Array(min(c // j.depth, j.out_degree - 1) for c in clocks)[at])]
        chosen, kept_sweep, kept = Signal.like(step), Signal.like(sweep), Signal()
        m.d.comb += [chosen.eq(AnyConst(len(chosen))), Assume(chosen < j.depth)]
        m.d.comb += Assert(~kept | (kept_sweep < j.out_degree), "a sweep of the cycle")
        keep, compare = Signal(), Signal()
        m.d.comb += [keep.eq(came & (step == chosen)), compare.eq(came & kept & (sweep == kept_sweep) & ~keep)]
        with m.If(keep):
            m.d.sync += [kept.eq(1), kept_sweep.eq(sweep)]
        wraps = Signal()
        for bank, row in enumerate(rows):
            kept_row = Signal(len(row), name=f"kept_{bank}")
            with m.If(keep):
                m.d.sync += kept_row.eq(row)
            m.d.comb += [
                Assert(~came | (row < j.depth), "a row that is there"),
                Assert(~compare | (row != kept_row), "no row twice in a sweep"),
            ]
            if self.helpers:
                m.d.comb += [
                    Assert(~came | (row == pattern.row(bank, sweep, step)), "the row of the pattern"),
                    Assert(~kept | (kept_row == pattern.row(bank, kept_sweep, chosen)), "the row kept"),
                ]
            if bank == 0:
                m.d.comb += wraps.eq(compare & (step > chosen) & (row < kept_row))
        # a whole cycle has been and there was a pause
        cycled, paused = Signal(), Signal()
        with m.If(came & (at == j.clocks - 1)):
            m.d.sync += cycled.eq(1)
        m.d.sync += paused.eq(cycled & ~came)
        again = cycled & paused & came & (sweep == j.out_degree - 1)
        m.d.comb += Cover(again, "a whole cycle, and a pause in the next")
        if j.depth > 1:
            m.d.comb += Cover(wraps & (sweep == j.out_degree - 1), "a last sweep with a row below one before")
