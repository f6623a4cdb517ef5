"""UP: the new value of a weight or bias, rounded once and saturated once."""

from amaranth import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import dropped, saturated
from hw.timeline import Timeline
from sw.design.fixed import Format

__all__ = ["UpdateUnit"]


class UpdateUnit(wiring.Component):
    """``new`` = sat(``old`` - Q(``change``)), three clocks later.

    ``change`` has ``drop`` fraction bits more than the number, or 8 more where ``coarse``. Q drops them:
    the bits below a window of ``random_bits`` cannot matter, the window is added to ``random`` and the
    sum is cut off. To nearest is the window of one bit to which always one is added.
    ``load`` (one clock before the result) replaces the result by ``value``, for the configuration stream.
    """

    def __init__(self, *, fmt: Format, change_bits: int, drop: int, random_bits: int):
        if not 1 <= random_bits <= drop:
            raise ValueError(f"random bits must be 1..{drop} (the fraction bits to drop), got {random_bits}")
        self.fmt, self.drop, self.random_bits = fmt, drop, random_bits
        super().__init__(
            {
                "old": In(signed(fmt.width)),
                "change": In(signed(change_bits)),
                "coarse": In(1),
                "random": In(random_bits),
                "load": In(1),
                "value": In(signed(fmt.width)),
                "new": Out(signed(fmt.width)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        line = Timeline(m)
        window = self.drop - self.random_bits
        kept = Mux(self.coarse, dropped(self.change, 8 + window, extend=8), dropped(self.change, window))
        rounded = Signal(signed(len(self.change) - window + 1), reset_less=True)
        m.d.sync += rounded.eq(kept + self.random)
        difference = Signal(signed(max(self.fmt.width, len(rounded) - self.random_bits) + 1), reset_less=True)
        m.d.sync += difference.eq(line.at(self.old, 0, 1) - dropped(rounded, self.random_bits))
        result = Signal(signed(self.fmt.width), reset_less=True)
        m.d.sync += result.eq(Mux(self.load, self.value, saturated(difference, self.fmt)))
        m.d.comb += self.new.eq(result)
        return m
