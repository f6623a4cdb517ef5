"""Draws Morse samples: codewords of random element lengths as grey levels or black and white.

A sample of a class is drawn so:

1. its codeword gets lengths and a place in the frame (`sw.morse.codewords`);
2. style "grey": every position of an element gets its own normal value, spaces stay 0, and normal
   noise is added to the whole frame; values are clipped to [0, levels] and divided by levels;
   style "binary": positions of elements are 1, spaces 0, and some positions are flipped;
3. the numbers, now 0..1, are rounded: to 8 bits, v/256, or to three decimals.

Every kind of random number (order of labels, lengths, values, noise, ...) comes from a stream of
its own that is read in sample order, so that a dataset depends on settings, counts, seed and
split alone and not on how many samples are held in memory at a time, nor on the form.
"""

from collections.abc import Iterator, Mapping
from numbers import Integral

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence

from sw.data.scale import unit_to_bytes
from sw.morse.codewords import Codewords
from sw.morse.settings import BASELINE, MorseError, MorseSettings

__all__ = ["BASELINE", "FORMS", "MorseError", "MorseSettings", "blocks", "check_whole", "drawn", "generate"]

#: Form of the features by name, and their type. bytes: v/256 of full scale, rounded half up, as the
#: hardware takes them. units: 0..1 in thousandths, as the published files hold them.
FORMS: dict[str, type] = {"bytes": np.uint8, "units": np.float32}

_CHUNK = 4096  # samples drawn at a time: some MiB of intermediate arrays
_STREAMS = ("order", "elements", "spaces", "leading", "symbols", "noise")


def generate(settings: MorseSettings, *, samples: int | None = None, per_class: int | None = None,
             seed: int, split: int = 0, form: str = "bytes") -> tuple[np.ndarray, np.ndarray]:
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
        (training 0, test 1, validation 2).
    form
        A key of FORMS.

    Returns
    -------
    x : (samples, settings.features)
        bytes: uint8, clip(floor(256 * value / levels + 0.5), 0, 255). units: float32 in 0..1,
        rounded to three decimals.
    y : int64 (samples,)
        Labels 0 .. classes - 1, positions in `settings.class_indices`.

    Raises
    ------
    MorseError
        When a count, the seed or the split is not a whole number in its range, or form is unknown.
    """
    parts = blocks(settings, samples=samples, per_class=per_class, seed=seed, split=split, form=form)
    count = _sample_count(len(settings.class_indices), samples, per_class)
    x, y = np.empty((count, settings.features), FORMS[form]), np.empty(count, np.int64)
    first = 0
    for features, labels in parts:
        x[first:first + len(labels)], y[first:first + len(labels)] = features, labels
        first += len(labels)
    return x, y


def blocks(settings: MorseSettings, *, samples: int | None = None, per_class: int | None = None, seed: int,
           split: int = 0, form: str = "bytes", chunk: int | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The samples of `generate` in blocks (x, y) of `chunk`, the last one of what is left.

    Besides one block, only the labels of all samples are held: 8 bytes a sample. Errors are those of
    `generate`, and come with the call.
    """
    classes = len(settings.class_indices)
    count = _sample_count(classes, samples, per_class)
    check_whole("seed", seed, 0)
    check_whole("split", split, 0)
    if form not in FORMS:
        raise MorseError(f"form must be one of {', '.join(FORMS)}, got {form!r}")
    size = _CHUNK if chunk is None else check_whole("chunk", chunk, 1)
    streams = _streams(seed, split)
    labels = streams["order"].permutation(np.arange(count, dtype=np.int64) % classes)

    def iterate() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for first in range(0, count, size):
            y = labels[first:first + size]
            unit = _units(settings, Codewords.drawn(settings, y, streams), streams)
            yield (unit_to_bytes(unit) if form == "bytes" else np.round(unit, 3).astype(np.float32)), y

    return iterate()


def drawn(settings: MorseSettings, labels: np.ndarray, seed: int) -> tuple[np.ndarray, Codewords]:
    """Samples of given labels, (len(labels), features) in 0..1 before rounding, and what they are made of."""
    streams = _streams(check_whole("seed", seed, 0), 0)
    codewords = Codewords.drawn(settings, labels, streams)
    return _units(settings, codewords, streams), codewords


def _streams(seed: int, split: int) -> dict[str, Generator]:
    return {name: Generator(PCG64(SeedSequence(seed, spawn_key=(split, key)))) for key, name in enumerate(_STREAMS)}


def _units(settings: MorseSettings, codewords: Codewords, streams: Mapping[str, Generator]) -> np.ndarray:
    """float64 (samples, features) in 0..1."""
    mask = codewords.mask(settings.features)
    if settings.style == "binary":
        return (mask ^ _flipped(settings, len(mask), streams["noise"])).astype(np.float64)
    values = np.zeros(mask.shape)
    values[mask] = streams["symbols"].normal(settings.symbol_mean, settings.symbol_sd, np.count_nonzero(mask))
    if settings.noise_sd or settings.noise_mean:
        values += streams["noise"].normal(settings.noise_mean, settings.noise_sd, mask.shape)
    np.clip(values, 0, settings.levels, out=values)
    values /= settings.levels
    return values


def _flipped(settings: MorseSettings, count: int, stream: Generator) -> np.ndarray:
    """Positions that are turned over, bool (count, features): a uniform number of them in each row.

    Floyd's sampling of distinct numbers (Bentley and Floyd, CACM 30(9), 1987), in all rows at a time.
    """
    frame, most = settings.features, settings.flips
    flipped = np.zeros((count, frame), np.bool_)
    random = stream.random((count, most + 1))  # a fixed number for each sample, whatever it needs
    flips = (random[:, 0] * (most + 1)).astype(np.int64)
    for step in range(most):
        rows = np.flatnonzero(step < flips)
        top = frame - flips[rows] + step
        position = (random[rows, step + 1] * (top + 1)).astype(np.int64)
        flipped[rows, np.where(flipped[rows, position], top, position)] = True
    return flipped


def _sample_count(classes: int, samples: int | None, per_class: int | None) -> int:
    if (samples is None) == (per_class is None):
        raise MorseError(f"exactly one of samples and per_class must be given, "
                         f"got samples {samples!r} and per_class {per_class!r}")
    if samples is not None:
        return check_whole("samples", samples, 1)
    return classes * check_whole("per_class", per_class, 1)


def check_whole(name: str, value: object, lowest: int) -> int:
    """The value as an int; MorseError if it is not a whole number of at least `lowest`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < lowest:
        raise MorseError(f"{name} must be a whole number of at least {lowest}, got {value!r}")
    return int(value)
