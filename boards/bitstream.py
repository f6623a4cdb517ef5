"""`make bitstream`: a design with its serial line and LEDs, as a file that a board's chip is configured with.

    python -m boards.bitstream --board ulx3s [--design designs/digits.toml] [--mhz 50] [--seed 1]

Writes build/bitstream/<board>/<design>.bit, and to build/bitstream/<board>/<design>/: report.json; circuit, constraints
and scripts; the tools' logs. ulx3s needs nothing but packages of pip. Boards with XC7 need Vivado, else nextpnr-xilinx
and prjxray; where neither is found, all that they need is left ready.
"""

import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from boards import ecp5, flow, openxc7, vivado
from boards.board import Board
from boards.core import core
from boards.errors import BoardError
from boards.known import BOARDS, board
from boards.made import Made, Wish
from boards.netlist.checks import check_cells
from boards.netlist.count import Count, class_of, count
from boards.netlist.netlist import Netlist, read_netlist
from boards.netlist.risky import risky
from boards.prepare import MakeCore, Prepared, check_fits, prepare
from boards.rates import rates
from boards.synth import map_circuit
from hw import yosys
from sw.common.atomic import check_folder
from sw.common.command import Options, command
from sw.common.report import write_report
from sw.cost.mapping import soft_multipliers
from sw.design import files
from sw.design.design import Design
from sw.design.hashes import circuit_hash, network_hash
from sw.design.schedule import Schedule

__all__ = ["build", "main"]

_LIMIT = 3600.0
_SEEDS = 3


def build(design: Design, target: Board, folder: Path, mhz: float, first_seed: int, limit: float,
          make_core: MakeCore = core) -> dict:
    """Make ``folder``.bit and the report in ``folder``, which is returned. BoardError where it cannot be made."""
    bit, report = Path(f"{folder}.bit"), folder / "report.json"
    for old in (bit, report):
        with suppress(OSError):
            old.unlink()  # nothing of an earlier run may stand for this one
    check_fits(design, target)
    ready = prepare(design, target, mhz, folder, make_core)
    wish = Wish(f"{design.name} on {target.name}", ready.settings.mhz,
                tuple(range(first_seed, first_seed + _SEEDS)), limit)  # fmt: skip
    counted: Count | None = None
    if target.family == "ecp5":
        counted = _map(ready, target, limit)
        made = ecp5.bitstream(target, wish, folder)
    else:
        found = vivado.find()
        if not found.missing:
            made = vivado.bitstream(found.found["vivado"], wish, folder)
        else:
            tools = openxc7.find(target)
            if tools.missing:
                raise BoardError(_no_tools(target, str(found), tools.missing, folder))
            counted = _map(ready, target, limit)
            made = openxc7.bitstream(tools, target, wish, folder)
    shutil.copyfile(made.bitstream, bit)
    figures = _figures(design, target, ready, made, counted, bit)
    write_report(report, figures, {"seed": "Vivado has none", "used": "Vivado counts: see utilization.rpt"})
    return figures


def _no_tools(target: Board, vivado_missing: str, open_missing: str, folder: Path) -> str:
    return (
        f"{target.title} needs Vivado or the open tools, and neither is there. Missing of Vivado: {vivado_missing}. "
        f"Missing of the open tools: {open_missing}. Install Vivado (its free edition has this chip) or openXC7 "
        f"(github.com/openXC7); or take {folder} to where they are: there 'vivado -mode batch -source vivado.tcl' "
        f"makes top.bit, or 'yosys -s synth.ys' and then 'sh open.sh'"
    )


