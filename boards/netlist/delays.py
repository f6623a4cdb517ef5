"""How long signals take on a family: the passages of cells, by name, and wires, by how many pins a net drives.

`delays.toml` has the numbers and where each comes from. A wire's delay is not known before place and route; what is
taken for it, in nanoseconds,

    (wire + load * b(pins that the net drives) + block * (ends at a multiplier or a block RAM))
        * (look-up tables of the design / 10,000) ** growth

with b(n) = (n ** power - 1) / power, and ln(n) for a power of 0, is a middle value that makes the slowest path as long
as place and route made it in the designs that it was fitted to.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from boards.errors import BoardError

__all__ = ["TABLE", "Delays", "delays"]

TABLE = Path(__file__).with_name("delays.toml")
_UNIT = 10_000


@dataclass(frozen=True)
class Delays:
    """Nanoseconds. ``cells``: by the names in `arcs.py`; ``near``: a wire within a slice; ``error_percent``: the
    largest of the designs that the wires were not fitted to."""

    cells: Mapping[str, float]
    wire: float
    load: float
    power: float
    growth: float
    block: float = 0.0
    near: float = 0.0
    error_percent: float = 0.0

    def cell(self, name: str) -> float:
        """Of a passage; "" takes none."""
        return self.cells[name] if name else 0.0

    def net(self, loads: int, size: float, blocks: int = 0) -> float:
        """Of a wire of a net that drives so many pins, in a design of ``size`` look-up tables; ``blocks``: how many of
        its two ends are at multipliers or block RAMs, which lie in columns of their own."""
        loads = max(1, loads)
        spread = (loads**self.power - 1) / self.power if self.power else math.log(loads)
        return (self.wire + self.load * spread + self.block * blocks) * (max(1.0, size) / _UNIT) ** self.growth


@cache
def delays(family: str) -> Delays:
    """Those of a family. BoardError lists the known ones."""
    table = tomllib.loads(TABLE.read_text())
    if family not in table:
        raise BoardError(f'the family must be one of {", ".join(table)}, got "{family}"')
    return Delays(**table[family])
