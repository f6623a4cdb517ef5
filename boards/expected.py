"""What a design must become on a device: how many DSP blocks, and which memories of which kind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from boards.flow import ECP5_LEAST
from sw.design.design import Design
from sw.design.devices import Device
from sw.design.multipliers import multiplier_groups

__all__ = ["Expected", "dsp_blocks", "expected", "memories_of", "resolve", "soft_multipliers"]

_XC7_LEAST_PRODUCT = 9  # synth_xilinx puts products of fewer bits into look-up tables


@dataclass(frozen=True)
class Expected:
    """``dsp``: blocks. ``memories``: hierarchical name -> "distributed", "block" or "logic" (constant tables).

    ``lutram``, ``block``: look-up tables of LUTRAM and memory blocks in all; None where that is not known.
    """

    dsp: int
    memories: Mapping[str, str] = field(default_factory=dict)
    lutram: int | None = None
    block: float | None = None


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


def resolve(design: Design, device: Device) -> Design:
    """The design with ``multipliers = "auto"`` replaced by as many as the device has DSP blocks for."""
    if design.hardware.multipliers != "auto":
        return design
    left, chosen = device.dsp, 0
    for group in multiplier_groups(design):
        blocks = dsp_blocks(group.bits, device)
        fitting = group.count if blocks == 0 else min(group.count, left // blocks)
        left -= fitting * blocks
        chosen += fitting
        if fitting < group.count:
            break  # a number means the first ones
    return replace(design, hardware=replace(design.hardware, multipliers=chosen))


def soft_multipliers(design: Design) -> int:
    """Multipliers that the design marks for look-up tables."""
    return sum(group.count - group.in_dsp for group in multiplier_groups(design))


def expected(design: Design, device: Device, rtlil: str) -> Expected:
    """What the design must become; ``rtlil``: its generated circuit, which says of each memory what it shall be."""
    groups = multiplier_groups(design)
    return Expected(
        dsp=sum(group.in_dsp * dsp_blocks(group.bits, device) for group in groups), memories=memories_of(rtlil)
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
