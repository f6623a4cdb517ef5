"""What logic is counted in, and what the small things that all units have cost."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil

from sw.cost.coefficients import Coefficients
from sw.design.fixed import bits_for

_SHIFT = 3

__all__ = ["Units", "choice", "delays", "multiplexer", "saturation", "soft_multiplier", "soft_registers"]


@dataclass(frozen=True)
class Units:
    """Look-up tables and flip-flops per kind of unit; arrays of them where the coefficients are arrays."""

    lut: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    ff: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, name: str, lut: float = 0, ff: float = 0) -> None:
        self.lut[name] += lut
        self.ff[name] += ff


def choice(count: int, c: Coefficients, select: int = 0) -> float:
    """Look-up tables of a bit that is chosen among ``count`` by ``select`` bits (as few as can be, if not given)."""
    if count == 1:
        return 0
    return 1 if count + max(select, bits_for(count)) <= 6 else c.choice_lut * count


def multiplexer(count: int) -> int:
    """Look-up tables of a bit that is chosen among ``count`` by a binary number: four by a table."""
    tables = 0
    while count > 1:
        full, rest = divmod(count, 4)
        tables, count = tables + full + (rest > 1), full + (rest > 0)
    return tables


def delays(taps: Iterable[int]) -> tuple[int, int]:
    """Look-up tables and flip-flops of a bit that is needed after each of so many clocks.

    Three registers or more of which only the last is needed are a shift register in one table.
    """
    tables = registers = last = 0
    for tap in sorted({tap for tap in taps if tap > 0}):
        clocks, last = tap - last, tap
        if clocks < _SHIFT:
            registers += clocks
        else:
            tables += 1
    return tables, registers


def saturation(bits: int, width: int, used: int | None = None) -> int:
    """Look-up tables of a number of so many bits saturated to ``width`` bits, of which the top ``used`` are used.

    Those above must equal the sign: up to three are compared with it by the table of each bit, more by tables of their
    own.
    """
    used, compared = used or width, bits - width + 1
    if compared <= 1:
        return 0
    return used - 1 if compared <= 4 else used if compared <= 6 else used + 2


def soft_multiplier(bits: tuple[int, int]) -> int:
    """Look-up tables of a multiplier as boards/soft_mul_xc7.v describes it."""
    small, large = sorted(bits)

    def digits(count: int) -> int:
        if count <= 3:
            return count * (large + 1)
        low = count // 2
        return digits(low) + digits(count - low) + large + 2 * (count - low) + 1

    return digits((small + 1) // 2)


def soft_registers(bits: tuple[int, int], stages: int) -> int:
    """Flip-flops inside of such a multiplier that has so many stages; the last one's are those of the product."""
    small, large = sorted(bits)
    count = (small + 1) // 2
    levels = count if count <= 3 else 4 if count <= 6 else 5
    places = [ceil(stage * levels / stages) for stage in range(1, stages)]  # behind which level, see after_level.v
    return sum(_behind_level(count, small, large, levels, place) for place in places)


def _behind_level(digits: int, left: int, large: int, levels: int, level: int) -> int:
    """Of the sums, and of the operands that are still needed, in the tree that ends at level ``levels``.

    ``left``: bits of the small operand from the first of the digits on.
    """
    if level == levels:
        return large + 2 * digits
    if digits <= 3:
        done = min(level, digits)
        operands = large + left - 2 * done + 1 if done < digits else 0
        return large + 2 * done + 1 + operands
    low = digits // 2
    parts = [_behind_level(low, 2 * low, large, levels - 1, level)]
    parts.append(_behind_level(digits - low, left - 2 * low, large, levels - 1, level))
    both = large if min(level, levels) < min(low, digits - low) else 0  # the large operand, which they share
    return sum(parts) - both
