// Multipliers of look-up tables for XC7: signed digits of two bits (Booth's recoding, radix 4).
//
// A digit d in -2..2 chooses d * a, and a carry chain adds that to the sum of the digits below it. Choosing and adding
// take five bits of choice and one of the sum: a LUT6 per bit, where a multiplier that is mapped bit by bit takes
// three times as many. Up to three digits lie one behind the other; sums of more are added as a tree.

(* techmap_celltype = "$__soft_mul" *)
module soft_mul (A, B, Y);
  parameter A_SIGNED = 0, B_SIGNED = 0, A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  // an unsigned operand's top digit must not count negative
  localparam DIGITS = B_SIGNED ? (B_WIDTH + 1) / 2 : B_WIDTH / 2 + 1;
  localparam WIDTH = A_WIDTH + 2 * DIGITS + 1;

  generate
    if (A_WIDTH < B_WIDTH) begin
      \$__soft_mul #(
        .A_SIGNED(B_SIGNED), .B_SIGNED(A_SIGNED), .A_WIDTH(B_WIDTH), .B_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH)
      ) _TECHMAP_REPLACE_ (.A(B), .B(A), .Y(Y));
    end else begin
      wire a_sign = A_SIGNED ? A[A_WIDTH-1] : 1'b0;
      wire b_sign = B_SIGNED ? B[B_WIDTH-1] : 1'b0;
      wire [2*DIGITS+B_WIDTH:0] b = {{2*DIGITS{b_sign}}, B, 1'b0};
      wire [WIDTH-1:0] product;
      \$__soft_digits #(.N(A_WIDTH), .DIGITS(DIGITS)) digits (.a({a_sign, A}), .b(b[2*DIGITS:0]), .product(product));
      wire [Y_WIDTH+WIDTH-1:0] extended = {{Y_WIDTH{product[WIDTH-1]}}, product};
      assign Y = extended[Y_WIDTH-1:0];
    end
  endgenerate
endmodule

// product = a * the number with these digits; b's lowest bit is the one below the first digit
(* techmap_celltype = "$__soft_digits" *)
module soft_digits (a, b, product);
  parameter N = 1, DIGITS = 1;
  input [N:0] a;
  input [2*DIGITS:0] b;
  output [N+2*DIGITS:0] product;

  localparam LOW = DIGITS / 2, HIGH = DIGITS - LOW;
  genvar k;
  generate
    if (DIGITS <= 3) begin
      wire [N+2*DIGITS:0] sums [0:DIGITS];
      assign sums[0] = 0;
      for (k = 0; k < DIGITS; k = k + 1) begin:digit
        wire minus = b[2*k+2];
        wire once = b[2*k+1] ^ b[2*k];
        wire twice = minus ? ~(b[2*k+1] | b[2*k]) : b[2*k+1] & b[2*k];
        wire [N+2:0] chosen = once ? {{2{a[N]}}, a} : twice ? {a[N], a, 1'b0} : 0;
        wire [N+2:0] before, after, unused_x, unused_carry;
        if (k > 0) assign before = {{2{sums[k][N+2*k]}}, sums[k][N+2*k:2*k]};
        else assign before = 0;
        // the sum is operand A, which the carry chain takes as it is
        \$alu #(.A_SIGNED(1), .B_SIGNED(1), .A_WIDTH(N+3), .B_WIDTH(N+3), .Y_WIDTH(N+3)) add (
          .A(before), .B(chosen), .BI(minus), .CI(minus), .Y(after), .X(unused_x), .CO(unused_carry)
        );
        if (k > 0) assign sums[k+1] = {after, sums[k][2*k-1:0]};
        else assign sums[k+1] = after;
      end
      assign product = sums[DIGITS];
    end else begin
      wire [N+2*LOW:0] low;
      wire [N+2*HIGH:0] high, sum;
      \$__soft_digits #(.N(N), .DIGITS(LOW)) lower (.a(a), .b(b[2*LOW:0]), .product(low));
      \$__soft_digits #(.N(N), .DIGITS(HIGH)) upper (.a(a), .b(b[2*DIGITS:2*LOW]), .product(high));
      assign sum = $signed(high) + $signed(low[N+2*LOW:2*LOW]);
      assign product = {sum, low[2*LOW-1:0]};
    end
  endgenerate
endmodule
