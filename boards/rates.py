"""Training samples per second of a machine on a board, by where the samples come from."""

from boards.board import Board
from sw.design.design import Design
from sw.design.frames import CLOCKS_PER_BIT, FRAME_MAX, PAYLOAD_MAX, SLOT_HEAD
from sw.design.schedule import Schedule

__all__ = ["rates"]

_BITS_PER_BYTE = 10  # on a serial line: start, eight, stop


def rates(design: Design, board: Board, clock_mhz: float) -> dict[str, int]:
    """``peak``: a slot per junction cycle; ``store``: from the sample store, which keeps that up; ``serial``: over the
    line at the board's highest rate, all frames full of slots, which the machine keeps up with or not."""
    peak = 1e6 * clock_mhz / Schedule.of(design).clocks
    baud = min(board.baud, 1e6 * clock_mhz / CLOCKS_PER_BIT)
    payload = baud / _BITS_PER_BYTE * PAYLOAD_MAX / FRAME_MAX
    serial = min(peak, payload / (SLOT_HEAD + design.network.inputs))
    return {"peak": int(peak), "store": int(peak), "serial": int(serial)}
