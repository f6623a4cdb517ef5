"""What a flow is asked for, and what it gives."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Made", "Wish"]


@dataclass(frozen=True)
class Wish:
    """``mhz``: the clock that must be reached; ``seeds``: tried in turn; ``limit``: seconds for each program."""

    name: str
    mhz: float
    seeds: tuple[int, ...]
    limit: float

    def too_slow(self, reached: float, how: str) -> str:
        """The one line for a clock that was not reached."""
        return (
            f"{self.name} must run at {self.mhz:g} MHz, reached {reached:g} MHz ({how}): give MHZ={int(reached)}, or "
            f"more seeds with SEEDS"
        )


@dataclass(frozen=True)
class Made:
    """``mhz``: the highest clock, ``source``: who says so; ``seed``: of place and route, if it has one."""

    bitstream: Path
    mhz: float
    source: str
    seed: int | None
    seconds: float
