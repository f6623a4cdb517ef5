"""What a design costs, said before synthesis, in closed form: clocks, multipliers, memories, look-up tables, flip-flops.

Multipliers and memories follow from the design alone and are exact (`boards.synth` holds them against the mapped
cells). Look-up tables and flip-flops of the logic are sums over the units of the machine, each with the number of
bits that it works on, times a factor per kind of unit that was fitted to synthesised designs (`boards.calibrate`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from sw.design.cost_factors import FF_FACTORS, LUT_FACTORS
from sw.design.cost_terms import ff_terms, lut_terms
from sw.design.design import Design
from sw.design.devices import Device
from sw.design.memories import MemoryShape, memories
from sw.design.multipliers import multiplier_groups
from sw.design.schedule import Schedule

__all__ = ["Cost", "block_memories", "cost", "dsp_blocks", "lutram_cells"]

#: synthesis for ECP5 leaves rests of operands of fewer bits to look-up tables
ECP5_LEAST = 4
_XC7_LEAST_PRODUCT = 9  # synthesis for XC7 puts products of fewer bits into look-up tables


@dataclass(frozen=True)
class Cost:
    """``clocks`` per sample; ``multipliers`` wherever they are built, ``dsp`` blocks of them; ``memory_bits`` in all.

    ``lutram``: look-up tables of memories; ``block``: memory blocks in the device's units (36 kbit on XC7, 18 on
    ECP5). ``lut_logic`` and ``ff`` are estimates, None for families that they were not fitted to.
    """

    clocks: int
    multipliers: int
    dsp: int
    memory_bits: int
    lutram: int
    block: float
    lut_logic: int | None
    ff: int | None

    @property
    def lut(self) -> int | None:
        """Look-up tables in all: logic, shift registers and memories."""
        return None if self.lut_logic is None else self.lut_logic + self.lutram

    def fits(self, device: Device) -> bool:
        """Whether a device has room for it; what is not known is taken to fit."""
        return (
            (self.lut or 0) <= device.lut
            and (self.ff or 0) <= device.ff
            and self.dsp <= device.dsp
            and self.block <= device.memory_blocks
        )


def cost(design: Design, device: Device) -> Cost:
    """The cost of a design on a device's family; "auto" multipliers count as "dsp"."""
    shapes, groups = memories(design), multiplier_groups(design)
    fitted = device.family == "xc7"
    return Cost(
        clocks=Schedule.of(design).clocks,
        multipliers=sum(g.count for g in groups),
        dsp=sum(g.in_dsp * dsp_blocks(g.bits, device) for g in groups),
        memory_bits=sum(m.count * m.rows * m.bits for m in shapes if m.kind != "logic"),
        lutram=sum(m.count * lutram_cells(m, device.family) for m in shapes),
        block=sum(m.count * block_memories(m, device.family) for m in shapes),
        lut_logic=_weighed(lut_terms(design), LUT_FACTORS) if fitted else None,
        ff=_weighed(ff_terms(design), FF_FACTORS) if fitted else None,
    )


def _weighed(terms: Mapping[str, float], factors: Mapping[str, float]) -> int:
    return round(sum(factors[name] * amount for name, amount in terms.items()))


def dsp_blocks(bits: tuple[int, int], device: Device) -> int:
    """DSP blocks of one multiplier with signed operands of so many bits."""
    least = ECP5_LEAST if device.family == "ecp5" else 2
    large, small = sorted(bits, reverse=True)
    products = [(a, b) for a in _pieces(large, device.dsp_bits[0]) for b in _pieces(small, device.dsp_bits[1])]
    if device.family == "xc7":
        products = [(a, b) for a, b in products if a + b >= _XC7_LEAST_PRODUCT]
    return sum(min(pair) >= least for pair in products)


def _pieces(bits: int, most: int) -> list[int]:
    """Widths of the signed pieces of an operand: all but the last have no sign of their own, which costs a bit."""
    pieces = []
    while bits > most:
        pieces.append(most)
        bits -= most - 1
    return [*pieces, bits]


def lutram_cells(memory: MemoryShape, family: str) -> int:
    """Look-up tables that hold one memory, without those that choose between its parts.

    XC7 (AMD UG474): four hold 32 rows of 6 bits or 64 rows of 3, with a port to write and one to read. ECP5: six
    (two slices and the inputs of a third) hold 16 rows of 4.
    """
    if memory.kind not in ("distributed", "auto"):
        return 0
    if family == "ecp5":
        return 6 * ceil(memory.rows / 16) * ceil(memory.bits / 4)
    if memory.rows <= 32:
        return 4 * ceil(memory.bits / 6)
    return 4 * ceil(memory.rows / 64) * ceil(memory.bits / 3)


def block_memories(memory: MemoryShape, family: str) -> float:
    """Memory blocks of one memory, in units of 36 kbit on XC7 and of 18 kbit on ECP5.

    A block has two ports, so constant tables are kept once for every two readers.
    """
    if memory.kind != "block":
        return 0
    copies = ceil(memory.reads / 2)
    single = memory.reads == 1  # only then has a block its widest shape
    if family == "ecp5":
        return copies * _blocks(memory, 14, 36 if single else 18)
    halves = _blocks(memory, 14, 36 if single else 18)
    wholes = _blocks(memory, 15, 72 if single else 36)
    # synthesis weighs a whole one as a little less than two halves
    return copies * min((129 * halves, halves / 2), (257 * wholes, wholes))[1]


def _blocks(memory: MemoryShape, address_bits: int, widest: int) -> int:
    """Blocks of 2^address_bits single bits, which can also be words of 2, 4, 9, 18, 36 and 72 bits."""
    found = []
    for shift, width in enumerate((1, 2, 4, 9, 18, 36, 72)):
        if width <= widest:
            found.append(ceil(memory.bits / width) * ceil(memory.rows / (1 << (address_bits - shift))))
    return min(found)
