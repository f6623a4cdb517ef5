"""Multipliers are proven to multiply after their registers, for small widths, by the SAT solver of yosys."""

import pytest

from boards import flow
from hw.yosys import YosysError, run
from tests.boards.mult18x18d import model

# models of the cells that the family's multipliers are made of
MODELS = {
    "xc7": [],
    "ecp5": ["read_verilog -icells +/lattice/ccu2c_sim.vh +/lattice/common_sim.vh", "read_verilog mult18x18d.v"],
}
# (bits of a, bits of b, bits of the product that are kept): one to four digits or rows, truncated and extended ones
WIDTHS = [(1, 1, 2), (3, 2, 5), (2, 5, 9), (5, 3, 6), (6, 5, 11), (3, 7, 10)]

GATE = """
module \\gate
  wire width {a} input 1 \\a
  wire width {b} input 2 \\b
  wire width {y} output 3 \\y
  wire input 4 \\clk
  cell {cell} \\multiplier
    parameter \\STAGES {stages}
    {more}
    parameter \\A_SIGNED {a_signed}
    parameter \\B_SIGNED {b_signed}
    parameter \\A_WIDTH {a}
    parameter \\B_WIDTH {b}
    parameter \\Y_WIDTH {y}
    connect \\CLK \\clk
    connect \\A \\a
    connect \\B \\b
    connect \\Y \\y
  end
end
"""
# operands with a bit more, so that unsigned ones are positive
GOLD = """
module gold(input clk, input [{a}-1:0] a, input [{b}-1:0] b, output [{y}-1:0] y);
  wire signed [{a}:0] left = {{{a_signed} ? a[{a}-1] : 1'b0, a}};
  wire signed [{b}:0] right = {{{b_signed} ? b[{b}-1] : 1'b0, b}};
  wire signed [{a}+{b}+{y}:0] product = left * right;
  wire [{y}-1:0] values [0:{clocks}];
  assign values[0] = product;
  genvar i;
  for (i = 0; i < {clocks}; i = i + 1) begin:later
    reg [{y}-1:0] value;
    always @(posedge clk) value <= values[i];
    assign values[i+1] = value;
  end
  assign y = values[{clocks}];
endmodule
"""


def proof(family: str, folder, number: int, *, cell: str = "$__soft_mul", **facts: int) -> list[str]:
    """Passes that end in an error if the multiplier does not multiply, or not after its registers."""
    (folder / "mult18x18d.v").write_text(model())
    registers = {"a_reg": 0, "b_reg": 0, "stages": 0} | facts
    clocks = registers["stages"] + max(registers["a_reg"], registers["b_reg"])
    own = ("a_reg", "b_reg") if cell == "$__dsp_mul" else ()
    more = "\n".join(f"parameter \\{name.upper()} {registers[name]}" for name in own)
    facts = registers | {"clocks": clocks}
    (folder / f"{number}.il").write_text(GATE.format(cell=cell, more=more, **facts))
    (folder / f"{number}.v").write_text(GOLD.format(**facts))
    blocks = "-map dsp_ecp5.v -D LEAST=4" if family == "ecp5" else ""
    return [
        "design -reset",
        *MODELS[family],
        "setattr -mod -unset lib_whitebox -unset whitebox -unset abc9_box *",
        f"read_verilog {number}.v",
        f"read_rtlil {number}.il",
        f"techmap -autoproc -map soft_mul.v -map after_level.v {blocks} gate",
        "hierarchy",
        "proc",
        "flatten",
        "select -assert-none t:$__*",
        "miter -equiv -flatten -make_outputs gold gate miter",
        "hierarchy -top miter",
        # the first clocks show what the registers held before
        f"sat -verify -prove trigger 0 -seq {clocks + 1} -prove-skip {clocks} miter",
    ]


@pytest.mark.parametrize("family", flow.FAMILIES)
def test_products_are_right(family, tmp_path):
    for name, text in flow.inputs(family).items():
        (tmp_path / name).write_text(text)
    steps = []
    for a, b, y in WIDTHS:
        for signs in range(4):
            facts = {"a": a, "b": b, "y": y, "a_signed": signs & 1, "b_signed": signs >> 1}
            steps.append((f"{facts}", proof(family, tmp_path, len(steps), **facts)))
    run(steps, tmp_path, log=tmp_path / "log", limit=300)
    assert (tmp_path / "log").read_text().count("SAT proof finished - no model found: SUCCESS!") == len(steps)


@pytest.mark.slow
@pytest.mark.parametrize("stages", [1, 2, 3])
@pytest.mark.parametrize("family", flow.FAMILIES)
def test_products_after_registers_are_right(family, stages, tmp_path):
    for name, text in flow.inputs(family).items():
        (tmp_path / name).write_text(text)
    facts = {"a": 1, "b": 5, "y": 6, "a_signed": 0, "b_signed": 0, "stages": stages}
    run([("proof", proof(family, tmp_path, 0, **facts))], tmp_path, log=tmp_path / "log", limit=300)
    assert "no model found: SUCCESS!" in (tmp_path / "log").read_text()


@pytest.mark.slow
def test_products_of_dsp_blocks_are_right(tmp_path):
    """Whole and split operands, with every choice of registers."""
    for name, text in flow.inputs("ecp5").items():
        (tmp_path / name).write_text(text)
    steps = []
    for a, b, y in ((5, 4, 9), (19, 1, 20), (2, 20, 21), (22, 4, 3)):
        for signs in (0, 3):
            number = len(steps)
            facts = {"a": a, "b": b, "y": y, "a_signed": signs & 1, "b_signed": signs >> 1}
            facts |= {"a_reg": number % 2, "b_reg": number % 2, "stages": number % 3}
            steps.append((f"{facts}", proof("ecp5", tmp_path, number, cell="$__dsp_mul", **facts)))
    run(steps, tmp_path, log=tmp_path / "log", limit=300)
    assert (tmp_path / "log").read_text().count("SAT proof finished - no model found: SUCCESS!") == len(steps)


@pytest.mark.parametrize(("family", "old", "new"), [
    ("xc7", ".CI(minus)", ".CI(1'b0)"),
    ("xc7", "{an[N], an, 1'b0}", "{{2{an[N]}}, an}"),
    ("ecp5", "16'h8777", "16'h8778"),
    ("ecp5", "16'h6AAA", "16'h6A6A"),
])  # fmt: skip
def test_a_wrong_multiplier_is_refused(family, old, new, tmp_path):
    text = flow.inputs(family)["soft_mul.v"]
    assert old in text
    for name, whole in flow.inputs(family).items():
        (tmp_path / name).write_text(whole)
    (tmp_path / "soft_mul.v").write_text(text.replace(old, new))
    facts = {"a": 5, "b": 3, "y": 8, "a_signed": 1}
    steps = [("signed", proof(family, tmp_path, 0, b_signed=1, **facts)),
             ("unsigned", proof(family, tmp_path, 1, b_signed=0, **facts))]  # fmt: skip
    with pytest.raises(YosysError, match="proof did fail"):
        run(steps, tmp_path, log=tmp_path / "log", limit=300)
