// Multipliers of look-up tables for XC7: signed digits of two bits (Booth's recoding, radix 4).
//
// A digit d in -2..2 chooses d * a, and a carry chain adds that to the sum of the digits below it. Choosing and adding
// take five bits of choice and one of the sum: a LUT6 per bit, where a multiplier that is mapped bit by bit takes
// three times as many; the cells are named here, as a mapper that looks for common parts lays more of them one behind the
// other. Up to three digits lie one behind the other; sums of more are added as a tree.
//
// STAGES registers, of those that follow the multiplication in the design, lie between these levels and behind the last.

(* techmap_celltype = "$__soft_mul" *)
module soft_mul (CLK, A, B, Y);
  parameter A_SIGNED = 0, B_SIGNED = 0, A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1, STAGES = 0;
  input CLK;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  // bits of A above which there are only signs; an unsigned operand's top digit must not count negative
  localparam N = A_SIGNED ? A_WIDTH - 1 : A_WIDTH;
  localparam DIGITS = B_SIGNED ? (B_WIDTH + 1) / 2 : B_WIDTH / 2 + 1;
  localparam WIDTH = N + 2 * DIGITS + 1;
  localparam LEVELS = DIGITS <= 3 ? DIGITS : DIGITS <= 6 ? 4 : 5;
  // the same if A had the digits: fewer levels are better, then fewer bits in all rows
  localparam OTHER_N = B_SIGNED ? B_WIDTH - 1 : B_WIDTH;
  localparam OTHER_DIGITS = A_SIGNED ? (A_WIDTH + 1) / 2 : A_WIDTH / 2 + 1;
  localparam OTHER_LEVELS = OTHER_DIGITS <= 3 ? OTHER_DIGITS : OTHER_DIGITS <= 6 ? 4 : 5;
  localparam BITS = DIGITS * (N + 2), OTHER_BITS = OTHER_DIGITS * (OTHER_N + 2);

  generate
    if (OTHER_LEVELS < LEVELS || (OTHER_LEVELS == LEVELS && OTHER_BITS < BITS)) begin
      \$__soft_mul #(
        .A_SIGNED(B_SIGNED), .B_SIGNED(A_SIGNED), .A_WIDTH(B_WIDTH), .B_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH),
        .STAGES(STAGES)
      ) _TECHMAP_REPLACE_ (.CLK(CLK), .A(B), .B(A), .Y(Y));
    end else begin
      wire [N:0] a = {1'b0, A};
      wire b_sign = B_SIGNED ? B[B_WIDTH-1] : 1'b0;
      wire [2*DIGITS+B_WIDTH:0] b = {{2*DIGITS{b_sign}}, B, 1'b0};
      wire [WIDTH-1:0] product;
      \$__soft_digits #(.N(N), .DIGITS(DIGITS), .LEVELS(LEVELS), .ALL(LEVELS), .STAGES(STAGES)) digits (
        .CLK(CLK), .a(a), .b(b[2*DIGITS:0]), .product(product)
      );
      wire [Y_WIDTH+WIDTH-1:0] extended = {{Y_WIDTH{product[WIDTH-1]}}, product};
      assign Y = extended[Y_WIDTH-1:0];
    end
  endgenerate
endmodule

// product = a * the number with these digits; b's lowest bit is the one below the first digit. It is there after
// level LEVELS of ALL.
(* techmap_celltype = "$__soft_digits" *)
module soft_digits (CLK, a, b, product);
  parameter N = 1, DIGITS = 1, LEVELS = 1, ALL = 1, STAGES = 0;
  input CLK;
  input [N:0] a;
  input [2*DIGITS:0] b;
  output [N+2*DIGITS:0] product;

  localparam LOW = DIGITS / 2, HIGH = DIGITS - LOW;
  genvar k;
  generate
    if (DIGITS <= 3) begin
      wire [N+2*DIGITS:0] sums [0:LEVELS];
      wire [N:0] as [0:LEVELS];
      wire [2*DIGITS:0] bs [0:LEVELS];
      assign sums[0] = 0;
      assign as[0] = a;
      assign bs[0] = b;
      for (k = 0; k < LEVELS; k = k + 1) begin:level
        wire [N+2*DIGITS:0] sum;
        if (k < DIGITS) begin
          wire [2:0] window = bs[k][2*k+2:2*k];
          wire [N:0] an = as[k];
          wire [N+2*DIGITS:0] old = sums[k];
          wire [N+2:0] before, after;
          wire [N+3:0] doubled = {{2{an[N]}}, an, 1'b0};
          if (k > 0) assign before = {{2{old[N+2*k]}}, old[N+2*k:2*k]};
          else assign before = 0;
          \$__soft_row #(.WIDTH(N+3)) row (.window(window), .a(doubled), .before(before), .after(after));
          if (k > 0) assign sum = {after, old[2*k-1:0]};
          else assign sum = after;
        end else begin
          assign sum = sums[k];
        end
        \$__after_level #(.WIDTH(2*N+2*DIGITS+2), .LEVEL(k+1), .ALL(ALL), .STAGES(STAGES)) registers (
          .CLK(CLK), .D({sum, as[k]}), .Q({sums[k+1], as[k+1]})
        );
        // the next level's window apart, then those of later ones
        if (k + 1 < DIGITS)
          \$__after_level #(.WIDTH(3), .LEVEL(k+1), .ALL(ALL), .STAGES(STAGES), .KEEP(1)) next (
            .CLK(CLK), .D(bs[k][2*k+4:2*k+2]), .Q(bs[k+1][2*k+4:2*k+2])
          );
        if (k + 2 < DIGITS)
          \$__after_level #(.WIDTH(2*(DIGITS-k-2)), .LEVEL(k+1), .ALL(ALL), .STAGES(STAGES)) later (
            .CLK(CLK), .D(bs[k][2*DIGITS:2*k+5]), .Q(bs[k+1][2*DIGITS:2*k+5])
          );
      end
      assign product = sums[LEVELS];
    end else begin
      wire [N+2*LOW:0] low;
      wire [N+2*HIGH:0] high, sum;
      \$__soft_digits #(.N(N), .DIGITS(LOW), .LEVELS(LEVELS-1), .ALL(ALL), .STAGES(STAGES)) lower (
        .CLK(CLK), .a(a), .b(b[2*LOW:0]), .product(low)
      );
      \$__soft_digits #(.N(N), .DIGITS(HIGH), .LEVELS(LEVELS-1), .ALL(ALL), .STAGES(STAGES)) upper (
        .CLK(CLK), .a(a), .b(b[2*DIGITS:2*LOW]), .product(high)
      );
      assign sum = $signed(high) + $signed(low[N+2*LOW:2*LOW]);
      \$__after_level #(.WIDTH(N+2*DIGITS+1), .LEVEL(LEVELS), .ALL(ALL), .STAGES(STAGES)) registers (
        .CLK(CLK), .D({sum, low[2*LOW-1:0]}), .Q(product)
      );
    end
  endgenerate
