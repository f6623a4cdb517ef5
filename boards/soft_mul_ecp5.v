// Multipliers of look-up tables for ECP5: rows a * b_i, two to a carry chain.
//
// A CCU2C's look-up table has four inputs: both rows' bits of a and both bits of b. So a chain of them multiplies by two
// bits of b, and another one adds each such product to the others, as a tree.
//
// STAGES registers, of those that follow the multiplication in the design, lie between these levels and behind the last.

(* techmap_celltype = "$__soft_mul" *)
module soft_mul (CLK, A, B, Y);
  parameter A_SIGNED = 0, B_SIGNED = 0, A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1, STAGES = 0;
  input CLK;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  // the row that counts negative must be the second one of its chain
  localparam ROWS = B_SIGNED ? (B_WIDTH + 1) / 2 * 2 : B_WIDTH;
  localparam WIDTH = A_WIDTH + ROWS + 1;
  // of the tree below
  localparam LEVELS = ROWS <= 2 ? 1 : ROWS <= 4 ? 2 : ROWS <= 6 || ROWS == 8 ? 3
                    : ROWS <= 10 || ROWS == 12 || ROWS == 14 || ROWS == 16 ? 4 : 6;

  generate
    if (A_WIDTH < B_WIDTH) begin
      \$__soft_mul #(
        .A_SIGNED(B_SIGNED), .B_SIGNED(A_SIGNED), .A_WIDTH(B_WIDTH), .B_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH),
        .STAGES(STAGES)
      ) _TECHMAP_REPLACE_ (.CLK(CLK), .A(B), .B(A), .Y(Y));
    end else begin
      wire a_sign = A_SIGNED ? A[A_WIDTH-1] : 1'b0;
      wire [B_WIDTH:0] b = {B[B_WIDTH-1], B};
      wire [WIDTH-1:0] product;
      \$__soft_rows #(
        .N(A_WIDTH), .ROWS(ROWS), .NEGATIVE(B_SIGNED), .LEVELS(LEVELS), .ALL(LEVELS), .STAGES(STAGES)
      ) rows (
        .CLK(CLK), .a({a_sign, A}), .b(b[ROWS-1:0]), .product(product)
      );
      wire [Y_WIDTH+WIDTH-1:0] extended = {{Y_WIDTH{product[WIDTH-1]}}, product};
      assign Y = extended[Y_WIDTH-1:0];
    end
  endgenerate
endmodule

// product = a * b; b's top bit counts negative if NEGATIVE, then ROWS must be even. It is there after level LEVELS of
// ALL.
(* techmap_celltype = "$__soft_rows" *)
module soft_rows (CLK, a, b, product);
  parameter N = 1, ROWS = 1, NEGATIVE = 0, LEVELS = 1, ALL = 1, STAGES = 0;
  input CLK;
  input [N:0] a;
  input [ROWS-1:0] b;
  output [N+ROWS:0] product;

  localparam LOW = ROWS < 8 ? 2 : ROWS / 4 * 2, HIGH = ROWS - LOW;
  localparam LINKS = (N + 4) / 2;
  genvar i;
  generate
    if (ROWS <= 2) begin
      wire [N+ROWS:0] made [0:LEVELS];
      if (ROWS == 1) begin
        assign made[0] = {a[N], a} & {N+2{b[0]}};
      end else begin
        // What the chain generates is a function of A and B alone: the row that is inverted, if one is, else the first.
        wire [2*LINKS-1:0] first = {{2*LINKS{a[N]}}, a}, second = {{2*LINKS{a[N]}}, a, 1'b0}, sum;
        wire [2*LINKS-1:0] one = NEGATIVE ? second : first, other = NEGATIVE ? first : second;
        wire by_one = NEGATIVE ? b[1] : b[0], by_other = NEGATIVE ? b[0] : b[1];
        wire [2*LINKS:0] carry;
        assign carry[0] = NEGATIVE ? 1'b1 : 1'b0;
        localparam [15:0] TABLE = NEGATIVE ? 16'h8777 : 16'h7888;
        for (i = 0; i < 2 * LINKS; i = i + 2) begin:link
          CCU2C #(.INIT0(TABLE), .INIT1(TABLE), .INJECT1_0("NO"), .INJECT1_1("NO")) two (
            .CIN(carry[i]), .COUT(carry[i+2]),
            .A0(one[i]), .B0(by_one), .C0(other[i]), .D0(by_other), .S0(sum[i]),
            .A1(one[i+1]), .B1(by_one), .C1(other[i+1]), .D1(by_other), .S1(sum[i+1])
          );
        end
        assign made[0] = sum[N+2:0];
      end
      for (i = 0; i < LEVELS; i = i + 1) begin:level
        \$__after_level #(.WIDTH(N+ROWS+1), .LEVEL(i+1), .ALL(ALL), .STAGES(STAGES)) registers (
          .CLK(CLK), .D(made[i]), .Q(made[i+1])
        );
      end
      assign product = made[LEVELS];
    end else begin
      wire [N+LOW:0] low;
      wire [N+ROWS:0] made;
      \$__soft_rows #(.N(N), .ROWS(LOW), .NEGATIVE(0), .LEVELS(LEVELS-1), .ALL(ALL), .STAGES(STAGES)) lower (
        .CLK(CLK), .a(a), .b(b[LOW-1:0]), .product(low)
      );
      if (HIGH == 1) begin
        // the last row is made in the chain that adds it
        wire [N:0] an;
        wire bit;
        wire [N+1:0] waited [0:LEVELS-1];
        assign waited[0] = {b[LOW], a};
        for (i = 0; i < LEVELS - 1; i = i + 1) begin:level
          \$__after_level #(.WIDTH(N+2), .LEVEL(i+1), .ALL(ALL), .STAGES(STAGES)) registers (
            .CLK(CLK), .D(waited[i]), .Q(waited[i+1])
          );
        end
        assign {bit, an} = waited[LEVELS-1];
        wire [2*LINKS-1:0] before = {{2*LINKS{low[N+LOW]}}, low[N+LOW:LOW]}, row = {{2*LINKS{an[N]}}, an}, sum;
        wire [2*LINKS:0] carry;
        assign carry[0] = 1'b0;
        for (i = 0; i < 2 * LINKS; i = i + 2) begin:link
          CCU2C #(.INIT0(16'h6AAA), .INIT1(16'h6AAA), .INJECT1_0("NO"), .INJECT1_1("NO")) two (
            .CIN(carry[i]), .COUT(carry[i+2]),
            .A0(before[i]), .B0(1'b1), .C0(row[i]), .D0(bit), .S0(sum[i]),
            .A1(before[i+1]), .B1(1'b1), .C1(row[i+1]), .D1(bit), .S1(sum[i+1])
          );
        end
        assign made = {sum[N+1:0], low[LOW-1:0]};
      end else begin
        wire [N+HIGH:0] high, sum;
        \$__soft_rows #(.N(N), .ROWS(HIGH), .NEGATIVE(NEGATIVE), .LEVELS(LEVELS-1), .ALL(ALL), .STAGES(STAGES)) upper (
          .CLK(CLK), .a(a), .b(b[ROWS-1:LOW]), .product(high)
        );
        assign sum = $signed(high) + $signed(low[N+LOW:LOW]);
        assign made = {sum, low[LOW-1:0]};
      end
      \$__after_level #(.WIDTH(N+ROWS+1), .LEVEL(LEVELS), .ALL(ALL), .STAGES(STAGES)) registers (
        .CLK(CLK), .D(made), .Q(product)
      );
    end
  endgenerate
endmodule
