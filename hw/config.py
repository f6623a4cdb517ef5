"""The configuration stream: one weight, bias or LFSR state at a time, while the machine holds still."""

from amaranth import Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from sw.design import lfsr
from sw.design.design import Design
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT, Ports

__all__ = ["ConfigPort"]

SETTLE = 4  # clocks from an address to its value at the reading side


class ConfigPort(wiring.Component):
    """Serves requests between two ticks; see sw.design.ports for the streams.

    A request stops the ticks (``hold``), waits ``drain`` clocks until nothing is in flight, splits its index
    into lane and row by long division (a bit per clock), unless it is the index after the one before, then
    writes or reads.

    Members: ``config``, ``readback``; ``hold``: no tick may come; ``access``: nothing is in flight any
    more, the memories' addresses may be taken over; ``write[L]`` pulse per junction; ``kind``, ``lane``,
    ``row``, ``value``; ``values[L]`` what the junctions have read.
    """

    def __init__(self, design: Design, *, drain: int, lane_bits: int, row_bits: int):
        self.design, self.drain = design, drain
        ports = Ports.of(design)
        self.layout = data.StructLayout({f.name: f.width for f in ports.config})
        self.value_bits = ports.readback[0].width
        self.index_bits = next(f.width for f in ports.config if f.name == "index")
        junctions = len(design.junctions)
        super().__init__(
            {
                "config": In(stream.Signature(self.layout)),
                "readback": Out(stream.Signature(self.value_bits)),
                "hold": Out(1),
                "access": Out(1),
                "write": Out(1).array(junctions),
                "kind": Out(2),
                "lane": Out(lane_bits),
                "row": Out(row_bits),
                "value": Out(self.value_bits),
                "values": In(self.value_bits).array(junctions),
            }
        )

    def _lanes(self, m: Module, request) -> Signal:
        """What the index is divided by: lanes of the memories that the request means."""
        divisor = Signal(self.index_bits + 1)
        with m.Switch(request.junction):
            for i, j in enumerate(self.design.junctions):
                counts = {CONFIG_WEIGHT: j.z, CONFIG_BIAS: j.per_clock, CONFIG_LFSR: lfsr.groups(j.z)}
                with m.Case(i), m.Switch(request.kind):
                    for kind, count in counts.items():
                        with m.Case(kind):
                            m.d.comb += divisor.eq(count)
        return divisor

    def elaborate(self, platform):
        m = Module()
        request = Signal(self.layout)
        divisor = self._lanes(m, request)
        waiting = Signal(range(max(self.drain, SETTLE, self.index_bits) + 1))
        served = Signal()  # lane and row are those of `request`
        quotient, rest = Signal(self.index_bits), Signal(self.index_bits + 1)
        shifted = Signal(self.index_bits + 1)
        fits = Signal()
        m.d.comb += [
            shifted.eq((rest << 1) | quotient[-1]),
            fits.eq(shifted >= divisor),
            self.kind.eq(request.kind),
            self.lane.eq(rest),
            self.row.eq(quotient),
            self.value.eq(request.value),
        ]
        # the usual case, one value after another, needs no division
        follows = Signal()
        same = (self.config.payload.junction == request.junction) & (self.config.payload.kind == request.kind)
        m.d.comb += follows.eq(same & (self.config.payload.index == request.index + 1) & served)
        with m.FSM():
            with m.State("RUN"), m.If(self.config.valid):
                m.d.sync += [self.hold.eq(1), waiting.eq(self.drain)]
                m.next = "DRAIN"
            with m.State("DRAIN"):
                m.d.sync += waiting.eq(waiting - 1)
                with m.If(waiting == 0):
                    m.d.sync += self.access.eq(1)
                    m.next = "TAKE"
            with m.State("TAKE"):
                m.d.comb += self.config.ready.eq(1)
                with m.If(self.config.valid):
                    m.d.sync += request.eq(self.config.payload)
                    with m.If(follows):
                        row_ends = rest == divisor - 1
                        m.d.sync += [rest.eq(Mux(row_ends, 0, rest + 1)), quotient.eq(quotient + row_ends)]
                        m.d.sync += waiting.eq(SETTLE)
                        m.next = "SERVE"
                    with m.Else():
                        m.d.sync += [quotient.eq(self.config.payload.index), rest.eq(0)]
                        m.d.sync += waiting.eq(self.index_bits - 1)
                        m.next = "DIVIDE"
                with m.Else():
                    m.d.sync += [self.hold.eq(0), self.access.eq(0)]
                    m.next = "RUN"
            with m.State("DIVIDE"):
                m.d.sync += [
                    rest.eq(Mux(fits, shifted - divisor, shifted)),
                    quotient.eq((quotient << 1) | fits),
                    waiting.eq(waiting - 1),
                ]
                with m.If(waiting == 0):
                    m.d.sync += waiting.eq(SETTLE)
                    m.next = "SERVE"
            with m.State("SERVE"):
                m.d.sync += waiting.eq(waiting - 1)
                with m.Switch(request.junction):
                    for i, write in enumerate(self.write):
                        with m.Case(i):
                            m.d.comb += write.eq(request.write & (waiting == SETTLE))
                with m.If((waiting == 0) | (request.write & (waiting == SETTLE - 1))):
                    m.next = "ANSWER"
            with m.State("ANSWER"):
                with m.Switch(request.junction):
                    for i, value in enumerate(self.values):
                        with m.Case(i):
                            m.d.comb += self.readback.payload.eq(value)
                m.d.comb += self.readback.valid.eq(~request.write)
                m.d.sync += served.eq(1)
                with m.If(request.write | self.readback.ready):
                    m.next = "TAKE"
        return m
