"""The host's side of the configuration port: values that follow each other, written or read."""

from amaranth import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Access"]

_NOWHERE = 3  # a kind that no junction has: what is asked of it reads 0 and is not written


class Access(wiring.Component):
    """Asks the port for one value after another, ``index`` first, of a ``junction`` and a ``kind``.

    ``begin`` pulses: ``index`` becomes ``first``. ``read`` pulses: ``count`` values are read from there on. ``write``
    pulses: ``value`` is written, ``writing`` until the port has taken it. ``skip`` pulses: ``index`` becomes the next
    one without the port, whose requests do so by themselves. What is beyond all values is asked for as what is not
    there.

    ``found``: ``readback`` shows a value that has been read, until ``use`` pulses; a clock late.
    """

    def __init__(self, layout, value_bits: int):
        self.layout = layout
        super().__init__(
            {
                "config": Out(stream.Signature(layout)),
                "readback": In(stream.Signature(value_bits)),
                "begin": In(1),
                "first": In(32),
                "read": In(1),
                "count": In(17),
                "junction": In(8),
                "kind": In(8),
                "write": In(1),
                "value": In(value_bits),
                "writing": Out(1),
                "skip": In(1),
                "index": Out(33),
                "found": Out(1),
                "use": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        port, offered = self.config.payload, Signal(name="offered")
        index, asked = Signal(33, name="at", reset_less=True), Signal(17, name="asked")
        wants, beyond, one_less = Signal(name="wants"), Signal(name="beyond", reset_less=True), Signal(name="one_less")
        # after a request has been taken: until it is known what follows
        settling, released = Signal(4, name="settling"), Signal(name="released")
        taken = Signal(name="taken")
        m.d.comb += [
            port.value.eq(self.value),
            port.index.eq(index),
            port.kind.eq(Mux(beyond, _NOWHERE, self.kind)),
            port.junction.eq(self.junction),
            port.write.eq(self.writing),
            self.config.valid.eq(offered),
            taken.eq(offered & self.config.ready),
            self.index.eq(index),
            self.readback.ready.eq(released),
        ]
        m.d.sync += [
            beyond.eq(index[len(port.index) :].any()),
            wants.eq(asked != 0),
            settling.eq((settling << 1) | taken),
            one_less.eq(taken & ~self.writing),
            released.eq(self.use),
            self.found.eq(self.readback.valid & ~released & ~self.use),
        ]
        with m.If(taken):
            m.d.sync += [offered.eq(0), self.writing.eq(0)]
        with m.Elif(settling == 0):
            m.d.sync += offered.eq(self.writing | wants)
        with m.If(self.write):
            m.d.sync += self.writing.eq(1)
        with m.If(one_less):
            m.d.sync += asked.eq(asked - 1)
        with m.If(self.read):
            m.d.sync += asked.eq(self.count)
        with m.If(settling[0] | self.skip):
            m.d.sync += index.eq(index + 1)
        with m.If(self.begin):
            m.d.sync += index.eq(self.first)
        return m
