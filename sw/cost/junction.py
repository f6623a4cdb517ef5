"""What the counts of a junction's units have in common."""

from math import ceil

from sw.cost.coefficients import Coefficients
from sw.cost.units import Units, delays
from sw.design.design import Design, Junction
from sw.design.fixed import bits_for
from sw.design.memories import memories
from sw.design.multipliers import multiplier_groups
from sw.design.schedule import Schedule

__all__ = ["ABSORBED", "DELTAS", "GROUP", "JunctionUnits"]

ABSORBED = 2  # registers behind a multiplication, and in front of each operand, that a DSP block holds
GROUP = 8  # lanes that share a copy of a register, see hw.timeline
DELTAS = 6  # lanes that share a copy of a right delta, see hw.delta


class JunctionUnits:
    """Counts some units of a junction into ``units``."""

    def __init__(self, design: Design, junction: Junction, c: Coefficients, units: Units):
        self.design, self.j, self.c, self.add = design, junction, c, units.add
        self.groups = {g.name: g for g in multiplier_groups(design) if g.junction == junction.index}
        self.width, self.stages = design.arithmetic.width, design.hardware.stages
        self.schedule = Schedule.of(design)
        self.times = self.schedule.stages[junction.index - 1]
        self.stochastic = design.arithmetic.rounding == "stochastic"
        self.relu = junction.activation == "relu"
        self.before = max(0, self.stages.multiply - ABSORBED)  # registers more in front of a DSP block
        self.crossed = junction.pattern.orders is not None and len(junction.pattern.orders) > 1
        self.copies = ceil(junction.z / GROUP)
        self.kinds = {memory.name: memory.kind for memory in memories(design) if memory.junction == junction.index}
        self.row_bits = bits_for(junction.right // junction.per_clock)

    @property
    def below(self) -> int:
        """Neurons that come from the left in a clock."""
        if self.j.index == 1:
            return self.schedule.features_per_beat
        return self.design.junctions[self.j.index - 2].per_clock

    def line(self, name: str, count: float, taps: set[int], memory: str = "") -> None:
        """``count`` bits that are needed after each of so many registers.

        The first register is the one of ``memory``, if given; that of block RAM is not in the fabric.
        """
        inside = self.kinds.get(memory) == "block"
        tables, registers = delays(tap - inside for tap in taps)
        self.add(name, count * tables, count * registers)

    @property
    def change(self) -> int:
        """Bits of a weight's change, without those that are rounded away."""
        return self.width + self.j.operand_bits - self.j.operand_fraction + 1
