"""How long a run of the sample store takes."""

from amaranth import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from sw.design.schedule import Schedule

__all__ = ["RunClocks"]


class RunClocks(wiring.Component):
    """``clocks`` from the first beat of a run's first slot to the first beat of its latest.

    ``start``: a run begins. ``taken`` pulses for each beat of its slots, all of which have features.
    """

    def __init__(self, schedule: Schedule):
        self.beats = schedule.beats
        super().__init__({"start": In(1), "taken": In(1), "clocks": Out(32)})

    def elaborate(self, platform):
        m = Module()
        first, idle = Signal(name="first"), Signal(init=1, name="idle")  # of a run, no slot has begun
        elapsed = Signal(32, name="elapsed", reset_less=True)
        left = Signal(range(max(2, self.beats)), init=self.beats - 1, name="left")  # of a slot after the next beat
        begins, ends = Signal(init=1, name="begins"), Signal(init=self.beats == 1, name="ends")  # the next beat does
        m.d.sync += [first.eq(self.taken & begins), elapsed.eq(Mux(idle, 0, elapsed + 1))]
        with m.If(self.taken):
            m.d.sync += [
                begins.eq(ends),
                left.eq(Mux(ends, self.beats - 1, left - 1)),
                ends.eq(Mux(ends, self.beats == 1, left == 1)),
            ]
        with m.If(first):
            m.d.sync += self.clocks.eq(elapsed)
        with m.If(self.start):
            m.d.sync += idle.eq(1)
        with m.If(self.taken & begins):
            m.d.sync += idle.eq(0)
        return m
