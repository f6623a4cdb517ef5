"""What memories and multipliers become on a family of FPGAs, as yosys 0.70 maps them (tests hold them to it).

Exact for block RAM, and for LUTRAM of up to 64 rows; deeper LUTRAM may be off by a tenth.

XC7 (AMD UG474, UG473): a RAM32M or RAM64M is four look-up tables, three of which give data, 32 rows x 6 bits or
64 x 3; a block RAM is two halves of 18 kbit. ECP5 (Lattice FPGA-DS-02012): a TRELLIS_DPR16X4 is 16 rows x 4 bits in
two slices, and takes a third one for its write port, six LUT4 in all; a block is one EBR of 18 kbit.

Yosys chooses the cheapest of the shapes that a cell can have, by costs in its descriptions of the families.
"""

from dataclasses import replace
from itertools import product
from math import ceil

from sw.cost.devices import Device
from sw.design.design import Design
from sw.design.memories import memories
from sw.design.multipliers import multiplier_groups

__all__ = [
    "ECP5_LEAST", "block_memory", "distributed_memory", "dsp_blocks", "lutram_is_exact", "memory_totals", "resolve",
    "soft_multipliers",
]

#: pieces of an ECP5 multiplication with an operand of fewer bits go to look-up tables, see boards.flow
ECP5_LEAST = 4
ECP5_LUTRAM_ROWS = 16
_XC7_LEAST_PRODUCT = 9  # synth_xilinx puts products of fewer bits into look-up tables

_HALF = {1: 16384, 2: 8192, 4: 4096, 9: 2048, 18: 1024, 36: 512}  # width -> rows of 18 kbit
_WHOLE = {1: 32768, 2: 16384, 4: 8192, 9: 4096, 18: 2048, 36: 1024, 72: 512}  # of 36 kbit
_EXACT_ROWS = 64  # of LUTRAM
_SELECT = 0.5  # cost of choosing between the cells that hold different rows, per bit and cell beyond the first


def dsp_blocks(bits: tuple[int, int], device: Device) -> int:
    """DSP blocks of one multiplier with signed operands of so many bits."""
    least = ECP5_LEAST if device.family == "ecp5" else 2
    large, small = sorted(bits, reverse=True)
    # yosys' pieces have a sign each for XC7; those of boards/dsp_ecp5.v use a block's whole width without one
    signs = device.family == "xc7"
    pieces = (_pieces(bits, most, most - signs) for bits, most in zip((large, small), device.dsp_bits, strict=True))
    products = list(product(*pieces))
    if device.family == "xc7":
        products = [(a, b) for a, b in products if a + b >= _XC7_LEAST_PRODUCT]
    return sum(min(pair) >= least for pair in products)


def resolve(design: Design, device: Device) -> Design:
    """The design as it is built for the device.

    ``multipliers = "auto"`` becomes as many as the device has DSP blocks for. A cell of LUTRAM has 16 rows on ECP5,
    where a deeper memory is slow and large, while block RAM is plenty: ``lutram_rows`` is at most that there.
    """
    hardware = design.hardware
    if device.family == "ecp5":
        hardware = replace(hardware, lutram_rows=min(hardware.lutram_rows, ECP5_LUTRAM_ROWS))
    if hardware.multipliers == "auto":
        hardware = replace(hardware, multipliers=_as_many_as_fit(design, device))
    return design if hardware == design.hardware else replace(design, hardware=hardware)


def _as_many_as_fit(design: Design, device: Device) -> int:
    left, chosen = device.dsp, 0
    for group in multiplier_groups(design):
        blocks = dsp_blocks(group.bits, device)
        fitting = group.count if blocks == 0 else min(group.count, left // blocks)
        left -= fitting * blocks
        chosen += fitting
        if fitting < group.count:
            break  # a number means the first ones
    return chosen


def soft_multipliers(design: Design) -> int:
    """Multipliers that the design marks for look-up tables."""
    return sum(group.count - group.in_dsp for group in multiplier_groups(design))


def _pieces(bits: int, most: int, step: int) -> list[int]:
    """Widths of the pieces of an operand of which a block takes ``most`` bits: ``step`` for all but the last."""
    pieces = []
    while bits > most:
        pieces.append(most)
        bits -= step
    return [*pieces, bits]


def distributed_memory(rows: int, bits: int, family: str) -> int:
    """Look-up tables of a memory of look-up tables with one read port."""
    return _distributed(rows, bits, family)[1]


def block_memory(rows: int, bits: int, family: str, reads: int = 1) -> float:
    """Memory blocks (of 36 kbit on XC7, where a half counts 0.5) of a memory in block RAM.

    With more than two ``reads`` of a constant table there is a copy of it for each two.
    """
    return _block(rows, bits, family, reads)[1]


def lutram_is_exact(design: Design) -> bool:
    """Whether ``memory_totals`` gives the look-up tables of LUTRAM exactly."""
    return all(shape.rows <= _EXACT_ROWS for shape in memories(design) if shape.kind == "distributed")


def memory_totals(design: Design, family: str) -> tuple[int, float]:
    """Look-up tables of LUTRAM, and memory blocks, of all memories of a design."""
    tables, blocks = 0, 0.0
    for shape in memories(design):
        if shape.kind == "distributed":
            tables += shape.count * shape.reads * distributed_memory(shape.rows, shape.bits, family)
        elif shape.kind == "block":
            blocks += shape.count * block_memory(shape.rows, shape.bits, family, shape.reads)
    return tables, blocks


def _distributed(rows: int, bits: int, family: str) -> tuple[float, int]:
    """(cost, look-up tables) of the cheapest way."""
    if family == "ecp5":
        deep, wide = ceil(rows / 16), ceil(bits / 4)
        return 4 * deep * wide + _SELECT * bits * (deep - 1), 6 * deep * wide
    if bits == 1 and 64 < rows <= 128:
        return 8, 4  # RAM128X1D
    ways = []
    for cell_rows, cell_bits in ((64, 3), (32, 6)):
        deep, (full, rest) = ceil(rows / cell_rows), divmod(bits, cell_bits)
        # a cell of which some bits are not used costs less
        cost = deep * (8 * full + (1 + 7 * rest / cell_bits if rest else 0)) + _SELECT * bits * (deep - 1)
        ways.append((cost, 4 * deep * ceil(bits / cell_bits)))
    return min(ways)


def _block(rows: int, bits: int, family: str, reads: int) -> tuple[float, float]:
    """(cost, blocks) of the cheapest way."""
    copies = ceil(reads / 2)
    # (widths, cost, blocks) of a cell
    cells = [(_HALF, 128, 1.0)] if family == "ecp5" else [(_HALF, 129, 0.5), (_WHOLE, 257, 1.0)]
    ways = []
    for widths, cost, size in cells:
        # both ports of a block are needed for the widest words
        usable = list(widths)[:-1] if reads > 1 else list(widths)
        count = min(ceil(rows / widths[width]) * ceil(bits / width) for width in usable)
        ways.append((cost * count * copies, size * count * copies))
    return min(ways)
