"""Static timing of a mapped netlist before place and route: the slowest paths between registers, in nanoseconds.

    python -m boards.netlist.timing NETLIST.json --family xc7 [--paths 10]

An exact search of the graph of all cells (`arcs.py`), with delays by the family (`delays.py`); no guess which paths are
ever used. The top's ports are taken for flip-flops: the accelerator is to sit beside other logic. Paths whose ends
differ only in numbers, as those of all lanes and bits, are one kind, shown by its slowest.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path as File

from boards.errors import BoardError
from boards.netlist.arcs import Point, passage
from boards.netlist.count import CLASSES, class_of, count
from boards.netlist.delays import Delays, Wire, delays
from boards.netlist.netlist import Cell, Netlist, read_netlist
from boards.netlist.terms import kind, name_of, term
from sw.common.command import Options, command

__all__ = ["Path", "Step", "Timing", "text", "timing"]


@dataclass(frozen=True)
class Step:
    """A wire, if there is one, and the cell behind it: the cell's type and the net it drives; ns in each."""

    type: str
    net: str
    cell_ns: float
    wire_ns: float
    wire: Wire | None

    @property
    def loads(self) -> int:
        """The pins that the wire reaches."""
        return self.wire.loads if self.wire else 1


@dataclass(frozen=True)
class Path:
    """``start``, ``end``: the registers as <net or cell> (<type>.<pin>). The last step is the end; the first cell is
    the start, whose ``start_ns`` is from the clock edge to its output. ``ns`` has a margin (delays.py) in it."""

    ns: float
    start: str
    start_ns: float
    steps: tuple[Step, ...]
    end: str

    @property
    def wire_ns(self) -> float:
        return sum(step.wire_ns for step in self.steps)

    @property
    def cell_ns(self) -> float:
        return self.start_ns + sum(step.cell_ns for step in self.steps)

    @property
    def kind(self) -> tuple[str, str]:
        """Start and end without numbers."""
        return kind(self.start), kind(self.end)

    def __str__(self) -> str:
        margin = self.ns - self.cell_ns - self.wire_ns
        head = f"{self.ns:.2f} ns, of these {self.wire_ns:.2f} in wires, {margin:.2f} margin"
        lines = [f"{head}: {_said(self.start)}, {self.start_ns:.2f}"]
        for chain, steps in groupby(self.steps, key=lambda step: step.type in ("CARRY4", "CCU2C")):
            group = list(steps)
            for leg in [group] if chain else [[step] for step in group]:
                name = f"{len(leg)} {leg[0].type}" if chain else leg[0].type
                wire, cells = sum(s.wire_ns for s in leg), sum(s.cell_ns for s in leg)
                loads = max(s.loads for s in leg)
                pins = f" to {loads} pins" if loads > 1 else ""
                where = term(leg[-1].net) if leg[-1].net else ""
                lines.append(f"wire{pins} {wire:.2f}, {name} {cells:.2f}{' ' * bool(where)}{where}")
        return "\n    -> ".join([*lines[:-1], f"{lines[-1]} {_said(self.end)}"])

    def as_json(self) -> dict:
        return {
            "ns": round(self.ns, 2),
            "wire_ns": round(self.wire_ns, 2),
            "start": _said(self.start),
            "end": _said(self.end),
            "steps": [f"{s.type} {term(s.net) if s.net else ''}".strip() + f", {s.cell_ns:.2f} ns behind a wire of "
                      f"{s.wire_ns:.2f} ns, {s.loads} pins" for s in self.steps],
        }  # fmt: skip


@dataclass(frozen=True)
class Timing:
    """``paths``: the slowest of each kind, slowest first; ``alike``: how many ends of a kind have a path that comes
    from such a start."""

    paths: tuple[Path, ...]
    alike: Mapping[tuple[str, str], int]

    @property
    def mhz(self) -> float | None:
        """None without a path."""
        return 1000 / self.paths[0].ns if self.paths else None

    def as_json(self, paths: int = 10) -> list[dict]:
        return [{**path.as_json(), "alike": self.alike[path.kind]} for path in self.paths[:paths]]


def timing(netlist: Netlist, family: str, table: Delays | None = None) -> Timing:
    """The slowest paths; ``table``: other delays than the family's.

    BoardError for a cell of an unknown type, and for a loop without a register, naming the cells.
    """
    return _Graph(netlist, family, table or delays(family)).search()


