"""What a design costs, said before synthesis in closed form: clocks, multipliers, memories, look-up tables, flip-flops.

Multipliers and memories follow from the design alone (`sw.cost.mapping`); look-up tables and flip-flops of the logic
are counted unit by unit (`sw.cost.logic`). `python -m boards.calibrate` holds all of it against synthesised designs.
"""

from dataclasses import dataclass

from sw.cost.coefficients import Coefficients, present
from sw.cost.devices import Device
from sw.cost.logic import logic
from sw.cost.mapping import dsp_blocks, memory_totals
from sw.design.design import Design
from sw.design.memories import memories
from sw.design.multipliers import multiplier_groups
from sw.design.schedule import Schedule

__all__ = ["COUNTED", "Cost", "cost"]

COUNTED = "xc7"  # the family whose look-up tables and flip-flops are known


@dataclass(frozen=True)
class Cost:
    """``clocks`` per sample; ``multipliers`` wherever they are built, ``dsp`` blocks of them; ``memory_bits`` in all.

    ``lutram``: look-up tables of memories; ``block``: memory blocks in the device's units (36 kbit on XC7, 18 on
    ECP5). ``lut_logic``, shift registers of look-up tables included, and ``ff`` are estimates, None for families
    other than COUNTED.
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
        """Look-up tables in all."""
        return None if self.lut_logic is None else self.lut_logic + self.lutram

    def fits(self, device: Device) -> bool:
        """Whether a device has room for it; what is not known is taken to fit."""
        return (
            (self.lut or 0) <= device.lut
            and (self.ff or 0) <= device.ff
            and self.dsp <= device.dsp
            and self.block <= device.memory_blocks
        )


def cost(design: Design, device: Device, coefficients: Coefficients | None = None) -> Cost:
    """The cost of a design on a device's family; "auto" multipliers count as "dsp".

    ``coefficients``: those of the repository's table, if not given.
    """
    groups = multiplier_groups(design)
    lutram, block = memory_totals(design, device.family)
    units = logic(design, coefficients or present()) if device.family == COUNTED else None
    return Cost(
        clocks=Schedule.of(design).clocks,
        multipliers=sum(g.count for g in groups),
        dsp=sum(g.in_dsp * dsp_blocks(g.bits, device) for g in groups),
        memory_bits=sum(m.count * m.rows * m.bits for m in memories(design) if m.kind != "logic"),
        lutram=lutram,
        block=block,
        lut_logic=round(sum(units.lut.values())) if units else None,
        ff=round(sum(units.ff.values())) if units else None,
    )
