"""Holds the cost model against synthesised designs: ten that its formulas have not been worked out on.

    python -m boards.calibrate                    print the model's errors on these ten designs
    python -m boards.calibrate --seeds 100 123    on the samples of these seeds, which the formulas are from

Synthesis takes half a minute to some minutes per design; what is in build/synth from before is used.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from boards.errors import BoardError
from boards.known import board
from boards.netlist.expected import resolve
from boards.sample import held_out_designs, sample
from boards.synth import synthesise
from sw.common.command import command
from sw.common.report import write_report
from sw.cost.cost import cost
from sw.design.design import Design

__all__ = ["errors", "main"]

_BOARD = "arty-100"
_BUILD = Path("build/synth") / _BOARD


def errors(design: Design, report: Mapping) -> dict[str, tuple[float, float, float]]:
    """Per figure: what the model says, what was counted, by how many percent the model is too high."""
    said = cost(design, board(_BOARD).device)
    pairs = {
        "multipliers": (said.multipliers, sum(report["multipliers"].values())),
        "dsp": (said.dsp, report["dsp"]),
        "bram36": (said.block, report["bram36"]),
        "lutram": (said.lutram, report["lutram"]),
        "lut": (said.lut or 0, report["lut"]),
        "ff": (said.ff or 0, report["ff"]),
    }
    return {
        name: (mine, there, round(100 * (mine - there) / there, 2) if there else 100.0 * (mine != 0))
        for name, (mine, there) in pairs.items()
    }


@command
def main(arguments: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m boards.calibrate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    metavar = ("FIRST", "LAST")
    parser.add_argument("--seeds", nargs=2, type=int, metavar=metavar, help="of samples to take instead of the ten")
    seeds = parser.parse_args(arguments).seeds
    name = "seeds-{}-{}".format(*seeds) if seeds else "report"
    if seeds and not 0 <= seeds[0] <= seeds[1]:
        raise BoardError(f"--seeds needs a first one of 0 or more and a last one not below it, got {seeds}")
    designs = [sample(seed) for seed in range(seeds[0], seeds[1] + 1)] if seeds else held_out_designs()
    rows = {design.name: errors(design, report) for design, report in _synthesised(designs)}
    print(_table(rows))
    write_report(Path(f"build/cost/{name}.json"), {"board": _BOARD, "designs": rows}, {})
    return 0


def _synthesised(designs: Sequence[Design]) -> list[tuple[Design, dict]]:
    """Designs as they were synthesised, with their reports."""
    device, found = board(_BOARD).device, []
    for number, design in enumerate(designs, 1):
        print(f"{number} of {len(designs)}: {design.name}", file=sys.stderr)
        report, _, _ = synthesise(design, board(_BOARD), _BUILD / design.name)
        found.append((resolve(design, device), report))
    return found


def _table(rows: Mapping[str, Mapping[str, tuple[float, float, float]]]) -> str:
    figures = list(next(iter(rows.values())))
    lines = ["estimated / counted (error)", f"{'design':<12}" + "".join(f"{name:>26}" for name in figures)]
    for name, row in rows.items():
        cells = (f"{mine:,.10g} / {there:,.10g} ({off:+.1f} %)" for mine, there, off in row.values())
        lines.append(f"{name:<12}" + "".join(f"{cell:>26}" for cell in cells))
    worst = {name: max(abs(row[name][2]) for row in rows.values()) for name in figures}
    return "\n".join([*lines, f"{'largest':<12}" + "".join(f"{worst[name]:>24.1f} %" for name in figures)])


if __name__ == "__main__":
    sys.exit(main())
