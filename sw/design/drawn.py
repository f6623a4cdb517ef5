"""What the seeds of a design stand for, held as arrays: no later way of drawing can then change it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sw.design.settings import rule

__all__ = ["Drawn"]


@dataclass(frozen=True, eq=False)
class Drawn:
    """One entry per junction; equal if all arrays are.

    ``tables``, ``orders``: as of ``sw.pattern.clash_free.Pattern``, int64; no orders without dithering. ``weights``:
    (weights,) float64, the initial weights before they are rounded to the design's format.
    """

    tables: tuple[np.ndarray, ...]
    orders: tuple[np.ndarray | None, ...]
    weights: tuple[np.ndarray, ...]

    def check(self, junctions: Sequence[tuple[int, bool]]) -> None:
        """DesignError unless there is what junctions of (so many weights, with orders or not) need.

        Tables and orders themselves are checked where patterns are made of them.
        """
        for name in ("tables", "orders", "weights"):
            held, due = len(getattr(self, name)), len(junctions)
            rule(held == due, f"drawn.{name} needs one entry per junction, {due} of them, got {held}")
        for i, ((count, ordered), orders, real) in enumerate(zip(junctions, self.orders, self.weights, strict=True), 1):
            rule((orders is not None) == ordered, f"junction {i}: orders must be there with dithering, and only then")
            rule(
                real.shape == (count,) and real.dtype.kind == "f" and bool(np.isfinite(real).all()),
                f"junction {i}: initial weights must be {count} finite real numbers, got shape {real.shape} of "
                f"{real.dtype}",
            )

    def _arrays(self) -> Iterator[tuple[tuple[int, ...], bytes] | None]:
        for part, kind in ((self.tables, "<i8"), (self.orders, "<i8"), (self.weights, "<f8")):
            for array in part:
                yield None if array is None else (array.shape, array.astype(kind).tobytes())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Drawn) and tuple(self._arrays()) == tuple(other._arrays())

    def __hash__(self) -> int:
        return hash(tuple(self._arrays()))
