"""The longest register-to-register paths of a mapped netlist, by levels of logic (`arcs.py` says what a level is).

    python -m boards.netlist.levels NETLIST.json [--paths 10] [--json FILE]

An exact search of the graph of all cells: no delays, and no guess which paths are ever used.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path as File

from boards.errors import BoardError
from boards.netlist.arcs import Point, passage
from boards.netlist.netlist import Cell, Netlist, read_netlist
from sw.common.command import command

__all__ = ["Levels", "Path", "Step", "levels", "plural"]


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


@dataclass(frozen=True)
class Step:
    """A cell on a path: its type, the net it drives there, and the levels it counts."""

    type: str
    net: str
    level: int


@dataclass(frozen=True)
class Path:
    """``start`` and ``end`` name registers as ``<net or cell> (<type>.<pin>)``, ``steps`` are the cells between."""

    levels: int
    multiplier: bool
    start: str
    end: str
    steps: tuple[Step, ...]

    @property
    def group(self) -> str:
        """The end without the numbers in it: lanes and bits of one register fall together."""
        return re.sub(r"\d+", "#", re.sub(r"\[\d+\]", "", self.end))

    def __str__(self) -> str:
        count = plural(self.levels, "level")
        shown = []
        for kind, steps in groupby(self.steps, key=lambda step: step.type):
            cells = list(steps)
            if kind in ("CARRY4", "CCU2C"):
                shown.append(f"carry chain of {len(cells)} {kind} {cells[-1].net}")
            else:
                shown += [f"{step.type} {step.net}" for step in cells]
        kind = f"{count}, through a multiplier" if self.multiplier else count
        return f"{kind}: " + "\n    -> ".join(part.strip() for part in [self.start, *shown, self.end])


@dataclass(frozen=True)
class Levels:
    """``histogram``: how many end points (bits of registers' inputs) have a longest path of so many levels.

    ``paths``: the longest path to each group of end points (Path.group), longest first; ``ends``: how many
    end points a group has.
    """

    histogram: dict[int, int]
    paths: tuple[Path, ...]
    ends: dict[str, int]

    @property
    def longest(self) -> Path | None:
        return self.paths[0] if self.paths else None

    @property
    def longest_multiplier(self) -> Path | None:
        """The longest of the paths that pass a multiplier."""
        return next((p for p in self.paths if p.multiplier), None)

    def as_json(self, paths: int = 10) -> dict:
        def shown(path: Path) -> dict:
            return {
                "levels": path.levels,
                "multiplier": path.multiplier,
                "start": path.start,
                "end": path.end,
                "cells": [f"{s.type} {s.net}".strip() for s in path.steps],
                "ends_alike": self.ends[path.group],
            }

        return {"histogram": self.histogram, "paths": [shown(p) for p in self.paths[:paths]]}


def levels(netlist: Netlist, *, ports: bool = False) -> Levels:
    """Search all paths between registers; with ``ports`` also those from and to the top's ports.

    A path through a multiplier is searched for beside the longest one of each end point, and listed apart.
    BoardError for a cell of an unknown type, and for a loop without a register, naming the cells.
    """
    return _Graph(netlist, ports).search()


#: an arc as the search sees it: source node, target node, level, multiplier, index of its cell
_Arc = tuple[int, int, int, bool, int]
_NEVER = -1


class _Graph:
    """Nodes are nets, by their numbers, and points inside cells, by the numbers after those."""

    def __init__(self, netlist: Netlist, ports: bool) -> None:
        self.netlist, self.ports = netlist, ports
        self.arcs: list[_Arc] = []
        self.starts: dict[int, str] = {}
        self.ends: list[tuple[int, str]] = []
        pins = [bits for cell in netlist.cells for bits in cell.pins.values()]
        every = [*pins, *netlist.inputs.values(), *netlist.outputs.values()]
        self.size = max((bit for bits in every for bit in bits if isinstance(bit, int)), default=-1) + 1
        for index, cell in enumerate(netlist.cells):
            self._add(index, cell)
        if ports:
            self._add_ports()

    def _add(self, index: int, cell: Cell) -> None:
        made = passage(cell)
        inside: dict[str, int] = {}

        def node(point: Point) -> int | None:
            if isinstance(point, str):
                if point not in inside:
                    inside[point] = self.size
                    self.size += 1
                return inside[point]
            pin, place = point
            bit = cell.pins[pin][place] if pin in cell.pins else "x"
            return bit if isinstance(bit, int) else None

        for arc in made.arcs:
            source, target = node(arc.source), node(arc.target)
            if source is not None and target is not None:
                self.arcs.append((source, target, arc.level, arc.multiplier, index))
        name = self._name_of(cell)
        for point in made.starts:
            if (at := node(point)) is not None:
                self.starts[at] = self._register(cell, name, point)
        for point in made.ends:
            if (at := node(point)) is not None:
                self.ends.append((at, self._register(cell, name, point)))

    def _register(self, cell: Cell, name: str, point: Point) -> str:
        if isinstance(point, str):
            return f"{name} ({cell.type}.{point})"
        pin, place = point
        return f"{name} ({cell.type}.{pin}" + (f"[{place}])" if len(cell.pins[pin]) > 1 else ")")

    def _name_of(self, cell: Cell) -> str:
        """The name of a net that the cell drives, or its own where it has a public one or none of its nets has."""
        if not cell.name.startswith("$"):
            return cell.name
        driven = [b for pin in sorted(cell.outputs) for b in cell.pins[pin] if isinstance(b, int)]
        return next((self.netlist.names[b] for b in driven if b in self.netlist.names), cell.name)

    def _add_ports(self) -> None:
        for name, bits in self.netlist.inputs.items():
            self.starts |= {b: f"{name}[{i}] (input)" for i, b in enumerate(bits) if isinstance(b, int)}
        for name, bits in self.netlist.outputs.items():
            self.ends += [(b, f"{name}[{i}] (output)") for i, b in enumerate(bits) if isinstance(b, int)]

    def search(self) -> Levels:
        incoming = self._sorted_arcs()
        # per node and kind of path (without a multiplier, with one): levels, and the arc it came by
        best = [[_NEVER] * self.size, [_NEVER] * self.size]
        came: list[dict[int, tuple[_Arc, int]]] = [{}, {}]
        for start in self.starts:
            best[0][start] = 0
        for arc in incoming:
            source, target, level, multiplier, _ = arc
            for kind in (0, 1):
                if best[kind][source] == _NEVER:
                    continue
                to = 1 if multiplier else kind
                if best[kind][source] + level > best[to][target]:
                    best[to][target] = best[kind][source] + level
                    came[to][target] = (arc, kind)
        return self._result(best, came)

    def _sorted_arcs(self) -> list[_Arc]:
        """The arcs such that each comes after all that lead to its source."""
        leaving: dict[int, list[_Arc]] = {}
        waiting = Counter[int]()
        for arc in self.arcs:
            leaving.setdefault(arc[0], []).append(arc)
            waiting[arc[1]] += 1
        ready = [node for node in leaving if not waiting[node]]
        ordered: list[_Arc] = []
        while ready:
            for arc in leaving.get(ready.pop(), ()):
                ordered.append(arc)
                waiting[arc[1]] -= 1
                if not waiting[arc[1]]:
                    ready.append(arc[1])
        if len(ordered) < len(self.arcs):
            self._refuse_loop([arc for arc in self.arcs if waiting[arc[0]]])
        return ordered

    def _refuse_loop(self, arcs: list[_Arc]) -> None:
        # what only hangs behind a loop is no part of it: walk back until a node comes again
        back = {target: (source, cell) for source, target, _, _, cell in arcs}
        node, seen = next(iter(back)), {}
        while node not in seen:
            seen[node] = len(seen)
            node = back[node][0]
        loop = {back[n][1] for n, place in seen.items() if place >= seen[node]}
        names = [f"{self.netlist.cells[i].name} ({self.netlist.cells[i].type})" for i in sorted(loop)]
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        raise BoardError(f"there must be a register in every loop, there is none in: {', '.join(names[:5])}{more}")

    def _result(self, best: list[list[int]], came: list[dict[int, tuple[_Arc, int]]]) -> Levels:
        histogram: Counter[int] = Counter()
        groups: Counter[str] = Counter()
        longest: dict[tuple[str, int], tuple[int, int, str]] = {}
        for node, name in self.ends:
            reached = [best[kind][node] for kind in (0, 1)]
            if max(reached) == _NEVER:
                continue  # only constants and ports lead here
            histogram[max(reached)] += 1
            group = Path(0, False, "", name, ()).group
            groups[group] += 1
            for kind, count in enumerate(reached):
                if count > longest.get((group, kind), (_NEVER, 0, ""))[0]:
                    longest[group, kind] = (count, node, name)
        paths = [self._path(kind, *found, came) for (_, kind), found in longest.items()]
        paths.sort(key=lambda p: (-p.levels, p.end, p.multiplier))
        return Levels(dict(sorted(histogram.items())), tuple(paths), dict(groups))

    def _path(self, kind: int, count: int, node: int, end: str, came: list) -> Path:
        steps: list[Step] = []
        at, state, cell_before = node, kind, None
        while at in came[state]:
            (source, _, level, _, index), before = came[state][at]
            if index == cell_before:  # one step per cell, whatever points inside it has
                last = steps[-1]
                steps[-1] = Step(last.type, last.net, last.level + level)
            else:
                cell = self.netlist.cells[index]
                steps.append(Step(cell.type, self.netlist.names.get(at, ""), level))
            at, state, cell_before = source, before, index
        return Path(count, kind == 1, self.starts[at], end, tuple(reversed(steps)))


def text(found: Levels, paths: int = 10) -> str:
    """For people: the histogram, the longest paths, and the longest one through a multiplier."""
    lines = ["levels  end points"]
    lines += [f"{count:6}  {ends:,}" for count, ends in found.histogram.items()]
    shown = list(found.paths[:paths])
    if (multiplier := found.longest_multiplier) and multiplier not in shown:
        shown.append(multiplier)
    for path in shown:
        alike = found.ends[path.group]
        lines += ["", f"{path}" + (f"\n    ({alike:,} ends alike)" if alike > 1 else "")]
    return "\n".join(lines)


@command
def main(arguments: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m boards.netlist.levels", description="Longest paths by levels of logic."
    )
    parser.add_argument("netlist", type=File, help="mapped netlist (JSON)")
    parser.add_argument("--paths", type=int, default=10, help="how many paths are shown (%(default)s)")
    parser.add_argument("--ports", action="store_true", help="also paths from and to the top's ports")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(list(arguments) if arguments is not None else None)
    found = levels(read_netlist(options.netlist), ports=options.ports)
    print(json.dumps(found.as_json(options.paths), indent=2) if options.json else text(found, options.paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())
