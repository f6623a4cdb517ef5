"""A model of ECP5's multiplier as the flow uses it: registers by its parameters, nothing from its neighbours."""

__all__ = ["model"]

_MODEL = """
module MULT18X18D({pins});
  parameter REG_INPUTA_CLK = "NONE", REG_INPUTB_CLK = "NONE", REG_PIPELINE_CLK = "NONE", REG_OUTPUT_CLK = "NONE";
  {ports}
  wire signed [18:0] a_in = {{SIGNEDA & A17, {a}}};
  wire signed [18:0] b_in = {{SIGNEDB & B17, {b}}};
  reg signed [18:0] a_kept, b_kept;
  wire signed [18:0] a = REG_INPUTA_CLK == "CLK0" ? a_kept : a_in;
  wire signed [18:0] b = REG_INPUTB_CLK == "CLK0" ? b_kept : b_in;
  wire signed [37:0] product = a * b;
  reg signed [37:0] piped, put;
  wire signed [37:0] between = REG_PIPELINE_CLK == "CLK0" ? piped : product;
  wire signed [37:0] p = REG_OUTPUT_CLK == "CLK0" ? put : between;
  always @(posedge CLK0) begin
    a_kept <= a_in;
    b_kept <= b_in;
    piped <= product;
    put <= between;
  end
  assign {{{p}}} = p[35:0];
endmodule
"""


def model() -> str:
    """Verilog of the module."""
    widths = {"A": 18, "B": 18, "C": 18, "P": 36}
    a, b, c, p = ([f"{name}{i}" for i in reversed(range(bits))] for name, bits in widths.items())
    inputs = [*a, *b, *c, "SIGNEDA", "SIGNEDB", "SOURCEA", "SOURCEB", "CLK0", "CE0", "RST0"]
    return _MODEL.format(
        pins=", ".join([*inputs, *p]),
        ports=f"input {', '.join(inputs)}; output {', '.join(p)};",
        a=", ".join(a), b=", ".join(b), p=", ".join(p),
    )  # fmt: skip
