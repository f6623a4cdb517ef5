"""Codewords of random lengths, placed in their frames: where the dots and dashes of samples are.

1. Each element of a sample's code gets a uniform whole length from the dot or dash range, each
   space between two elements one from the space range.
2. The codeword is put at the start of the frame or, with leading spaces, anywhere it fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from sw.morse.codebook import CODES, MAX_ELEMENTS
from sw.morse.settings import MorseSettings

__all__ = ["DASH", "DOT", "NONE", "Codewords", "uniform"]

DOT, DASH, NONE = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Codewords:
    """The elements of samples: int64 (samples, MAX_ELEMENTS) each.

    `kinds` is DOT, DASH or NONE (the code is shorter); an element covers the positions
    `start .. start + length - 1` of its frame; length is 0 where there is none.
    """

    kinds: np.ndarray
    start: np.ndarray
    length: np.ndarray

    @classmethod
    def drawn(cls, settings: MorseSettings, labels: np.ndarray, streams: Mapping[str, Generator]) -> "Codewords":
        """One codeword for each label, from the streams `elements`, `spaces` and `leading`."""
        count, q = len(labels), settings.dilation
        kinds = _element_kinds(settings.class_indices)[labels]  # (count, MAX_ELEMENTS)
        present = kinds != NONE

        # Limits by kind; an absent element has length 0. All elements draw, absent ones too, which
        # keeps the consumption of random numbers per sample fixed.
        low = np.array([settings.dot[0] * q, settings.dash[0] * q, 0])[kinds]
        high = np.array([settings.dot[1] * q, settings.dash[1] * q, 0])[kinds]
        lengths = uniform(streams["elements"], low, high)
        spaces = uniform(streams["spaces"], np.full((count, MAX_ELEMENTS - 1), settings.space[0] * q),
                         np.full((count, MAX_ELEMENTS - 1), settings.space[1] * q))
        spaces[~present[:, 1:]] = 0

        start = np.zeros_like(lengths)
        np.cumsum(lengths[:, :-1] + spaces, axis=1, out=start[:, 1:])
        if settings.leading_spaces:
            codeword = lengths.sum(axis=1) + spaces.sum(axis=1)
            free = settings.features - codeword
            start += uniform(streams["leading"], np.zeros_like(codeword), free)[:, None]
        return cls(kinds, start, lengths)

    def mask(self, features: int) -> np.ndarray:
        """Which positions belong to a dot or dash: bool (samples, features)."""
        # +1 where an element starts and -1 just after it; the running sum is the mask. Spaces are at
        # least 1 long, so no two marks meet. Column `features` takes the end of a codeword that fills it.
        marks = np.zeros((len(self.kinds), features + 1), np.int8)
        present = self.kinds != NONE
        rows = np.nonzero(present)[0]
        marks[rows, self.start[present]] = 1
        marks[rows, (self.start + self.length)[present]] = -1
        mask: np.ndarray = np.cumsum(marks[:, :features], axis=1, dtype=np.int8).view(np.bool_)
        return mask


def uniform(stream: Generator, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Uniform whole numbers low..high, both included; one random number for each entry."""
    # Not Generator.integers: it rejects some draws, or none where low == high.
    drawn: np.ndarray = low + (stream.random(low.shape) * (high - low + 1)).astype(np.int64)
    return drawn


def _element_kinds(class_indices: tuple[int, ...]) -> np.ndarray:
    """Dot, dash or none for each element of each label: int64 (classes, MAX_ELEMENTS)."""
    kinds = np.full((len(class_indices), MAX_ELEMENTS), NONE)
    for label, index in enumerate(class_indices):
        for position, element in enumerate(CODES[index]):
            kinds[label, position] = DOT if element == "." else DASH
    return kinds
