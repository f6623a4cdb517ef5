"""Places and routes a mapped ECP5 netlist with nextpnr: the clock it reaches, what it takes up, the slowest path.

Beside the accelerator there is a small wrapper (`boards/wrapper.py`) and nothing else: no other part of a system, and
no pins but three. What a family's open tools say of the chip's delays is nextpnr's own; speed grade 6 is the slowest.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from boards import nextpnr
from boards.board import Board
from boards.errors import BoardError
from boards.netlist.netlist import Cell, Netlist, parse
from boards.netlist.terms import name_of, term
from boards.wrapper import wrapped
from sw.common.atomic import write_atomic
from sw.common.progress import ElapsedLine

__all__ = ["SEED", "TARGET_MHZ", "Routed", "RoutedPath", "can_route", "route"]

SEED, TARGET_MHZ = 1, 125.0
_SECONDS_FIXED, _SECONDS_PER_CELL = 15.0, 0.018  # on one core that has nothing else to do
_IN, _OUT = "wrapped.json", "report.json"


@dataclass(frozen=True)
class RoutedPath:
    """Nanoseconds in all, in cells and in wires; ``start``, ``end`` and ``cells`` in the project's terms."""

    ns: float
    logic_ns: float
    wire_ns: float
    start: str
    cells: tuple[str, ...]
    end: str

    def __str__(self) -> str:
        steps = "\n    -> ".join([self.start, *self.cells, self.end])
        return f"{self.ns:.2f} ns, of these {self.wire_ns:.2f} in wires: {steps}"


@dataclass(frozen=True)
class Routed:
    """``used``: kind of cell -> (used, available), the wrapper included; ``wrapper``: its part of them (lut, ff)."""

    mhz: float
    source: str
    seed: int
    target_mhz: float
    used: Mapping[str, tuple[int, int]]
    wrapper: Mapping[str, int]
    path: RoutedPath
    seconds: float
    cached: bool

    def as_json(self) -> dict[str, Any]:
        path = self.path
        return {
            "seed": self.seed,
            "target_mhz": self.target_mhz,
            "used": {name: {"used": used, "available": there} for name, (used, there) in self.used.items()},
            "wrapper": dict(self.wrapper),
            "path": {"ns": path.ns, "logic_ns": path.logic_ns, "wire_ns": path.wire_ns, "start": path.start,
                     "cells": list(path.cells), "end": path.end},
            "seconds": round(self.seconds, 1),
            "cached": self.cached,
        }


def can_route(target: Board) -> None:
    """BoardError where the board's family has no place and route from a package, or nextpnr is not installed."""
    if target.device.name not in nextpnr.CHIPS:
        raise BoardError(f"place and route needs a board with one of {', '.join(nextpnr.CHIPS)}; {target.name} has "
                         f"{target.device.name}, for which no package does it")  # fmt: skip
    nextpnr.version()


def route(
    netlist: Path, target: Board, *, seed: int = SEED, mhz: float = TARGET_MHZ, limit: float = 3600.0, name: str = ""
) -> Routed:
    """Place and route ``netlist`` (yosys's JSON), unless route-<seed>.json beside it holds just that already.

    ``mhz``: the clock that nextpnr aims at. route-<seed>.log is what it said. BoardError: nextpnr failed (the
    design does not fit), or took too long.
    """
    module = json.loads(netlist.read_bytes())["modules"]["top"]
    within, added = wrapped(module)
    text = json.dumps({"creator": "clashfree", "modules": {"top": within}})
    version = nextpnr.version()
    arguments = [*nextpnr.CHIPS[target.device.name], "--json", _IN, "--report", _OUT, "--freq", f"{mhz:g}", "--seed",
                 str(seed), "--timing-allow-fail", "--lpf-allow-unconstrained"]  # fmt: skip
    key = hashlib.sha256(json.dumps([text, arguments, version]).encode()).hexdigest()
    record = netlist.with_name(f"route-{seed}.json")
    try:
        made = json.loads(record.read_text())
        cached = made["key"] == key
    except (OSError, ValueError, KeyError, TypeError):
        cached = False
    if not cached:
        record.unlink(missing_ok=True)
        made = {"key": key, **_run(text, arguments, netlist, record.with_suffix(".log"), limit, name)}
        write_atomic(record, json.dumps(made).encode())
    report = made["report"]
    (clock,) = report["fmax"].values()
    return Routed(
        mhz=round(clock["achieved"], 2),
        source=f"nextpnr-ecp5 {version}, seed {seed}",
        seed=seed,
        target_mhz=mhz,
        used={kind: (n["used"], n["available"]) for kind, n in report["utilization"].items() if n["used"]},
        wrapper=added,
        path=_path(report, parse(module)),
        seconds=made["seconds"],
        cached=cached,
    )


def _run(text: str, arguments: list[str], netlist: Path, log: Path, limit: float, name: str) -> dict[str, Any]:
    work = netlist.with_name("route")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        (work / _IN).write_text(text)
        expected = _SECONDS_FIXED + _SECONDS_PER_CELL * text.count('"type"')
        with ElapsedLine(f"{name}, place and route", expected) as tell:
            seconds = nextpnr.run(arguments, work, log=log, limit=limit, tell=tell)
        return {"seconds": seconds, "report": json.loads((work / _OUT).read_bytes())}
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _path(report: Mapping[str, Any], netlist: Netlist) -> RoutedPath:
    """The slowest path from a register to a register."""
    (steps,) = (path["path"] for path in report["critical_paths"] if path["from"] == path["to"])
    cells = {cell.name: cell for cell in netlist.cells}

    def cell_of(step: Mapping[str, Any]) -> Cell | None:
        # nextpnr divides some cells: a piece of a carry chain into $CCU2_COMB0 and 1, LUTRAM into $DPRAM_COMB0 to 3
        return cells.get(re.sub(r"\$(CCU2|DPRAM|RAMW)\w*$", "", step["from"]["cell"]))

    def said(step: Mapping[str, Any]) -> str:
        cell = cell_of(step)
        return term(name_of(cell, netlist)) if cell else f"{step['from']['cell']} (boards/wrapper.py)"

    shown: list[str] = []
    for wire, leg in groupby(steps[1:-1], key=lambda step: step["type"] == "routing" and step["delay"] > 0):
        if wire:
            continue
        through = [(cell, step) for step in leg if step["type"] == "logic" and (cell := cell_of(step))]
        kinds = {cell.type: len({cell.name for cell, _ in through}) for cell, _ in through}
        what = " and ".join(f"{n} {kind}" if n > 1 else kind for kind, n in kinds.items()) or "cell"
        where = next(filter(None, (said(step) for _, step in reversed(through))), "")
        shown.append(f"{what}, {sum(step['delay'] for _, step in through):.2f} ns{', ' * bool(where)}{where}")
    wires = sum(step["delay"] for step in steps if step["type"] == "routing")
    whole = sum(step["delay"] for step in steps)
    return RoutedPath(round(whole, 3), round(whole - wires, 3), round(wires, 3), said(steps[0]), tuple(shown),
                      said(steps[-1]))  # fmt: skip
