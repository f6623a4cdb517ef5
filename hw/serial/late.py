"""Values in registers without a reset, a clock or two late: what need not be known at once."""

from collections.abc import Callable
from functools import reduce
from operator import or_

from amaranth import Cat, Module, Signal, Value

__all__ = ["chosen", "differs", "folded", "register"]

_PART = 6  # bits of a number that are compared, or folded, in one clock


def register(m: Module, name: str, value, width: int = 1) -> Signal:
    """The value a clock later."""
    made = Signal(width, name=name, reset_less=True)
    m.d.sync += made.eq(value)
    return made


def differs(m: Module, name: str, value: Value, other=0) -> Signal:
    """Whether two numbers differ, two clocks later."""
    return folded(m, name, (value ^ other)[: len(value)], Value.any)


def folded(m: Module, name: str, bits: Value, fold: Callable[[Value], Value]) -> Signal:
    """All bits of a number folded into one, by ``Value.any`` or ``Value.xor``, two clocks later."""
    parts = [fold(bits[at : at + _PART]) for at in range(0, len(bits), _PART)]
    return register(m, name, fold(register(m, f"{name}_parts", Cat(parts), len(parts))))


def chosen(m: Module, name: str, choices, width: int) -> Signal:
    """Of pairs of a flag and a value, of whose flags one at most is high, that value, two clocks later; else 0."""
    pairs = list(choices)
    parts = []
    for at in range(0, len(pairs), 2):
        part = reduce(or_, (value & flag.replicate(width) for flag, value in pairs[at : at + 2]))
        parts.append(register(m, f"{name}_{at // 2}", part, width))
    return register(m, name, reduce(or_, parts), width)
