"""Fits the cost model to synthesised designs, and holds it against ten that it is not fitted to.

    python -m boards.calibrate                    print the model's errors on these ten designs
    python -m boards.calibrate --seeds 100 122    on the samples of these seeds
    python -m boards.calibrate --fit              fit the coefficients to 26 other samples, write their table
                                                  (sw/cost/coefficients.toml), print what changed and all errors

Synthesis takes half a minute to some minutes per design; what is in build/synth from before is used.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from boards.errors import BoardError
from boards.fit import fit
from boards.known import board
from boards.sample import CALIBRATION, held_out_designs, sample
from boards.synth import synthesise
from sw.common.atomic import check_folder
from sw.common.command import command
from sw.common.report import write_report
from sw.cost.coefficients import TABLE, Coefficient, Coefficients, present, read, values, write
from sw.cost.cost import cost
from sw.cost.mapping import resolve
from sw.design.design import Design

__all__ = ["errors", "main"]

_BOARD = "arty-100"
_BUILD = Path("build/synth") / _BOARD
Counted = list[tuple[Design, Mapping]]  # designs as they were synthesised, with their reports
Rows = dict[str, dict[str, tuple[float, float, float]]]


def errors(design: Design, report: Mapping, coefficients: Coefficients) -> dict[str, tuple[float, float, float]]:
    """Per figure: what the model says, what was counted, by how many percent the model is too high."""
    said = cost(design, board(_BOARD).device, coefficients)
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
    chosen = parser.add_mutually_exclusive_group()
    metavar = ("FIRST", "LAST")
    chosen.add_argument("--seeds", nargs=2, type=int, metavar=metavar, help="of samples to take instead of the ten")
    chosen.add_argument("--fit", action="store_true", help="fit the coefficients and write their table")
    options = parser.parse_args(arguments)
    seeds = options.seeds
    if seeds and not 0 <= seeds[0] <= seeds[1]:
        raise BoardError(f"--seeds needs a first one of 0 or more and a last one not below it, got {seeds}")
    check_folder(Path("build/cost"))
    if options.fit:
        _fit()
        return 0
    name = "seeds-{}-{}".format(*seeds) if seeds else "report"
    designs = [sample(seed) for seed in range(seeds[0], seeds[1] + 1)] if seeds else held_out_designs()
    rows = _rows(_synthesised(designs), present())
    print(_table(rows))
    write_report(Path(f"build/cost/{name}.json"), {"board": _BOARD, "designs": rows}, {})
    return 0


def _fit() -> None:
    before = read(TABLE)
    fitted = _synthesised([sample(seed) for seed in CALIBRATION])
    held_out = _synthesised(held_out_designs())
    after = fit(fitted, before)
    write(TABLE, after)
    rows = {"fitted": _rows(fitted, values(after)), "held_out": _rows(held_out, values(after))}
    print(_changes(before, after))
    print(f"\nthe {len(fitted)} fitted designs: {_table(rows['fitted'])}")
    print(f"\nthe {len(held_out)} held-out designs: {_table(rows['held_out'])}")
    write_report(Path("build/cost/fit.json"), {"board": _BOARD, **rows}, {})


def _synthesised(designs: Sequence[Design]) -> Counted:
    found: Counted = []
    for number, design in enumerate(designs, 1):
        print(f"{number} of {len(designs)}: {design.name}", file=sys.stderr)
        report, _, passed = synthesise(design, board(_BOARD), _BUILD / design.name)
        if not passed:
            raise BoardError(f"{design.name}: a check of its cells failed, see {_BUILD / design.name / 'report.json'}")
        found.append((resolve(design, board(_BOARD).device), report))
    return found


def _rows(counted: Counted, coefficients: Coefficients) -> Rows:
    return {design.name: errors(design, report, coefficients) for design, report in counted}


def _changes(before: Mapping[str, Coefficient], after: Mapping[str, Coefficient]) -> str:
    changed = {name: line for name, line in after.items() if line != before[name]}
    lines = [f"{TABLE}: {len(changed)} of {len(after)} coefficients changed"]
    for name, line in changed.items():
        lines.append(f"  {name:<24}{before[name].value:>8g} ->{line.value:>8g}  {line.counts}")
    return "\n".join(lines)


def _table(rows: Rows) -> str:
    figures = list(next(iter(rows.values())))
    lines = ["estimated / counted (error)", f"{'design':<12}" + "".join(f"{name:>26}" for name in figures)]
    for name, row in rows.items():
        cells = (f"{mine:,.10g} / {there:,.10g} ({off:+.1f} %)" for mine, there, off in row.values())
        lines.append(f"{name:<12}" + "".join(f"{cell:>26}" for cell in cells))
    worst = {name: max(abs(row[name][2]) for row in rows.values()) for name in figures}
    return "\n".join([*lines, f"{'largest':<12}" + "".join(f"{worst[name]:>24.1f} %" for name in figures)])


if __name__ == "__main__":
    sys.exit(main())
