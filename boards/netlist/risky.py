"""Mappings on XC7 that open place and route is known to get wrong in silence, found in the mapped cells.

On record, of nextpnr-xilinx: block RAM of 36 kbit with ports of 1 or 9 bits loses every ninth bit (its issue 94); that
of 36 and 72 bits in one direction each loses half of every word (pull requests 112 and 150); memories in look-up tables
with one port, or of 128 rows and more, are wrong (issue 20, pull requests 49 and 144). Not wrong but without an end: a
chip of the smaller die with more than 60 DSP blocks that are no cascade.
"""

from collections.abc import Iterator

from boards.netlist.netlist import Cell, Netlist
from sw.cost.devices import Device

__all__ = ["DSP_MOST", "risky"]

DSP_MOST = {"XC7A35T": 60}  # single DSP blocks that its placer can place
_SHOWN = 3
_DEEP = ("RAM128X1D", "RAM128X1S", "RAM256X1S", "RAM32X1S", "RAM64X1S")


def risky(netlist: Netlist, device: Device) -> list[str]:
    """One line per kind of mapping that must not be there; none where all is well."""
    found: dict[str, list[str]] = {}
    for cell in netlist.cells:
        for what in _of(cell):
            found.setdefault(what, []).append(cell.name)
    lines = []
    for what, names in found.items():
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        lines.append(f"{what}: {', '.join(names[:_SHOWN])}{more}")
    single = sum(1 for cell in netlist.cells if cell.type == "DSP48E1" and not _cascaded(cell))
    most = DSP_MOST.get(device.name)
    if most is not None and single > most:
        lines.append(f"more than {most} single DSP blocks, {single}, which its placer cannot place")
    return lines


def _of(cell: Cell) -> Iterator[str]:
    if cell.type in _DEEP:
        yield f"{cell.type}, a memory in look-up tables that is deep or has one port"
    if cell.type == "RAMB36E1":
        widths = [cell.number(f"{way}_WIDTH_{port}") for way in ("READ", "WRITE") for port in "AB"]
        if {1, 9} & set(widths):
            yield "RAMB36E1 with a port of 1 or 9 bits"
        if max(widths) > 36 or cell.parameters.get("RAM_MODE", "TDP").strip('"') == "SDP":
            yield "RAMB36E1 that is written on one port and read on the other"
    if cell.type == "RAMB18E1" and cell.parameters.get("RAM_MODE", "TDP").strip('"') == "SDP":
        yield "RAMB18E1 that is written on one port and read on the other"


def _cascaded(cell: Cell) -> bool:
    """Whether its sum goes on to, or comes from, the next block by the wires between them."""
    bits = (*cell.pins.get("PCIN", ()), *cell.pins.get("PCOUT", ()))
    return any(isinstance(bit, int) for bit in bits)
