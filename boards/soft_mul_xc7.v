// Multipliers of look-up tables for XC7: signed digits of two bits (Booth's recoding, radix 4).
//
// A digit d in -2..2 chooses d * a, and a carry chain adds that to the sum of the digits below it. Choosing and adding
// take five bits of choice and one of the sum: a LUT6 per bit, where a multiplier that is mapped bit by bit takes
// three times as many. Up to three digits lie one behind the other; sums of more are added as a tree.
//
// STAGES registers, of those that follow the multiplication in the design, lie between these levels and behind the last.

(* techmap_celltype = "$__soft_mul" *)
module soft_mul (CLK, A, B, Y);
  parameter A_SIGNED = 0, B_SIGNED = 0, A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1, STAGES = 0;
  input CLK;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  // an unsigned operand's top digit must not count negative
  localparam DIGITS = B_SIGNED ? (B_WIDTH + 1) / 2 : B_WIDTH / 2 + 1;
  localparam WIDTH = A_WIDTH + 2 * DIGITS + 1;
  localparam LEVELS = DIGITS <= 3 ? DIGITS : DIGITS <= 6 ? 4 : 5;

  generate
    if (A_WIDTH < B_WIDTH) begin
      \$__soft_mul #(
        .A_SIGNED(B_SIGNED), .B_SIGNED(A_SIGNED), .A_WIDTH(B_WIDTH), .B_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH),
        .STAGES(STAGES)
      ) _TECHMAP_REPLACE_ (.CLK(CLK), .A(B), .B(A), .Y(Y));
    end else begin
      wire a_sign = A_SIGNED ? A[A_WIDTH-1] : 1'b0;
      wire b_sign = B_SIGNED ? B[B_WIDTH-1] : 1'b0;
      wire [2*DIGITS+B_WIDTH:0] b = {{2*DIGITS{b_sign}}, B, 1'b0};
      wire [WIDTH-1:0] product;
      \$__soft_digits #(.N(A_WIDTH), .DIGITS(DIGITS), .LEVELS(LEVELS), .ALL(LEVELS), .STAGES(STAGES)) digits (
        .CLK(CLK), .a({a_sign, A}), .b(b[2*DIGITS:0]), .product(product)
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
          wire minus = window[2];
          wire once = window[1] ^ window[0];
          wire twice = minus ? ~(window[1] | window[0]) : window[1] & window[0];
          wire [N:0] an = as[k];
          wire [N+2:0] chosen = once ? {{2{an[N]}}, an} : twice ? {an[N], an, 1'b0} : 0;
          wire [N+2*DIGITS:0] old = sums[k];
          wire [N+2:0] before, after, unused_x, unused_carry;
          if (k > 0) assign before = {{2{old[N+2*k]}}, old[N+2*k:2*k]};
          else assign before = 0;
          // the sum is operand A, which the carry chain takes as it is
          \$alu #(.A_SIGNED(1), .B_SIGNED(1), .A_WIDTH(N+3), .B_WIDTH(N+3), .Y_WIDTH(N+3)) add (
            .A(before), .B(chosen), .BI(minus), .CI(minus), .Y(after), .X(unused_x), .CO(unused_carry)
          );
          if (k > 0) assign sum = {after, old[2*k-1:0]};
          else assign sum = after;
        end else begin
          assign sum = sums[k];
        end
        \$__after_level #(.WIDTH(2*N+4*DIGITS+3), .LEVEL(k+1), .ALL(ALL), .STAGES(STAGES)) registers (
          .CLK(CLK), .D({sum, as[k], bs[k]}), .Q({sums[k+1], as[k+1], bs[k+1]})
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
