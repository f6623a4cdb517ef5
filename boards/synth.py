"""`make synth`: a design in cells of a board's FPGA, counted, checked and reported.

    python -m boards.synth --board arty [--design designs/mnist-arty.toml]
    python -m boards.synth --board ulx3s --route [--seed 1] [--mhz 125]

Writes to build/synth/<board>/<design>/: report.json; synth.log, what yosys said; netlist.json and netlist.v, the mapped
cells; route-<seed>.json and .log, what nextpnr found and said. A design whose circuit and passes are those of the last
time is not synthesised again, nor routed again with the same seed.
"""

import hashlib
import json
import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boards import flow
from boards.board import Board
from boards.errors import BoardError
from boards.estimate import estimate
from boards.known import BOARDS, board
from boards.netlist.checks import check
from boards.netlist.count import class_of, count, occupied
from boards.netlist.expected import expected
from boards.netlist.netlist import read_netlist
from boards.netlist.timing import Timing, timing
from boards.report import Found, figures, summary
from boards.route import SEED, TARGET_MHZ, can_route, route
from hw import yosys
from hw.circuit import circuit
from sw.common.atomic import check_folder, write_atomic
from sw.common.command import Options, command
from sw.common.progress import ElapsedLine
from sw.common.report import write_report
from sw.cost.mapping import resolve, soft_multipliers
from sw.design import files
from sw.design.design import Design

__all__ = ["Synthesis", "map_circuit", "synthesise"]

_LOG, _RECORD = "synth.log", "synthesis.json"
_SECONDS_FIXED, _SECONDS_PER_MB = 5.0, 60.0  # of RTLIL: fits the designs that ship within a third, on two cores
_LIMIT = 3600.0


@dataclass(frozen=True)
class Synthesis:
    """``folder`` holds flow.JSON, flow.VERILOG and synth.log; ``seconds``: of yosys, when it ran."""

    folder: Path
    seconds: float
    cached: bool
    yosys: str


def map_circuit(
    text: str, family: str, folder: Path, *, soft: int = 0, pads: bool = False, limit: float = _LIMIT,
    name: str = "synthesis",
) -> Synthesis:
    """Map RTLIL (top module ``top``) to a family's cells, unless ``folder`` holds just that already.

    ``soft``: multipliers marked for look-up tables; ``pads``: as of flow.steps.
    YosysError names the log; nothing of an earlier run is left then.
    """
    passes = flow.steps(family, soft, pads=pads)
    version = yosys.version()
    outputs = (flow.JSON, flow.VERILOG)
    given = {flow.RTLIL: text, **flow.inputs(family)}
    key = hashlib.sha256(json.dumps([given, passes, version]).encode()).hexdigest()
    try:
        record = json.loads((folder / _RECORD).read_text())
        if record["key"] == key and all((folder / made).is_file() for made in (*outputs, _LOG)):
            return Synthesis(folder, record["seconds"], True, version)
    except (OSError, ValueError, KeyError, TypeError):
        pass  # nothing there that could be used
    work = folder / "work"
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        for old in (_RECORD, *outputs):
            (folder / old).unlink(missing_ok=True)
        for file, content in given.items():
            (work / file).write_text(content)
    except OSError as error:
        raise BoardError(f"{folder}: cannot be written: {error.strerror}") from None
    try:
        with ElapsedLine(name, _SECONDS_FIXED + _SECONDS_PER_MB * len(text) / 1e6) as progress:
            seconds = yosys.run(passes, work, outputs=outputs, log=folder / _LOG, limit=limit, tell=progress)
        for made in outputs:
            (work / made).replace(folder / made)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    write_atomic(folder / _RECORD, json.dumps({"key": key, "seconds": seconds, "yosys": version}).encode())
    return Synthesis(folder, seconds, False, version)


