"""Runs inside yosys, when all is mapped: the lowest bit of a sum is taken from the carry chain, not from its table.

Without a carry in, the lowest bit of a CARRY4's sum is the same as the output of the look-up table in front of it, and
abc9 takes it from there. But a table that drives more than the chain does not fit beside it for every place and route
tool: then the chain waits for a wire, and all bits of the sum with it.
"""

from collections import defaultdict


def run(design, libyosys) -> None:
    module = next(m for m in design.modules_.values() if m.name.str() == "\\top")
    cells, readers, drivers = list(module.cells_.values()), defaultdict(list), {}
    for cell in cells:
        for port in cell.connections_:
            for place, bit in enumerate(cell.getPort(port).bits()):
                if bit.is_wire() and cell.output(port):
                    drivers[_key(bit)] = cell
                elif bit.is_wire():
                    readers[_key(bit)].append((cell, port, place))
    for chain in cells:
        if chain.type.str() != "\\CARRY4":
            continue
        first, made = (chain.getPort(libyosys.IdString(name)).bits()[0] for name in ("\\S", "\\O"))
        carries = [chain.getPort(libyosys.IdString(name)).bits()[0] for name in ("\\CI", "\\CYINIT")]
        if not first.is_wire() or any(bit.is_wire() or bit.data != libyosys.State.S0 for bit in carries):
            continue
        driver = drivers.get(_key(first))
        if driver is None or not driver.type.str().startswith("\\LUT"):
            continue
        inside = _bits(chain, driven=False)
        for cell, port, place in readers[_key(first)]:
            if cell.type.str() == "\\CARRY4" or inside & _bits(cell, driven=True):
                continue  # another chain's table, too; or what this chain needs itself
            signal = libyosys.SigSpec()
            for at, bit in enumerate(cell.getPort(port).bits()):
                signal.append(libyosys.SigSpec(made if at == place else bit, 1))
            cell.setPort(port, signal)


def _key(bit) -> tuple[str, int]:
    return bit.wire.name.str(), bit.offset


def _bits(cell, *, driven: bool) -> set:
    """The nets that the cell drives, or those that it reads."""
    return {_key(bit) for port in cell.connections_ if bool(cell.output(port)) == driven
            for bit in cell.getPort(port).bits() if bit.is_wire()}  # fmt: skip
