"""Radiona ULX3S with the largest of its chips, the ECP5-85F."""

from boards.board import Board

BOARD = Board(
    name="ulx3s",
    title="Radiona ULX3S-85F",
    chip="ECP5-85F",
    clock_mhz=25.0,
    part="LFE5U-85F-6BG381C",
    pins="ulx3s.ULX3S_85F_Platform",
    loader="ulx3s",
    design="designs/digits.toml",
    mhz=80.0,
    baud=3_000_000,
    held_high=(("esp32", "gpio0"),),  # else its other processor may take the serial line, or start the board again
)
