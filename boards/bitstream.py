"""`make bitstream`: a design with its serial line and LEDs, as a file that a board's chip is configured with.

    python -m boards.bitstream --board ulx3s [--design designs/digits.toml] [--mhz 80] [--seed 1]

Writes build/bitstream/<board>/<design>.bit, and to build/bitstream/<board>/<design>/: report.json; circuit, constraints
and scripts; the tools' logs. ulx3s needs nothing but packages of pip. Boards with XC7 need Vivado, else nextpnr-xilinx
and prjxray; where neither is found, all that they need is left ready.
"""

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from boards import ecp5, openxc7, vivado
from boards.board import Board
from boards.core import core
from boards.errors import BoardError
from boards.known import BOARDS, board
from boards.made import Made, Wish
from boards.mapped import check_clock, map_board
from boards.prepare import MakeCore, check_fits, prepare
from boards.rates import rates
from boards.report import Found, figures
from sw.common.atomic import check_folder
from sw.common.command import Options, command
from sw.common.report import write_report
from sw.design import files
from sw.design.design import Design
from sw.design.hashes import circuit_hash, network_hash

__all__ = ["build", "main"]

_LIMIT = 3600.0
_SEEDS = 3


def build(design: Design, target: Board, folder: Path, mhz: float, first_seed: int, limit: float,
          make_core: MakeCore = core, *, estimate: bool = False) -> dict:
    """Make ``folder``.bit and the report in ``folder``, which is returned. BoardError where it cannot be made.

    ``estimate``: stop before place and route; the report says what is known then.
    """
    bit, report = Path(f"{folder}.bit"), folder / "report.json"
    for old in (bit, report):
        with suppress(OSError):
            old.unlink()  # nothing of an earlier run may stand for this one
    check_fits(design, target)
    ready = prepare(design, target, mhz, folder, make_core)
    wish = Wish(f"{design.name} on {target.name}", ready.settings.mhz,
                tuple(range(first_seed, first_seed + _SEEDS)), limit)  # fmt: skip
    ours, place = (target.family == "ecp5", None) if estimate else _placer(target, wish, folder)
    circuit = ready.open if ours else ready.full
    mapped = map_board(circuit, target, folder if ours else folder / "mapped", limit, placed_by_us=ours)
    made = None
    if place is not None:
        check_clock(mapped, target, wish.mhz, wish.name)
        made = place()
        shutil.copyfile(made.bitstream, bit)
    figures, reasons = _figures(target, design, circuit.design, ready.settings.mhz, mapped, made, bit)
    write_report(report, figures, reasons)
    return figures


def _placer(target: Board, wish: Wish, folder: Path) -> tuple[bool, Callable[[], Made]]:
    """Whether it begins with our own mapped cells, and what places, routes and makes the bitstream."""
    if target.family == "ecp5":
        return True, lambda: ecp5.bitstream(target, wish, folder)
    found = vivado.find()
    if not found.missing:
        return False, lambda: vivado.bitstream(found.found["vivado"], wish, folder)
    tools = openxc7.find(target)
    if tools.missing:
        raise BoardError(_no_tools(target, str(found), tools.missing, folder))
    return True, lambda: openxc7.bitstream(tools, target, wish, folder)


def _no_tools(target: Board, vivado_missing: str, open_missing: str, folder: Path) -> str:
    return (
        f"{target.title} needs Vivado or the open tools, and neither is there. Missing of Vivado: {vivado_missing}. "
        f"Missing of the open tools: {open_missing}. Install Vivado (its free edition has this chip) or openXC7 "
        f"(github.com/openXC7); or take {folder} to where they are: there 'vivado -mode batch -source vivado.tcl' "
        f"makes top.bit, or 'yosys -s synth.ys' and then 'sh open.sh'"
    )


def _figures(target: Board, design: Design, built: Design, clock_mhz: float, mapped: Found, made: Made | None, bit: Path
             ) -> tuple[dict, dict[str, str]]:
    """As of a synthesis, and what only a bitstream has; the hashes are those that a host knows it by."""
    report, reasons = figures(target, built, mapped, {})
    per_second = rates(design, target, clock_mhz)
    report |= {
        "network_hash": network_hash(design),
        "circuit_hash": circuit_hash(design),
        "clock_mhz": round(clock_mhz, 4),
        "training_samples_per_second": per_second["peak"],
        "rates": per_second,
        "bitstream": str(bit) if made else None,
        "seed": made.seed if made else None,
        "tool_seconds": round(made.seconds, 1) if made else None,
    }
    if made:
        report |= {"fmax_mhz": made.mhz, "fmax_source": made.source}
    stopped = "stopped before place and route"
    reasons |= {"bitstream": stopped, "tool_seconds": stopped, "seed": "Vivado has none" if made else stopped}
    return report, reasons


def _summary(report: dict, target: Board) -> str:
    per_second = report["rates"]
    block = "bram36" if target.family == "xc7" else "ebr"
    cells = [("look-up tables", "lut"), ("flip-flops", "ff"), ("DSP blocks", "dsp"), ("memory blocks", block)]
    made = report["bitstream"] or "no bitstream, an estimate"
    reached, source = report["fmax_mhz"], report["fmax_source"]
    per = f"{per_second['peak']:,} peak, {per_second['store']:,} from the store, {per_second['serial']:,} over the line"
    used = ", ".join(f"{report[key]:,} {title} ({report['percent'][key]} %)" for title, key in cells)
    return "\n".join([
        f"{report['design']} on {target.title}: {made}",
        f"  clock                {report['clock_mhz']:,.2f} MHz; reaches {reached} ({source})",
        f"  samples per second   {per}",
        f"  takes up             {used}",
    ])  # fmt: skip


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0, or 2: it could not be made."""
    parser = Options(prog="python -m boards.bitstream", description="Make a bitstream of a design for a board.")
    parser.add_argument("--board", default="ulx3s", help=f"one of {', '.join(BOARDS)} (%(default)s)")
    parser.add_argument("--design", help="design file (the board's own)")
    parser.add_argument("--mhz", type=float, help="clock of the machine, at most (the board's own)")
    parser.add_argument("--seed", type=int, default=1, help="first of three seeds of place and route (%(default)s)")
    parser.add_argument("--estimate", nargs="?", const="1", help="stop before place and route")
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
    if options.estimate not in (None, "1"):
        raise BoardError(f"ESTIMATE must be 1 or not given, got {options.estimate}")
    mhz = target.mhz if options.mhz is None else options.mhz
    report = build(design, target, folder, mhz, options.seed, options.limit, core, estimate=bool(options.estimate))
    print(_summary(report, target))
    print(f"  report {folder / 'report.json'} ({time.perf_counter() - started:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
