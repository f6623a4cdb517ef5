# amaranth: UnusedElaboratable=no

"""Values and their stages; delays: as many clocks as asked for, shared, with a reset for control alone."""

from types import SimpleNamespace

import numpy as np
import pytest
from amaranth.back import rtlil
from amaranth.hdl import Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.timeline import GROUP, Timed, Timeline, due, keep_to, spread, together
from tests.hw.play import play

DELAYS = (0, 1, 2, 5)


class Delays(wiring.Component):
    def __init__(self):
        super().__init__({"data": In(6), "later": Out(6).array(len(DELAYS))})

    def elaborate(self, platform):
        m = Module()
        line = Timeline(m)
        # asked for out of order, from a stage other than 0
        for i in (3, 0, 2, 1):
            m.d.comb += self.later[i].eq(line.at(Timed(self.data, 3), 3 + DELAYS[i]))
        return m


def test_a_signal_is_seen_as_many_clocks_later_as_there_are_stages_between():
    sent = np.random.Generator(np.random.PCG64(1)).integers(0, 64, 40)
    seen = play(Delays(), [{"data": v} for v in sent], ["later"])["later"]
    for i, delay in enumerate(DELAYS):
        assert (seen[delay:, i] == sent[: len(sent) - delay]).all()
        assert (seen[:delay, i] == 0).all()


def test_calls_share_registers():
    line, source = Timeline(Module()), Signal()
    assert line.at(Timed(source, 0), 3) is line.at(Timed(source, 1), 4)
    assert line.at(Timed(source, 2), 2) is source


def test_control_has_a_reset_and_data_has_none():
    line, source = Timeline(Module()), Timed(Signal(4), 0)
    data, control = line.at(source, 2), line.at(source, 2, control=True)
    assert data is not control
    assert data.reset_less
    assert not control.reset_less


def test_what_is_not_valid_yet_cannot_be_had():
    with pytest.raises(ValueError, match=r"^word is valid at stage 3, it cannot be had at stage 2$"):
        Timeline(Module()).at(Timed(Signal(name="word"), 3), 2)


def test_no_register_is_made_under_a_condition():
    m = Module()
    line, source = Timeline(m), Timed(Signal(name="word"), 0)
    made = line.at(source, 1)
    with m.If(source.value):
        assert line.at(source, 1) is made
        with pytest.raises(ValueError, match=r"^word at stage 2 must be asked for outside of conditions$"):
            line.at(source, 2)
    line.at(source, 2)


class Registers(wiring.Component):
    """A value in so many registers, and in copies for more lanes than share one."""

    lanes = 2 * GROUP + 1

    def __init__(self, clocks: int, later: int):
        self.clocks, self.later = clocks, later
        super().__init__({"data": In(signed(6)), "late": Out(signed(6)), "copies": Out(signed(6)).array(self.lanes)})

    def elaborate(self, platform):
        m = Module()
        source = Timed(self.data, 3)
        late = source.register(m, "late_data", self.clocks)
        self.stage = late.stage
        copies = Timeline(m).spread(source, 3 + self.later, self.lanes)
        m.d.comb += self.late.eq(late.value)
        m.d.comb += [copy.eq(value) for copy, value in zip(self.copies, copies, strict=True)]
        return m


@pytest.mark.parametrize(("clocks", "later"), [(0, 0), (1, 1), (2, 3)])
def test_registers_move_the_stage_by_their_number_and_copies_are_all_the_same(clocks, later):
    sent = np.random.Generator(np.random.PCG64(2)).integers(-32, 32, 30)
    unit = Registers(clocks, later)
    seen = play(unit, [{"data": v} for v in sent], ["late", "copies"])
    assert unit.stage == 3 + clocks
    assert (seen["late"][clocks:] == sent[: len(sent) - clocks]).all()
    assert (seen["copies"][later:] == sent[: len(sent) - later, None]).all()


@pytest.mark.parametrize("control", [False, True])
def test_each_group_of_lanes_has_a_copy_of_its_own_which_synthesis_keeps(control):
    m, data = Module(), Signal(3, name="data")
    copies = spread(m, data, Registers.lanes, "copy", control=control)
    groups = [next(n for n, c in enumerate(copies) if c is one) for one in copies]
    assert groups == [lane // GROUP * GROUP for lane in range(Registers.lanes)]
    assert {copy.reset_less for copy in copies} == {not control}
    assert len({copy.name for copy in copies}) == 3
    text = rtlil.convert(m, ports=[data], name="top", emit_src=False)
    assert text.count("attribute \\keep 1") == 3


def test_nothing_is_copied_at_its_own_stage():
    data = Timed(Signal(), 4)
    assert Timeline(Module()).spread(data, 4, 20) == [data.value] * 20


def test_copies_come_from_one_chain():
    """Two registers to stage 2, and a third that is the copy."""
    m, data = Module(), Signal(2, name="data")
    copies = Timeline(m).spread(Timed(data, 0), 3, GROUP)
    assert len({id(copy) for copy in copies}) == 1
    text = rtlil.convert(m, ports=[data, copies[0]], name="top", emit_src=False)
    assert text.count("cell $dff") == 3


def test_values_of_one_stage_meet_and_others_do_not():
    word, other = Signal(name="word"), Signal(name="other")
    assert together(Timed(word, 2)) == 2
    assert together(Timed(word, 2), Timed(other, 2), Timed(word + other, 2)) == 2
    text = r"^word is valid at stage 2, other at stage 3: they cannot meet$"
    with pytest.raises(ValueError, match=text):
        together(Timed(word, 2), Timed(word, 2), Timed(other, 3))
    with pytest.raises(ValueError, match=r"^a value is valid at stage 1, word at stage 0: they cannot meet$"):
        together(Timed(word + other, 1), Timed(word, 0))


def test_what_is_due_comes_at_its_stage():
    stages, word = SimpleNamespace(product=4, update=6), Signal(name="word")
    assert due(stages, "product", Timed(word, 4)) is word
    keep_to(stages, product=4, update=6)
    for stage in (3, 5):
        text = rf"^stage `product` must be 4 by the schedule, is built at {stage}$"
        with pytest.raises(ValueError, match=text):
            due(stages, "product", Timed(word, stage))
        with pytest.raises(ValueError, match=text):
            keep_to(stages, update=6, product=stage)
