"""The coefficients of the cost model, fitted to designs that were synthesised."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import lsq_linear

from sw.cost.coefficients import Coefficient, Coefficients
from sw.cost.logic import logic
from sw.design.design import Design

__all__ = ["fit"]

# The relative error, of one figure of one design, that a coefficient is worth which is off its guess by all its range.
# Of 0.002 to 0.5 this predicts best a calibration design that the fit is not told of.
_PULL = 0.05
_DIGITS = 4  # significant ones of a value


def fit(
    counted: Sequence[tuple[Design, Mapping[str, float]]], table: Mapping[str, Coefficient], *, pull: float = _PULL
) -> dict[str, Coefficient]:
    """The table with the values of the least sum of squares of relative errors, each within its limits.

    Args:
        counted: designs, each with ``lut``, ``lutram`` and ``ff`` as synthesis counted them.
        pull: of each value to its guess, so that one of which the designs tell little stays there.
    """
    lines = table.values()
    guess, least, most = (np.array([getattr(line, key) for line in lines]) for key in ("guess", "least", "most"))
    matrix, wanted = [np.diag(pull / (most - least))], [pull * guess / (most - least)]
    for design, report in counted:
        fixed, amounts = _amounts(design, list(table))
        whole = np.array([report["lut"], report["ff"]])
        matrix.append(amounts / whole[:, None])
        wanted.append((whole - [report["lutram"], 0] - fixed) / whole)
    found = lsq_linear(np.concatenate(matrix), np.concatenate(wanted), bounds=(least, most), method="bvls").x
    rounded = np.clip([float(f"{value:.{_DIGITS}g}") for value in found], least, most)
    return {name: replace(line, value=float(value)) for (name, line), value in zip(table.items(), rounded, strict=True)}


def _amounts(design: Design, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Look-up tables and flip-flops of the logic: (2,) without coefficients, (2, coefficients) what each is counted by.

    The model is affine, so all is known from its counts with each coefficient 1 and the others 0, and with all 0.
    """
    sets = np.eye(len(names), len(names) + 1, k=1)  # the first set is all 0
    coefficients: dict[str, Any] = dict(zip(names, sets, strict=True))
    units = logic(design, Coefficients(**coefficients))
    counts = np.array([sum(kind.values(), np.zeros(sets.shape[1])) for kind in (units.lut, units.ff)])
    return counts[:, 0], counts[:, 1:] - counts[:, :1]
