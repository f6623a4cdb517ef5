"""What logic is counted in, and what the small things that all units have cost."""

from collections import defaultdict
from dataclasses import dataclass, field

from sw.cost.coefficients import Coefficients
from sw.design.fixed import bits_for

__all__ = ["Units", "choice", "saturation", "soft_multiplier"]


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