def _said(name: str) -> str:
    """A register, of which the netlist knows a name: the unit, the register, and its pin."""
    net, _, pin = name.partition(" (")
    return (term(net) or "unnamed") + (f" ({pin}" if pin else "")


#: an arc as the search sees it: source node, target node, nanoseconds in the cell, the wire before, index of the cell
_Arc = tuple[int, int, float, Wire | None, int]

# Pins that a wire within a slice, or one of its own, leads to.
_JOINED = re.compile(
    "CARRY4 CI|CCU2C CIN|MUXF[789] I[01]|PFUMX [AB]LUT|L6MUX21 D[01]|"
    "DSP48E1 (PCIN|ACIN|BCIN|CARRYCASCIN|MULTSIGNIN)"
)
# Pins beside the look-up table that drives them, if it drives nothing else.
_BESIDE = re.compile("FD[RSCP]E(_1)? D|TRELLIS_FF DI|CARRY4 (S|DI)")
_BLOCKS = re.compile("DSP48E1|MULT18X18D|RAMB(18|36)E1|DP16KD|PDPW16KD")
_TABLES = re.compile(
    "LUT[1-6]|INV|MUXF[789]|PFUMX|L6MUX21|CARRY4|CCU2C|RAM[0-9]+(M|X1[DS])|SRL16E|SRLC32E|TRELLIS_DPR16X4"
)


class _Graph:
    """Nodes are nets, by their numbers, and points inside cells, by the numbers after those."""

    def __init__(self, netlist: Netlist, family: str, table: Delays) -> None:
        self.netlist, self.delays = netlist, table
        self.arcs: list[_Arc] = []
        self.starts: dict[int, tuple[str, float]] = {}
        self.ends: list[tuple[int, str, float, Wire | None, str]] = []  # node, name, setup, wire, type
        known = {k: n for k, n in netlist.types().items() if class_of(family, k) is not None}
        self.luts = count(known, family).lut
        self.loads: Counter[int] = Counter()
        self.drivers: dict[int, str] = {}
        for cell in netlist.cells:
            for pin, bits in cell.pins.items():
                if pin in cell.outputs:
                    self.drivers |= {bit: cell.type for bit in bits if isinstance(bit, int)}
                else:
                    self.loads.update(bit for bit in bits if isinstance(bit, int))
        for bits in netlist.outputs.values():
            self.loads.update(bit for bit in bits if isinstance(bit, int))
        ports = [bit for bits in (*netlist.inputs.values(), *netlist.outputs.values()) for bit in bits]
        self.size = max((bit for bit in (*self.loads, *self.drivers, *ports) if isinstance(bit, int)), default=-1) + 1
        for index, cell in enumerate(netlist.cells):
            self._add(index, cell)
        clock = table.cell("flip-flop clock")
        for name, bits in netlist.inputs.items():
            self.starts |= {b: (f"{name}[{i}] (input)", clock) for i, b in enumerate(bits) if isinstance(b, int)}
        for name, bits in netlist.outputs.items():
            for i, bit in enumerate(bits):
                if isinstance(bit, int):
                    wire = Wire(self.loads[bit])
                    self.ends.append((bit, f"{name}[{i}] (output)", table.cell("flip-flop data setup"), wire, "port"))

    def wire(self, cell: Cell, point: Point) -> Wire | None:
        """The one to a pin of a cell; none to a point inside or at an output, nor where cells are joined."""
        if isinstance(point, str) or point[0] in cell.outputs or _JOINED.fullmatch(f"{cell.type} {point[0]}"):
            return None
        bit = cell.pins[point[0]][point[1]]
        assert isinstance(bit, int)
        driver, loads = self.drivers.get(bit, ""), self.loads[bit]
        if loads == 1 and _BESIDE.fullmatch(f"{cell.type} {point[0]}") and _TABLES.fullmatch(driver):
            return Wire(loads, near=True)
        return Wire(loads, sum(_BLOCKS.fullmatch(end) is not None for end in (cell.type, driver)))

    def _ns(self, wire: Wire | None) -> float:
        return self.delays.wire_ns(wire, self.luts)

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
                delay, wire = self.delays.cell(arc.delay), self.wire(cell, arc.source)
                self.arcs.append((source, target, delay, wire, index))
        name = name_of(cell, self.netlist)
        for point, after in made.starts:
            if (at := node(point)) is not None:
                self.starts[at] = self._register(cell, name, point), self.delays.cell(after)
        for point, before in made.ends:
            if (at := node(point)) is not None:
                setup, wire = self.delays.cell(before), self.wire(cell, point)
                self.ends.append((at, self._register(cell, name, point), setup, wire, cell.type))

    def _register(self, cell: Cell, name: str, point: Point) -> str:
        if isinstance(point, str):
            return f"{name} ({cell.type}.{point})"
        pin, place = point
        return f"{name} ({cell.type}.{pin}" + (f"[{place}])" if len(cell.pins[pin]) > 1 else ")")

    def search(self) -> Timing:
        best: list[float | None] = [None] * self.size
        came: dict[int, _Arc] = {}
        for start, (_, after) in self.starts.items():
            best[start] = after
        for arc in self._sorted_arcs():
            source, target, cell, wire, _ = arc
            if (reached := best[source]) is None:
                continue
            reached += cell + (self._ns(wire) if wire else 0.0)
            there = best[target]
            if there is None or reached > there:
                best[target] = reached
                came[target] = arc
        slowest: dict[tuple[str, str], tuple[float, int]] = {}
        alike: Counter[tuple[str, str]] = Counter()
        begins: dict[int, int] = {}
        for number, (node, name, setup, wire, _) in enumerate(self.ends):
            reached = best[node]
            if reached is None:
                continue  # only constants lead here
            both = kind(self.starts[self._begin(node, came, begins)][0]), kind(name)
            alike[both] += 1
            if (ns := reached + self._ns(wire) + setup + self.delays.margin) > slowest.get(both, (-1.0, 0))[0]:
                slowest[both] = ns, number
        paths = [self._path(ns, number, came) for ns, number in slowest.values()]
        return Timing(tuple(sorted(paths, key=lambda p: (-round(p.ns, 3), p.start, p.end))), alike)

    @staticmethod
    def _begin(node: int, came: Mapping[int, _Arc], known: dict[int, int]) -> int:
        """The start of the slowest path to a node."""
        way = []
        while node not in known and node in came:
            way.append(node)
            node = came[node][0]
        begin = known.get(node, node)
        known.update(dict.fromkeys(way, begin))
        return begin

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

    def _path(self, ns: float, number: int, came: Mapping[int, _Arc]) -> Path:
        at, end, setup, wire, kind_of_end = self.ends[number]
        steps = [Step(kind_of_end, "", setup, self._ns(wire), wire)]
        before = None
        while at in came:
            source, _, cell_ns, wire, index = came[at]
            if index == before:  # one step per cell, whatever points inside it has
                last = steps.pop()
                assert last.wire is None  # a wire leads to a pin, and the pins are the first points of a cell
                steps.append(Step(last.type, last.net, last.cell_ns + cell_ns, self._ns(wire), wire))
            else:
                kind_of_cell = self.netlist.cells[index].type
                steps.append(Step(kind_of_cell, self.netlist.names.get(at, ""), cell_ns, self._ns(wire), wire))
            at, before = source, index
        if len(steps) > 1 and steps[-1].cell_ns == 0 and steps[-1].wire is None:  # inside the cell that it starts in
            steps.pop()
        start, after = self.starts[at]
        return Path(ns, start, after, tuple(reversed(steps)), end)


