"""Draws Morse samples: codewords of random element lengths as grey levels, then 8 bits.

A sample of a class is drawn so:

1. each element of its code gets a uniform whole length from the dot or dash range, each space
   between two elements one from the space range;
2. the codeword is put at the start of the frame or, with leading spaces, anywhere it fits;
3. every position of an element gets its own normal value, spaces stay 0, and normal noise is
   added to the whole frame;
4. values are clipped to [0, levels], divided by levels and rounded to 8 bits, v/256.

Every kind of random number (order of labels, lengths, values, noise, ...) comes from a stream of
its own that is read in sample order, so that a dataset depends on settings, counts, seed and
split alone and not on how many samples are held in memory at a time.
"""

from collections.abc import Iterator
from numbers import Integral

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence

from sw.data.scale import unit_to_bytes
from sw.morse.codebook import CODES, MAX_ELEMENTS
from sw.morse.settings import BASELINE, VARIANTS, MorseError, MorseSettings

__all__ = ["BASELINE", "VARIANTS", "MorseError", "MorseSettings", "generate"]

_CHUNK = 4096  # samples drawn at a time: some MiB of intermediate arrays
_DOT, _DASH, _NONE = 0, 1, 2
_STREAMS = ("order", "elements", "spaces", "leading", "symbols", "noise")


def generate(settings: MorseSettings, *, samples: int | None = None, per_class: int | None = None,
             seed: int, split: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw a shuffled set of samples with balanced labels.

    Parameters
    ----------
    settings
        How samples are drawn.
    samples, per_class
        How many samples in all, or of each class; exactly one of the two. When `samples` is no
        multiple of the number of classes, the lowest labels get one sample more.
    seed, split
        Whole numbers from 0. Other splits of the same seed are independent of each other
        (training 0, test 1, ...).

    Returns
    -------
    x : uint8 (samples, settings.features)
        Grey values, v/256 of full scale: clip(floor(256 * value / levels + 0.5), 0, 255).
    y : int64 (samples,)
        Labels 0 .. classes - 1, positions in `settings.class_indices`.

    Raises
    ------
    MorseError
        When a count, the seed or the split is not a whole number in its range.
    """
    classes = len(settings.class_indices)
    count = _sample_count(classes, samples, per_class)
    _check_whole("seed", seed, 0)
    _check_whole("split", split, 0)

    streams = {name: Generator(PCG64(SeedSequence(seed, spawn_key=(split, key))))
               for key, name in enumerate(_STREAMS)}
    labels = streams["order"].permutation(np.arange(count, dtype=np.int64) % classes)
    x = np.empty((count, settings.features), np.uint8)
    for first, values in _grey_levels(settings, labels, streams):
        unit = np.clip(values, 0, settings.levels) / settings.levels
        x[first:first + len(values)] = unit_to_bytes(unit)
    return x, labels


def _grey_levels(settings: MorseSettings, labels: np.ndarray,
                 streams: dict[str, Generator]) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (index of the first sample, float64 values (chunk, features) before clipping)."""
    for first in range(0, len(labels), _CHUNK):
        mask = _symbol_mask(settings, labels[first:first + _CHUNK], streams)
        values = np.zeros(mask.shape)
        values[mask] = streams["symbols"].normal(
            settings.symbol_mean, settings.symbol_sd, np.count_nonzero(mask))
        if settings.noise_sd or settings.noise_mean:
            values += streams["noise"].normal(
                settings.noise_mean, settings.noise_sd, mask.shape)
        yield first, values


def _symbol_mask(settings: MorseSettings, labels: np.ndarray,
                 streams: dict[str, Generator]) -> np.ndarray:
    """Which positions belong to a dot or dash: bool (len(labels), features)."""
    count, frame, q = len(labels), settings.features, settings.dilation
    kinds = _element_kinds(settings.class_indices)[labels]  # (count, MAX_ELEMENTS)
    present = kinds != _NONE

    # Limits by kind; an absent element has length 0. All elements draw, absent ones too, which
    # keeps the consumption of random numbers per sample fixed.
    low = np.array([settings.dot[0] * q, settings.dash[0] * q, 0])[kinds]
    high = np.array([settings.dot[1] * q, settings.dash[1] * q, 0])[kinds]
    lengths = _uniform(streams["elements"], low, high)
    spaces = _uniform(streams["spaces"], np.full((count, MAX_ELEMENTS - 1), settings.space[0] * q),
                      np.full((count, MAX_ELEMENTS - 1), settings.space[1] * q))
    spaces[~present[:, 1:]] = 0

    start = np.zeros_like(lengths)
    np.cumsum(lengths[:, :-1] + spaces, axis=1, out=start[:, 1:])
    if settings.leading_spaces:
        codeword = lengths.sum(axis=1) + spaces.sum(axis=1)
        start += _uniform(streams["leading"], np.zeros_like(codeword), frame - codeword)[:, None]

    # +1 where an element starts and -1 just after it; the running sum is the mask. Spaces are at
    # least 1 long, so no two marks meet. Column `frame` takes the end of a codeword that fills it.
    marks = np.zeros((count, frame + 1), np.int8)
    rows = np.nonzero(present)[0]
    marks[rows, start[present]] = 1
    marks[rows, (start + lengths)[present]] = -1
    mask: np.ndarray = np.cumsum(marks[:, :frame], axis=1, dtype=np.int8).view(np.bool_)
    return mask


def _element_kinds(class_indices: tuple[int, ...]) -> np.ndarray:
    """Dot, dash or none for each element of each label: int64 (classes, MAX_ELEMENTS)."""
    kinds = np.full((len(class_indices), MAX_ELEMENTS), _NONE)
    for label, index in enumerate(class_indices):
        for position, element in enumerate(CODES[index]):
            kinds[label, position] = _DOT if element == "." else _DASH
    return kinds


def _uniform(stream: Generator, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Uniform whole numbers low..high, both included; one random number for each entry."""
    # Not Generator.integers: it rejects some draws, or none where low == high.
    drawn: np.ndarray = low + (stream.random(low.shape) * (high - low + 1)).astype(np.int64)
    return drawn


def _sample_count(classes: int, samples: int | None, per_class: int | None) -> int:
    if (samples is None) == (per_class is None):
        raise MorseError(f"exactly one of samples and per_class must be given, "
                         f"got samples {samples!r} and per_class {per_class!r}")
    if samples is not None:
        return _check_whole("samples", samples, 1)
    return classes * _check_whole("per_class", per_class, 1)


def _check_whole(name: str, value: object, lowest: int) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool) or value < lowest:
        raise MorseError(f"{name} must be a whole number of at least {lowest}, got {value!r}")
    return int(value)
