"""A finding: what a comparison measured, what a claim says about it, and the verdict."""

import math
from dataclasses import dataclass
from typing import Any

from sw.experiments.statistics import Estimate, verdict

__all__ = ["Finding"]


@dataclass(frozen=True)
class Finding:
    """An estimate, and the range in which it is by a claim.

    Parameters
    ----------
    claim : its key in `sw.experiments.claims`; empty for a figure that tests none.
    comparison : what was compared, in words. unit : of the estimate.
    low, high : where the claim says that the true value is; the margin. Both infinite for a figure.
    """

    claim: str
    comparison: str
    estimate: Estimate
    low: float = -math.inf
    high: float = math.inf
    unit: str = "points"

    @property
    def verdict(self) -> str | None:
        """Of `sw.experiments.statistics.verdict`; None for a figure."""
        return verdict(self.estimate, self.low, self.high) if self.claim else None

    def record(self) -> dict[str, Any]:
        """For JSON; None stands for no interval and no bound."""
        def finite(value: float) -> float | None:
            return round(value, 4) if math.isfinite(value) else None

        return {
            "claim": self.claim or None, "comparison": self.comparison, "estimate": finite(self.estimate.mean),
            "interval": finite(self.estimate.half), "unit": self.unit, "claimed": [finite(self.low), finite(self.high)],
            "verdict": self.verdict,
        }

    @classmethod
    def of(cls, record: dict[str, Any]) -> "Finding":
        """From JSON, its verdict judged anew."""
        low, high = record["claimed"]
        half = record["interval"]
        return cls(
            record["claim"] or "", record["comparison"],
            Estimate(record["estimate"], math.nan if half is None else half),
            -math.inf if low is None else low, math.inf if high is None else high, record["unit"],
        )

    @property
    def claimed(self) -> str:
        """The claimed range in words, such as "below 1"; empty for a figure."""
        if not self.claim:
            return ""
        if math.isinf(self.high):
            return f"above {self.low + 0:g}"
        return f"below {self.high + 0:g}" if math.isinf(self.low) else f"{self.low:g} to {self.high:g}"

    def __str__(self) -> str:
        figure = f"{self.comparison}: {self.estimate} {self.unit}"
        return f"{figure} (claimed: {self.claimed}): {self.verdict}" if self.claim else figure
