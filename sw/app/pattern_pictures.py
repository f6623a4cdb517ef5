"""Pictures of connection patterns: connection diagram, adjacency, banks over clocks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sw.common.picture import COLOURS, DARK
from sw.design.errors import DesignError
from sw.pattern.clash_free import Pattern
from sw.pattern.edges import Edges

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LINES", "VIEWS", "Drawn", "adjacency", "banks", "connections", "view_for"]

_EDGES_MAX = 400  # of a connection diagram; more are a grey cloud
_LAYER_MAX = 64
_SHOWN_MAX = 1200  # neurons of a matrix; more would be less than a pixel each, ..
_CORNER = 256  # .. so that many are shown
_CELLS_MAX = 400  # of a bank picture with numbers in its cells
_GRID = "#bbbbbb"
LINES = tuple(colour for colour in COLOURS if colour != "#f0e442")  # yellow lines on white are hard to see


@dataclass(frozen=True)
class Drawn:
    """A junction and, of the clash-free kinds, the pattern that its edges come from."""

    name: str
    edges: Edges
    pattern: Pattern | None = None


# networks to be compared, each its junctions from the left to the right
Networks = Sequence[Sequence[Drawn]]


def view_for(networks: Networks) -> str:
    """The view that suits the sizes."""
    small = all(d.edges.weights <= _EDGES_MAX and max(d.edges.left, d.edges.right) <= _LAYER_MAX
                for network in networks for d in network)
    return "connections" if small else "adjacency"


def connections(networks: Networks, title: str) -> "Figure":
    """Layers as columns of neurons, an edge in the colour of its left neuron's bank, or of the neuron if there is none.

    Raises DesignError if there are more edges than can be told apart.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    if view_for(networks) != "connections":
        raise DesignError(f"a connection diagram has at most {_EDGES_MAX} edges per junction and {_LAYER_MAX} neurons "
                          f"per layer; use --view adjacency")
    tallest = max(_layers(network).max() for network in networks)
    span = max(len(network) for network in networks)
    size = (1.0 + len(networks) * (0.7 + 2.0 * span), 1.4 + 0.27 * tallest)
    figure = Figure(figsize=(max(size[0], 4.2), size[1]), layout="constrained")
    figure.suptitle(title, fontsize=10)
    figure.supxlabel("an edge's colour: its left neuron, or in clash-free kinds that neuron's bank", fontsize=8)
    axes = figure.subplots(1, len(networks), squeeze=False)[0]
    for ax, network in zip(axes, networks, strict=True):
        layers = _layers(network)
        heights = [(np.arange(n) + 0.5) * tallest / n for n in layers]
        for x, drawn in enumerate(network):
            edges = drawn.edges
            ends = zip(heights[x][edges.left_of], heights[x + 1][edges.right_of], strict=True)
            z = drawn.pattern.z if drawn.pattern else edges.left
            colours = [LINES[int(n) % z % len(LINES)] for n in edges.left_of]
            ax.add_collection(LineCollection([[(x, a), (x + 1, b)] for a, b in ends], colors=colours, linewidths=1.3))
            ax.text(x + 0.5, -0.02, f"{drawn.name}\n{_degrees(edges)}", ha="center", va="top", fontsize=8,
                    transform=ax.get_xaxis_transform())
        for x, (n, height) in enumerate(zip(layers, heights, strict=True)):
            numbered = n <= 32
            ax.scatter(np.full(n, x), height, s=150 if numbered else 30, color="white", edgecolors="black",
                       linewidths=0.8, zorder=2)
            for neuron, y in enumerate(height if numbered else ()):
                ax.text(x, y, str(neuron), ha="center", va="center_baseline", fontsize=7)
        ax.set_xlim(-0.25, len(network) + 0.25)
        ax.set_ylim(tallest, 0)
        ax.axis("off")
    return figure


def adjacency(networks: Networks, title: str) -> "Figure":
    """One matrix per junction, right neurons down, left neurons across; dark: joined. Of large ones a corner."""
    from matplotlib.figure import Figure

    rows = list(networks)
    if all(len(network) == 1 for network in rows):  # junctions to be compared
        rows = [[drawn for network in networks[i : i + 3] for drawn in network] for i in range(0, len(rows), 3)]
    columns = max(map(len, rows))
    figure = Figure(figsize=_size(rows, columns), layout="constrained")
    figure.suptitle(title, fontsize=10)
    panels = figure.subplots(len(rows), columns, squeeze=False)
    for row, network in zip(panels, rows, strict=True):
        for ax in row[len(network):]:
            ax.axis("off")
        for ax, drawn in zip(row, network, strict=False):
            edges = drawn.edges
            matrix, part = edges.matrix(), ""
            if max(matrix.shape) > _SHOWN_MAX:
                matrix = matrix[:_CORNER, :_CORNER]
                part = f"; the first {matrix.shape[1]} of {edges.left} and {matrix.shape[0]} of {edges.right}"
            ax.imshow(matrix, cmap="Blues", vmin=0, vmax=1.3, interpolation="nearest",
                      aspect="equal" if _square(edges) or part else "auto")
            if max(matrix.shape) <= _LAYER_MAX:
                _grid(ax, edges.left, edges.right)
            ax.set_title(f"{drawn.name}\n{_degrees(edges)}{part}", fontsize=8)
            ax.set_xlabel("left neuron", fontsize=8)
            ax.set_ylabel("right neuron", fontsize=8)
            ax.tick_params(labelsize=7)
            _whole_numbers(ax.xaxis, ax.yaxis)
            ax.set_anchor("N")
    return figure


