"""UP: the new values of weights or biases, each rounded once and saturated once."""

from amaranth import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import saturated
from sw.design import lfsr
from sw.design.fixed import Format

__all__ = ["UpdateLanes", "half", "noise", "repeated"]


def half(drop: int, coarse):
    """Half a unit, to round to nearest: what is added to a change before its lowest ``drop`` bits, or lfsr.COARSE more
    where ``coarse``, are cut off."""
    return Cat(Const(0, drop - 1), ~coarse, Const(0, lfsr.COARSE - 1), coarse)


def noise(random, again, drop: int):
    """As ``half``, to round by chance: ``random`` is a number of lfsr.WINDOW bits, of which the top ones are used, see
    sw.design.lfsr.wide; ``again`` has its lowest ``repeated(drop)`` bits where ``coarse``, else 0. None: never coarse.
    """
    low = lfsr.WINDOW - min(lfsr.WINDOW, drop)
    return Cat(Const(0, drop + low - lfsr.WINDOW), random[low:], [] if again is None else again[low:])


def repeated(drop: int) -> int:
    """How many of a number's lowest bits have all that ``noise`` uses a second time."""
    return lfsr.WINDOW - min(lfsr.WINDOW, drop) + lfsr.COARSE


class UpdateLanes(wiring.Component):
    """``new[i]`` = sat(``old[i]`` - floor(``change[i]`` / 2^``drop``)) in ``lanes`` lanes, two clocks later.

    ``change`` has had its rounding noise added. lfsr.COARSE more bits are dropped where ``coarse``. ``bits``: of a
    change without what is dropped. ``load`` (one clock before the result) replaces the result by
    ``value``, for the configuration stream. Each lane has ``coarse``, ``load`` and ``value`` of its own, so that they
    can come from copies.

    The lanes share a module, and a register's name begins with its stage: so the simulator keeps equal
    registers side by side, and the compiler handles several lanes in one instruction.
    """

    latency = 2

    def __init__(self, *, lanes: int, fmt: Format, drop: int, bits: int, change_bits: int):
        if change_bits <= drop:
            raise ValueError(f"a change must have more than the {drop} bits that it drops, got {change_bits}")
        self.lanes, self.fmt, self.drop, self.bits = lanes, fmt, drop, bits
        super().__init__(
            {
                "old": In(signed(fmt.width)).array(lanes),
                "change": In(signed(change_bits)).array(lanes),
                "coarse": In(1).array(lanes),
                "load": In(1).array(lanes),
                "value": In(signed(fmt.width)).array(lanes),
                "new": Out(signed(fmt.width)).array(lanes),
            }
        )

    def elaborate(self, platform):
        m = Module()

        def kept(change, drop: int):
            # never empty: the sign is left even where all is dropped
            return change[min(drop, len(change) - 1) : drop + self.bits].as_signed()

        exact = max(self.fmt.width, self.bits) + 1  # bits of a difference
        for i in range(self.lanes):
            change = self.change[i]
            rounded = Mux(self.coarse[i], kept(change, self.drop + lfsr.COARSE), kept(change, self.drop))
            difference = Signal(signed(exact), name=f"difference_{i:03}", reset_less=True)
            m.d.sync += difference.eq(self.old[i] - rounded)
            result = Signal(signed(self.fmt.width), name=f"result_{i:03}", reset_less=True)
            m.d.sync += result.eq(Mux(self.load[i], self.value[i], saturated(difference, self.fmt)))
            m.d.comb += self.new[i].eq(result)
        return m
