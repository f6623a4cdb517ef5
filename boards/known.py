"""The boards there are."""

from boards import arty, arty_100, nexys4ddr, ulx3s
from boards.board import Board
from boards.errors import BoardError

__all__ = ["BOARDS", "board"]

BOARDS: dict[str, Board] = {module.BOARD.name: module.BOARD for module in (arty, arty_100, nexys4ddr, ulx3s)}


def board(name: str) -> Board:
    """The board of that name; BoardError lists the known ones."""
    if name not in BOARDS:
        raise BoardError(f'board must be one of {", ".join(BOARDS)}, got "{name}"')
    return BOARDS[name]
