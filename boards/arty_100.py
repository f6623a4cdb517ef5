"""Digilent Arty A7-100: the same board with the larger chip."""

from boards.board import Board

BOARD = Board(name="arty-100", title="Digilent Arty A7-100", chip="XC7A100T", clock_mhz=100.0)