def synthesise(
    design: Design, target: Board, folder: Path, *, limit: float = _LIMIT, seed: int | None = None,
    mhz: float = TARGET_MHZ,
) -> tuple[dict, str, bool]:
    """Synthesise, count and check a design; the report, its summary, and whether all checks passed.

    With ``seed`` it is also placed and routed, aiming at ``mhz``, where all checks passed. ``limit``: seconds for
    synthesis, and for place and route. The report is written to ``folder``/report.json also where a check fails, and
    says so.
    """
    if seed is not None:
        can_route(target)
    path = folder / "report.json"
    with suppress(OSError):
        path.unlink()  # nothing of an earlier run may stand for this one
    design = resolve(design, target.device)
    text = circuit(design)
    made = map_circuit(
        text, target.family, folder, soft=soft_multipliers(design), limit=limit, name=f"{design.name} for {target.name}"
    )
    netlist = read_netlist(made.folder / flow.JSON)
    types = netlist.types()
    paths: Timing | None = None
    with suppress(BoardError):  # a check names the loop or the cell
        paths = timing(netlist, target.family)
    checks = check(netlist, target.family, expected(design, target.device, text))
    routed = None
    if seed is not None and not any(checks.values()):
        routed = route(made.folder / flow.JSON, target, seed=seed, mhz=mhz, limit=limit, name=design.name)
    found = Found(
        count=count({k: n for k, n in types.items() if class_of(target.family, k) is not None}, target.family),
        cells=types,
        checks=checks,
        timing=paths,
        seconds=made.seconds,
        cached=made.cached,
        yosys=made.yosys,
        occupied=occupied(netlist) if target.family == "ecp5" else None,
        routed=routed,
    )
    report, reasons = figures(target, design, found, estimate(design, target.device))
    write_report(path, report, reasons)
    return report, summary(target, design, report, found), not any(found.checks.values())


@command
def main(arguments: Sequence[str] | None) -> int:
    """Exit status: 0, 1 a check of the mapped cells failed, 2 the job could not be done."""
    parser = Options(prog="python -m boards.synth", description="Synthesise a design for a board.")
    parser.add_argument("--board", default="arty", help=f"one of {', '.join(BOARDS)} (%(default)s)")
    parser.add_argument("--design", default="designs/morse.toml", help="design file (default %(default)s)")
    parser.add_argument("--build", type=Path, default=Path("build"), help="folder for what is made (%(default)s)")
    parser.add_argument("--limit", type=float, default=_LIMIT, help="seconds that each tool may take (%(default)s)")
    parser.add_argument("--route", nargs="?", const="1", help="also place and route it; ulx3s only")
    parser.add_argument("--seed", type=int, help=f"of place and route ({SEED})")
    parser.add_argument("--mhz", type=float, help=f"the clock that place and route aims at ({TARGET_MHZ:g})")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    target = board(options.board)
    design = files.load(options.design)
    folder = options.build / "synth" / target.name / design.name
    check_folder(folder)
    _, text, passed = synthesise(design, target, folder, limit=options.limit, **_routing(options))
    print(text)
    print(f"  report {folder / 'report.json'} ({time.perf_counter() - started:.0f} s)")
    return 0 if passed else 1


def _routing(options: Namespace) -> dict[str, Any]:
    """The options of place and route; BoardError where they make no sense."""
    if options.route is None:
        if options.seed is not None or options.mhz is not None:
            raise BoardError("a seed and a clock to aim at are of place and route; give --route (ROUTE=1) as well")
        return {}
    if options.route != "1":
        raise BoardError(f"ROUTE must be 1 or not given, got {options.route}")
    seed = SEED if options.seed is None else options.seed
    mhz = TARGET_MHZ if options.mhz is None else options.mhz
    if not 0 <= seed < 1 << 31:
        raise BoardError(f"the seed of place and route must be from 0 to 2,147,483,647, got {seed}")
    if not 1 <= mhz <= 1000:
        raise BoardError(f"the clock that place and route aims at must be 1 to 1,000 MHz, got {mhz:g}")
    return {"seed": seed, "mhz": mhz}


if __name__ == "__main__":
    sys.exit(main())
