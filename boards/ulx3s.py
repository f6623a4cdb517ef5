"""Radiona ULX3S with the largest of its chips, the ECP5-85F."""

from boards.board import Board

BOARD = Board(name="ulx3s", title="Radiona ULX3S-85F", chip="ECP5-85F", clock_mhz=25.0)
