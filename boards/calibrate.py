"""Fits the cost model's factors to synthesised designs, and holds the model against ten designs it has not seen.

    python -m boards.calibrate            print the model's errors on the ten designs that were held out
    python -m boards.calibrate --fit      first synthesise the samples and write sw/design/cost_factors.py

Synthesis takes half a minute to some minutes per design; what is in build/synth from before is used.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from boards.errors import BoardError
from boards.expected import resolve
from boards.known import board
from boards.sample import calibration_designs, held_out_designs
from boards.synth import synthesise
from sw.design.cost import cost
from sw.design.cost_terms import ff_terms, lut_terms
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.report import write_report
from sw.design.whole import write_whole

__all__ = ["errors", "fit", "main"]

_BOARD = "arty-100"
_BUILD = Path("build/synth") / _BOARD
_FACTORS = Path("sw/design/cost_factors.py")
_TITLE = '"""The cost model\'s factors per bit of a kind of unit, written by `python -m boards.calibrate --fit`."""'
_TRUST = 0.1  # in one look-up table or flip-flop per bit, against what the designs say


def fit(terms: Sequence[Mapping[str, float]], counted: Sequence[float]) -> dict[str, float]:
    """Factors of 0 and more that make the counts of the terms, with the smallest squares of relative errors.

    Terms that the designs say little about stay near one per bit.
    """
    names = sorted({name for one in terms for name in one})
    shares = np.array([[one.get(name, 0) for name in names] for one in terms]) / np.array(counted)[:, None]
    trust = np.diag(_TRUST * np.linalg.norm(shares, axis=0))
    kept = list(range(len(names)))
    while True:
        matrix = np.vstack([shares[:, kept], trust[np.ix_(kept, kept)]])
        goal = np.concatenate([np.ones(len(counted)), np.diag(trust)[kept]])
        found = np.linalg.lstsq(matrix, goal, rcond=None)[0]
        if (found >= 0).all():
            factors = dict.fromkeys(names, 0.0)
            return factors | {names[k]: round(float(value), 4) for k, value in zip(kept, found, strict=True)}
        kept = [k for k, value in zip(kept, found, strict=True) if value >= 0]


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


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m boards.calibrate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fit", action="store_true", help="fit the factors anew (24 syntheses)")
    try:
        if parser.parse_args(arguments).fit:
            _fit_anew()
            print(f"factors written to {_FACTORS}; run again without --fit to see the errors")
            return 0
        rows = {design.name: errors(design, report) for design, report in _synthesised(held_out_designs())}
    except (BoardError, DesignError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(_table(rows))
    write_report(Path("build/cost/report.json"), {"board": _BOARD, "designs": rows}, {})
    return 0


def _synthesised(designs: Sequence[Design]) -> list[tuple[Design, dict]]:
    """Designs as they were synthesised, with their reports."""
    device, found = board(_BOARD).device, []
    for number, design in enumerate(designs, 1):
        print(f"{number} of {len(designs)}: {design.name}", file=sys.stderr)
        report, _, _ = synthesise(design, board(_BOARD), _BUILD / design.name)
        found.append((resolve(design, device), report))
    return found


def _fit_anew() -> None:
    found = _synthesised(calibration_designs())
    logic = fit([lut_terms(d) for d, _ in found], [r["lut_logic"] + r["srl"] for _, r in found])
    ff = fit([ff_terms(d) for d, _ in found], [r["ff"] for _, r in found])
    lines = [_TITLE, ""]
    for name, factors in (("LUT_FACTORS", logic), ("FF_FACTORS", ff)):
        lines += [f"{name} = {{", *(f'    "{term}": {factor},' for term, factor in factors.items()), "}"]
    write_whole(_FACTORS, ("\n".join(lines) + "\n").encode())


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
