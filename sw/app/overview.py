"""Draws the picture that opens the README: what goes where, around the network of a design.

    python -m sw.app.overview --out docs/overview.svg

The edges in it are those of a real clash-free pattern, coloured by the lane that works on them. The same bytes every
time.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from sw.common.atomic import write_atomic
from sw.common.command import command
from sw.common.picture import COLOURS, SETTINGS, content, file_format
from sw.pattern.clash_free import Pattern
from sw.pattern.draw import clash_free

__all__ = ["draw"]

_GREY = "#555555"
_SMALL = 8


def _junctions() -> list[Pattern]:
    """A network of 12, 8 and 4 neurons, four and two lanes."""
    return [clash_free(2, 12, 8, 2, 4, seed=3), clash_free(2, 8, 4, 2, 2, seed=1, junction=2)]


def _box(axes: Any, x: float, y: float, width: float, height: float, title: str, text: str, colour: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(FancyBboxPatch(
        (x, y), width, height, boxstyle="round,pad=0,rounding_size=0.12", facecolor=colour + "22", edgecolor=colour
    ))
    middle = x + width / 2
    axes.text(middle, y + height - 0.24, title, ha="center", va="center", weight="bold")
    axes.text(middle, y + (height - 0.36) / 2, text, ha="center", va="center", fontsize=_SMALL)


def _arrow(axes: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": _GREY, "shrinkA": 0, "shrinkB": 0})


def _network(axes: Any, x: float, y: float, width: float, height: float) -> None:
    """Layers from left to right; every edge in the colour of its lane."""
    junctions = _junctions()
    layers = [junctions[0].left, *(j.right for j in junctions)]
    columns = [x + width * i / (len(layers) - 1) for i in range(len(layers))]
    rows = [[y + height * (1 - (n + 0.5) / size) for n in range(size)] for size in layers]
    for i, pattern in enumerate(junctions):
        for weight, left in enumerate(pattern.left_of.tolist()):
            right = weight // pattern.in_degree
            axes.plot(columns[i : i + 2], [rows[i][left], rows[i + 1][right]], linewidth=0.9,
                      color=COLOURS[weight % pattern.z], zorder=1)
    for column, places in zip(columns, rows, strict=True):
        axes.scatter(
            [column] * len(places), places, s=16, color="white", edgecolors=_GREY, linewidths=0.8, zorder=2
        )


def draw(format: str = "svg") -> bytes:
    """The picture as a file of that format, "svg" or "png"."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(9.4, 3.5))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, 9.4)
        axes.set_ylim(0, 3.5)
        axes.axis("off")
        blue, orange, green, vermilion = COLOURS[4], COLOURS[1], COLOURS[2], COLOURS[5]
        _box(axes, 0.1, 1.2, 1.45, 1.1, "samples", "labelled: a file,\nMorse code, digits", blue)
        _box(axes, 2.1, 0.2, 2.35, 3.1, "design", "", blue)
        _network(axes, 2.5, 0.95, 1.55, 1.95)
        axes.text(3.275, 0.58, "sparse from the start;\na colour is a lane, and lanes never\nread the same bank "
                  "at once", ha="center", va="center", fontsize=_SMALL)
        _box(axes, 5.0, 2.15, 1.9, 1.15, "golden model", "NumPy integers:\nwhat every bit must be", green)
        _box(axes, 5.0, 0.2, 1.9, 1.15, "accelerator", "Amaranth, Verilog:\nFF, BP and UP in every clock", orange)
        _box(axes, 7.45, 1.2, 1.85, 1.1, "equal?", "every result, weight\nand random state,\nin Verilator",
             vermilion)
        _box(axes, 7.45, 0.2, 1.85, 0.72, "FPGA", "cells, checks, cost", orange)
        _arrow(axes, (1.55, 1.75), (2.1, 1.75))
        _arrow(axes, (4.45, 2.4), (5.0, 2.72))
        _arrow(axes, (4.45, 1.1), (5.0, 0.78))
        _arrow(axes, (6.9, 2.72), (7.45, 2.0))
        _arrow(axes, (6.9, 0.9), (7.45, 1.5))
        _arrow(axes, (6.9, 0.56), (7.45, 0.56))
        return content(figure, format, "clashfree: samples, design, golden model, accelerator, comparison, FPGA")


@command
def main(arguments: Sequence[str] | None) -> None:
    parser = argparse.ArgumentParser(prog="python -m sw.app.overview", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--out", required=True, help=".svg or .png file to write")
    options = parser.parse_args(arguments)
    write_atomic(options.out, draw(file_format(options.out)))


if __name__ == "__main__":
    sys.exit(main())
