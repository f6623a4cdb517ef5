"""A cyclic redundancy check, a byte in every clock."""

from dataclasses import dataclass
from functools import reduce
from operator import xor

from amaranth import Cat, Value

__all__ = ["CRC_32", "Crc"]


@dataclass(frozen=True)
class Crc:
    """Of so many ``bytes``, lowest bit first, begun with all ones and inverted at its end. ``polynomial``: reflected.

    A register of ``bits`` bits holds it while it is made. Whatever went before, it holds ``residue`` after the check's
    own bytes, lowest first, if and only if they are right.
    """

    bytes: int
    polynomial: int

    @property
    def bits(self) -> int:
        return 8 * self.bytes

    @property
    def start(self) -> int:
        return (1 << self.bits) - 1

    def after(self, register: int, byte: int) -> int:
        """The register after one more byte, in integers."""
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (self.polynomial if register & 1 else 0)
        return register

    @property
    def residue(self) -> int:
        # with nothing before, the check is that of the start, inverted: the register stays all zeros but for that
        return reduce(self.after, (~self.start & self.start).to_bytes(self.bytes, "little"), self.start)

    def next(self, register: Value, byte: Value) -> Value:
        """The same as an expression: each bit is a sum of bits of the byte and of the register."""
        inputs = [*register, *byte]
        columns = [self.after(1 << i, 0) for i in range(self.bits)] + [self.after(0, 1 << i) for i in range(8)]
        rows = [[one for one, column in zip(inputs, columns, strict=True) if column >> i & 1] for i in range(self.bits)]
        return Cat(reduce(xor, row) for row in rows)


CRC_32 = Crc(4, 0xEDB88320)  # of zlib, Ethernet, ITU-T V.42
