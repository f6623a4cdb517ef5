"""Memory dithering: the lanes visit the banks in an order that changes from sweep to sweep."""

import numpy as np
from amaranth import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.timeline import Timed, Timeline, together
from sw.design.fixed import bits_for

__all__ = ["Crossbar", "crossed"]


class Crossbar(wiring.Component):
    """``outputs[k]`` is ``inputs[orders[order, k]]`` one clock later.

    ``orders`` (orders, ports): a permutation of the ports per order. A multiplexer has an input for every
    port that its output ever gets, so an only order is mere wires and a register.
    """

    latency = 1

    def __init__(self, orders: np.ndarray, shape):
        self.orders = orders
        ports = orders.shape[1]
        super().__init__(
            {
                "order": In(bits_for(len(orders))),
                "inputs": In(shape).array(ports),
                "outputs": Out(shape).array(ports),
            }
        )

    def elaborate(self, platform):
        m = Module()
        for k, output in enumerate(self.outputs):
            register = Signal(output.shape(), name=f"output_{k:03}", reset_less=True)
            m.d.comb += output.eq(register)
            *others, last = sorted({int(source) for source in self.orders[:, k]})
            with m.Switch(self.order):
                for source in others:
                    with m.Case(*(int(order) for order in np.flatnonzero(self.orders[:, k] == source))):
                        m.d.sync += register.eq(self.inputs[source])
                with m.Default():
                    m.d.sync += register.eq(self.inputs[last])
        return m


def crossed(m: Module, line: Timeline, name: str, values: list[Timed], orders: np.ndarray | None, order: Timed) -> list:
    """The values in the order that ``order`` names, a clock later; as they are without dithering (``orders`` None)."""
    if orders is None:
        return values
    stage = together(*values)
    m.submodules[name] = crossbar = Crossbar(orders, values[0].value.shape())
    m.d.comb += crossbar.order.eq(line.at(order, stage))
    m.d.comb += [mine.eq(value.value) for mine, value in zip(crossbar.inputs, values, strict=True)]
    return [Timed(output, stage + Crossbar.latency) for output in crossbar.outputs]