def text(found: Timing, paths: int = 10) -> str:
    """For people: the slowest paths of different kinds; of those with the same start and delay only one."""
    if found.mhz is None:
        return "no path between registers"
    lines = [f"{found.mhz:.1f} MHz; {len(found.paths):,} kinds of path"]
    alike = [list(group) for _, group in groupby(found.paths, key=lambda path: (kind(path.start), round(path.ns, 2)))]
    for group in alike[:paths]:
        ends = sum(found.alike[path.kind] for path in group)
        kinds = f" of {len(group)} kinds" if len(group) > 1 else ""
        lines += ["", f"{group[0]}" + (f"\n    ({ends:,} ends alike{kinds})" if ends > 1 else "")]
    return "\n".join(lines)


@command
def main(arguments: Sequence[str] | None) -> int:
    parser = Options(prog="python -m boards.netlist.timing", description="The slowest paths of a mapped netlist.")
    parser.add_argument("netlist", type=File, help="mapped netlist (JSON)")
    parser.add_argument("--family", required=True, choices=CLASSES, help="whose cells they are")
    parser.add_argument("--paths", type=int, default=10, help="how many kinds of path are shown (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options: argparse.Namespace = parser.parse_args(arguments)
    found = timing(read_netlist(options.netlist), options.family)
    print(json.dumps(found.as_json(options.paths), indent=2) if options.json else text(found, options.paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())
