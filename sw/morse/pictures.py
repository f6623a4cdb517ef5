"""Pictures of Morse datasets: frames as levels over time, sheets of classes, centroids and their distances.

Each function returns a matplotlib figure; matplotlib is imported when the first one is drawn. The same settings
and seed give the same bytes.
"""

import dataclasses
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sw.common.atomic import write_atomic
from sw.morse.codebook import CODES, NAMES
from sw.morse.codewords import DASH, NONE, Codewords
from sw.morse.generator import drawn
from sw.morse.settings import MorseError, MorseSettings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["centroids", "form_of", "frames", "sheet", "write"]

_DOT, _DASH, _REST = "#e69f00", "#0072b2", "#bbbbbb"  # Okabe and Ito's: colour-blind readers can tell them apart
_SAMPLES = 12  # of a class on a sheet


def frames(variants: Mapping[str, MorseSettings], symbols: Sequence[int], seed: int) -> "Figure":
    """One frame of each symbol (a row each, codebook indices) of each variant (a column each, by name).

    Bars are levels over time; those of dots and dashes are coloured, and marked with their lengths above.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7 * len(variants), 2.0 * len(symbols) + 0.3), layout="constrained")
    axes = figure.subplots(len(symbols), len(variants), squeeze=False)
    for column, (name, settings) in enumerate(variants.items()):
        for row, symbol in enumerate(symbols):
            one = dataclasses.replace(settings, classes=(symbol,))
            values, codewords = drawn(one, np.zeros(1, np.int64), seed)
            _frame(axes[row][column], name, one, values[0], codewords)
    return figure


def _frame(axes: Any, name: str, settings: MorseSettings, values: np.ndarray, codewords: Codewords) -> None:
    full = settings.levels if settings.style == "grey" else 1
    colours = np.full(len(values), _REST, object)
    present = codewords.kinds[0] != NONE
    places = list(zip(codewords.kinds[0][present], codewords.start[0][present], codewords.length[0][present],
                      strict=True))
    for kind, start, length in places:
        colour = _DASH if kind == DASH else _DOT
        colours[start:start + length] = colour
        axes.plot([start - 0.4, start + length - 0.6], [1.06 * full] * 2, color=colour, linewidth=3,
                  solid_capstyle="butt")
        axes.text(start + length / 2 - 0.5, 1.1 * full, f"{length}", ha="center", va="bottom", fontsize=7)
    axes.bar(np.arange(len(values)), values * full, 0.9, color=list(colours))
    first, last = places[0][1], places[-1][1] + places[-1][2]
    (symbol,) = settings.class_indices
    axes.set_title(f"{NAMES[symbol]}  {CODES[symbol]}   {name}: codeword {last - first} of {len(values)} positions",
                   fontsize=9)
    axes.set_xlim(-1, len(values))
    axes.set_ylim(0, 1.25 * full)
    axes.set_yticks([0, full / 2, full])
    axes.set_ylabel("level")
    axes.set_xlabel("time (positions of the frame)", fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def sheet(settings: MorseSettings, seed: int) -> "Figure":
    """Samples of every class, one below the other: dark is high, time runs to the right."""
    from matplotlib.figure import Figure

    classes = len(settings.class_indices)
    values, _ = drawn(settings, np.repeat(np.arange(classes), _SAMPLES), seed)
    columns = min(8, classes)
    rows = -(-classes // columns)
    figure = Figure(figsize=(1.5 * columns, 0.75 * rows + 0.2))
    axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw={
        "left": 0.01, "right": 0.99, "bottom": 0.01, "top": 1 - 0.25 / figure.get_figheight(), "wspace": 0.08,
        "hspace": 0.45})
    for label, axis in enumerate(axes.flat):
        axis.set_xticks([])
        axis.set_yticks([])
        for side in axis.spines.values():
            side.set(visible=label < classes, color=_REST, linewidth=0.5)
        if label < classes:
            axis.imshow(values[label * _SAMPLES:(label + 1) * _SAMPLES], cmap="Greys", vmin=0, vmax=1, aspect="auto",
                        interpolation="nearest")
            index = settings.class_indices[label]
            axis.set_title(f"{NAMES[index]}  {CODES[index]}", fontsize=7, pad=2, loc="left")
    return figure


def centroids(means: np.ndarray, names: Sequence[str]) -> "Figure":
    """Centroids (classes, features), a row each, and beside them the Euclidean distance of each two."""
    from matplotlib.figure import Figure

    height = max(3.0, min(10.0, 0.13 * len(names)))
    figure = Figure(figsize=(2 * height + 2, height + 0.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    distance = np.sqrt(((means[:, None] - means[None]) ** 2).sum(axis=2))
    for axes, picture, colours, title in ((left, means, "Greys", "centroids"), (right, distance, "viridis",
                                                                               "distance of two centroids")):
        image = axes.imshow(picture, cmap=colours, aspect="auto", interpolation="nearest", vmin=0)
        axes.set_yticks(range(len(names)), names, fontsize=min(8, 500 / len(names)))
        axes.set_title(title, fontsize=10)
        figure.colorbar(image, ax=axes, fraction=0.04)
    left.set_xlabel("feature")
    right.set_xticks(range(len(names)), names, fontsize=min(8, 500 / len(names)), rotation=90)
    return figure


def form_of(path: Path) -> str:
    """`svg` or `png`, from the ending of a file's name; MorseError for any other ending."""
    form = path.suffix.removeprefix(".")
    if form not in ("svg", "png"):
        raise MorseError(f"out must end in .svg or .png, got {str(path)!r}")
    return form


def write(figure: "Figure", path: Path) -> None:
    """The figure in the form of the file's ending, whole or not at all."""
    from matplotlib import rc_context

    form = form_of(path)
    content = io.BytesIO()
    # fixed salt and no date: the same bytes every time
    with rc_context({"svg.hashsalt": "morse", "svg.fonttype": "none"}):
        figure.savefig(content, format=form, dpi=110,
                       metadata={"Date": None, "Creator": None} if form == "svg" else {"Software": None})
    octets = content.getvalue()
    if form == "svg":  # blanks at the ends of lines, which version control complains about
        octets = b"".join(line.rstrip() + b"\n" for line in octets.splitlines())
    write_atomic(path, octets)
