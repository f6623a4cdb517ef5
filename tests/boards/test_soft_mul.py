"""Multipliers are proven to multiply after their registers, for small widths.

On every way from an operand to the product lie as many registers, which a walk over the cells shows; so the registers
only delay, and the SAT solver of yosys proves the circuit without them.
"""

import json

import pytest

from boards import flow
from hw.yosys import YosysError, run
from tests.boards.mult18x18d import model

# models of the cells that the family's multipliers are made of
MODELS = {
    "xc7": ["read_verilog +/xilinx/cells_sim.v", "delete t:$specify2 t:$specify3 t:$specrule"],
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
  assign y = product;
endmodule
"""


# a register becomes a wire
WIRE = """
module \\$dff (CLK, D, Q);
  parameter WIDTH = 1, CLK_POLARITY = 1;
  input CLK;
  input [WIDTH-1:0] D;
  output [WIDTH-1:0] Q;
  assign Q = D;
endmodule
"""


def proof(family: str, folder, number: int, *, cell: str = "$__soft_mul", **facts: int) -> list[str]:
    """Passes that end in an error if the multiplier does not multiply, and write its cells to <number>.json.

    ``zeros``: so many bits of b, from bit 2 on, are 0, for what the solver cannot do otherwise.
    """
    (folder / "mult18x18d.v").write_text(model())
    (folder / "wire.v").write_text(WIRE)
    facts = {"a_reg": 0, "b_reg": 0, "stages": 0, "zeros": 0} | facts
    own = ("a_reg", "b_reg") if cell == "$__dsp_mul" else ()
    more = "\n".join(f"parameter \\{name.upper()} {facts[name]}" for name in own)
    (folder / f"{number}.il").write_text(GATE.format(cell=cell, more=more, **facts))
    (folder / f"{number}.v").write_text(GOLD.format(**facts))
    blocks = "-map dsp_ecp5.v -D LEAST=4" if family == "ecp5" else ""
    models = ["design -load models"]
    if number == 0:
        models = [*MODELS[family], "setattr -mod -unset lib_whitebox -unset whitebox -unset abc9_box *",
                  "design -save models"]  # fmt: skip
    return [
        *models,
        f"read_verilog {number}.v",
        f"read_rtlil {number}.il",
        f"techmap -autoproc -map soft_mul.v -map after_level.v {blocks} gate",
        "hierarchy",
        "proc",
        "flatten",
        "opt_clean",
        "select -assert-none t:$__*",
        f"write_json -selected {number}.json",
        "techmap -map wire.v gate",
        "select -assert-none gate/t:$dff",
        "miter -equiv -flatten -make_outputs gold gate miter",
        "hierarchy -top miter",
        "sat -verify -prove trigger 0 miter" if not facts["zeros"] else
        f"sat -verify -prove trigger 0 -set in_b[{facts['zeros'] + 1}:2] 0 miter",
    ]


def clocks(cells: dict) -> set[int]:
    """How many registers lie on the ways from the operands to the product, in yosys's JSON of a multiplier."""
    module = cells["modules"]["gate"]
    ports = module["ports"]
    made = {bit: cell for cell in module["cells"].values() for port, bits in cell["connections"].items()
            if cell["port_directions"][port] == "output" for bit in bits}  # fmt: skip
    known: dict = {bit: {0} for name in "ab" for bit in ports[name]["bits"]}

    def behind(bit) -> set[int]:
        if bit not in known:
            known[bit] = set()  # a constant, or a loop, which the solver refuses
            cell = made.get(bit)
            if cell is not None:
                read = [b for port, bits in cell["connections"].items() for b in bits
                        if cell["port_directions"][port] == "input" and port != "CLK"]  # fmt: skip
                late = cell["type"] == "$dff"
                known[bit] = {n + late for b in read for n in behind(b)}
        return known[bit]

    return {n for bit in ports["y"]["bits"] for n in behind(bit)}


def prove(family: str, folder, cases: list[dict], **more) -> None:
    for name, text in flow.inputs(family).items():
        (folder / name).write_text(text)
    steps = [(f"{facts}", proof(family, folder, number, **facts, **more)) for number, facts in enumerate(cases)]
    run(steps, folder, log=folder / "log", limit=300)
    assert (folder / "log").read_text().count("SAT proof finished - no model found: SUCCESS!") == len(steps)
    for number, facts in enumerate(cases):
        found = clocks(json.loads((folder / f"{number}.json").read_text()))
        both = {facts.get("a_reg", 0), facts.get("b_reg", 0)}
        assert found == {facts.get("stages", 0) + n for n in both}, facts


@pytest.mark.parametrize("stages", range(6))
@pytest.mark.parametrize("family", flow.FAMILIES)
def test_products_are_right(family, stages, tmp_path):
    prove(family, tmp_path, [
        {"a": a, "b": b, "y": y, "a_signed": signs & 1, "b_signed": signs >> 1, "stages": stages}
        for a, b, y in WIDTHS for signs in (range(4) if stages == 0 else (0, 3) if stages == 4 else (3,))
    ])  # fmt: skip


@pytest.mark.slow
def test_products_of_dsp_blocks_are_right(tmp_path):
    """Whole and split operands, with every choice of registers."""
    registers = [(reg, stages) for reg in (0, 1) for stages in range(3)]
    # the bits of a split b around the cut at 18 and the lowest two
    widths = {(5, 4, 9, 0): registers, (19, 1, 20, 0): registers[::4], (1, 20, 24, 14): registers[3:4]}
    prove("ecp5", tmp_path, [
        {"a": a, "b": b, "y": y, "zeros": zeros, "a_signed": sign, "b_signed": sign, "a_reg": reg, "b_reg": reg,
         "stages": stages}
        for (a, b, y, zeros), some in widths.items() for sign in (0, 1) for reg, stages in some
    ] + [{"a": 22, "b": 4, "y": 3, "a_reg": 1, "b_reg": 1, "stages": 2, "a_signed": 0, "b_signed": 0}],
        cell="$__dsp_mul")  # fmt: skip


@pytest.mark.parametrize(("family", "old", "new"), [
    ("xc7", ".CYINIT(window[2])", ".CYINIT(1'b0)"),
    ("xc7", "64'h559999A55A6666AA", "64'h559999A55A6666A6"),
    ("xc7", "{{2{an[N]}}, an, 1'b0}", "{{3{an[N]}}, an}"),
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


@pytest.mark.parametrize("old", [".STAGES(STAGES), .KEEP(1)", ".STAGES(STAGES)) lower"])
def test_a_way_with_fewer_registers_is_refused(old, tmp_path):
    """The circuit without registers is right, so only the walk tells."""
    text = flow.inputs("xc7")["soft_mul.v"]
    assert old in text
    for name, whole in flow.inputs("xc7").items():
        (tmp_path / name).write_text(whole)
    (tmp_path / "soft_mul.v").write_text(text.replace(old, old.replace("(STAGES)", "(0)")))
    facts = {"a": 7, "b": 8, "y": 9, "a_signed": 1, "b_signed": 1, "stages": 4}
    run([("proof", proof("xc7", tmp_path, 0, **facts)[:-4])], tmp_path, log=tmp_path / "log", limit=300)
    assert len(clocks(json.loads((tmp_path / "0.json").read_text()))) > 1


@pytest.mark.parametrize(("old", "new"), [
    (".A_SIGNED(0), .B_SIGNED(B_SIGNED), .A_WIDTH(18)", ".A_SIGNED(1), .B_SIGNED(B_SIGNED), .A_WIDTH(18)"),
    ("top = A_SIGNED | B_SIGNED ?", "top = B_SIGNED & 0 ?"),
])  # fmt: skip
def test_a_wrong_split_is_refused(old, new, tmp_path):
    """What is seen although some bits of the split operand are 0."""
    text = flow.inputs("ecp5")["dsp_ecp5.v"]
    assert old in text
    for name, whole in flow.inputs("ecp5").items():
        (tmp_path / name).write_text(whole)
    (tmp_path / "dsp_ecp5.v").write_text(text.replace(old, new))
    facts = {"a": 1, "b": 20, "y": 24, "zeros": 14, "a_signed": 1, "b_signed": 1}
    steps = [("split", proof("ecp5", tmp_path, 0, cell="$__dsp_mul", **facts))]
    with pytest.raises(YosysError, match="proof did fail"):
        run(steps, tmp_path, log=tmp_path / "log", limit=300)
