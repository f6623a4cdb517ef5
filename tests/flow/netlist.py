"""A design's netlist of mapped cells as one Verilog file that can be simulated."""

import re
from pathlib import Path

import pyosys

from boards.synth import map_circuit
from hw.circuit import circuit
from sw.cost.mapping import soft_multipliers
from sw.design.design import Design

__all__ = ["simulated"]

_MODELS = {"xc7": "xilinx/cells_sim.v", "ecp5": "lattice/cells_sim_ecp5.v"}

# ECP5's multiplier as the flow uses it: no register inside, nothing from its neighbours
_MULT18X18D = """
module MULT18X18D({pins});
  {ports}
  wire signed [18:0] a = {{SIGNEDA & A17, {a}}};
  wire signed [18:0] b = {{SIGNEDB & B17, {b}}};
  wire signed [37:0] p = a * b;
  assign {{{p}}} = p[35:0];
endmodule
"""

#: a fault of mapping: what a cell's model does, and what it does instead
FAULTS = {"product": ("M = A_MULT * B_MULT;", "M = -(A_MULT * B_MULT);")}


def simulated(design: Design, family: str, folder: Path, *, fault: str = "") -> Path:
    """Synthesise a design for a family in ``folder``; the file with module ``top`` and the cells it is made of."""
    made = map_circuit(circuit(design), family, folder, soft=soft_multipliers(design))
    netlist = (made.folder / "netlist.v").read_text()
    models = _read(Path(pyosys.__file__).parent / "share" / _MODELS[family])
    if family == "ecp5":
        models += _multiplier()
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


def _multiplier() -> str:
    widths = {"A": 18, "B": 18, "C": 18, "P": 36}
    a, b, c, p = ([f"{name}{i}" for i in reversed(range(bits))] for name, bits in widths.items())
    inputs = [*a, *b, *c, "SIGNEDA", "SIGNEDB", "SOURCEA", "SOURCEB"]
    return _MULT18X18D.format(
        pins=", ".join([*inputs, *p]),
        ports=f"input {', '.join(inputs)}; output {', '.join(p)};",
        a=", ".join(a), b=", ".join(b), p=", ".join(p),
    )  # fmt: skip
