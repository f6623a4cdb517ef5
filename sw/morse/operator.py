"""Operators: a hand's timing, as the ranges of lengths of dots, dashes and spaces."""

import math
from dataclasses import dataclass, replace

from sw.morse.settings import MorseError, MorseSettings

__all__ = ["Operator"]


@dataclass(frozen=True, kw_only=True)
class Operator:
    """How somebody keys: mean lengths, and how evenly.

    Parameters
    ----------
    unit
        Mean length of a dot in positions.
    ratio, gap
        Mean length of a dash, and of the space between two elements, in dots. The standard's are 3
        and 1.
    jitter
        Lengths are uniform on mean * (1 - jitter) .. mean * (1 + jitter), both rounded to the nearest
        whole number (halves up) and at least 1. The baseline is unit 2, ratio 3.25, gap 1 with a
        jitter of about 0.4 to 0.5.

    Raises
    ------
    MorseError
        When a number breaks its rule.
    """

    unit: float = 2.0
    ratio: float = 3.0
    gap: float = 1.0
    jitter: float = 0.4

    def __post_init__(self) -> None:
        for knob in ("unit", "ratio", "gap", "jitter"):
            value = getattr(self, knob)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise MorseError(f"{knob} must be a finite number, got {value!r}")
        if self.unit < 1:
            raise MorseError(f"unit must be at least 1 position, got {self.unit!r}")
        for knob in ("ratio", "gap"):
            if getattr(self, knob) <= 0:
                raise MorseError(f"{knob} must be above 0, got {getattr(self, knob)!r}")
        if not 0 <= self.jitter < 1:
            raise MorseError(f"jitter must be at least 0 and below 1, got {self.jitter!r}")

    def lengths(self, dots: float) -> tuple[int, int]:
        """Lowest and highest length of what lasts `dots` dots on average."""
        mean = self.unit * dots
        low, high = (max(1, math.floor(mean * factor + 0.5)) for factor in (1 - self.jitter, 1 + self.jitter))
        return low, high

    def keying(self, settings: MorseSettings) -> MorseSettings:
        """The settings with this operator's ranges; MorseError if a codeword then exceeds the frame."""
        return replace(settings, dot=self.lengths(1), dash=self.lengths(self.ratio), space=self.lengths(self.gap))
