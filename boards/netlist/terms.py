"""Names of a mapped netlist in the project's own terms: which unit, which register, and the file that describes it."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path

from boards.netlist.netlist import Cell, Netlist

__all__ = ["kind", "name_of", "term"]

_HARDWARE = Path(__file__).parents[2] / "hw"
_TOP = "accelerator"


def name_of(cell: Cell, netlist: Netlist) -> str:
    """A net that the cell drives, or its own name where that is a public one (memories) or none of its nets has one."""
    if not cell.name.startswith("$"):
        return cell.name
    driven = [bit for pin in sorted(cell.outputs) for bit in cell.pins[pin] if isinstance(bit, int)]
    return next((netlist.names[bit] for bit in driven if bit in netlist.names), cell.name)


def term(name: str) -> str:
    """A hierarchical name as people say it.

    "junction_1.update.difference_003[2]" is "junction 1, update (hw/update.py): difference_003[2]". Of a name that
    yosys has made up, the unit is told where it is in there; "" if it is not.
    """
    made_up = name.startswith("$")
    units = list(takewhile(lambda part: "$" not in part, name.removeprefix("$flatten\\").split(".")))
    if made_up:
        return f"{_said(units)}: logic" if units else ""
    if len(units) < name.count(".") + 1:  # a net behind a made-up part, or name$1 of several alike
        last = name.split(".")[len(units)].partition("$")[0]
        leaf = last or "logic"
    else:
        leaf = units.pop()
    while units and leaf.isdigit():  # the blocks of a memory: name.0.3
        leaf = units.pop()
    return f"{_said(units)}: {leaf}"


def kind(name: str) -> str:
    """A name without the numbers in it: the lanes and bits of one register fall together."""
    return re.sub(r"\d+", "#", re.sub(r"\[\d+\]|\$\d+", "", name))


def _said(units: Sequence[str]) -> str:
    plain = ", ".join(re.sub(r"_([0-9]+)$", r" \1", unit) for unit in units)
    return f"{plain or _TOP} ({_file(tuple(units))})"


@cache
def _file(units: tuple[str, ...]) -> str:
    """The file of the innermost unit that has one of its own: that of its name, or of the longest start of it."""
    stems = {path.stem.replace("_", ""): path.relative_to(_HARDWARE) for path in sorted(_HARDWARE.rglob("*.py"))}
    for unit in reversed(units):
        plain = re.sub(r"[_\d]", "", unit)
        found = max((stem for stem in stems if stem and plain.startswith(stem)), key=len, default="")
        if found:
            return f"hw/{stems[found].as_posix()}"
    return f"hw/{_TOP}.py"
