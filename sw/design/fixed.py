"""Two's complement fixed point as a value type."""

from dataclasses import dataclass

import numpy as np

from sw.design.errors import DesignError

__all__ = ["Format", "bits_for"]


@dataclass(frozen=True)
class Format:
    """Signed fixed point: 1 sign bit, ``integer_bits`` and ``fraction_bits``; value = raw / 2^fraction_bits.

    Raw values are plain integers in ``minimum .. maximum``.
    """

    integer_bits: int
    fraction_bits: int

    def __post_init__(self):
        if self.integer_bits < 0 or self.fraction_bits < 1:
            raise DesignError(
                f"fixed-point format needs integer bits >= 0 and fraction bits >= 1, "
                f"got {self.integer_bits} and {self.fraction_bits}"
            )

    @property
    def width(self) -> int:
        return 1 + self.integer_bits + self.fraction_bits

    @property
    def minimum(self) -> int:
        return -(1 << (self.width - 1))

    @property
    def maximum(self) -> int:
        return (1 << (self.width - 1)) - 1

    def saturate(self, raw):
        """Clamp integers of any width into the format."""
        return np.minimum(np.maximum(raw, self.minimum), self.maximum)

    def from_real(self, value) -> np.ndarray:
        """Nearest raw integers (half up) of real numbers, saturated; int64."""
        scaled = np.floor(np.asarray(value, dtype=np.float64) * 2.0**self.fraction_bits + 0.5)
        return np.clip(scaled, self.minimum, self.maximum).astype(np.int64)

    def to_real(self, raw) -> np.ndarray:
        """Real numbers (float64) that raw integers stand for."""
        return np.asarray(raw, dtype=np.float64) / 2.0**self.fraction_bits


def bits_for(count: int) -> int:
    """Bits of a counter with ``count`` values, at least one."""
    return max(1, (count - 1).bit_length())
