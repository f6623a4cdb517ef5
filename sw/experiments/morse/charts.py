"""The pictures of the study."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sw.common.picture import COLOURS, DARK, SETTINGS, content
from sw.experiments.morse.correlation import correlation
from sw.experiments.morse.measures import BETTER, PUBLISHED
from sw.experiments.morse.pair import PAIR
from sw.experiments.morse.results import Trained
from sw.morse.variants import VARIANTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["drawn"]

Metrics = Mapping[str, Mapping[str, float]]
_SHOWN = (*PUBLISHED, BETTER)
_MARKERS = "o*sD^vP<X"
_FAMILIES = tuple(dict.fromkeys(found.family for found in VARIANTS.values()))
_TONES = (*DARK, *(colour for colour in COLOURS if colour not in DARK), "#000000")
#: panels of the knobs: title, label of the axis, and the lines: variants with their place on the axis
_LINES: dict[str, tuple[str, dict[str, dict[str, float]]]] = {
    "noise": ("standard deviation of the noise", {
        "baseline": {"baseline": 0, **{f"noise-{n}": n for n in (1, 2, 3, 4, 5, 6, 8)}},
        "leading spaces": {f"leading-noise-{n}": n for n in (0, 1, 2, 3, 4, 6)},
        "leading, dash 3-9": {**{f"both-noise-{n}": n for n in (0, 1, 2, 3)}, "difficult": 4, "both-noise-6": 6},
        "dilated 4 times": {f"dilated-4-noise-{n}": n for n in (0, 2, 4)},
    }),
    "leading spaces": ("0: none, 1: leading spaces", {
        "baseline": {"baseline": 0, "leading-noise-0": 1}, "noise 4": {"noise-4": 0, "leading-noise-4": 1},
        "dash 3-9": {"dash-3-9-noise-0": 0, "both-noise-0": 1},
        "dash 3-9, noise 4": {"dash-3-9-noise-4": 0, "difficult": 1},
    }),
    "dash confusion": ("shortest dash (dots: 1 to 3)", {
        "no noise": {"baseline": 4, "dash-3-9-noise-0": 3, "dash-2-9-noise-0": 2, "dash-1-9-noise-0": 1},
        "noise 4": {"noise-4": 4, "dash-3-9-noise-4": 3, "dash-2-9-noise-4": 2, "dash-1-9-noise-4": 1},
    }),
    "dilation": ("dilation", {
        "no noise": {"baseline": 1, "dilated-2-noise-0": 2, "dilated-4-noise-0": 4},
        "noise 4": {"noise-4": 1, "dilated-2-noise-4": 2, "dilated-4-noise-4": 4},
        "difficult": {"difficult": 1, "dilated-4-difficult": 4},
    }),
    "dataset size": ("training samples per class", {
        "baseline": {**{f"size-{n}": n for n in (50, 100, 250, 500, 1000, 2500)}, "baseline": 5000},
    }),
    "full scale, flips": ("full scale (noise 4), or most flips", {
        "full scale": {"levels-8": 8, "levels-10": 10, "levels-12": 12, "noise-4": 16, "levels-20": 20,
                       "levels-24": 24, "levels-32": 32},
        "flips": {f"flips-{n}": n for n in (0, 2, 4, 8, 12, 16)},
    }),
}


def drawn(trained: Trained, metrics: Metrics) -> dict[str, bytes]:
    """SVG files by name: metrics, knobs, pair; drop where sparse networks were trained."""
    names = list(trained.full)
    title = f"{'-'.join(map(str, (64, trained.hidden, 64)))}, {trained.part} samples per class"
    found = {
        "metrics": _file(f"Test accuracy against difficulty: {title}", lambda figure: _metrics(
            figure, trained, metrics, names, trained.accuracy(names), "test accuracy (%)")),
        "knobs": _file(f"Test accuracy against the knobs: {title}", lambda figure: _knobs(figure, trained)),
        "pair": _file(f"Classes {PAIR[0]} and {PAIR[1]} share a code: {title}", lambda figure: _pair(figure, trained)),
    }
    if both := [name for name in names if name in trained.sparse]:
        found["drop"] = _file(f"Accuracy lost with 20 % of the weights: {title}", lambda figure: _metrics(
            figure, trained, metrics, both, trained.drop(both), "points lost"))
    return found


def _file(title: str, draw: Any) -> bytes:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(SETTINGS):
        figure = Figure(figsize=(10.5, 3.0), layout="constrained")
        draw(figure)
        figure.suptitle(title, fontsize=10)
        return content(figure, "svg", title)


def _metrics(figure: "Figure", trained: Trained, metrics: Metrics, names: Sequence[str], values: np.ndarray,
             label: str) -> None:
    families = np.array(trained.families(names))
    panels = figure.subplots(1, len(_SHOWN), sharey=True)
    for axes, metric in zip(panels, _SHOWN, strict=True):
        x = np.array([metrics[name][metric] for name in names])
        for number, family in enumerate(_FAMILIES):
            own = families == family
            axes.plot(x[own], values[own], _MARKERS[number], color=_TONES[number % len(_TONES)], markersize=4,
                      label=family, alpha=0.85)
        r = f"r = {correlation(x, values)}" if len(names) >= 3 else ""
        axes.set_title(f"{metric}\n{r}", fontsize=8)
        axes.grid(alpha=0.3)
    panels[0].set_ylabel(label)
    handles, texts = panels[0].get_legend_handles_labels()
    figure.legend(handles, texts, loc="outside right center", fontsize=7)


def _knobs(figure: "Figure", trained: Trained) -> None:
    figure.set_size_inches(10.5, 5.6)
    for axes, (title, (label, lines)) in zip(figure.subplots(2, 3, sharey=True).flat, _LINES.items(), strict=True):
        for number, (name, places) in enumerate(lines.items()):
            there = {trained.size(v) if title == "dataset size" else x: v for v, x in places.items()
                     if v in trained.full}
            if there:
                x = sorted(there)
                cells = [trained.full[there[place]].accuracy for place in x]
                axes.errorbar(x, [one.mean for one in cells], yerr=[one.half for one in cells], label=name,
                              color=_TONES[number], marker=_MARKERS[number], markersize=4, linewidth=1.2, capsize=2)
        if title == "dataset size":
            axes.set_xscale("log")
        if title == "leading spaces":
            axes.set_xticks([0, 1])
        axes.set_title(title, fontsize=9)
        axes.set_xlabel(label, fontsize=8)
        axes.grid(alpha=0.3)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=7)
    for axes in figure.axes[::3]:
        axes.set_ylabel("test accuracy (%)")


def _pair(figure: "Figure", trained: Trained) -> None:
    """The two classes and all others together, rows that sum to 1, of the three easiest variants."""
    best = sorted(trained.full.values(), key=lambda cell: -cell.accuracy.mean)[:3]
    names = [f"{PAIR[0]} H^", f"{PAIR[1]} (", "others"]
    for axes, cell in zip(np.atleast_1d(figure.subplots(1, len(best))), best, strict=True):
        _square(axes, _three(cell.confusion), names)
        axes.set_title(f"{cell.variant}: {cell.accuracy.mean:.1f} %", fontsize=9)


def _three(confusion: np.ndarray) -> np.ndarray:
    rest = [label for label in range(len(confusion)) if label not in PAIR]
    groups = ([PAIR[0]], [PAIR[1]], rest)
    counts = np.array([[confusion[np.ix_(a, b)].sum() for b in groups] for a in groups], float)
    # of the others, what is right and what is taken for another of them look the same here
    return counts / np.maximum(1, counts.sum(axis=1, keepdims=True))


def _square(axes: "Axes", shares: np.ndarray, names: Sequence[str]) -> None:
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        axes.text(column, row, f"{100 * share:.1f} %", ha="center", va="center", fontsize=8,
                  color="white" if share > 0.6 else "black")
    axes.set_xticks(range(3), names)
    axes.set_yticks(range(3), names)
    axes.set_xlabel("taken for")
    axes.set_ylabel("class")
