"""What logic is counted in, and what the small things that all units have cost."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sw.cost.coefficients import Coefficients
from sw.design.fixed import bits_for

_SHIFT = 3

__all__ = [
    "Units", "choice", "delays", "multiplexer", "saturation", "soft_multiplier", "soft_registers", "soft_roles",
    "soft_shifts",
]


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
    coded, other = soft_roles(bits)

    def rows(count: int) -> int:
        if count <= 3:
            return count * (other + 1)
        low = count // 2
        return rows(low) + rows(count - low) + other + 2 * (count - low) + 1

    return rows(_digits(coded))


def soft_registers(bits: tuple[int, int], stages: int) -> tuple[int, int, int]:
    """What waits inside of such a multiplier that has so many stages, the last one behind the product left out.

    Flip-flops of the sums, of the digits of the operand that has them, and clocks for which the other operand waits.
    """
    coded, other = soft_roles(bits)
    count = _digits(coded)
    levels = _stage_levels(count, stages)
    found = [_behind_level(count, coded, other, levels[-1], level) for level in levels[:-1]]
    return sum(f[0] for f in found), sum(f[1] for f in found), sum(f[2] for f in found)


def soft_shifts(bits: tuple[int, int], stages: int) -> tuple[int, int]:
    """Tables of the shift registers inside of it, and the flip-flops that they stand for.

    The lowest bits of a sum are final long before the last level, two with each digit.
    """
    count, tables, registers = _digits(soft_roles(bits)[0]), 0, 0
    levels = _stage_levels(count, stages)
    if count > _SHIFT:  # two halves: the upper one's bits are added to at the last level
        for digits, until in ((count // 2, levels), (count - count // 2, levels[:-1])):
            for digit in range(digits):
                waits = sum(level > digit for level in until)
                tables += 2 * (waits >= _SHIFT)
                registers += 2 * waits * (waits >= _SHIFT)
    return tables, registers


def _digits(bits: int) -> int:
    return (bits + 1) // 2


def _levels(digits: int) -> int:
    return digits if digits <= 3 else 4 if digits <= 6 else 5


def soft_roles(bits: tuple[int, int]) -> tuple[int, int]:
    """Bits of the operand that has the digits, and of the other: fewer levels are better, then fewer bits of rows."""

    def effort(roles: tuple[int, int]) -> tuple[int, int]:
        digits = _digits(roles[0])
        return _levels(digits), digits * (roles[1] + 1)

    return min(bits[::-1], bits, key=effort)


def _stage_levels(digits: int, stages: int) -> list[int]:
    """Behind which level each stage's register lies, see boards/after_level.v."""
    levels = _levels(digits)
    return [max(1, stage * levels // stages) for stage in range(1, stages)] + [levels]


def _behind_level(digits: int, left: int, other: int, levels: int, level: int) -> tuple[int, int, bool]:
    """In the tree that ends at level ``levels``: bits of sums, of digits, and whether the other operand is needed yet.

    ``left``: bits of the operand with the digits, from the first of them on.
    """
    if level == levels:
        return other + 2 * digits, 0, False
    if digits <= 3:
        done = min(level, digits)
        return other + 2 * done + (done == digits), (left - 2 * done + 1) * (done < digits), done < digits
    low = digits // 2
    below = _behind_level(low, 2 * low, other, levels - 1, level)
    above = _behind_level(digits - low, left - 2 * low, other, levels - 1, level)
    return below[0] + above[0], below[1] + above[1], below[2] or above[2]
