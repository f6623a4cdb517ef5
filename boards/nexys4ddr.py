"""Digilent Nexys4 DDR, also sold as Nexys A7-100: the chip of the prototype of 2018."""

from boards.board import Board

BOARD = Board(
    name="nexys4ddr",
    title="Digilent Nexys4 DDR (Nexys A7-100)",
    chip="XC7A100T",
    clock_mhz=100.0,
    part="xc7a100tcsg324-1",
    pins="nexys4ddr.Nexys4DDRPlatform",
    loader="nexys_a7_100",
    design="designs/mnist.toml",
    mhz=116.0,
    baud=12_000_000,
)
