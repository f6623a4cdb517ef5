// The registers behind level LEVEL of a multiplier that has ALL levels, see soft_mul_xc7.v and soft_mul_ecp5.v: STAGES of
// them are shared out evenly, such that the last one lies behind the last level. The levels before the first one are the
// fewest, as the operands come from afar and reach many pins. KEEP: the last of them here is kept by itself and is not made
// the end of a shift register, which is slow.

(* techmap_celltype = "$__after_level" *)
module after_level (CLK, D, Q);
  parameter WIDTH = 1, LEVEL = 1, ALL = 1, STAGES = 0, KEEP = 0;
  input CLK;
  input [WIDTH-1:0] D;
  output [WIDTH-1:0] Q;

  // register s of 1..STAGES lies behind level max(1, floor(s * ALL / STAGES))
  localparam UNTIL = LEVEL == ALL ? STAGES : STAGES == 0 ? 0 : ((LEVEL + 1) * STAGES - 1) / ALL;
  localparam BEFORE = LEVEL == 1 || STAGES == 0 ? 0 : (LEVEL * STAGES - 1) / ALL;
  localparam COUNT = UNTIL - BEFORE;
  genvar i;
  generate
    wire [WIDTH-1:0] values [0:COUNT];
    assign values[0] = D;
    for (i = 0; i < COUNT; i = i + 1) begin:stage
      if (KEEP && i == COUNT - 1) begin
        (* keep *) reg [WIDTH-1:0] value;
        always @(posedge CLK) value <= values[i];
        assign values[i+1] = value;
      end else begin
        reg [WIDTH-1:0] value;
        always @(posedge CLK) value <= values[i];
        assign values[i+1] = value;
      end
    end
    assign Q = values[COUNT];
  endgenerate
endmodule
