# amaranth: UnusedElaboratable=no

"""Delays: as many clocks as asked for, shared, with a reset for control alone, and under no condition."""

import numpy as np
import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.timeline import Timeline
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
            m.d.comb += self.later[i].eq(line.at(self.data, 3, 3 + DELAYS[i]))
        return m


def test_a_signal_is_seen_as_many_clocks_later_as_there_are_stages_between():
    sent = np.random.Generator(np.random.PCG64(1)).integers(0, 64, 40)
    seen = play(Delays(), [{"data": v} for v in sent], ["later"])["later"]
    for i, delay in enumerate(DELAYS):
        assert (seen[delay:, i] == sent[: len(sent) - delay]).all()
        assert (seen[:delay, i] == 0).all()


def test_calls_share_registers():
    line, source = Timeline(Module()), Signal()
    assert line.at(source, 0, 3) is line.at(source, 1, 4)
    assert line.at(source, 2, 2) is source


def test_control_has_a_reset_and_data_has_none():
    line, source = Timeline(Module()), Signal(4)
    data, control = line.at(source, 0, 2), line.at(source, 0, 2, control=True)
    assert data is not control
    assert data.reset_less
    assert not control.reset_less


def test_what_is_not_valid_yet_cannot_be_had():
    with pytest.raises(ValueError, match=r"^word is valid at stage 3, it cannot be had at stage 2$"):
        Timeline(Module()).at(Signal(name="word"), 3, 2)


def test_no_register_is_made_under_a_condition():
    m = Module()
    line, source = Timeline(m), Signal(name="word")
    made = line.at(source, 0, 1)
    with m.If(source):
        assert line.at(source, 0, 1) is made
        with pytest.raises(ValueError, match=r"^word at stage 2 must be asked for outside of conditions$"):
            line.at(source, 0, 2)
    line.at(source, 0, 2)
