"""Where a junction stands in its cycle, and which slots it works on."""

from math import prod

from amaranth import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hw.timeline import cleared
from sw.design.design import Junction
from sw.design.fixed import bits_for
from sw.design.ports import Ports
from sw.design.schedule import Schedule

__all__ = ["JunctionSequencer", "groups", "slot_bits", "slot_descriptor"]


def groups(junction: Junction) -> int:
    """Groups of right neurons that finish together, in a junction cycle."""
    return junction.right // junction.per_clock


def slot_descriptor(schedule: Schedule) -> data.StructLayout:
    """What is remembered of a slot: kind, label, rate shift."""
    _, *facts = Ports.of(schedule.design).slots  # after the features
    return data.StructLayout({field.name: field.width for field in facts})


def slot_bits(schedule: Schedule) -> int:
    """Low bits of a slot's number that tell the sets of every queue apart."""
    deepest = max(*schedule.activation_sets, *schedule.delta_sets, *schedule.slope_sets, 2)
    return bits_for(deepest)


class JunctionSequencer(wiring.Component):
    """Position counters of junction ``index`` (1..L), one step per tick.

    Members, valid at stage 0 (the clock of the tick itself) unless said otherwise:
        tick: the machine issues work in this clock.
        ff_next, up_next: descriptors of the slots that enter with a cycle's first tick.
        go: this junction has work in this tick (its cycle may be shorter than the machine's).
        clock, start, step, first_sweep, last_sweep: position among the left neurons.
        group, part, row, first, last: right neurons; ``part`` and ``row`` place the group in the next
        junction's left banks; first and last weights of the group.
        ff_slot, up_slot: low bits of the number of the slot that is fed forward, or updated with; delta_slot: as
        up_slot, for the left deltas, whose banks are many.
        ff, up: descriptors of these slots; valid from stage 1 on.
    """

    def __init__(self, schedule: Schedule, index: int):
        self.schedule, self.index = schedule, index
        design = schedule.design
        self.junction = j = design.junctions[index - 1]
        # groups of right neurons per row of the next junction's left banks
        self.parts = 1 if j.last else design.junctions[index].z // j.per_clock
        self.groups = groups(j)
        self.slot_bits = slot_bits(schedule)
        descriptor = slot_descriptor(schedule)
        super().__init__(
            {
                "tick": In(1),
                "ff_next": In(descriptor),
                "up_next": In(descriptor),
                "go": Out(1),
                "clock": Out(bits_for(j.clocks)),
                "start": Out(bits_for(len(j.pattern.table))),
                "step": Out(bits_for(j.depth)),
                "first_sweep": Out(1),
                "last_sweep": Out(1),
                "group": Out(bits_for(self.groups)),
                "part": Out(bits_for(self.parts)),
                "row": Out(bits_for(-(-self.groups // self.parts))),
                "first": Out(1),
                "last": Out(1),
                "ff_slot": Out(self.slot_bits),
                "up_slot": Out(self.slot_bits),
                "delta_slot": Out(self.slot_bits),
                "ff": Out(descriptor),
                "up": Out(descriptor),
            }
        )

    @property
    def descriptor_age(self) -> int:
        """Which of the descriptors, the newest counting 0, a cycle's first tick finds its FF slot in."""
        first_tick = self.schedule.ff[self.index - 1]
        return -(-first_tick // self.schedule.clocks) - 1

    def elaborate(self, platform):
        m = Module()
        j, clocks = self.junction, self.schedule.clocks
        first_tick = self.schedule.ff[self.index - 1]
        at = -first_tick % clocks  # position at tick 0

        counts = []  # which a register of their own resets

        def count(shape, name: str, init: int) -> Signal:
            counts.append(Signal(shape, name=name, init=init, reset_less=True))
            return counts[-1]

        clock = count(range(clocks), "clock", at)
        # what the clock means, each a register: the last one of a cycle, the first one, one with work
        wrap = count(1, "wrap", at == clocks - 1)
        begins = count(1, "begins", at == 0)
        works = count(1, "works", at < j.clocks)
        m.d.comb += [self.go.eq(self.tick & works), self.clock.eq(clock)]
        with m.If(self.tick):
            m.d.sync += [
                clock.eq(Mux(wrap, 0, clock + 1)),
                wrap.eq(clock == clocks - 2),
                begins.eq(wrap),
                works.eq(wrap | (works & (clock != j.clocks - 1))),
            ]

        # A chain of counters, each stepping when the one before it wraps; all return to 0 with the cycle.
        # A value beyond the junction's own clocks is never used, as `go` is low then.
        def chain(**sizes: int) -> tuple[list[Signal], list]:
            counters, position, carry, wraps = [], at, self.tick, []
            # they come to 0 by themselves where the last of them ends with the cycle
            stray = prod(sizes.values()) != clocks
            for name, size in sizes.items():
                init = position % size if at < j.clocks else 0
                position //= size
                counter = count(range(max(2, size)), f"{name}_count", init)
                end = counter == size - 1
                with m.If(carry):
                    m.d.sync += counter.eq(Mux(end, 0, counter + 1))
                if stray:
                    with m.If(self.tick & wrap):
                        m.d.sync += counter.eq(0)
                counters.append(counter)
                wraps.append(end)
                carry = carry & end
            return counters, wraps

        share = 1 if j.pattern.kind == 1 else min(j.pattern.sweeps_per_start, j.out_degree)
        (step, sweep), (_, last_sweep) = chain(step=j.depth, sweep=j.out_degree)
        (_, _, start), _ = chain(start_step=j.depth, start_sweep=share, start=-(-j.out_degree // share))
        (weight, group), (last, _) = chain(weight=j.clocks_per_group, group=self.groups)
        (_, part, row), _ = chain(part_weight=j.clocks_per_group, part=self.parts, row=-(-self.groups // self.parts))
        m.d.comb += [
            self.step.eq(step),
            self.start.eq(start),
            self.first_sweep.eq(sweep == 0),
            self.last_sweep.eq(last_sweep),
            self.group.eq(group),
            self.part.eq(part),
            self.row.eq(row),
            self.first.eq(weight == 0),
            self.last.eq(last),
        ]

        span = 1 << self.slot_bits
        first, lag = -first_tick // clocks, self.schedule.lags[self.index - 1]
        # what others get are registers of their own, as they reach many places
        slot = count(self.slot_bits, "slot", first % span)
        with m.If(self.tick & wrap):
            m.d.sync += slot.eq(slot + 1)
        for out, behind in ((self.ff_slot, 0), (self.up_slot, lag), (self.delta_slot, lag)):
            copy = count(self.slot_bits, f"{out.name}_count", (first - behind) % span)
            copy.attrs["keep"] = 1
            m.d.comb += out.eq(copy)
            with m.If(self.tick & wrap):
                m.d.sync += copy.eq(slot + (1 - behind))
        for out, given in ((self.ff, self.ff_next), (self.up, self.up_next)):
            # without a reset, as nothing is done with it before the first tick
            taken = Signal(len(given.as_value()), name=f"{out.as_value().name}_taken", reset_less=True)
            m.d.comb += out.eq(taken)
            with m.If(self.tick & begins):
                m.d.sync += taken.eq(given)
        with m.If(cleared(m)):
            m.d.sync += [each.eq(each.init) for each in counts]
        return m
