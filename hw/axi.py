"""The accelerator with AXI ports: slots and results as AXI4-Stream, configuration and counters as AXI4-Lite.

The payloads are those of sw.design.ports, filled up with zeros to whole bytes; the registers are those of
sw.design.registers. No output depends on an input of the same clock.
"""

from amaranth import ClockDomain, Const, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.accelerator import COUNTER_BITS, Accelerator
from sw.design.design import Design
from sw.design.ports import Ports
from sw.design.registers import ADDRESS_BITS, COUNTERS, REGISTERS, constants, high_bits
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY

__all__ = ["AxiAccelerator", "RegisterFile", "stream_bits"]

_WORD = 32
_OKAY, _SLVERR = 0, 2


def stream_bits(payload: int) -> int:
    """Width of ``tdata`` for a payload of so many bits."""
    return -(-payload // 8) * 8


class RegisterFile(wiring.Component):
    """Serves one AXI4-Lite access at a time; a write goes first, then a read that waited meanwhile.

    A write with a strobe of less than four bytes, or to a register that cannot be written, changes nothing and is
    answered SLVERR; so is an access to an address that no register has. ``wrong_end``: a slot was not framed well.
    """

    def __init__(self, design: Design, config_layout, value_bits: int):
        self.design, self.config_layout, self.value_bits = design, config_layout, value_bits
        super().__init__(
            {
                "awaddr": In(ADDRESS_BITS), "awvalid": In(1), "awready": Out(1),
                "wdata": In(_WORD), "wstrb": In(_WORD // 8), "wvalid": In(1), "wready": Out(1),
                "bresp": Out(2), "bvalid": Out(1), "bready": In(1),
                "araddr": In(ADDRESS_BITS), "arvalid": In(1), "arready": Out(1),
                "rdata": Out(_WORD), "rresp": Out(2), "rvalid": Out(1), "rready": In(1),
                "config": Out(stream.Signature(config_layout)),
                "readback": In(stream.Signature(value_bits)),
                "counters": In(COUNTER_BITS).array(len(COUNTERS)),
                "wrong_end": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        waddr, raddr = (Signal(ADDRESS_BITS - 2, name=name, reset_less=True) for name in ("waddr", "raddr"))
        wdata = Signal(_WORD, name="data", reset_less=True)
        whole = Signal(name="whole", reset_less=True)
        has_address, has_data, has_read = (Signal(name=name) for name in ("has_address", "has_data", "has_read"))
        m.d.comb += [self.awready.eq(~has_address), self.wready.eq(~has_data), self.arready.eq(~has_read)]
        with m.If(self.awvalid & ~has_address):
            m.d.sync += [has_address.eq(1), waddr.eq(self.awaddr[2:])]
        with m.If(self.wvalid & ~has_data):
            m.d.sync += [has_data.eq(1), wdata.eq(self.wdata), whole.eq(self.wstrb.all())]
        with m.If(self.arvalid & ~has_read):
            m.d.sync += [has_read.eq(1), raddr.eq(self.araddr[2:])]
        with m.If(self.bready):
            m.d.sync += self.bvalid.eq(0)
        with m.If(self.rready):
            m.d.sync += self.rvalid.eq(0)

        layout = self.config_layout
        kind, junction, index = (Signal(layout[name].shape, name=name) for name in ("kind", "junction", "index"))
        high = Signal(high_bits(self.design), name="high")
        status = Signal(name="status")
        with m.If(self.wrong_end):
            m.d.sync += status.eq(1)
        writing = Signal(name="writing")
        request = self.config.payload
        m.d.comb += [
            request.kind.eq(kind),
            request.junction.eq(junction),
            request.index.eq(index),
            request.write.eq(writing),
            request.value[:_WORD].eq(wdata),
        ]
        if self.value_bits > _WORD:
            m.d.comb += request.value[_WORD:].eq(high)

        present = {name: Const(value, _WORD) for name, value in constants(self.design).items()}
        present |= {name.upper(): counter for name, counter in zip(COUNTERS, self.counters, strict=True)}
        address = Signal(_WORD, name="address")
        m.d.comb += [address[:2].eq(kind), address[8:16].eq(junction)]
        present |= {"STATUS": status, "ADDRESS": address, "INDEX": index, "VALUE_HIGH": high}

        def word(name: str) -> int:
            return REGISTERS[name].offset >> 2

        with m.FSM():
            with m.State("IDLE"):
                with m.If(has_address & has_data & ~self.bvalid):
                    m.d.sync += self.bresp.eq(_SLVERR)
                    m.next = "WRITTEN"
                    with m.Switch(Mux(whole, waddr, (1 << len(waddr)) - 1)):
                        with m.Case(word("STATUS")):
                            m.d.sync += [self.bresp.eq(_OKAY), status.eq((status & ~wdata[0]) | self.wrong_end)]
                        with m.Case(word("ADDRESS")):
                            m.d.sync += [self.bresp.eq(_OKAY), kind.eq(wdata), junction.eq(wdata[8:16])]
                        with m.Case(word("INDEX")):
                            m.d.sync += [self.bresp.eq(_OKAY), index.eq(wdata)]
                        with m.Case(word("VALUE_HIGH")):
                            m.d.sync += [self.bresp.eq(_OKAY), high.eq(wdata)]
                        with m.Case(word("VALUE")):
                            m.d.sync += [self.bresp.eq(_OKAY), writing.eq(1)]
                            m.next = "REQUEST"
                with m.Elif(has_read & ~self.rvalid):
                    m.d.sync += [self.rresp.eq(_SLVERR), self.rdata.eq(0)]
                    m.next = "READ"
                    with m.Switch(raddr):
                        for name, value in present.items():
                            with m.Case(word(name)):
                                m.d.sync += [self.rresp.eq(_OKAY), self.rdata.eq(value)]
                        with m.Case(word("VALUE")):
                            m.d.sync += [self.rresp.eq(_OKAY), writing.eq(0)]
                            m.next = "REQUEST"
            with m.State("REQUEST"):
                m.d.comb += self.config.valid.eq(1)
                with m.If(self.config.ready):
                    m.d.sync += index.eq(index + 1)
                    with m.If(writing):
                        m.next = "WRITTEN"
                    with m.Else():
                        m.next = "ANSWER"
            with m.State("ANSWER"):
                m.d.comb += self.readback.ready.eq(1)
                with m.If(self.readback.valid):
                    m.d.sync += [self.rdata.eq(self.readback.payload[:_WORD]), high.eq(self.readback.payload[_WORD:])]
                    m.next = "READ"
            with m.State("WRITTEN"):
                m.d.sync += [self.bvalid.eq(1), has_address.eq(0), has_data.eq(0)]
                m.next = "IDLE"
            with m.State("READ"):
                m.d.sync += [self.rvalid.eq(1), has_read.eq(0)]
                m.next = "IDLE"
        return m


class AxiAccelerator(wiring.Component):
    """``Accelerator`` behind the ports ``s_axis_slots_*``, ``m_axis_results_*`` and ``s_axil_*``.

    One clock, ``aclk``, and its synchronous reset, ``aresetn``, active low. ``tlast`` marks the last beat of a slot and
    of a result. The machine counts beats itself: a slot's ``tlast`` at another place only sets a bit of ``STATUS``.
    """

    def __init__(self, design: Design):
        self.design = design
        self.accelerator = Accelerator(design)
        config, value_bits = self.accelerator.config_port.layout, self.accelerator.config_port.value_bits
        self.registers = RegisterFile(design, config, value_bits)
        self._axil = [name for name in self.registers.signature.members if name[:1] in "awbr" and name != "readback"]
        slots, results = self.accelerator.slots, self.accelerator.results
        self._slot_bits = len(slots.payload.as_value())
        members = {
            "aclk": In(1),
            "aresetn": In(1),
            "s_axis_slots_tdata": In(stream_bits(self._slot_bits)),
            "s_axis_slots_tlast": In(1),
            "s_axis_slots_tvalid": In(1),
            "s_axis_slots_tready": Out(1),
            "m_axis_results_tdata": Out(stream_bits(len(results.payload))),
            "m_axis_results_tlast": Out(1),
            "m_axis_results_tvalid": Out(1),
            "m_axis_results_tready": In(1),
        }
        self._axil.remove("wrong_end")
        members |= {f"s_axil_{name}": self.registers.signature.members[name] for name in self._axil}
        super().__init__(members)
        # Vivado's block designs take from these what belongs to the clock
        self.aclk.attrs["X_INTERFACE_PARAMETER"] = (
            "ASSOCIATED_BUSIF s_axis_slots:m_axis_results:s_axil, ASSOCIATED_RESET aresetn"
        )
        self.aresetn.attrs["X_INTERFACE_PARAMETER"] = "POLARITY ACTIVE_LOW"

    def elaborate(self, platform):
        m = Module()
        m.domains.sync = sync = ClockDomain("sync")
        m.d.comb += [sync.clk.eq(self.aclk), sync.rst.eq(~self.aresetn)]
        m.submodules.accelerator = machine = self.accelerator
        m.submodules.registers = registers = self.registers
        for name in self._axil:
            mine, its = getattr(self, f"s_axil_{name}"), getattr(registers, name)
            m.d.comb += its.eq(mine) if registers.signature.members[name].flow == In else mine.eq(its)
        wiring.connect(m, registers.config, machine.config)
        wiring.connect(m, registers.readback, machine.readback)
        m.d.comb += [mine.eq(getattr(machine, name)) for name, mine in zip(COUNTERS, registers.counters, strict=True)]

        (_, _, _, end) = Ports.of(self.design).results
        m.d.comb += [
            machine.slots.payload.eq(self.s_axis_slots_tdata[: self._slot_bits]),
            machine.slots.valid.eq(self.s_axis_slots_tvalid),
            self.s_axis_slots_tready.eq(machine.slots.ready),
            self.m_axis_results_tdata.eq(machine.results.payload),
            self.m_axis_results_tlast.eq(machine.results.payload[end.offset]),
            self.m_axis_results_tvalid.eq(machine.results.valid),
            machine.results.ready.eq(self.m_axis_results_tready),
        ]
        beats = Schedule.of(self.design).beats
        beat = Signal(range(max(2, beats)), name="beat")
        first, last = Signal(name="first"), Signal(name="last")
        m.d.comb += [
            first.eq(beat == 0),
            last.eq((beat == beats - 1) | (first & (machine.slots.payload.descriptor.kind == EMPTY))),
        ]
        with m.If(machine.slots.valid & machine.slots.ready):
            m.d.sync += beat.eq(Mux(last, 0, beat + 1))
            m.d.comb += registers.wrong_end.eq(last != self.s_axis_slots_tlast)
        return m
