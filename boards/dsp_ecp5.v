// Multiplications in the DSP blocks of ECP5 with the registers around them, which yosys leaves outside.
//
// A_REG, B_REG: there is a register in front of the operand. STAGES (0 to 2): so many behind the multiplication. An
// operand of more than 18 bits is split; the sum of the products follows after the registers.

(* techmap_celltype = "$__dsp_mul" *)
module dsp_mul (CLK, A, B, Y);
  parameter A_SIGNED = 0, B_SIGNED = 0, A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1, A_REG = 0, B_REG = 0, STAGES = 0;
  input CLK;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  localparam REST = A_WIDTH - 18;
  genvar i;
  generate
    if (A_WIDTH < B_WIDTH) begin
      \$__dsp_mul #(
        .A_SIGNED(B_SIGNED), .B_SIGNED(A_SIGNED), .A_WIDTH(B_WIDTH), .B_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH),
        .A_REG(B_REG), .B_REG(A_REG), .STAGES(STAGES)
      ) _TECHMAP_REPLACE_ (.CLK(CLK), .A(B), .B(A), .Y(Y));
    end else if (A_WIDTH > 18) begin
      // the lowest 18 bits have no sign
      wire [B_WIDTH+17:0] low;
      wire [B_WIDTH+REST-1:0] high;
      \$__dsp_mul #(
        .A_SIGNED(0), .B_SIGNED(B_SIGNED), .A_WIDTH(18), .B_WIDTH(B_WIDTH), .Y_WIDTH(B_WIDTH+18),
        .A_REG(A_REG), .B_REG(B_REG), .STAGES(STAGES)
      ) lower (.CLK(CLK), .A(A[17:0]), .B(B), .Y(low));
      if (REST >= `LEAST) begin
        \$__dsp_mul #(
          .A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED), .A_WIDTH(REST), .B_WIDTH(B_WIDTH), .Y_WIDTH(B_WIDTH+REST),
          .A_REG(A_REG), .B_REG(B_REG), .STAGES(STAGES)
        ) upper (.CLK(CLK), .A(A[A_WIDTH-1:18]), .B(B), .Y(high));
      end else begin
        wire [REST-1:0] a;
        wire [B_WIDTH-1:0] b;
        wire [B_WIDTH+REST-1:0] made;
        \$__after_level #(.WIDTH(REST), .LEVEL(1), .ALL(1), .STAGES(A_REG)) register_a (
          .CLK(CLK), .D(A[A_WIDTH-1:18]), .Q(a)
        );
        \$__after_level #(.WIDTH(B_WIDTH), .LEVEL(1), .ALL(1), .STAGES(B_REG)) register_b (.CLK(CLK), .D(B), .Q(b));
        if (REST == 1) assign made = a ? (A_SIGNED ? -{B_SIGNED ? b[B_WIDTH-1] : 1'b0, b} : {1'b0, b}) : 0;
        else begin
          \$__soft_mul #(
            .A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED), .A_WIDTH(REST), .B_WIDTH(B_WIDTH), .Y_WIDTH(B_WIDTH+REST)
          ) rest (.A(a), .B(b), .Y(made));
        end
        \$__after_level #(.WIDTH(B_WIDTH+REST), .LEVEL(1), .ALL(1), .STAGES(STAGES)) registers (
          .CLK(CLK), .D(made), .Q(high)
        );
      end
      // a product without a sign at all cannot be negative
      wire sign = B_SIGNED ? low[B_WIDTH+17] : 1'b0, top = A_SIGNED | B_SIGNED ? high[B_WIDTH+REST-1] : 1'b0;
      wire [Y_WIDTH+B_WIDTH+REST+18:0] lows = {{Y_WIDTH+REST+1{sign}}, low};
      wire [Y_WIDTH+B_WIDTH+REST+18:0] highs = {{Y_WIDTH+1{top}}, high, 18'b0};
      wire [Y_WIDTH+B_WIDTH+REST+18:0] sum = lows + highs;
      assign Y = sum[Y_WIDTH-1:0];
    end else begin
      wire a_sign = A_SIGNED ? A[A_WIDTH-1] : 1'b0, b_sign = B_SIGNED ? B[B_WIDTH-1] : 1'b0;
      wire [35:0] a = {{36{a_sign}}, A}, b = {{36{b_sign}}, B}, p;
      wire sign = A_SIGNED | B_SIGNED ? p[35] : 1'b0;
      wire [Y_WIDTH+35:0] y = {{Y_WIDTH{sign}}, p};
      assign Y = y[Y_WIDTH-1:0];
      MULT18X18D #(
        .REG_INPUTA_CLK(A_REG ? "CLK0" : "NONE"), .REG_INPUTB_CLK(B_REG ? "CLK0" : "NONE"),
        .REG_PIPELINE_CLK(STAGES > 1 ? "CLK0" : "NONE"), .REG_OUTPUT_CLK(STAGES > 0 ? "CLK0" : "NONE")
      ) block (
        .CLK0(A_REG || B_REG || STAGES ? CLK : 1'b0), .CE0(1'b1), .RST0(1'b0),
        .SIGNEDA(A_SIGNED ? 1'b1 : 1'b0), .SIGNEDB(B_SIGNED ? 1'b1 : 1'b0), .SOURCEA(1'b0), .SOURCEB(1'b0),
        .A0(a[0]), .A1(a[1]), .A2(a[2]), .A3(a[3]), .A4(a[4]), .A5(a[5]), .A6(a[6]), .A7(a[7]), .A8(a[8]), .A9(a[9]),
        .A10(a[10]), .A11(a[11]), .A12(a[12]), .A13(a[13]), .A14(a[14]), .A15(a[15]), .A16(a[16]), .A17(a[17]),
        .B0(b[0]), .B1(b[1]), .B2(b[2]), .B3(b[3]), .B4(b[4]), .B5(b[5]), .B6(b[6]), .B7(b[7]), .B8(b[8]), .B9(b[9]),
        .B10(b[10]), .B11(b[11]), .B12(b[12]), .B13(b[13]), .B14(b[14]), .B15(b[15]), .B16(b[16]), .B17(b[17]),
        .C0(1'b0), .C1(1'b0), .C2(1'b0), .C3(1'b0), .C4(1'b0), .C5(1'b0), .C6(1'b0), .C7(1'b0), .C8(1'b0), .C9(1'b0),
        .C10(1'b0), .C11(1'b0), .C12(1'b0), .C13(1'b0), .C14(1'b0), .C15(1'b0), .C16(1'b0), .C17(1'b0), .P0(p[0]),
        .P1(p[1]), .P2(p[2]), .P3(p[3]), .P4(p[4]), .P5(p[5]), .P6(p[6]), .P7(p[7]), .P8(p[8]), .P9(p[9]),
        .P10(p[10]), .P11(p[11]), .P12(p[12]), .P13(p[13]), .P14(p[14]), .P15(p[15]), .P16(p[16]), .P17(p[17]),
        .P18(p[18]), .P19(p[19]), .P20(p[20]), .P21(p[21]), .P22(p[22]), .P23(p[23]), .P24(p[24]), .P25(p[25]),
        .P26(p[26]), .P27(p[27]), .P28(p[28]), .P29(p[29]), .P30(p[30]), .P31(p[31]), .P32(p[32]), .P33(p[33]),
        .P34(p[34]), .P35(p[35])
      );
    end
  endgenerate
endmodule
