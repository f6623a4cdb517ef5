"""The configuration stream: one weight, bias or LFSR state at a time, while the machine holds still."""

from amaranth import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.sequencer import groups
from hw.timeline import cleared
from sw.design import lfsr
from sw.design.design import Design
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT, Ports

__all__ = ["ConfigPort"]

SETTLE = 8  # clocks from an address to its value at the reading side, and from a write pulse to its end
PART = 12  # bits of an LFSR's state that are looked at in one clock


class ConfigPort(wiring.Component):
    """Serves requests between two ticks; see sw.design.ports for the streams.

    A request stops the ticks (``hold``), waits ``drain`` clocks until nothing is in flight, splits its index
    into lane and row by long division (a bit in two clocks), unless it is the index after the one before, then
    writes or reads. A request for what is not there (index, kind, junction) writes nothing and reads 0; nor is an
    LFSR given the state 0, which it could never leave.

    Members: ``config``, ``readback``; ``hold``: no tick may come; ``hold_write``: the same, a register of its own for
    what is written with a tick; ``access``: nothing is in flight any more, the memories' addresses may be taken over;
    ``write[L]`` pulse per junction; ``kind``, ``lane``, ``row``, ``value``; ``values[L]`` what the junctions have read.
    """

    def __init__(self, design: Design, *, drain: int, lane_bits: int, row_bits: int):
        self.design, self.drain = design, drain
        ports = Ports.of(design)
        self.layout = data.StructLayout({f.name: f.width for f in ports.config})
        self.value_bits = ports.readback[0].width
        self.index_bits = next(f.width for f in ports.config if f.name == "index")
        self.stochastic = design.arithmetic.rounding == "stochastic"
        junctions = len(design.junctions)
        super().__init__(
            {
                "config": In(stream.Signature(self.layout)),
                "readback": Out(stream.Signature(self.value_bits)),
                "hold": Out(1),
                "hold_write": Out(1),
                "access": Out(1),
                "write": Out(1).array(junctions),
                "kind": Out(2),
                "lane": Out(lane_bits),
                "row": Out(row_bits),
                "value": Out(self.value_bits),
                "values": In(self.value_bits).array(junctions),
            }
        )

    def _sizes(self, m: Module, request) -> tuple[Signal, Signal]:
        """Of what the request means: the highest lane, and how many rows there are; one clock after the request.

        All rows have all lanes. There are 0 rows of what is not there.
        """
        sizes = {}  # lanes and rows
        for i, j in enumerate(self.design.junctions):
            sizes[i, CONFIG_WEIGHT] = j.z, j.clocks
            sizes[i, CONFIG_BIAS] = j.per_clock, groups(j)
            if self.stochastic:
                sizes[i, CONFIG_LFSR] = lfsr.groups(j.z), 1
        last = Signal(self.index_bits, name="last_lane", reset_less=True)
        rows = Signal(range(max(rows for _, rows in sizes.values()) + 1), name="row_count", reset_less=True)
        m.d.sync += rows.eq(0)
        with m.Switch(Cat(request.kind, request.junction)):
            for (junction, kind), (lane_count, row_count) in sizes.items():
                with m.Case(kind | junction << len(request.kind)):
                    m.d.sync += [last.eq(lane_count - 1), rows.eq(row_count)]
        return last, rows

    def elaborate(self, platform):
        m = Module()
        request = Signal(self.layout, name="request", reset_less=True)
        last_lane, rows = self._sizes(m, request)
        waiting = Signal(range(max(self.drain, SETTLE + 3, 2 * self.index_bits) + 1), name="waiting", reset_less=True)
        over = Signal(name="over", reset_less=True)  # `waiting` is 0
        quotient, rest = (Signal(self.index_bits, name=name, reset_less=True) for name in ("quotient", "rest"))
        lane = Signal(len(self.lane), name="lane_out", reset_less=True)  # reaches all lanes, `rest` only what is near
        shifted = Signal(self.index_bits + 1, name="shifted")
        surplus = Signal(signed(self.index_bits + 2), name="surplus", reset_less=True)
        halfway = Signal(name="halfway", reset_less=True)
        m.d.comb += [
            shifted.eq(Cat(quotient[-1], rest)),
            self.kind.eq(request.kind),
            self.lane.eq(lane),
            self.row.eq(quotient),
            self.value.eq(request.value),
        ]
        # shifted minus the number of lanes in one sum, as ~x = -x - 1
        m.d.sync += lane.eq(rest)
        m.d.sync += surplus.eq(shifted + ~Cat(last_lane, Const(0, 2)).as_signed())
        # one bit per state, so that none must be decoded
        names = ("run", "drain", "take", "early", "late", "look", "divide", "serve", "answer")
        state = {name: Signal(name=f"state_{name}", init=name == "run", reset_less=True) for name in names}
        # The usual case, one value after another, needs no division. What came before is kept as it is expected next.
        expected = Signal(self.layout, name="expected", reset_less=True)
        expects, follows, ends = (Signal(name=name, reset_less=True) for name in ("expects", "follows", "ends"))
        same = [expected.junction == request.junction, expected.kind == request.kind]
        same += [expected.index[first : first + PART] == request.index[first : first + PART]
                 for first in range(0, self.index_bits, PART)]  # fmt: skip
        alike = Signal(len(same), name="alike", reset_less=True)
        # the row of the value that follows, known a clock after `look`
        row_after = Signal(self.index_bits, name="row_after", reset_less=True)
        steps = Signal(name="steps", reset_less=True)
        m.d.sync += [
            alike.eq(Cat(same)),
            follows.eq(expects & alike.all()),
            ends.eq(rest == last_lane),
            row_after.eq(quotient + ends),
            steps.eq(state["look"] & follows),
        ]
        # the junction that has the value, if there is one; in three clocks
        there, may = (Signal(name=name, reset_less=True) for name in ("there", "may"))
        m.d.sync += [there.eq(quotient < rows), may.eq(1)]
        if self.stochastic:
            word = request.value[: lfsr.LENGTH]
            # is there a 1? of so many bits in two steps
            found = Cat(word[first : first + PART].any() for first in range(0, lfsr.LENGTH, PART))
            some = Signal(len(found), name="some", reset_less=True)
            m.d.sync += some.eq(found)
            m.d.sync += may.eq(~(request.write & (request.kind == CONFIG_LFSR)) | some.any())
        chosen = [Signal(name=f"chosen_{i}", reset_less=True) for i in range(len(self.write))]
        for i, one in enumerate(chosen):
            m.d.sync += one.eq(there & may & (request.junction == i))
        write, answer = Signal(name="write"), Signal(self.value_bits, name="answer", reset_less=True)
        m.d.sync += [each.eq(write & one) for each, one in zip(self.write, chosen, strict=True)]

        def wait(clocks: int) -> list:
            """Be in the next state for so many clocks."""
            return [waiting.eq(clocks - 1), over.eq(clocks == 1)]

        m.d.sync += [waiting.eq(waiting - 1), over.eq(waiting == 1)]
        # what leaves comes from a register, which is reset at once: a beat would be lost in the clock after
        # the same twice, as one has many loads
        taking, loads = (Signal(name=name, attrs={"keep": 1}) for name in ("taking", "loads"))
        answered = Signal(name="answered")
        m.d.comb += [
            self.config.ready.eq(taking),
            self.readback.payload.eq(answer),
            self.readback.valid.eq(answered),
        ]
        with m.If(loads):
            m.d.sync += request.eq(self.config.payload)
        clear = cleared(m)  # the states, a clock after what they say to others
        for twin in (self.hold, self.hold_write):
            twin.attrs["keep"] = 1  # not merged, as one of them has many loads

        def leave(old: str, new: str) -> None:
            m.d.sync += [state[old].eq(0), state[new].eq(1)]

        with m.If(state["run"] & self.config.valid):
            m.d.sync += [self.hold.eq(~clear), self.hold_write.eq(~clear), *wait(self.drain + 1)]
            leave("run", "drain")
        with m.If(state["drain"] & over):
            m.d.sync += [self.access.eq(~clear), taking.eq(~clear), loads.eq(~clear)]
            leave("drain", "take")
        with m.If(state["take"]):
            m.d.sync += [taking.eq(0), loads.eq(0)]
            with m.If(self.config.valid):
                # two clocks until it is known whether this one follows
                leave("take", "early")
            with m.Else():
                m.d.sync += [self.hold.eq(0), self.hold_write.eq(0), self.access.eq(0)]
                leave("take", "run")
        with m.If(state["early"]):
            leave("early", "late")
        with m.If(state["late"]):
            m.d.sync += [expected.eq(request), expected.index.eq(request.index + 1)]
            m.d.sync += expects.eq(~request.index.all())  # the next index is not 0 again
            leave("late", "look")
        with m.If(state["look"]):
            m.d.sync += halfway.eq(0)
            with m.If(follows):
                m.d.sync += [rest.eq(Mux(ends, 0, rest + 1)), *wait(SETTLE + 4)]
                leave("look", "serve")
            with m.Else():
                m.d.sync += [quotient.eq(request.index), rest.eq(0), *wait(2 * self.index_bits)]
                leave("look", "divide")
        with m.If(steps):
            m.d.sync += quotient.eq(row_after)
        with m.If(state["divide"]):
            # two clocks for each bit
            m.d.sync += halfway.eq(~halfway)
            with m.If(halfway):
                m.d.sync += [
                    rest.eq(Mux(surplus[-1], shifted, surplus)),
                    quotient.eq(Cat(~surplus[-1], quotient)),
                ]
            with m.If(over):
                m.d.sync += wait(SETTLE + 3)
                leave("divide", "serve")
        with m.If(state["serve"]):
            m.d.sync += answer.eq(0)  # of what is not there
            for one, value in zip(chosen, self.values, strict=True):
                with m.If(one):
                    m.d.sync += answer.eq(value)
            with m.If(over):
                leave("serve", "answer")
        # all that hangs on the request has some clocks to settle in before the write
        m.d.sync += write.eq(state["serve"] & request.write & (waiting == SETTLE - 2) & ~clear)
        with m.If(state["answer"] & (~answered | self.readback.ready)):
            m.d.sync += [taking.eq(~clear), loads.eq(~clear)]
            leave("answer", "take")
        # in one expression: what clears it must not become part of its reset, whose net is long
        asked = state["serve"] & over & ~request.write & ~clear
        m.d.sync += answered.eq(asked | (answered & ~(state["answer"] & self.readback.ready)))
        with m.If(clear):
            m.d.sync += [each.eq(each.init) for each in (*state.values(), expects)]
        return m