def banks(networks: Networks, title: str) -> "Figure":
    """Which row each bank gives in each clock of a junction cycle; small ones name the neuron and whom it feeds.

    Raises DesignError if a junction is not clash-free and so has no banks.
    """
    from matplotlib.figure import Figure

    patterns = [(d.name, d.pattern) for network in networks for d in network]
    if any(pattern is None for _, pattern in patterns):
        raise DesignError("banks belong to the clash-free kinds 1, 2 and 3; random and structured junctions have none")
    numbered = all(p.z <= 16 and p.clocks * p.z <= _CELLS_MAX for _, p in patterns if p)
    heights = [min(p.z * 0.27, 3.0) + 0.5 if numbered else 2.4 for _, p in patterns if p]
    figure = Figure(figsize=(9, 0.7 + sum(heights) + 0.35 * len(heights)), layout="constrained")
    figure.suptitle(title, fontsize=10)
    axes = figure.subplots(len(patterns), 1, squeeze=False, height_ratios=heights)[:, 0]
    for ax, (name, pattern) in zip(axes, patterns, strict=True):
        assert pattern is not None
        (_numbered_banks if numbered else _coloured_banks)(ax, pattern)
        for sweep in range(1, pattern.out_degree):
            ax.axvline(sweep * pattern.depth - 0.5, color="black", linewidth=1.2 if numbered else 0.4)
        ax.set_title(f"{name}: {pattern.left} left neurons in {pattern.z} banks of {pattern.depth}, "
                     f"{pattern.out_degree} sweeps", fontsize=9)
        ax.set_ylabel("bank", fontsize=8)
        ax.tick_params(labelsize=7, left=False)
        _whole_numbers(ax.xaxis)
    axes[-1].set_xlabel("clock" + ("; in a cell: the left neuron; colour: the right neuron it feeds; a black line ends "
                                   "a sweep" if numbered else "; colour: the row that is read"), fontsize=8)
    return figure


def _numbered_banks(ax: Any, pattern: Pattern) -> None:
    from matplotlib.colors import ListedColormap

    right, left = np.zeros((2, pattern.z, pattern.clocks), dtype=int)
    clocks = np.broadcast_to(np.arange(pattern.clocks)[:, None], pattern.banks.shape)
    slots = np.arange(pattern.clocks * pattern.z).reshape(pattern.clocks, pattern.z)
    right[pattern.banks, clocks] = slots // pattern.in_degree
    left[pattern.banks, clocks] = pattern.left_of[slots]
    count = len(COLOURS)
    ax.imshow(right % count, cmap=ListedColormap(COLOURS), vmin=0, vmax=count - 1, aspect="auto",
              interpolation="nearest")
    _grid(ax, pattern.clocks, pattern.z)
    for bank in range(pattern.z):
        for clock in range(pattern.clocks):
            dark = COLOURS[right[bank, clock] % count] in DARK
            ax.text(clock, bank, str(left[bank, clock]), ha="center", va="center_baseline", fontsize=7,
                    color="white" if dark else "black")
    ax.set_yticks(range(pattern.z))


def _coloured_banks(ax: Any, pattern: Pattern) -> None:
    from matplotlib import colormaps
    from matplotlib.ticker import MaxNLocator

    # one colour per row, and whole numbers beside them
    shown = ax.imshow(pattern.rows.T, cmap=colormaps["viridis"].resampled(max(1, pattern.depth)), aspect="auto",
                      vmin=-0.5, vmax=pattern.depth - 0.5, interpolation="nearest")
    bar = ax.figure.colorbar(shown, ax=ax, pad=0.01, ticks=MaxNLocator(integer=True, nbins=8))
    bar.ax.minorticks_off()
    _whole_numbers(ax.yaxis)
    bar.set_label("row", fontsize=8)
    bar.ax.tick_params(labelsize=7)


VIEWS: dict[str, Callable[[Networks, str], "Figure"]] = {
    "connections": connections, "adjacency": adjacency, "banks": banks,
}


def _layers(network: Sequence[Drawn]) -> np.ndarray:
    return np.array([network[0].edges.left, *(d.edges.right for d in network)])


def _degrees(edges: Edges) -> str:
    """Degrees, as a range where they differ, and density."""
    sides = []
    for name, of in (("out", edges.out_degrees), ("in", edges.in_degrees)):
        low, high = int(of.min()), int(of.max())
        sides.append(f"{name} {low}" if low == high else f"{name} {low} to {high}")
    return f"{', '.join(sides)}; {100 * edges.density:.3g} %"


def _square(edges: Edges) -> bool:
    return max(edges.left, edges.right) <= 3 * min(edges.left, edges.right)


def _size(networks: Networks, columns: int) -> tuple[float, float]:
    """Inches: rows as high as their highest matrix is at the width of a column."""
    width = 10 / columns if columns > 1 else 7
    heights = [max((width - 0.6) * (d.edges.right / d.edges.left if _square(d.edges) else 0.4) for d in network)
               for network in networks]
    return width * columns, 0.5 + sum(min(h, 7) + 0.8 for h in heights)


def _grid(ax: Any, columns: int, rows: int) -> None:
    for x in range(1, columns):
        ax.axvline(x - 0.5, color=_GRID, linewidth=0.4)
    for y in range(1, rows):
        ax.axhline(y - 0.5, color=_GRID, linewidth=0.4)


def _whole_numbers(*axes: Any) -> None:
    from matplotlib.ticker import MaxNLocator

    for axis in axes:
        axis.set_major_locator(MaxNLocator(integer=True))
