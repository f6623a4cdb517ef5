"""A design's netlist of mapped cells as one Verilog file that can be simulated."""

import re
from pathlib import Path

import pyosys

from boards.synth import map_circuit
from hw.circuit import circuit
from sw.cost.mapping import soft_multipliers
from sw.design.design import Design
from tests.boards.mult18x18d import model

__all__ = ["simulated"]

_MODELS = {"xc7": "xilinx/cells_sim.v", "ecp5": "lattice/cells_sim_ecp5.v"}

#: a fault of mapping: what a cell's model does, and what it does instead
FAULTS = {"product": ("M = A_MULT * B_MULT;", "M = -(A_MULT * B_MULT);")}


def simulated(design: Design, family: str, folder: Path, *, fault: str = "") -> Path:
    """Synthesise a design for a family in ``folder``; the file with module ``top`` and the cells it is made of."""
    made = map_circuit(circuit(design), family, folder, soft=soft_multipliers(design))
    netlist = (made.folder / "netlist.v").read_text()
    models = _read(Path(pyosys.__file__).parent / "share" / _MODELS[family])
    if family == "ecp5":
        models += model()
    if fault:
        old, new = FAULTS[fault]
        assert models.count(old) == 1, f"the cells' models have {models.count(old)} times {old!r}"
        models = models.replace(old, new)
    assert not re.search(r"^ +(RAMB|DP16|PDPW)", netlist, re.MULTILINE), "block RAM has no model"
    path = folder / f"simulated{fault}.v"
    # the models are written for other simulators' habits, and cells leave pins open
    habits = ("WIDTH", "SPECIFYIGN", "PINMISSING", "UNOPTFLAT", "INITIALDLY", "COMBDLY")
    off = "".join(f"/* verilator lint_off {name} */\n" for name in habits)
    path.write_text(f"{off}{netlist}\n{models}")
    return path


def _read(path: Path) -> str:
    """A file with its includes, each of them once."""
    seen: set[Path] = set()

    def expanded(file: Path) -> str:
        if file in seen:
            return ""
        seen.add(file)
        return re.sub(r'`include "(\S+)"', lambda match: expanded(file.with_name(match[1])), file.read_text())

    return expanded(path)

