"""The configuration port: each request is served once, where it belongs, while nothing else is at work; and in time."""

from amaranth.hdl import Array, Assert, Cat, Cover, Elaboratable, Module, Mux, Signal

from hw.config import SETTLE, ConfigPort
from sw.design import lfsr
from sw.design.design import Design
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT
from tests.formal.monitors import within

__all__ = ["Config"]

BITS = 8  # of lane and row: more than any design here needs
WRITTEN = 2  # clocks from a write pulse to the write in the junction's memory


class Config(Elaboratable):
    """The port of a design, whose pipelines are empty ``drain`` clocks after the last tick."""

    def __init__(self, design: Design, *, drain: int = 5):
        self.design, self.drain = design, drain
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
        # the one request that has been taken and is still to be served; one for a junction that is not there asks
        # for nothing if it writes
        request, owed = Signal(p.layout), Signal()
        asks = ~p.config.payload.write | (p.config.payload.junction < len(self.design.junctions))
        with m.If(taken):
            m.d.sync += [request.eq(p.config.payload), owed.eq(asks)]
        with m.Elif(answered | written):
            m.d.sync += owed.eq(0)
        m.d.comb += [
            Assert(~taken | ~owed, "a request is taken after the one before is served"),
            Assert(~p.readback.valid | (owed & ~request.write), "an answer to one read"),
        ]
        for i, pulse in enumerate(p.write):
            m.d.comb += Assert(~pulse | (owed & request.write & (request.junction == i)), "a write for one request")
        self._place(m, request, taken, written)
        self._answers(m, request)
        self._alone(m, request, taken, written)
        self._in_time(m, taken, owed)

        served = Signal(2)
        with m.If((answered | written) & (served != 2)):
            m.d.sync += served.eq(served + 1)
        m.d.comb += [
            Cover((served == 2) & ~p.hold & ~request.write, "two requests and on with the work"),
            Cover((served == 1) & written & (p.lane == 0) & (p.row != 0), "a write to a later row"),
        ]
        return m

    def _place(self, m: Module, request, taken: Signal, written: Signal) -> None:
        """Lane and row of the request by its definition, and that the port shows them when it matters."""
        p = self.port
        indices = range(1 << len(request.index))
        counts = [
            {CONFIG_WEIGHT: j.z, CONFIG_BIAS: j.per_clock, CONFIG_LFSR: lfsr.groups(j.z)} for j in self.design.junctions
        ]
        self.known = known = Signal()  # kind and junction mean something
        lane, row, right = Signal(BITS), Signal(BITS), Signal()
        for i, by_kind in enumerate(counts):
            for kind, count in by_kind.items():
                with m.If((request.junction == i) & (request.kind == kind)):
                    m.d.comb += [
                        known.eq(1),
                        lane.eq(Array(n % count for n in indices)[request.index]),
                        row.eq(Array(n // count for n in indices)[request.index]),
                    ]
        shown = (p.kind == request.kind) & (p.value == request.value)
        m.d.comb += right.eq(~known | (shown & (p.lane == lane) & (p.row == row)))
        #: for how long it has been shown, and how long ago there was a write
        shows, since = Signal(range(SETTLE + 1)), Signal(range(WRITTEN + 1), init=WRITTEN)
        m.d.sync += shows.eq(Mux(right & ~taken, Mux(shows == SETTLE, SETTLE, shows + 1), 0))
        m.d.sync += since.eq(Mux(written, 0, Mux(since == WRITTEN, since, since + 1)))
        m.d.comb += [
            Assert(~written | (right & (shows != 0)), "a write goes where the request says"),
            Assert((since == WRITTEN) | (right & p.access & ~taken), "and stays there until it is done"),
            Assert(~p.readback.valid | (right & (shows == SETTLE)), "a read has its time"),
        ]

    def _answers(self, m: Module, request) -> None:
        """The answer is what the junction says in the clock before it is offered, and stays until it is taken."""
        p = self.port
        said, refused = Signal(len(p.value)), Signal()
        with m.If(~p.readback.valid):
            m.d.sync += said.eq(0)
            for i, value in enumerate(p.values):
                with m.If(request.junction == i):
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
            Assert(~(taken | written | p.readback.valid) | p.access, "nothing is served without access"),
        ]

    def _in_time(self, m: Module, taken: Signal, owed: Signal) -> None:
        """As long as answers are taken: nobody waits longer than these clocks."""
        p = self.port
        one = 1 + p.index_bits + SETTLE + 2  # look, divide, serve, answer
        patient = p.readback.ready
        within(m, "a request is taken in time", p.config.valid & ~taken & patient, max(self.drain + 2, one))
        within(m, "a request is served in time", owed & patient, one)
        within(m, "the machine is let go in time", ~p.config.valid & p.hold & patient, max(self.drain + 2, one + 1))
