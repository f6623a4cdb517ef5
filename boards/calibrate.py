"""Fits the cost model's factors to synthesised designs, and holds the model against ten designs it has not seen.

    python -m boards.calibrate            print the model's errors on the designs that were held out
    python -m boards.calibrate --fit      synthesise the samples and write sw/design/cost_factors.py first

Synthesis takes a minute or so per design; what is in build/synth from before is used.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from boards.errors import BoardError
from boards.known import board
from boards.sample import calibration_designs, held_out_designs
from boards.synth import synthesise
from sw.design.cost import cost
from sw.design.cost_terms import ff_terms, lut_terms
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.report import write_report
from sw.design.whole import write_whole

__all__ = ["fit", "held_out_errors"]

_BOARD = "arty-100"
_BUILD = Path("build/synth") / _BOARD
_FACTORS = Path("sw/design/cost_factors.py")
_EXPECTED = 1.0  # a look-up table and a flip-flop per bit: what a factor is without evidence
_TRUST = 0.003  # in that, as a share of a design


@dataclass(frozen=True)
class Counted:
    design: Design
    lut_logic: int
    lutram: int
    ff: int
    dsp: int
    block: float
    multipliers: int


def fit(terms: Sequence[Mapping[str, float]], counted: Sequence[float]) -> dict[str, float]:
    """Factors of at least 0 that give the counts from the terms, with the smallest squares of relative errors.

    A term that the designs say little about stays near one per bit.
    """
    names = sorted({name for one in terms for name in one})
    target = np.array(counted, dtype=float)
    shares = np.array([[one.get(name, 0) for name in names] for one in terms]) / target[:, None]
    prior = np.full(len(names), _EXPECTED)
    used = np.ones(len(names), bool)
    # each term is trusted to be as expected in proportion to how much of a design it usually is
    weight = _TRUST * np.maximum(shares.mean(axis=0), 1e-6) ** -1 * shares.mean(axis=0)
    while True:
        matrix = np.vstack([shares[:, used], np.diag(weight[used] * np.ones(used.sum()))])
        goal = np.concatenate([np.ones(len(target)), weight[used] * prior[used]])
        found = np.zeros(len(names))
        found[used] = np.linalg.lstsq(matrix, goal, rcond=None)[0]
        if (found >= 0).all():
            return {name: round(float(value), 4) for name, value in zip(names, found, strict=True)}
        used &= found >= 0


def _count(designs: Sequence[Design]) -> list[Counted]:
    found = []
    for number, design in enumerate(designs, 1):
        print(f"{design.name} ({number} of {len(designs)})", file=sys.stderr)
        folder = _BUILD / design.name
        report, _, _ = synthesise(design, board(_BOARD), folder)
        found.append(
            Counted(
                design=design,
                lut_logic=report["lut_logic"] + report["srl"],
                lutram=report["lutram"],
                ff=report["ff"],
                dsp=report["dsp"],
                block=report["bram36"],
                multipliers=sum(report["multipliers"].values()),
            )
        )
    return found


def _write_factors(counted: Sequence[Counted]) -> None:
    lines = ['"""The cost model\'s factors, written by `python -m boards.calibrate --fit`: per bit of a kind of unit."""', ""]
    for name, terms, value in (
        ("LUT_FACTORS", lut_terms, lambda c: c.lut_logic),
        ("FF_FACTORS", ff_terms, lambda c: c.ff),
    ):
        factors = fit([terms(c.design) for c in counted], [value(c) for c in counted])
        lines += [f"{name} = {{", *(f'    "{term}": {factor},' for term, factor in factors.items()), "}"]
    write_whole(_FACTORS, ("\n".join(lines) + "\n").encode())


def held_out_errors(counted: Sequence[Counted]) -> list[dict[str, object]]:
    """Per design what the model says, what was counted, and by how many percent the model is too high."""
    device = board(_BOARD).device
    rows = []
    for c in counted:
        said = cost(c.design, device)
        pairs: dict[str, Callable[[], tuple[float, float]]] = {
            "multipliers": lambda s=said, c=c: (s.multipliers, c.multipliers),
            "dsp": lambda s=said, c=c: (s.dsp, c.dsp),
            "bram36": lambda s=said, c=c: (s.block, c.block),
            "lutram": lambda s=said, c=c: (s.lutram, c.lutram),
            "lut": lambda s=said, c=c: (s.lut or 0, c.lut_logic + c.lutram),
            "ff": lambda s=said, c=c: (s.ff or 0, c.ff),
        }
        row: dict[str, object] = {"design": c.design.name}
        for name, pair in pairs.items():
            estimated, there = pair()
            error = 100 * (estimated - there) / there if there else 0.0
            row[name] = {"estimate": estimated, "counted": there, "error_percent": round(error, 2)}
        rows.append(row)
    return rows
