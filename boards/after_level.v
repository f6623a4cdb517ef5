// The registers behind level LEVEL of a multiplier that has ALL levels: STAGES of them are shared out evenly, such that
// the last one lies behind the last level, see soft_mul_xc7.v and soft_mul_ecp5.v.

(* techmap_celltype = "$__after_level" *)
module after_level (CLK, D, Q);
  parameter WIDTH = 1, LEVEL = 1, ALL = 1, STAGES = 0;
  input CLK;
  input [WIDTH-1:0] D;
  output [WIDTH-1:0] Q;

  // register s of 1..STAGES lies behind level ceil(s * ALL / STAGES)
  localparam COUNT = LEVEL * STAGES / ALL - (LEVEL - 1) * STAGES / ALL;
  genvar i;
  generate
    wire [WIDTH-1:0] values [0:COUNT];
    assign values[0] = D;
    for (i = 0; i < COUNT; i = i + 1) begin:stage
      reg [WIDTH-1:0] value;
      always @(posedge CLK) value <= values[i];
      assign values[i+1] = value;
    end
    assign Q = values[COUNT];
  endgenerate
endmodule
