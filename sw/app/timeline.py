"""Draws who works on which slot in which clock, from the schedule of a design.

    python -m sw.app.timeline --design designs/mnist.toml --out docs/pipeline.svg

The same design gives the same bytes.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sw.common.atomic import write_atomic
from sw.common.command import command
from sw.common.picture import COLOURS, DARK, SETTINGS, content
from sw.design.design import Design
from sw.design.files import load
from sw.design.schedule import INPUT_WRITE, Schedule

__all__ = ["Row", "draw", "rows"]

_BAR, _TAIL = 0.62, 0.10  # heights, in rows


@dataclass(frozen=True)
class Row:
    """One line of the diagram; all in clocks of a machine that never pauses.

    Slot n is worked on in clocks ``first + n * clocks .. first + n * clocks + length - 1``; the last thing that
    this leads to is written in clock ``first + n * clocks + length - 1 + latency``. ``lag``, of BP/UP: slots since
    the FF of the same junction, which is row ``ff_row``; both 0 in other rows.
    """

    name: str
    first: int
    length: int
    latency: int
    lag: int = 0
    ff_row: int = 0


def rows(schedule: Schedule) -> list[Row]:
    """Input, FF from the left to the right, result, BP/UP from the right to the left."""
    junctions = schedule.design.junctions
    last, stages = junctions[-1], schedule.stages
    # output activations come group by group, the first when a group has had all its weights
    result = schedule.ff[-1] + last.clocks_per_group - 1 + stages[-1].activation
    return [
        Row("input", 0, schedule.beats, INPUT_WRITE),
        *(Row(f"junction {j.index}: FF", schedule.ff[j.index - 1], j.clocks, st.activation if j.last else st.written)
          for j, st in zip(junctions, stages, strict=True)),
        Row("result", result, last.clocks - last.clocks_per_group + 1, 0),
        *(Row(f"junction {j.index}: {'BP, UP' if j.index > 1 else 'UP'}", schedule.bp[j.index - 1], j.clocks,
              stages[j.index - 1].update, schedule.lags[j.index - 1], j.index)
          for j in reversed(junctions)),
    ]


def _bars(row: Row, clocks: int, until: int) -> Iterator[tuple[int, int, int, int]]:
    """Slot, first clock, clock after the last, clock after the last write; of all that begin before ``until``."""
    for slot, start in enumerate(range(row.first, until, clocks)):
        yield slot, start, min(start + row.length, until), min(start + row.length + row.latency, until)


def draw(design: Design) -> bytes:
    """The diagram as SVG, from the first clock to the end of the second slot's update.

    Numbers in the bars are slots. A line under a bar is its pipeline: it ends when the last value is written.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    schedule = Schedule.of(design)
    lines, clocks = rows(schedule), schedule.clocks
    until = schedule.bp[0] + 2 * clocks
    with rc_context(SETTINGS):
        figure = Figure(figsize=(10, 0.75 + 0.42 * len(lines)))
        height = figure.get_figheight()
        # fixed margins: no text's width, which depends on the fonts, may move anything
        axes = figure.add_axes((0.2, 0.5 / height, 0.79, 1 - 0.8 / height))
        for y, row in enumerate(lines):
            for slot, start, end, written in _bars(row, clocks, until):
                colour = COLOURS[slot % len(COLOURS)]
                axes.barh(y, end - start, _BAR, start, color=colour, edgecolor="white", linewidth=0.8)
                axes.barh(y + _BAR / 2 + _TAIL / 2, written - end, _TAIL, end, color=colour)
                if end - start >= clocks / 4:
                    ink = "white" if colour in DARK else "black"
                    axes.text((start + end) / 2, y, f"{slot}", ha="center", va="center", color=ink)
            if row.lag:
                _mark_lag(axes, lines, y, clocks)
        axes.set_title(
            f"{design.name}: one slot every {clocks} clocks; phases {', '.join(map(str, schedule.ff))}; "
            f"lags {', '.join(map(str, schedule.lags))}", fontsize=10,
        )
        axes.set_yticks(range(len(lines)), [f"{row.name}, from {row.first}" for row in lines])
        axes.set_xticks(range(0, until + 1, clocks))
        axes.set_xlabel("clock (number and colour: the slot; line below a bar: its pipeline, to the last write)")
        axes.set_xlim(0, until)
        axes.set_ylim(len(lines) - 0.5, -0.5)
        axes.grid(axis="x", linewidth=0.4)
        axes.set_axisbelow(True)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.tick_params(left=False)
        return content(figure, "svg", f"Pipeline of the design {design.name}")


def _mark_lag(axes: Any, lines: list[Row], y: int, clocks: int) -> None:
    """From the FF of slot 0 down to the row of its BP/UP, and along there to its begin."""
    row = lines[y]
    ff = lines[row.ff_row].first
    axes.plot([ff, ff], [row.ff_row + _BAR / 2, y + 0.2], color="black", linewidth=0.7, linestyle=":")
    arrow = {"arrowstyle": "->", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (row.first, y), (ff, y), arrowprops=arrow)
    text = f"lag {row.lag}" if row.lag == 1 else f"lag {row.lag}: {row.lag * clocks} clocks"
    axes.text((ff + row.first) / 2, y - 0.06, text, ha="center", va="bottom", fontsize=8)


@command
def main(arguments: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sw.app.timeline", description=__doc__.split("\n\n")[0])
    parser.add_argument("--design", required=True, help="design file (TOML)")
    parser.add_argument("--out", required=True, help="SVG file to write")
    options = parser.parse_args(arguments)
    write_atomic(options.out, draw(load(options.design)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
