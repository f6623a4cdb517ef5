"""The core of a bitstream: the shell of a design, as large a sample store as the board's block RAM allows."""

from amaranth import Elaboratable

from boards.board import Board
from hw.shell import Shell
from sw.cost.cost import cost
from sw.design.design import Design

__all__ = ["core", "store_bits"]

_SHELL = 8  # blocks that the shell needs besides, at most: frames, results, identity
_SHARE = 0.5  # of the other blocks: a nearly full chip is slow


def store_bits(design: Design, target: Board) -> int:
    """Bits for samples: half of the memory blocks that are left; three binary digits, so that few banks have them all
    (hw.serial.player.WordMemory), of which each block holds 16 of 18 kbit."""
    device = target.device
    left = device.memory_blocks - cost(design, device).block - _SHELL
    bits = max(0, int(left * _SHARE * device.memory_kbit * 1024 * 16 / 18))
    step = max(0, bits.bit_length() - 3)
    return bits >> step << step


def core(built: Design, design: Design, target: Board, clock_hz: int, leds: int) -> Elaboratable:
    """The shell at so many Hz with so many LEDs. A host knows it by the hashes of ``design``, as the file has it."""
    bits = store_bits(built, target)
    return Shell(built, clock_hz=clock_hz, board=target.name, store_bits=bits, leds=leds, known_as=design)
