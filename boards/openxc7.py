"""From mapped cells to a bitstream for XC7 with open tools: nextpnr-xilinx, then prjxray's fasm2frames, xc7frames2bit.

No package of pip carries them. Beside the programs two things are needed: the chip's database of nextpnr
(``<chip>.bin``) and prjxray's database (``artix7/<part>/part.yaml`` and more).
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from boards.board import Board
from boards.errors import BoardError
from boards.made import Made, Wish
from boards.tools import Search, TimeLimit, run
from sw.common.progress import ElapsedLine

__all__ = ["Tools", "bitstream", "find", "part", "script"]

PROGRAMS = ("nextpnr-xilinx", "fasm2frames", "xc7frames2bit")
CHIPDB, DATABASE = "CLASHFREE_CHIPDB", "CLASHFREE_PRJXRAY_DB"
_CHIPDB_PLACES = ("/usr/share/nextpnr/xilinx-chipdb", "/usr/local/share/nextpnr/xilinx-chipdb",
                  "/snap/openxc7/current/opt/nextpnr-xilinx/share/nextpnr/xilinx-chipdb")
_DATABASE_PLACES = ("/usr/share/nextpnr/prjxray-db", "/usr/local/share/nextpnr/prjxray-db",
                    "/snap/openxc7/current/opt/nextpnr-xilinx/share/nextpnr/external/prjxray-db")
_FAMILY = "artix7"
_SECONDS = 300.0  # of a place and route, roughly
_CLOCK = re.compile(r"Max frequency for clock\s+'[^']*': ([0-9.]+) MHz")


@dataclass(frozen=True)
class Tools:
    """Where everything is; ``missing``: what is not there and where it was looked for, "" where nothing is missing."""

    programs: Search
    chipdb: Path | None
    database: Path | None
    missing: str


def part(target: Board) -> str:
    """As the open tools spell it: without the letters of temperature and voltage."""
    return re.sub(r"^(xc7a\d+t)i?(csg324-\d)L?$", r"\1\2", target.part)


def _chips(target: Board) -> list[str]:
    """Names that its database may have."""
    name = part(target)
    return [f"{name}.bin", f"{name.split('-')[0]}.bin", f"{target.chip.lower()}.bin"]


def find(target: Board) -> Tools:
    """Programs on PATH; databases where CLASHFREE_CHIPDB and CLASHFREE_PRJXRAY_DB say, or at usual places."""
    programs = Search.of(PROGRAMS)
    chips = _chips(target)
    chip_places, database_places = _places(CHIPDB, _CHIPDB_PLACES), _places(DATABASE, _DATABASE_PLACES)
    chipdb = next((place / name for place in chip_places for name in chips if (place / name).is_file()), None)
    rule = Path(_FAMILY) / part(target) / "part.yaml"
    database = next((place for place in database_places if (place / rule).is_file()), None)
    lines = [str(programs)] if programs.missing else []
    if chipdb is None:
        lines.append(f"{chips[0]} (looked in {CHIPDB}, {', '.join(map(str, chip_places))})")
    if database is None:
        lines.append(f"{rule} (looked in {DATABASE}, {', '.join(map(str, database_places))})")
    return Tools(programs, chipdb, database, "; ".join(lines))


def _places(variable: str, usual: tuple[str, ...]) -> list[Path]:
    named = os.environ.get(variable)
    return [Path(named)] if named else [Path(place) for place in usual]


def _commands(
    target: Board, mhz: float, seed: str, programs: dict[str, str], chipdb: str, database: str
) -> list[tuple[list[str], str | None]]:
    """Words of each program, and the file for what it prints."""
    name = part(target)
    return [
        ([programs["nextpnr-xilinx"], "--chipdb", chipdb, "--xdc", "pins.xdc", "--json", "netlist.json", "--fasm",
          "top.fasm", "--freq", f"{mhz:g}", "--seed", seed, "--timing-allow-fail"], None),
        ([programs["fasm2frames"], "--part", name, "--db-root", f"{database}/{_FAMILY}", "top.fasm"], "top.frames"),
        ([programs["xc7frames2bit"], "--part_file", f"{database}/{_FAMILY}/{name}/part.yaml", "--part_name", name,
          "--frm_file", "top.frames", "--output_file", "top.bit"], None),
    ]  # fmt: skip


def script(target: Board, mhz: float) -> str:
    """The commands as a shell script, for a machine that has the tools."""
    names = {name: name for name in PROGRAMS}
    lines = []
    for words, output in _commands(target, mhz, "${SEED:-1}", names, "$CHIPDB", "$PRJXRAY_DB"):
        quoted = [f'"{word}"' if "$" in word else word for word in words]
        lines.append(" ".join([*quoted, *([f"> {output}"] if output else [])]))
    return f"""#!/bin/sh
# Places and routes netlist.json and makes top.bit. CHIPDB: nextpnr-xilinx's {_chips(target)[0]};
# PRJXRAY_DB: the folder that has {_FAMILY}/. SEED chooses another placement.
set -e
cd "$(dirname "$0")"
{chr(10).join(lines)}
"""


def bitstream(tools: Tools, target: Board, wish: Wish, folder: Path) -> Made:
    """``folder`` has netlist.json and pins.xdc. Seeds are tried until one reaches ``wish.mhz``.

    A placement may never end: after ``wish.limit`` seconds the next seed is tried. BoardError: none was good; the
    reason of the last one. What nextpnr-xilinx says of the clock leaves out the ports of DSP blocks and block RAM.
    """
    programs = {name: str(path) for name, path in tools.programs.found.items()}
    reached: dict[int, float] = {}
    last, seconds = "", 0.0
    for seed in wish.seeds:
        for old in ("top.fasm", "top.frames", "top.bit"):
            (folder / old).unlink(missing_ok=True)
        commands = _commands(target, wish.mhz, str(seed), programs, str(tools.chipdb), str(tools.database))
        log = folder / f"nextpnr-{seed}.log"
        log.unlink(missing_ok=True)
        try:
            with ElapsedLine(f"{wish.name}, place and route, seed {seed}", _SECONDS) as tell:
                seconds += run(commands[0][0], folder, log=log, limit=wish.limit, tell=tell)
        except TimeLimit as error:
            last = str(error)
            continue
        clocks = _CLOCK.findall(log.read_text(errors="replace"))
        if not clocks:
            raise BoardError(f"nextpnr-xilinx must say what clock it reached, has not; see {log}")
        reached[seed] = float(clocks[-1])
        if reached[seed] < wish.mhz:
            last = wish.too_slow(reached[seed], f"nextpnr-xilinx, seed {seed}")
            continue
        for words, output in commands[1:]:
            where = folder / output if output else None
            seconds += run(words, folder, log=log, limit=wish.limit, output=where)
        if not (folder / "top.bit").is_file():
            raise BoardError(f"xc7frames2bit must write top.bit, has not; see {log}")
        source = f"nextpnr-xilinx, an estimate without the ports of DSP blocks and block RAM, seed {seed}"
        return Made(folder / "top.bit", reached[seed], source, seed, seconds)
    raise BoardError(last)
