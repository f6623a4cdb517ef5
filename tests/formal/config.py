"""The configuration port: each request is served once, where it belongs, while nothing else is at work; and in time."""

from unittest.mock import patch

from amaranth.hdl import Array, Assert, Cat, Cover, Elaboratable, Module, Mux, Signal

from hw.config import SETTLE, ConfigPort
from sw.design import lfsr
from sw.design.design import Design
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT
from tests.formal.monitors import within

__all__ = ["Config"]

BITS = 8  # of lane and row: more than any design here needs
WORD = 4  # bits of an LFSR: of a word the port asks nothing but whether all of its bits are 0, so 47 say no more
WRITTEN = 4  # clocks from a write pulse to the end of the write in the junction's memory


class Config(Elaboratable):
    """The port of a design, whose pipelines are empty ``drain`` clocks after the last tick."""

    def __init__(self, design: Design, *, drain: int = 5):
        self.design, self.drain = design, drain
        with patch.object(lfsr, "LENGTH", WORD):
            self.port = p = ConfigPort(design, drain=drain, lane_bits=BITS, row_bits=BITS)
        self.inputs = [p.config.valid, p.config.payload.as_value(), p.readback.ready, *p.values]

    def elaborate(self, platform):
        m = Module()
        m.submodules.port = p = self.port
        taken, answered, written = Signal(), Signal(), Signal()
        m.d.comb += [
            taken.eq(p.config.valid & p.config.ready),
            answered.eq(p.readback.valid & p.readback.ready),
            written.eq(Cat(p.write).any()),
        ]
        # the one request that has been taken and is still to be served: a write to what is not there asks for nothing
        request, owed = Signal(p.layout), Signal()
        with m.If(taken):
            m.d.sync += [
                request.eq(p.config.payload),
                owed.eq(~p.config.payload.write | self._there(m, p.config.payload, "offered")),
            ]
        with m.Elif(answered | written):
            m.d.sync += owed.eq(0)
        m.d.comb += [
            Assert(~taken | ~owed, "a request is taken after the one before is served"),
            Assert(~p.readback.valid | (owed & ~request.write), "an answer to one read"),
        ]
        for i, pulse in enumerate(p.write):
            m.d.comb += Assert(~pulse | (owed & request.write & (request.junction == i)), "a write for one request")
        there = self._there(m, request, "taken")
        self._place(m, request, there, taken, written)
        self._answers(m, request, there)
        self._alone(m, request, taken, written)
        self._in_time(m, taken, owed)

        served = Signal(2)
        with m.If((answered | written) & (served != 2)):
            m.d.sync += served.eq(served + 1)
        m.d.comb += [
            Cover((served == 2) & ~p.hold & ~request.write, "two requests and on with the work"),
            Cover((served == 1) & written & (p.lane == 0) & (p.row != 0), "a write to a later row"),
            Cover((served == 1) & answered & ~there, "an answer for what is not there"),
        ]
        return m

    def _sizes(self) -> dict[tuple[int, int], tuple[int, int]]:
        """By junction and kind: how many values there are, in how many lanes."""
        sizes = {}
        for i, j in enumerate(self.design.junctions):
            sizes[i, CONFIG_WEIGHT] = j.weights, j.z
            sizes[i, CONFIG_BIAS] = j.right, j.per_clock
            if self.design.arithmetic.rounding == "stochastic":
                sizes[i, CONFIG_LFSR] = lfsr.groups(j.z), lfsr.groups(j.z)
        return sizes

    def _there(self, m: Module, request, name: str) -> Signal:
        """Whether there is such a value, and it may be what the request writes: an LFSR is never 0."""
        there = Signal(name=f"there_{name}")
        for (junction, kind), (count, _) in self._sizes().items():
            with m.If((request.junction == junction) & (request.kind == kind)):
                stuck = request.write & (request.value == 0) if kind == CONFIG_LFSR else 0
                m.d.comb += there.eq((request.index < count) & ~stuck)
        return there

    def _place(self, m: Module, request, there: Signal, taken: Signal, written: Signal) -> None:
        """Lane and row of the request by its definition, and that the port shows them when it matters."""
        p = self.port
        indices = range(1 << len(request.index))
        lane, row, right = Signal(BITS), Signal(BITS), Signal()
        for (junction, kind), (_, lanes) in self._sizes().items():
            with m.If((request.junction == junction) & (request.kind == kind)):
                m.d.comb += [
                    lane.eq(Array(n % lanes for n in indices)[request.index]),
                    row.eq(Array(n // lanes for n in indices)[request.index]),
                ]
        shown = (p.kind == request.kind) & (p.value == request.value)
        m.d.comb += right.eq(~there | (shown & (p.lane == lane) & (p.row == row)))
        #: for how long it has been shown, and how long ago there was a write
        shows, since = Signal(range(SETTLE + 1)), Signal(range(WRITTEN + 1), init=WRITTEN)
        m.d.sync += shows.eq(Mux(right & ~taken, Mux(shows == SETTLE, SETTLE, shows + 1), 0))
        m.d.sync += since.eq(Mux(written, 0, Mux(since == WRITTEN, since, since + 1)))
        m.d.comb += [
            Assert(~written | there, "a write to what is there"),
            Assert(~written | (right & (shows != 0)), "a write goes where the request says"),
            Assert((since == WRITTEN) | (right & p.access & ~taken), "and stays there until it is done"),
            Assert(~p.readback.valid | (right & (shows == SETTLE)), "a read has its time"),
        ]

    def _answers(self, m: Module, request, there: Signal) -> None:
        """The answer is what the junction says in the clock before it is offered, 0 for what is not there.

        It stays until it is taken.
        """
        p = self.port
        said, refused = Signal(len(p.value)), Signal()
        with m.If(~p.readback.valid):
            m.d.sync += said.eq(0)
            for i, value in enumerate(p.values):
                with m.If(there & (request.junction == i)):
                    m.d.sync += said.eq(value)
        m.d.sync += refused.eq(p.readback.valid & ~p.readback.ready)
        m.d.comb += [
            Assert(~p.readback.valid | (p.readback.payload == said), "the answer of the junction"),
            Assert(~refused | p.readback.valid, "an answer stays until it is taken"),
        ]

    def _alone(self, m: Module, request, taken: Signal, written: Signal) -> None:
        """Access comes after a hold of ``drain`` clocks and more, and lasts while there is something to serve."""
        p = self.port
        quiet = Signal(range(self.drain + 2))
        m.d.sync += quiet.eq(Mux(p.hold, Mux(quiet > self.drain, quiet, quiet + 1), 0))
        m.d.comb += [
            Assert(~p.access | (p.hold & (quiet > self.drain)), "access only when nothing is in flight"),
            Assert(p.hold == p.hold_write, "both say the same"),
            Assert(~(taken | written | p.readback.valid) | p.access, "nothing is served without access"),
        ]

    def _in_time(self, m: Module, taken: Signal, owed: Signal) -> None:
        """As long as answers are taken: nobody waits longer than these clocks."""
        p = self.port
        one = 3 + 1 + 2 * p.index_bits + SETTLE + 3 + 1  # wait, look, divide, serve, answer
        patient = p.readback.ready
        within(m, "a request is taken in time", p.config.valid & ~taken & patient, max(self.drain + 2, one))
        within(m, "a request is served in time", owed & patient, one)
        within(m, "the machine is let go in time", ~p.config.valid & p.hold & patient, max(self.drain + 2, one + 1))
