"""The pictures of experiments, drawn from what was measured."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sw.common.picture import COLOURS, DARK
from sw.experiments.measured import Measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Bars", "Chart", "Histograms", "Lines"]

_ACCURACY = "test accuracy (%), 95 % interval"
# yellow is hard to see as a line
_LINES = (*DARK, *(colour for colour in COLOURS if colour not in (*DARK, "#f0e442")), "#000000")
_MARKERS = "osD^vP*X"
_DENSITIES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)


@dataclass(frozen=True)
class Chart:
    """One picture: ``name`` of its file, ``title``. ``where``: labels that a case must have to be in it."""

    name: str
    title: str
    where: dict[str, Any] | None = None

    def of(self, measured: Sequence[Measured]) -> list[Measured]:
        """Those that it shows; there may be none."""
        wanted = (self.where or {}).items()
        return [m for m in measured if all(m.labels.get(name) == value for name, value in wanted)]

    def draw(self, figure: "Figure", measured: Sequence[Measured]) -> None:
        """Onto an empty figure; ``measured`` as from `of`."""
        raise NotImplementedError


@dataclass(frozen=True)
class Lines(Chart):
    """Accuracy over a column ``x`` of the table, a line for each value of the column ``series``.

    ``scale``: of the x axis, "linear", "log", or "log and 0".
    """

    x: str = "density"
    series: str = ""
    x_label: str = ""
    series_label: str | None = None
    scale: str = "linear"

    def draw(self, figure: "Figure", measured: Sequence[Measured]) -> None:
        axes = figure.subplots()
        rows = [m.row() for m in measured]
        for number, series in enumerate(dict.fromkeys(row[self.series] for row in rows)):
            line = sorted((row for row in rows if row[self.series] == series), key=lambda row: row[self.x])
            name = self.series if self.series_label is None else self.series_label
            axes.errorbar(
                [row[self.x] for row in line], [row["test_accuracy"] for row in line],
                yerr=[row["test_interval"] or math.nan for row in line],
                label=f"{name} {series:g}" if isinstance(series, float | int) else str(series),
                color=_LINES[number % len(_LINES)], marker=_MARKERS[number % len(_MARKERS)], markersize=4,
                linewidth=1.2, capsize=2, elinewidth=0.8,
            )
        self._scaled(axes, sorted({row[self.x] for row in rows}))
        axes.set_xlabel(self.x_label or self.x)
        axes.set_ylabel(_ACCURACY)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)

    def _scaled(self, axes: "Axes", values: list[float]) -> None:
        _within_bounds(axes)
        if self.scale == "log":
            axes.set_xscale("log")
        elif self.scale == "log and 0":
            axes.set_xscale("symlog", linthresh=next((v for v in values if v > 0), 1))
        if self.x == "density":  # they lie anywhere, so that their own ticks would cover each other
            low = max((tick for tick in _DENSITIES if tick <= values[0]), default=values[0])
            axes.set_xlim(0.9 * low, 1.1 * values[-1])
            ticks = [tick for tick in _DENSITIES if low <= tick <= 1.1 * values[-1]]
            axes.set_xticks(ticks, [f"{100 * tick:g} %" for tick in ticks])
            axes.set_xticks([], minor=True)
        elif len(values) <= 8:
            axes.set_xticks(values, [f"{v:g}" for v in values])
            axes.set_xticks([], minor=True)


@dataclass(frozen=True)
class Bars(Chart):
    """Accuracy of each value of the label ``x``, with a group of points side by side for each value of ``series``."""

    x: str = ""
    series: str = ""
    series_label: str = ""

    def draw(self, figure: "Figure", measured: Sequence[Measured]) -> None:
        axes = figure.subplots()
        kinds = list(dict.fromkeys(m.labels[self.x] for m in measured))
        groups = list(dict.fromkeys(m.labels[self.series] for m in measured))
        for number, group in enumerate(groups):
            shown = [m for m in measured if m.labels[self.series] == group]
            axes.errorbar(
                [kinds.index(m.labels[self.x]) + 0.15 * (number - (len(groups) - 1) / 2) for m in shown],
                [m.accuracy.mean for m in shown], yerr=[m.accuracy.half for m in shown],
                label=f"{self.series_label} {group}".strip(), color=_LINES[number % len(_LINES)],
                marker=_MARKERS[number % len(_MARKERS)], markersize=5, linestyle="none", capsize=3,
            )
        _within_bounds(axes)
        axes.set_xticks(range(len(kinds)), [str(kind) for kind in kinds], rotation=30, ha="right")
        axes.set_ylabel(_ACCURACY)
        axes.grid(alpha=0.3, axis="y")
        axes.legend(fontsize=8)


@dataclass(frozen=True)
class Histograms(Chart):
    """Shares of weights by value: a row for each case, a column for each junction. The label ``row`` names a row."""

    row: str = ""

    def draw(self, figure: "Figure", measured: Sequence[Measured]) -> None:
        columns = max(len(m.result["histograms"]) for m in measured)
        figure.set_size_inches(2.8 * columns, 2.2 * len(measured) + 0.3)
        grid = figure.subplots(len(measured), columns, squeeze=False)
        for row, m in zip(grid, measured, strict=True):
            for axes in row:
                axes.set_visible(False)
            for number, (axes, found) in enumerate(zip(row, m.result["histograms"], strict=False), 1):
                self._one(axes, found)
                axes.set_title(f"{m.labels[self.row]}, junction {number}", fontsize=9)
        grid[-1][0].set_xlabel("weight")
        grid[0][0].set_ylabel("share (%)")

    @staticmethod
    def _one(axes: "Axes", found: dict[str, Any]) -> None:
        total, bounds = sum(found["counts"]), found["bounds"]
        axes.set_visible(True)
        axes.stairs([100 * count / total for count in found["counts"]], bounds, fill=True, color=COLOURS[0])
        for side in (-1, 1):
            axes.axvline(side * found["deviation"], color=DARK[1], linewidth=0.8, linestyle="--")
        axes.grid(alpha=0.3)


def _within_bounds(axes: "Axes") -> None:
    """No accuracy is below 0 or above 100 %, though an interval of few seeds may be."""
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, -2), min(high, 102))
