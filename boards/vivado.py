"""From Verilog to a bitstream for XC7 with AMD's Vivado, where it is installed. Its free edition has these chips."""

import os
from pathlib import Path

from boards.board import Board
from boards.errors import BoardError
from boards.made import Made, Wish
from boards.tools import Search, run
from sw.common.progress import ElapsedLine

__all__ = ["bitstream", "find", "script"]

VARIABLE = "CLASHFREE_VIVADO"
_PLACES = ("/tools/Xilinx", "/opt/Xilinx", "/opt/xilinx", "~/Xilinx", "/tools/AMD", "/opt/AMD")
_SLACK = "slack.txt"


def find() -> Search:
    """`vivado`: where CLASHFREE_VIVADO says (program or folder), on PATH, or where its installer puts it; newest first.

    BoardError if the variable names nothing that could be it.
    """
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(named)
        folders = [path.parent] if path.is_file() else [path, path / "bin"]
        found = Search.of(["vivado"], folders)
        if found.missing or found.found["vivado"].parent not in folders:
            raise BoardError(f"{VARIABLE} must name vivado, its folder or that of its version, got '{named}'")
        return found
    roots = [Path(place).expanduser() for place in _PLACES]
    patterns = ("Vivado/*/bin", "*/Vivado/bin")
    installed = [folder for root in roots for pattern in patterns for folder in root.glob(pattern)]
    found = Search.of(["vivado"])
    if found.missing:
        found = Search.of(["vivado"], sorted(installed, reverse=True))
    return Search(found.found, found.wanted, (VARIABLE, "PATH", *map(str, roots)))


def script(target: Board, design: str) -> str:
    """A Tcl script that leaves top.bit, reports, and the slack in nanoseconds."""
    return f"""# {design} for {target.title}: vivado -mode batch -source vivado.tcl
set_param general.maxThreads 2
read_verilog top.v
read_xdc pins.xdc
read_xdc vivado.xdc
synth_design -top top -part {target.part}
opt_design
place_design
phys_opt_design
route_design
phys_opt_design
report_timing_summary -file timing.rpt
report_utilization -file utilization.rpt
set path [get_timing_paths -setup -max_paths 1]
set file [open {_SLACK} w]
puts $file [get_property SLACK $path]
close $file
write_bitstream -force top.bit
"""


def bitstream(vivado: Path, wish: Wish, folder: Path) -> Made:
    """``folder`` has vivado.tcl and what it reads. BoardError: Vivado failed, or the clock was not reached."""
    for old in ("top.bit", _SLACK):
        (folder / old).unlink(missing_ok=True)
    command = [str(vivado), "-mode", "batch", "-nojournal", "-log", "vivado-full.log", "-source", "vivado.tcl"]
    with ElapsedLine(f"{wish.name}, Vivado", wish.limit / 4) as tell:
        seconds = run(command, folder, log=folder / "vivado.log", limit=wish.limit, tell=tell)
    try:
        slack = float((folder / _SLACK).read_text())
    except (OSError, ValueError):
        raise BoardError(f"Vivado must write {_SLACK} with a number, has not; see {folder / 'vivado.log'}") from None
    if not (folder / "top.bit").is_file():
        raise BoardError(f"Vivado must write top.bit, has not; see {folder / 'vivado.log'}")
    reached = round(1000 / (1000 / wish.mhz - slack), 2)
    if slack < 0:
        (folder / "top.bit").unlink()
        raise BoardError(wish.too_slow(reached, f"Vivado, slack {slack:g} ns"))
    return Made(folder / "top.bit", reached, "Vivado, placed and routed", None, seconds)
