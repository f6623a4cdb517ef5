"""The edges of a junction, whatever rule has drawn them: what training in software needs of a pattern."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sw.pattern.clash_free import Pattern
from sw.pattern.errors import PatternError

__all__ = ["Edges", "edges_of", "fully_connected"]


@dataclass(frozen=True)
class Edges:
    """Weight e joins left neuron ``left_of[e]`` to right neuron ``right_of[e]``.

    ``left_of``, ``right_of``: (weights,) int64. Right neurons never fall, so that of a junction with a fixed in-degree
    weight e belongs to right neuron e // d_in, as in the hardware's slots.

    Raises
    ------
    PatternError : a neuron out of range, right neurons that fall, or an edge twice.
    """

    left: int
    right: int
    left_of: np.ndarray
    right_of: np.ndarray

    def __post_init__(self) -> None:
        for name, of, size in (("left", self.left_of, self.left), ("right", self.right_of, self.right)):
            wrong = (of < 0) | (of >= size)
            if wrong.any():
                raise PatternError(f"edges: {name} neurons must be 0..{size - 1}, got {int(of[np.argmax(wrong)])}")
        if self.left_of.shape != self.right_of.shape or self.left_of.ndim != 1:
            raise PatternError(f"edges must be two equal lists, got {self.left_of.shape} and {self.right_of.shape}")
        if (np.diff(self.right_of) < 0).any():
            raise PatternError("edges must come in the order of their right neurons")
        codes, counts = np.unique(self.right_of * self.left + self.left_of, return_counts=True)
        if (counts > 1).any():
            right, left = divmod(int(codes[np.argmax(counts > 1)]), self.left)
            raise PatternError(f"edges: left neuron {left} is joined twice to right neuron {right}")

    @classmethod
    def from_mask(cls, mask: np.ndarray) -> "Edges":
        """The edges of an adjacency matrix, (right, left) bool, as `matrix` gives it; row by row.

        PatternError : not a matrix of bool.
        """
        if mask.ndim != 2 or mask.dtype != np.bool_:
            raise PatternError(f"a mask must be a (right, left) matrix of bool, got {mask.shape} of {mask.dtype}")
        right_of, left_of = np.nonzero(mask)
        return cls(mask.shape[1], mask.shape[0], left_of, right_of)

    @property
    def weights(self) -> int:
        return len(self.left_of)

    @property
    def density(self) -> float:
        """Weights per weight of a fully connected junction."""
        return self.weights / (self.left * self.right)

    @cached_property
    def in_degrees(self) -> np.ndarray:
        """(right,) int64."""
        return np.bincount(self.right_of, minlength=self.right)

    @cached_property
    def out_degrees(self) -> np.ndarray:
        """(left,) int64."""
        return np.bincount(self.left_of, minlength=self.left)

    def matrix(self) -> np.ndarray:
        """(right, left) bool: the adjacency matrix."""
        found = np.zeros((self.right, self.left), dtype=bool)
        found[self.right_of, self.left_of] = True
        return found


def edges_of(pattern: Pattern) -> Edges:
    """The edges of a clash-free pattern, in slot order."""
    right_of = np.repeat(np.arange(pattern.right), pattern.in_degree)
    return Edges(pattern.left, pattern.right, pattern.left_of, right_of)


def fully_connected(left: int, right: int) -> Edges:
    """Every left neuron to every right neuron."""
    return Edges(left, right, np.tile(np.arange(left), right), np.repeat(np.arange(right), left))
