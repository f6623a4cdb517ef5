"""Fits the delays of wires to designs that were placed and routed, and holds them against others.

    python -m boards.calibrate_timing                print what the model says of every entry, and its errors; the
                                                     unseen ones are of entries that it was not fitted to
    python -m boards.calibrate_timing --fit          fit, write the wires into boards/netlist/delays.toml, print
    python -m boards.calibrate_timing --add build/synth/ulx3s/tiny --name tiny --source "where from" [--held-out]
                                                     take a design that make synth ROUTE=1 has routed into the table

The table is boards/netlist/measured.jsonl, an entry per line: `ns`, the slowest path after place and route (the mean
of its seeds), and what the model needs to say the same, so that no netlist has to be kept: `luts`, the design's size,
and of the paths that may be the slowest the nanoseconds in cells and the wires [pins, ends at blocks, within a slice].
Entries of an XC7 are paths of which it is known what they took; the slowest one is the design's clock.
"""

import json
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from boards import flow
from boards.errors import BoardError
from boards.netlist.count import class_of, count
from boards.netlist.delays import TABLE, Delays, Wire, delays
from boards.netlist.netlist import read_netlist
from boards.netlist.timing import Path as TimedPath
from boards.netlist.timing import timing
from sw.common.atomic import write_atomic
from sw.common.command import Options, command

__all__ = ["MEASURED", "Entry", "entry_of", "errors", "fit", "main", "read", "unseen"]

MEASURED = Path(__file__).parent / "netlist" / "measured.jsonl"
_FITTED = ("wire", "load", "growth", "block", "margin")
_LEAST, _MOST = (0.5, 0.0, 0.0, 0.0, 0.0), (4.0, 1.0, 0.6, 3.0, 2.5)
_GUESS = (0.8, 0.2, 0.25, 0.8, 1.5)
_PULL = 0.02  # the relative error that a coefficient is worth which is off its guess by all its range
_KINDS = 8  # paths that an entry keeps for each of the tables that it is searched with
_DIGITS = 3


@dataclass(frozen=True)
class Entry:
    """``paths``: ns in cells, and wires; see the module."""

    name: str
    family: str
    source: str
    luts: int
    ns: float
    held_out: bool
    paths: tuple[tuple[float, tuple[Wire, ...]], ...]

    def says(self, table: Delays) -> float:
        """The slowest path by the model, in ns."""
        ways = (cells + sum(table.wire_ns(wire, self.luts) for wire in wires) for cells, wires in self.paths)
        return table.margin + max(ways)

    def line(self) -> str:
        paths = [[round(cells, 3), [[*wire] for wire in wires]] for cells, wires in self.paths]
        return json.dumps({**vars(self), "paths": paths})


def read(path: Path | None = None) -> list[Entry]:
    """All entries, of MEASURED where no other file is named."""

    def entry(line: str) -> Entry:
        made = json.loads(line)
        paths = tuple((cells, tuple(Wire(*wire) for wire in wires)) for cells, wires in made.pop("paths"))
        return Entry(**made, paths=paths)

    return [entry(line) for line in (path or MEASURED).read_text().splitlines()]


def entry_of(netlist: Path, family: str, ns: float, **about: Any) -> Entry:
    """An entry for a mapped netlist, whose slowest path took ``ns`` once it was routed."""
    made = read_netlist(netlist)
    known = {k: n for k, n in made.types().items() if class_of(family, k) is not None}
    now = delays(family)
    # which path is the slowest depends on the coefficients; keep all that may become it
    tables = [now, replace(now, wire=2 * now.wire), replace(now, load=2 * now.load), replace(now, block=now.block + 1)]
    paths = dict.fromkeys(
        features(path) for table in tables for path in _different(timing(made, family, table).paths)
    )  # fmt: skip
    return Entry(family=family, luts=count(known, family).lut, ns=round(ns, 3), paths=tuple(paths), **about)


def features(path: TimedPath) -> tuple[float, tuple[Wire, ...]]:
    return round(path.cell_ns, 3), tuple(sorted(step.wire for step in path.steps if step.wire))


def _different(paths: Sequence[TimedPath]) -> list[TimedPath]:
    kept: dict[Any, TimedPath] = {}
    for path in paths:
        kept.setdefault(features(path), path)
        if len(kept) == _KINDS:
            break
    return list(kept.values())


def errors(entries: Iterable[Entry], table: Delays) -> dict[str, float]:
    """Per entry: by how many percent the clock is said too high."""
    return {entry.name: 100 * (entry.ns / entry.says(table) - 1) for entry in entries}


