"""What every flow of a board begins with, written to one folder: circuit, constraints, scripts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from amaranth import Elaboratable

from boards import ecp5, flow, openxc7, vivado
from boards.board import Board
from boards.errors import BoardError
from boards.netlist.risky import DSP_MOST
from boards.pins import lpf, pins, vivado_xdc, xdc
from boards.pll import Settings, settings
from boards.top import BoardTop
from hw.circuit import converted
from hw.verilog import verilog
from sw.common.atomic import write_atomic
from sw.cost.cost import cost
from sw.cost.mapping import resolve, soft_multipliers
from sw.design.design import Design
from sw.design.rehearsal import rehearse
from sw.design.schedule import Schedule

__all__ = ["Circuit", "MakeCore", "Prepared", "check_fits", "prepare"]

#: core of a design, as it is built and as its file has it, on a board, at so many Hz, with so many LEDs
MakeCore = Callable[[Design, Design, Board, int, int], Elaboratable]


@dataclass(frozen=True)
class Circuit:
    """``design``: as it is built; ``rtlil``: of the board's top module."""

    design: Design
    rtlil: str


@dataclass(frozen=True)
class Prepared:
    """``full``: all multipliers where the design wants them; ``open``: as the open tools can place them."""

    full: Circuit
    open: Circuit
    settings: Settings


def check_fits(design: Design, target: Board) -> None:
    """BoardError if the cost model says that the design alone is too large for the board's chip."""
    device = target.device
    made = cost(resolve(design, device), device)
    needs = {"look-up tables": (made.lut or made.lutram, device.lut), "flip-flops": (made.ff or 0, device.ff),
             "DSP blocks": (made.dsp, device.dsp), "memory blocks": (made.block, device.memory_blocks)}  # fmt: skip
    over = [f"{needed:,g} {what} of {there:,}" for what, (needed, there) in needs.items() if needed > there]
    if over:
        raise BoardError(
            f"{design.name} must fit {target.title} ({device.name}), needs about {', '.join(over)}: fewer lanes (z) "
            f"need less"
        )


def prepare(design: Design, target: Board, mhz: float, folder: Path, make_core: MakeCore) -> Prepared:
    """Write circuit, constraints and scripts; on XC7 the Verilog for Vivado too. The tools come later.

    On XC7 the circuit for the open tools may have fewer DSP blocks than the one for Vivado.
    """
    made = settings(target.family, target.clock_mhz, mhz)
    found = pins(target)
    built = resolve(design, target.device)
    rehearse(Schedule.of(built))

    leds = sum(pin.port.startswith("led_") for pin in found)

    def circuit(one: Design) -> Circuit:
        def make() -> BoardTop:
            return BoardTop(make_core(one, design, target, round(1e6 * made.mhz), leds), found, made)

        return Circuit(one, converted(make, "top"))

    full = placeable = circuit(built)
    if target.family == "ecp5":
        texts = {"top.lpf": lpf(found, target.clock_mhz), "build.sh": ecp5.script(target)}
    else:
        texts = {
            "top.v": verilog(full.rtlil),
            "pins.xdc": xdc(found),
            "vivado.xdc": vivado_xdc(target.clock_mhz),
            "vivado.tcl": vivado.script(target, design.name),
            "open.sh": openxc7.script(target, made.mhz),
        }
        fewer = _fewer_dsps(built, target)
        if fewer is not built:
            placeable = circuit(fewer)
    soft = soft_multipliers(placeable.design)
    script = [one for _, passes in flow.steps(target.family, soft, pads=True) for one in passes]
    # yosys by itself has no such command: without them registers stay outside of multipliers, copies are merged
    script = [f"# only in make bitstream: {one}" if one.startswith("python ") else one for one in script]
    needed = {name: text for name, text in flow.inputs(target.family).items() if not name.endswith(".py")}
    texts |= {flow.RTLIL: placeable.rtlil, "synth.ys": "\n".join(script) + "\n", **needed}
    for name, content in texts.items():
        write_atomic(folder / name, content.encode())
    return Prepared(full, placeable, made)


def _fewer_dsps(design: Design, target: Board) -> Design:
    """The design with no more DSP blocks than nextpnr-xilinx can place."""
    most = DSP_MOST.get(target.chip)
    if most is None or cost(design, target.device).dsp <= most:
        return design
    return replace(design, hardware=replace(design.hardware, multipliers=most))