def _map(ready: Prepared, target: Board, limit: float) -> Count:
    """netlist.json in the folder. BoardError where its cells do not fit, or are of a kind that goes wrong."""
    map_circuit(ready.rtlil, target.family, ready.folder, soft=soft_multipliers(ready.design), pads=True, limit=limit,
                name=ready.design.name)  # fmt: skip
    netlist = read_netlist(ready.folder / flow.JSON)
    wrong = {name: said for name, said in check_cells(netlist, target.family).items() if said}
    if target.family == "xc7":
        wrong |= dict.fromkeys(risky(netlist, target.device), "goes wrong in open place and route")
    if wrong:
        raise BoardError("; ".join(f"{name}: {said}" for name, said in wrong.items()))
    counted = _count(netlist, target)
    device = target.device
    limits = {"lut": device.lut, "ff": device.ff, "dsp": device.dsp, "block": device.memory_blocks}
    over = [f"{getattr(counted, name):,g} {name} of {most:,}" for name, most in limits.items()
            if getattr(counted, name) > most]  # fmt: skip
    if over:
        raise BoardError(f"{ready.design.name} with its shell must fit {device.name}, needs {', '.join(over)}")
    return counted


def _count(netlist: Netlist, target: Board) -> Count:
    types = netlist.types()
    return count({kind: n for kind, n in types.items() if class_of(target.family, kind) is not None}, target.family)


def _figures(design: Design, target: Board, ready: Prepared, made: Made, counted: Count | None, bit: Path) -> dict:
    clock = ready.settings.mhz
    return {
        "board": target.name,
        "device": target.device.name,
        "design": design.name,
        "network_hash": network_hash(ready.design),
        "circuit_hash": circuit_hash(ready.design),
        "bitstream": str(bit),
        "clocks_per_sample": Schedule.of(design).clocks,
        "clock_mhz": round(clock, 4),
        "fmax_mhz": made.mhz,
        "fmax_source": made.source,
        "seed": made.seed,
        "training_samples_per_second": rates(design, target, clock),
        "used": vars(counted) if counted else None,
        "tool_seconds": round(made.seconds, 1),
        "yosys": yosys.version(),
    }


def _summary(figures: dict, target: Board) -> str:
    per_second = figures["training_samples_per_second"]
    lines = [
        f"{figures['design']} on {target.title}: {figures['bitstream']}",
        (f"  clock                {figures['clock_mhz']:>10,.2f} MHz, reaches {figures['fmax_mhz']:g} "
         f"({figures['fmax_source']})"),
        (f"  samples per second   {per_second['peak']:>10,} peak, {per_second['store']:,} from the store, "
         f"{per_second['serial']:,} over the serial line"),
    ]
    if figures["used"]:
        used = figures["used"]
        tables = used["lut_logic"] + used["lutram"] + used["srl"]
        lines.append(f"  cells                {tables:>10,} look-up tables, {used['ff']:,} flip-flops, "
                     f"{used['dsp']:,} DSP blocks, {used['block']:g} memory blocks")  # fmt: skip
    return "\n".join(lines)


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0, or 2: it could not be made."""
    parser = Options(prog="python -m boards.bitstream", description="Make a bitstream of a design for a board.")
    parser.add_argument("--board", default="ulx3s", help=f"one of {', '.join(BOARDS)} (%(default)s)")
    parser.add_argument("--design", help="design file (the board's own)")
    parser.add_argument("--mhz", type=float, help="clock of the machine, at most (the board's own)")
    parser.add_argument("--seed", type=int, default=1, help="first of three seeds of place and route (%(default)s)")
    parser.add_argument("--limit", type=float, default=_LIMIT, help="seconds that each tool may take (%(default)s)")
    parser.add_argument("--build", type=Path, default=Path("build"), help="folder for what is made (%(default)s)")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    target = board(options.board)
    design = files.load(options.design or target.design)
    if not 0 <= options.seed < 1 << 30:
        raise BoardError(f"SEED must be 0 to {(1 << 30) - 1:,}, got {options.seed:,}")
    folder = options.build / "bitstream" / target.name / design.name
    check_folder(folder)
    figures = build(design, target, folder, options.mhz or target.mhz, options.seed, options.limit)
    print(_summary(figures, target))
    print(f"  report {folder / 'report.json'} ({time.perf_counter() - started:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
