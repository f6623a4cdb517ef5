"""How features become the accelerator's 8-bit inputs: which of them, and by which scale. A scaling belongs to what was
trained with it: the board, the golden model and every other user must treat a new sample in the same way.

    v = clip(floor(256 (x - low) / (high - low) + 1/2), 0, 255), worth v / 256; 0 where low = high
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sw.design.errors import DesignError
from sw.design.settings import SCALINGS

__all__ = ["FeatureScaling"]

_BLOCK = 1 << 21  # values converted at a time, so that no float copy of a whole split is made
_NONE = np.zeros(0)
_ALL = np.zeros(0, bool)
_KEYS = ("scaling_kind", "scaling_low", "scaling_high")
_KEPT = "scaling_kept"  # saved only where some features are left out


@dataclass(frozen=True, eq=False)
class FeatureScaling:
    """One scaling, with its numbers.

    Parameters
    ----------
    kind
        "bytes": whole numbers 0..255, taken as they are. "global": one range for all features. "per_feature": each
        feature has a range of its own.
    low, high
        float64: what becomes 0, and what full scale. (0,), (1,) or (kept features,), by ``kind``.
    kept
        bool (features,): which of a sample's features are inputs; they keep their order. (0,): all are.
    """

    kind: str
    low: np.ndarray = field(default_factory=lambda: _NONE)
    high: np.ndarray = field(default_factory=lambda: _NONE)
    kept: np.ndarray = field(default_factory=lambda: _ALL)

    def __post_init__(self) -> None:
        if self.kind not in SCALINGS:
            raise DesignError(f"a feature scaling must be one of {', '.join(SCALINGS)}, got {self.kind!r}")
        shapes = self.low.ndim == self.high.ndim == 1 and len(self.low) == len(self.high)
        sizes = {"bytes": len(self.low) == 0, "global": len(self.low) == 1, "per_feature": len(self.low) > 0}
        if not shapes or not sizes[self.kind]:
            raise DesignError(f"the ranges of a scaling {self.kind} have the wrong shape: {self.low.shape} and "
                              f"{self.high.shape}")
        if not (np.isfinite(self.low) & np.isfinite(self.high - self.low) & (self.low <= self.high)).all():
            raise DesignError("the ranges of a scaling must be finite, each low at most its high")
        if self.kept.ndim != 1 or self.kept.dtype != bool or (len(self.kept) and not self.kept.any()):
            raise DesignError("the kept features of a scaling must be true or false for each feature, true for one at "
                              f"least, got {self.kept.dtype} {self.kept.shape}")
        if len(self.kept) and self.kind == "per_feature" and len(self.low) != self.kept.sum():
            raise DesignError(f"a scaling per_feature must have a range for each of the {self.kept.sum()} kept "
                              f"features, got {len(self.low)}")

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """8-bit form of features (samples, features) of any real type: uint8 (samples, kept features).

        Raises DesignError for another number of features, and for other than whole numbers 0..255 where they are to
        be taken as they are.
        """
        due = len(self.kept) or (len(self.low) if self.kind == "per_feature" else x.shape[1])
        if x.shape[1] != due:
            raise DesignError(f"this scaling is for {due} features, got {x.shape[1]}")
        if self.kind == "bytes":
            return _as_bytes(self._chosen(x))
        out = np.empty((len(x), int(self.kept.sum()) or x.shape[1]), np.uint8)
        spread = self.high - self.low
        factor = 256 / np.where(spread > 0, spread, np.inf)
        rows = max(1, _BLOCK // max(1, x.shape[1]))
        for row in range(0, len(x), rows):
            # clipped first, so that a far outlier cannot overflow
            part = np.clip(self._chosen(x[row : row + rows]), self.low, self.high, dtype=np.float64)
            part -= self.low
            part *= factor
            part += 0.5
            out[row : row + rows] = np.minimum(part, 255, out=part)  # the cast drops the fraction
        return out

    def arrays(self) -> dict[str, np.ndarray]:
        """The scaling as arrays to be saved beside a trained state."""
        arrays = dict(zip(_KEYS, (np.array(self.kind), self.low, self.high), strict=True))
        return arrays | ({_KEPT: self.kept} if len(self.kept) else {})

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "FeatureScaling | None":
        """The scaling among saved arrays, None where none was saved."""
        if _KEYS[0] not in arrays:
            return None
        kind, low, high = (arrays[key] for key in _KEYS)
        return cls(str(kind), low, high, arrays.get(_KEPT, _ALL))

    def _chosen(self, x: np.ndarray) -> np.ndarray:
        return x[:, self.kept] if len(self.kept) else x

    def __str__(self) -> str:
        few = f"{self.kept.sum():,} of {len(self.kept):,}, " if len(self.kept) else ""
        if self.kind == "bytes":
            return f"{few}bytes as they are"
        if self.kind == "global":
            return f"{few}one range for all features, {self.low[0]:g} to {self.high[0]:g}"
        return f"{few}a range for each of the {len(self.low):,} features"


def _as_bytes(x: np.ndarray) -> np.ndarray:
    if x.dtype == np.uint8:
        return x
    out = x.astype(np.uint8)
    wrong = np.argwhere(out != x)
    if len(wrong):
        row, feature = wrong[0]
        raise DesignError(
            f"features taken as bytes must be whole numbers 0..255, got {x[row, feature]} in sample {row}"
        )
    return out
