"""How long signals take on a family: the passages of cells, by name, and wires, by how many pins a net drives.

`delays.toml` has the numbers and where each comes from. A wire's delay is not known before place and route; what is
taken for it, in nanoseconds,

    (wire + load * b(pins that the net drives) + block * (ends at a multiplier or a block RAM))
        * (look-up tables of the design / 10,000) ** growth

with b(n) = (n ** power - 1) / power, and ln(n) for a power of 0. To every path comes a margin, as the slowest of many
alike paths has longer wires than a middle one. These make the slowest path as long as place and route made it in the
designs that they were fitted to.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from boards.errors import BoardError

__all__ = ["TABLE", "Delays", "Wire", "delays"]

TABLE = Path(__file__).with_name("delays.toml")
_UNIT = 10_000


class Wire(NamedTuple):
    """``loads``: the pins that its net drives; ``blocks``: how many of its two ends are at multipliers or block RAMs,
    which lie in columns of their own; ``near``: whether it stays in a slice."""

    loads: int
    blocks: int = 0
    near: bool = False


@dataclass(frozen=True)
class Delays:
    """Nanoseconds. ``cells``: by the names in `arcs.py`; ``margin``: of a path; ``near``: a wire within a slice;
    ``error_percent``: of the clock, as boards.calibrate_timing found it."""

    cells: Mapping[str, float]
    wire: float
    load: float
    power: float
    growth: float
    block: float = 0.0
    margin: float = 0.0
    near: float = 0.0
    error_percent: float = 0.0

    def cell(self, name: str) -> float:
        """Of a passage; "" takes none."""
        return self.cells[name] if name else 0.0

    def wire_ns(self, wire: Wire | None, size: float) -> float:
        """Of a wire in a design of ``size`` look-up tables; None takes none."""
        if wire is None:
            return 0.0
        if wire.near:
            return self.near
        loads = max(1, wire.loads)
        spread = (loads**self.power - 1) / self.power if self.power else math.log(loads)
        return (self.wire + self.load * spread + self.block * wire.blocks) * (max(1.0, size) / _UNIT) ** self.growth


@cache
def delays(family: str) -> Delays:
    """Those of a family. BoardError lists the known ones."""
    table = tomllib.loads(TABLE.read_text())
    if family not in table:
        raise BoardError(f'the family must be one of {", ".join(table)}, got "{family}"')
    return Delays(**table[family])
