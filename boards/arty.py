"""Digilent Arty A7-35: the board that the small flagship (designs/mnist-arty.toml) is meant for."""

from boards.board import Board

BOARD = Board(name="arty", title="Digilent Arty A7-35", chip="XC7A35T", clock_mhz=100.0)