def fit(entries: Sequence[Entry], now: Delays) -> Delays:
    """The wires of the least squares of relative errors of all entries that are not held out."""
    guess, least, most = np.array(_GUESS), np.array(_LEAST), np.array(_MOST)

    def table(values: np.ndarray) -> Delays:
        wire, load, growth, block, margin = map(float, values)
        return replace(now, wire=wire, load=load, growth=growth, block=block, margin=margin)

    def off(values: np.ndarray) -> np.ndarray:
        made = table(values)
        relative = [math.log(entry.says(made) / entry.ns) for entry in entries if not entry.held_out]
        return np.array([*relative, *(_PULL * (values - guess) / (most - least))])

    found = least_squares(off, guess, bounds=(least, most)).x
    made = table(np.array([float(f"{value:.{_DIGITS}g}") for value in found]))
    return made


def unseen(entries: Sequence[Entry], now: Delays) -> dict[str, float]:
    """The errors of the entries that are held out; of a family that has none, those of each entry by a fit to the
    others."""
    apart = [entry for entry in entries if entry.held_out]
    if apart:
        return errors(apart, now)
    each: dict[str, float] = {}
    for entry in entries:
        each |= errors([entry], fit([other for other in entries if other is not entry], now))
    return each


@command
def main(arguments: Sequence[str] | None) -> int:
    parser = Options(prog="python -m boards.calibrate_timing", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--fit", action="store_true", help="fit the wires and write them")
    parser.add_argument("--add", type=Path, help="folder of a routed design, whose entry is written")
    parser.add_argument("--name", help="of the entry")
    parser.add_argument("--source", help="where its figures come from")
    parser.add_argument("--held-out", action="store_true", help="the wires are not fitted to this entry")
    options = parser.parse_args(arguments)
    entries = read()
    if options.add:
        if not options.name or not options.source:
            raise BoardError("--add needs --name and --source")
        ns = _routed(options.add)
        made = entry_of(options.add / flow.JSON, "ecp5", sum(ns) / len(ns), name=options.name,
                        source=f"{options.source}; {len(ns)} seeds", held_out=options.held_out)  # fmt: skip
        entries = [entry for entry in entries if entry.name != made.name] + [made]
        write_atomic(MEASURED, "".join(f"{entry.line()}\n" for entry in entries).encode())
    if options.fit:
        text = TABLE.read_text()
        for family in dict.fromkeys(entry.family for entry in entries):
            group = [entry for entry in entries if entry.family == family]
            wires = fit(group, delays(family))
            fitted = errors([entry for entry in group if not entry.held_out], wires)
            worst = max(_mean_square(fitted.values()), *map(abs, unseen(group, wires).values()))
            text = _written(text, family, replace(wires, error_percent=math.ceil(worst)))
        write_atomic(TABLE, text.encode())
        delays.cache_clear()
    print(_table(entries))
    return 0


def _routed(folder: Path) -> list[float]:
    """ns of each seed that was routed."""
    found = [json.loads(path.read_text())["report"] for path in sorted(folder.glob("route-*.json"))]
    if not found:
        raise BoardError(f"{folder}: must have a route-<seed>.json, as make synth ROUTE=1 leaves it, has none")
    return [1000 / clock["achieved"] for report in found for clock in report["fmax"].values()]


def _written(text: str, family: str, table: Delays) -> str:
    """delays.toml with other wires for a family."""
    lines, inside = [], False
    for line in text.splitlines():
        inside = line == f"[{family}]" or (inside and not line.startswith("["))
        name = line.partition(" =")[0]
        if inside and name in (*_FITTED, "error_percent"):
            line = f"{name} = {getattr(table, name):g}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def _mean_square(values: Iterable[float]) -> float:
    return float(np.sqrt(np.mean(np.square([*values]))))


def _table(entries: Sequence[Entry]) -> str:
    lines = []
    for family in dict.fromkeys(entry.family for entry in entries):
        group = [entry for entry in entries if entry.family == family]
        table, wide = delays(family), max(len(entry.name) for entry in group)
        off, apart = errors(group, table), unseen(group, table)
        lines += ["", f"{family:<{wide}}  measured ns      model ns  error of the clock  unseen"]
        for entry in group:
            alone = f"{apart[entry.name]:>+6.1f} %" if entry.name in apart else ""
            lines.append(f"{entry.name:<{wide}}  {entry.ns:>11.2f}  {entry.says(table):>12.2f}  "
                         f"{off[entry.name]:>+16.1f} %{alone}")  # fmt: skip
        fitted = [off[entry.name] for entry in group if not entry.held_out]
        for what, some in (("fitted", fitted), ("unseen", list(apart.values()))):
            lines.append(f"{what}: {len(some)}, root mean square {_mean_square(some):.1f} %, "
                         f"largest {max(map(abs, some)):.1f} %")  # fmt: skip
    return "\n".join(lines[1:])


if __name__ == "__main__":
    sys.exit(main())
