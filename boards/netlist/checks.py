"""Is the mapped netlist what the design asked for? Synthesis falls back to something else without a word."""

import re
from collections.abc import Callable

from boards.errors import BoardError
from boards.netlist.count import CLASSES, class_of, count
from boards.netlist.expected import Expected
from boards.netlist.netlist import Netlist
from boards.netlist.timing import timing

__all__ = ["CHECKS", "check", "check_cells"]

_KINDS = {"distributed": "lutram", "block": "block"}
_SHOWN = 3  # names in a message


def check(netlist: Netlist, family: str, wanted: Expected) -> dict[str, str]:
    """Run all checks: name -> "" where it holds, else one line that says what is wrong."""
    return {name: one(netlist, family, wanted) for name, one in CHECKS.items()}


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _mapped(netlist: Netlist, family: str, wanted: Expected) -> str:
    bad = [f"{cell.name} ({cell.type})" for cell in netlist.cells if class_of(family, cell.type) is None]
    return f"every cell must be one of the device's, are not: {_listed(bad)}" if bad else ""


def _no_latch(netlist: Netlist, family: str, wanted: Expected) -> str:
    kinds = re.compile(r"\$_?(DLATCH|dlatch|adlatch|sr|SR_)\w*|LD[CP]E|LDCPE|FD1S1\w*")
    bad = [f"{cell.name} ({cell.type})" for cell in netlist.cells if kinds.fullmatch(cell.type)]
    return f"there must be no latch, there are: {_listed(bad)}" if bad else ""


def _driven(netlist: Netlist, family: str, wanted: Expected) -> str:
    drivers = {bit for bit, _ in netlist.drivers()}
    bad = []
    for cell in netlist.cells:
        for pin, bits in cell.pins.items():
            if pin not in cell.outputs and any(isinstance(bit, int) and bit not in drivers for bit in bits):
                bad.append(f"{cell.name}.{pin}")
    for name, bits in netlist.outputs.items():
        if any(bit == "x" or (isinstance(bit, int) and bit not in drivers) for bit in bits):
            bad.append(f"output {name}")
    return f"every input must be driven, are not: {_listed(bad)}" if bad else ""


def _one_driver(netlist: Netlist, family: str, wanted: Expected) -> str:
    seen: set[int] = set()
    bad = []
    for bit, kind in netlist.drivers():
        if bit in seen:
            bad.append(f"{netlist.names.get(bit, f'net {bit}')} ({kind})")
        seen.add(bit)
    return f"every net must have one driver, have more: {_listed(bad)}" if bad else ""


def _clocked_loops(netlist: Netlist, family: str, wanted: Expected) -> str:
    try:
        timing(netlist, family)
    except BoardError as error:
        return str(error)
    return ""


def _dsps(netlist: Netlist, family: str, wanted: Expected) -> str:
    got = sum(netlist.types()[kind] for kind in CLASSES[family]["dsp"])
    return "" if got == wanted.dsp else f"there must be {wanted.dsp} DSP blocks, there are {got}"


def _memories(netlist: Netlist, family: str, wanted: Expected) -> str:
    """Each memory by its name: its cells are named after it."""
    built: dict[str, set[str]] = {}
    for cell in netlist.cells:
        kind = class_of(family, cell.type)
        if kind in _KINDS.values():
            built.setdefault(re.sub(r"(\.\d+)+(\.genblk.*)?$", "", cell.name), set()).add(str(kind))
    bad = []
    for name, style in wanted.memories.items():
        got = built.get(name, set())
        want = {_KINDS[style]} if style in _KINDS else set()
        if got != want:
            instead = " and ".join(sorted(got)) or "logic or flip-flops"
            bad.append(f"{name} ({instead} instead of {' and '.join(want) or 'logic'})")
    return f"memories must be of the kind that the design says, are not: {_listed(bad)}" if bad else ""


def _memory_totals(netlist: Netlist, family: str, wanted: Expected) -> str:
    known = {kind: number for kind, number in netlist.types().items() if class_of(family, kind) is not None}
    got = count(known, family)
    bad = []
    if wanted.lutram not in (None, got.lutram):
        bad.append(f"{wanted.lutram} look-up tables of LUTRAM, there are {got.lutram}")
    if got.block != wanted.block:
        bad.append(f"{wanted.block:g} memory blocks, there are {got.block:g}")
    return f"there must be {'; '.join(bad)}" if bad else ""


CHECKS: dict[str, Callable[[Netlist, str, Expected], str]] = {
    "cells are mapped": _mapped,
    "no latch": _no_latch,
    "inputs are driven": _driven,
    "one driver each": _one_driver,
    "no loop without a register": _clocked_loops,
    "DSP blocks": _dsps,
    "kind of each memory": _memories,
    "LUTRAM and memory blocks in all": _memory_totals,
}

_OF_ANY_CIRCUIT = ("cells are mapped", "no latch", "inputs are driven", "one driver each", "no loop without a register")


def check_cells(netlist: Netlist, family: str) -> dict[str, str]:
    """As ``check``, without what depends on the design."""
    nothing = Expected(dsp=0, lutram=None, block=0)
    return {name: CHECKS[name](netlist, family, nothing) for name in _OF_ANY_CIRCUIT}
