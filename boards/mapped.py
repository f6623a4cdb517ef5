"""A board's circuit in the cells of its chip, checked before place and route: cells, room, time."""

from pathlib import Path

from boards import flow
from boards.board import Board
from boards.errors import BoardError
from boards.netlist.checks import check_cells
from boards.netlist.count import class_of, count, occupied
from boards.netlist.delays import delays
from boards.netlist.netlist import Netlist, read_netlist
from boards.netlist.risky import risky
from boards.netlist.timing import timing
from boards.prepare import Circuit
from boards.report import Found
from boards.synth import map_circuit
from sw.cost.mapping import soft_multipliers

__all__ = ["check_clock", "map_board"]


def map_board(circuit: Circuit, target: Board, folder: Path, limit: float, *, placed_by_us: bool) -> Found:
    """netlist.json in ``folder``, for place and route by open tools if ``placed_by_us``; what is in it.

    BoardError where a check of its cells fails, where they are of a kind that these tools get wrong, or do not fit.
    """
    design = circuit.design
    made = map_circuit(circuit.rtlil, target.family, folder, soft=soft_multipliers(design), pads=placed_by_us,
                       limit=limit, name=design.name)  # fmt: skip
    netlist = read_netlist(folder / flow.JSON)
    checks = check_cells(netlist, target.family)
    wrong = [f"{name}: {said}" for name, said in checks.items() if said]
    if placed_by_us and target.family == "xc7":
        wrong += [f"{line}: goes wrong in open place and route" for line in risky(netlist, target.device)]
    if wrong:
        raise BoardError("; ".join(wrong))
    found = _found(netlist, target, made.seconds, made.cached, made.yosys, checks)
    _check_room(found, target, design.name)
    return found


def _found(netlist: Netlist, target: Board, seconds: float, cached: bool, yosys: str, checks: dict[str, str]) -> Found:
    types = netlist.types()
    return Found(
        count=count({kind: n for kind, n in types.items() if class_of(target.family, kind) is not None}, target.family),
        cells=types,
        checks=checks,
        timing=timing(netlist, target.family),
        seconds=seconds,
        cached=cached,
        yosys=yosys,
        occupied=occupied(netlist) if target.family == "ecp5" else None,
    )


def _check_room(found: Found, target: Board, name: str) -> None:
    counted, device = found.count, target.device
    needs = {
        "look-up tables": (found.occupied or counted.lut, device.lut),
        "flip-flops": (counted.ff, device.ff),
        "DSP blocks": (counted.dsp, device.dsp),
        "memory blocks": (counted.block, device.memory_blocks),
    }
    over = [f"{needed:,g} {what} of {there:,}" for what, (needed, there) in needs.items() if needed > there]
    if over:
        raise BoardError(f"{name} with its shell must fit {target.title} ({device.name}), needs {', '.join(over)}")


def check_clock(found: Found, target: Board, mhz: float, name: str) -> None:
    """BoardError where the estimate, in its favour by as much as it may be wrong, does not reach the clock."""
    assert found.timing is not None
    estimated, error = found.timing.mhz, delays(target.family).error_percent
    if estimated is not None and estimated * (1 + error / 100) < mhz:
        slowest = found.timing.paths[0]
        raise BoardError(
            f"{name} must run at {mhz:g} MHz, before place and route it is estimated to reach {estimated:.0f} "
            f"(+- {error:.0f} %): {slowest.ns:.1f} ns from {slowest.start} to {slowest.end}; give MHZ={int(estimated)}"
        )
