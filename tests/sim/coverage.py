"""The table of what the random designs have covered, counted over the designs that ran without a mismatch."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from statistics import median

from tests.design import corners
from tests.sim.random_segments import OFFERED
from tests.sim.watched import EVENTS

__all__ = ["ROWS", "Coverage", "Covered"]

ROWS = (*corners.rows(), *OFFERED, *EVENTS)
_LEAST_MEDIAN = 200  # weights


@dataclass(frozen=True)
class Covered:
    """A design that passed: rows of the table that it reached, its weights; slots and equal values of its runs."""

    seed: int
    rows: tuple[str, ...]
    weights: int
    slots: int
    values: int

    def as_text(self) -> str:
        """One line, for the way from one process to another."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Covered":
        facts = json.loads(text)
        return cls(**(facts | {"rows": tuple(facts["rows"])}))


class Coverage:
    """Counts per row. A row is there from the start, so that one which nothing reaches shows."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter(dict.fromkeys(ROWS, 0))
        self._weights: dict[int, int] = {}
        self._slots = self._values = 0

    def __len__(self) -> int:
        return len(self._weights)

    def add(self, one: Covered) -> None:
        """Count a design that passed, each seed once."""
        unknown = set(one.rows) - set(self._counts)
        if unknown or one.seed in self._weights:
            raise ValueError(f"seed {one.seed}: must be new and reach known rows, got also {sorted(unknown)}")
        self._counts.update(one.rows)
        self._weights[one.seed] = one.weights
        self._slots += one.slots
        self._values += one.values

    def missing(self) -> list[str]:
        """What keeps the table from being full, a line each."""
        holes = [f"no design with: {row}" for row, count in self._counts.items() if count == 0]
        middle = median(self._weights.values()) if self._weights else 0
        if middle < _LEAST_MEDIAN:
            holes.append(f"the median of the weights must be at least {_LEAST_MEDIAN}, got {middle:g}")
        return holes

    def table(self) -> list[str]:
        """Lines: what ran, then each row with the number of designs that reached it."""
        weights = sorted(self._weights.values()) or [0]
        lines = [
            f"{len(self):,} designs without a mismatch, {self._slots:,} slots, {self._values:,} values equal",
            f"weights per design: {weights[0]} to {weights[-1]}, median {median(weights):g}",
            "",
        ]
        lines += [f"{count:7,}  {row}" for row, count in self._counts.items()]
        holes = self.missing()
        return [*lines, "", *(holes or ["every row is covered"])]
