"""The generated Verilog passes Verilator's linter without a word, but for what its own first lines say."""

import subprocess
from pathlib import Path

import pytest

from hw.verilog import generate
from sim.toolchain import Verilator
from sw.design.files import load
from tests.hw.designs import corner_designs, make

pytestmark = pytest.mark.verilator
# more outputs in a clock than there are classes
PADDED = make("padded", (4, 4), (1,), (4,), classes=2)
DESIGNS = [load("designs/odd.toml"), load("designs/tiny.toml"), *corner_designs(), PADDED]


def said(verilator: Verilator, text: str, folder: Path) -> str:
    path = folder / "top.v"
    path.write_text(text)
    command = [str(verilator.executable), "--lint-only", "--top-module", "top", str(path)]
    return subprocess.run(command, capture_output=True, text=True, env=verilator.env, check=False).stderr


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
def test_verilog_lints_clean(design, verilator, tmp_path):
    assert said(verilator, generate(design), tmp_path) == ""


@pytest.mark.parametrize(
    ("fault", "warning"),
    [
        ("assign count_cycles_twice = count_stalls;", "IMPLICIT"),
        ("reg held; always @* if (rst) held = count_stalls[0];", "LATCH"),
    ],
)
def test_faults_are_found(fault, warning, verilator, tmp_path):
    text = generate(DESIGNS[-1])
    end = text.index("endmodule", text.index("module top("))
    assert warning in said(verilator, text[:end] + fault + "\n" + text[end:], tmp_path)
