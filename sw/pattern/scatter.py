"""The scatter metric: how evenly the edges of a network spread over windows of neighbouring neurons; 1 is best.

Source: S. Dey, K. Huang, P. A. Beerel and K. M. Chugg, "Characterizing sparse connectivity patterns in neural
networks", ITA 2018.
"""

import warnings
from collections.abc import Sequence
from itertools import pairwise, product
from math import prod

import numpy as np

from sw.pattern.degrees import divisors
from sw.pattern.edges import Edges
from sw.pattern.errors import PatternError

__all__ = ["scatter", "scatter_of", "window_list", "windows_of"]


def window_list(shape: Sequence[int], window: Sequence[int], stride: Sequence[int]) -> np.ndarray:
    """(windows, neurons of a window) int64: the neurons of every window over a layer, in rising order.

    ``shape``: the layer's axes, the last one counting fastest: (neurons,), (rows, columns) of an image or (rows,
    columns, channels) of a flattened map. Along each axis there are (size - window) div stride + 1 windows.

    Warns where windows leave neurons at an axis' end out. Raises PatternError if sizes, windows or strides do not fit.
    """
    if not 1 <= len(shape) == len(window) == len(stride):
        raise PatternError(
            f"windows need one size and one stride per axis of {tuple(shape)}, got {window} and {stride}"
        )
    for size, width, step in zip(shape, window, stride, strict=True):
        if not 1 <= width <= size or step < 1:
            raise PatternError(f"a window must be 1..{size} wide and its stride at least 1, got {width} and {step}")
        if (size - width) % step:
            warnings.warn(f"windows of {width} every {step} leave the last {(size - width) % step} of {size} out",
                          stacklevel=2)
    starts = [range(0, size - width + 1, step) for size, width, step in zip(shape, window, stride, strict=True)]
    inside = [range(width) for width in window]
    places = [np.array(list(product(*axes)), dtype=np.int64) for axes in (starts, inside)]
    strides = np.array([prod(shape[axis + 1:]) for axis in range(len(shape))])
    return (places[0] @ strides)[:, None] + places[1] @ strides


def scatter(paths: np.ndarray, windows: np.ndarray, first: int | None = None) -> float:
    """Mean over neurons and windows of min(1, edges into the window / those of an even spread).

    ``paths``: (neurons, neurons of the layer with the windows), numbers of edges or paths; an even spread has their
    mean everywhere. ``windows``: as of ``window_list``. ``first``: only so many neurons count, the others are padding.
    """
    total = paths.sum()
    if not total > 0:
        raise PatternError("the scatter of a junction without edges is not defined")
    if windows.max() >= paths.shape[1]:
        raise PatternError(f"windows reach neuron {windows.max()} of a layer of {paths.shape[1]}")
    if first is not None and not 1 <= first <= len(paths):
        raise PatternError(f"neurons that count must be 1..{len(paths)}, got {first}")
    found = paths[:first]
    into = np.stack([found[:, window].sum(axis=1) for window in windows], axis=1)
    return float(np.minimum(into * paths.size / (total * windows.shape[1]), 1).mean())


def windows_of(neurons: Sequence[int], share: int = 8, last: int = 1) -> list[np.ndarray]:
    """Windows along the layers for ``scatter_of``, side by side: of ``share`` neurons, of ``last`` for the paths.

    The defaults are those of the Morse networks of the paper. Where they do not divide a layer, its largest divisor
    below them is taken, so that no neuron is left out.
    """
    sides = [n for pair in pairwise(neurons) for n in pair]
    pairs = [(n, share) for n in sides] + [(n, last) for n in (neurons[0], neurons[-1])]
    widths = [(n, max(d for d in divisors(n) if d <= most)) for n, most in pairs]
    return [window_list((n,), (width,), (width,)) for n, width in widths]


def scatter_of(
    junctions: Sequence[Edges], windows: Sequence[np.ndarray] | None = None, *, inputs: int | None = None,
    outputs: int | None = None,
) -> list[float]:
    """The metric of a network: for junctions 1..L, seen from the right and from the left; then the same of all paths
    from inputs to outputs. 2 L + 2 numbers; their least is the network's worst side.

    ``windows``: one list per number, over the layer that is looked at: left, right, ..., inputs, outputs; those of
    ``windows_of`` if not given. ``inputs``, ``outputs``: neurons that are no padding, the only ones that look.
    """
    if not junctions or any(a.right != b.left for a, b in pairwise(junctions)):
        sizes = [(j.left, j.right) for j in junctions]
        raise PatternError(f"each junction's left neurons must be the right ones of the one before, got {sizes}")
    if windows is None:
        windows = windows_of([junctions[0].left, *(j.right for j in junctions)])
    if len(windows) != 2 * len(junctions) + 2:
        raise PatternError(f"{len(junctions)} junctions need {2 * len(junctions) + 2} lists of windows, "
                          f"got {len(windows)}")
    matrices = [j.matrix().astype(np.float64) for j in junctions]
    paths = matrices[0]
    for matrix in matrices[1:]:
        paths = matrix @ paths  # exact: numbers of paths are far below 2^53
    found = []
    for i, matrix in enumerate([*matrices, paths]):
        right = outputs if i >= len(matrices) - 1 else None
        left = inputs if i in (0, len(matrices)) else None
        found += [scatter(matrix, windows[2 * i], right), scatter(matrix.T, windows[2 * i + 1], left)]
    return found
