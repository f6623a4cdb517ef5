"""Digilent Arty A7-35: the board that the small flagship (designs/mnist-arty.toml) is meant for."""

from boards.board import Board

BOARD = Board(
    name="arty",
    title="Digilent Arty A7-35",
    chip="XC7A35T",
    clock_mhz=100.0,
    part="xc7a35ticsg324-1L",
    pins="arty_a7.ArtyA7_35Platform",
    loader="arty_a7_35t",
    design="designs/mnist-arty.toml",
    mhz=116.0,
    baud=12_000_000,
)
