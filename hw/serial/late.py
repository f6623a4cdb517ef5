"""Values in registers without a reset, a clock or two late: what need not be known at once."""

from functools import reduce
from operator import or_

from amaranth import Cat, Module, Mux, Signal, Value

__all__ = ["chosen", "differs", "register"]

_PART = 6  # bits of a number that are compared in one clock


def register(m: Module, name: str, value, width: int = 1) -> Signal:
    """The value a clock later."""
    made = Signal(width, name=name, reset_less=True)
    m.d.sync += made.eq(value)
    return made


def differs(m: Module, name: str, value: Value, other=0) -> Signal:
    """Whether two numbers differ, two clocks later."""
    bits = value ^ other
    parts = [bits[at : at + _PART].any() for at in range(0, len(value), _PART)]
    return register(m, name, register(m, f"{name}_parts", Cat(parts), len(parts)).any())


def chosen(m: Module, name: str, choices, width: int) -> Signal:
    """Of pairs of a flag and a value, of whose flags one at most is high, that value, two clocks later; else 0."""
    pairs = list(choices)
    parts = []
    for at in range(0, len(pairs), 2):
        part = reduce(or_, (Mux(flag, value, 0) for flag, value in pairs[at : at + 2]))
        parts.append(register(m, f"{name}_{at // 2}", part, width))
    return register(m, name, reduce(or_, parts), width)
