"""What a design must become on a device: how many DSP blocks, and which memories of which kind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sw.cost.devices import Device
from sw.cost.mapping import dsp_blocks, lutram_is_exact, memory_totals
from sw.design.design import Design
from sw.design.multipliers import multiplier_groups

__all__ = ["Expected", "expected", "memories_of"]


@dataclass(frozen=True)
class Expected:
    """``dsp``: blocks. ``memories``: hierarchical name -> "distributed", "block" or "logic" (constant tables).

    ``lutram``, ``block``: look-up tables of LUTRAM (None where no exact number is known) and memory
    blocks in all.
    """

    dsp: int
    lutram: int | None
    block: float
    memories: Mapping[str, str] = field(default_factory=dict)


def expected(design: Design, device: Device, rtlil: str) -> Expected:
    """What the design must become; ``rtlil``: its generated circuit, which says of each memory what it shall be."""
    lutram, block = memory_totals(design, device.family)
    return Expected(
        dsp=sum(group.in_dsp * dsp_blocks(group.bits, device) for group in multiplier_groups(design)),
        memories=memories_of(rtlil),
        lutram=lutram if lutram_is_exact(design) else None,
        block=block,
    )


def memories_of(rtlil: str) -> dict[str, str]:
    """The memories in Amaranth's RTLIL that have the attribute ``ram_style``: hierarchical name -> style."""
    found: dict[str, str] = {}
    module, style = "", None
    for line in rtlil.splitlines():
        text = line.strip()
        if match := re.fullmatch(r"module \\(\S+)", text):
            module = match[1].partition(".")[2]
        elif match := re.fullmatch(r'attribute \\ram_style "(\w+)"', text):
            style = match[1]
        elif match := re.fullmatch(r"memory .* \\(\S+)", text):
            if style is not None:
                found[f"{module}.{match[1]}" if module else match[1]] = style
            style = None
        elif not text.startswith("attribute"):
            style = None
    return found