endmodule

// after = before + d * a, where the window is the digit d's two bits and the one below. `a` has a 0 below its lowest bit.
(* techmap_celltype = "$__soft_row" *)
module soft_row (window, a, before, after);
  parameter WIDTH = 4;
  input [2:0] window;
  input [WIDTH:0] a;
  input [WIDTH-1:0] before;
  output [WIDTH-1:0] after;

  localparam BLOCKS = (WIDTH + 3) / 4;
  genvar i;
  generate
    wire [4*BLOCKS-1:0] old = before, sums, carries;
    wire [WIDTH-2:0] chosen;
    wire [4*BLOCKS-1:0] inverted = {chosen[WIDTH-2], chosen};
    // the same in the highest two bits, which are signs
    for (i = 0; i < WIDTH - 1; i = i + 1) begin:bits
      // before ^ (once ? a[i] : twice ? a[i-1] : 0) ^ minus
      LUT6 #(.INIT(64'h559999A55A6666AA)) bit (
        .I0(before[i]), .I1(a[i+1]), .I2(a[i]), .I3(window[0]), .I4(window[1]), .I5(window[2]), .O(chosen[i])
      );
    end
    for (i = 0; i < BLOCKS; i = i + 1) begin:blocks
      if (i == 0)
        CARRY4 carry (
          .CI(1'b0), .CYINIT(window[2]), .DI(old[3:0]), .S(inverted[3:0]), .O(sums[3:0]), .CO(carries[3:0])
        );
      else
        CARRY4 carry (
          .CI(carries[4*i-1]), .CYINIT(1'b0), .DI(old[4*i+3:4*i]), .S(inverted[4*i+3:4*i]), .O(sums[4*i+3:4*i]),
          .CO(carries[4*i+3:4*i])
        );
    end
    assign after = sums[WIDTH-1:0];
  endgenerate
endmodule
