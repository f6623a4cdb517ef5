"""The numbers of the cost model that no structure tells, as named coefficients.

coefficients.toml has one line for each: its value, the limits of what it can mean, and what it counts. `python -m
boards.calibrate --fit` fits the values to synthesised designs and writes the file again.
"""

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from sw.common.atomic import write_atomic
from sw.cost.errors import CostError

__all__ = ["TABLE", "Coefficient", "Coefficients", "present", "read", "values", "write"]

TABLE = Path(__file__).with_name("coefficients.toml")
_HEAD = "# Written by `python -m boards.calibrate --fit`, which keeps all but the values; see coefficients.py.\n"
_NUMBERS = ("value", "guess", "least", "most")


@dataclass(frozen=True)
class Coefficients:
    """The value of each coefficient; those of look-up tables end in ``_lut``, those of flip-flops in ``_ff``.

    In a fit they are arrays, one value per set of coefficients.
    """

    design_lut: float
    control_lut: float
    control_scaled_lut: float
    control_bit_lut: float
    table_lut: float
    relu_lut: float
    rate_lut: float
    rate_relu_lut: float
    lfsr_lut: float
    row_start_lut: float
    row_by_clock_lut: float
    row_counted_lut: float
    row_wrapped_lut: float
    choice_lut: float
    output_bit_lut: float
    compare_lut: float
    compare_bit_lut: float
    padding_bit_lut: float
    config_index_lut: float
    design_ff: float
    control_ff: float
    control_bit_ff: float


@dataclass(frozen=True)
class Coefficient:
    """A line of the table. ``guess``: what a fit falls back on; the value lies between ``least`` and ``most``.

    ``counts``: of what, and per what.
    """

    value: float
    guess: float
    least: float
    most: float
    counts: str


@cache
def present() -> Coefficients:
    """The values in the table of the repository."""
    return values(read(TABLE))


def values(table: Mapping[str, Coefficient]) -> Coefficients:
    return Coefficients(**{name: line.value for name, line in table.items()})


def read(path: Path) -> dict[str, Coefficient]:
    """The table in a file, by name in the order of ``Coefficients``.

    Raises CostError, one line that begins with the file's name, if it has not exactly those, each as it must be.
    """
    try:
        content = tomllib.loads(path.read_text())
    except OSError as error:
        raise CostError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CostError(f"{path}: not valid TOML: {' '.join(str(error).split())}") from None
    names = [field.name for field in fields(Coefficients)]
    if unknown := [name for name in content if name not in names]:
        raise CostError(f"{path}: no coefficient is called {', '.join(unknown)}; sw/cost/coefficients.py has the names")
    if missing := [name for name in names if name not in content]:
        raise CostError(f"{path}: the table needs all coefficients, {', '.join(missing)} is missing")
    return {name: _line(path, name, content[name]) for name in names}


def _line(path: Path, name: str, content: object) -> Coefficient:
    keys = [field.name for field in fields(Coefficient)]
    if not isinstance(content, dict) or sorted(content) != sorted(keys):
        raise CostError(f"{path}: {name} must be a table with the keys {', '.join(keys)}, got {_shown(content)}")
    for key in _NUMBERS:
        number = content[key]
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise CostError(f"{path}: {key} of {name} must be a finite number, got {_shown(number)}")
    line = Coefficient(**content)
    if line.most <= line.least:
        raise CostError(f"{path}: most of {name} must be above its least, {line.least}, got {line.most}")
    for key in ("value", "guess"):
        if not line.least <= content[key] <= line.most:
            raise CostError(f"{path}: {key} of {name} must lie in {line.least} to {line.most}, got {content[key]}")
    if not isinstance(line.counts, str) or not line.counts:
        raise CostError(f"{path}: counts of {name} must be a text, got {_shown(line.counts)}")
    return line


def write(path: Path, table: Mapping[str, Coefficient]) -> None:
    """Write the table so that ``read`` gives an equal one; the file is replaced as a whole."""
    lines = [_HEAD]
    for name, line in table.items():
        numbers = ", ".join(f"{key} = {getattr(line, key)!r}" for key in _NUMBERS)
        lines.append(f"{name:<24} = {{ {numbers}, counts = {json.dumps(line.counts)} }}")
    write_atomic(path, "\n".join([*lines, ""]).encode())


def _shown(value: object) -> str:
    return json.dumps(value, default=str)[:60]
