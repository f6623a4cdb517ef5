"""UP: the new values of weights or biases, each rounded once and saturated once."""

from amaranth import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import dropped, saturated
from sw.design.fixed import Format

__all__ = ["UpdateLanes"]


class UpdateLanes(wiring.Component):
    """``new[i]`` = sat(``old[i]`` - Q(``change[i]``)) in ``lanes`` lanes, three clocks later.

    ``change`` has ``drop`` fraction bits more than the number, or 8 more where ``coarse``. Q drops them:
    the bits below a window of ``random_bits`` cannot matter, the window is added to ``random[i]`` and the
    sum is cut off. To nearest is the window of one bit to which always one is added.
    ``load`` (one clock before the result) replaces all results by ``value``, for the configuration stream.

    The lanes share a module, and a register's name begins with its stage: so the simulator keeps equal
    registers side by side, and the compiler handles several lanes in one instruction.
    """

    def __init__(self, *, lanes: int, fmt: Format, change_bits: int, drop: int, random_bits: int):
        if not 1 <= random_bits <= drop:
            raise ValueError(f"random bits must be 1..{drop} (the fraction bits to drop), got {random_bits}")
        self.lanes, self.fmt, self.drop, self.random_bits = lanes, fmt, drop, random_bits
        super().__init__(
            {
                "old": In(signed(fmt.width)).array(lanes),
                "change": In(signed(change_bits)).array(lanes),
                "coarse": In(1),
                "random": In(random_bits).array(lanes),
                "load": In(1),
                "value": In(signed(fmt.width)),
                "new": Out(signed(fmt.width)).array(lanes),
            }
        )

    def elaborate(self, platform):
        m = Module()
        window = self.drop - self.random_bits
        for i in range(self.lanes):
            change = self.change[i]
            kept = Mux(self.coarse, dropped(change, 8 + window, extend=8), dropped(change, window))
            rounded = Signal(signed(len(change) - window + 1), name=f"rounded_{i:03}", reset_less=True)
            old = Signal(signed(self.fmt.width), name=f"old_{i:03}", reset_less=True)
            m.d.sync += [rounded.eq(kept + self.random[i]), old.eq(self.old[i])]
            bits = max(self.fmt.width, len(rounded) - self.random_bits) + 1
            difference = Signal(signed(bits), name=f"difference_{i:03}", reset_less=True)
            m.d.sync += difference.eq(old - dropped(rounded, self.random_bits))
            result = Signal(signed(self.fmt.width), name=f"result_{i:03}", reset_less=True)
            m.d.sync += result.eq(Mux(self.load, self.value, saturated(difference, self.fmt)))
            m.d.comb += self.new[i].eq(result)
        return m
