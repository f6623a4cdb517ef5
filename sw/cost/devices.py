"""Limits of the FPGAs that a design may be meant for, as data.

Sources: AMD DS180 (7 series overview) and Lattice FPGA-DS-02012 (ECP5 family data sheet).
"""

from dataclasses import dataclass

from sw.design.errors import DesignError

__all__ = ["DEVICES", "Device", "device"]


@dataclass(frozen=True)
class Device:
    """What one chip holds.

    ``lut``: look-up tables with ``lut_inputs`` inputs; ``ff``: flip-flops; ``dsp``: multipliers of
    ``dsp_bits`` (signed, larger operand first); ``memory_blocks`` block memories of ``memory_kbit``
    kbit each (block RAM or EBR).
    """

    name: str
    family: str
    lut: int
    lut_inputs: int
    ff: int
    dsp: int
    dsp_bits: tuple[int, int]
    memory_blocks: int
    memory_kbit: int


DEVICES = {
    d.name: d
    for d in (
        Device("XC7A35T", "xc7", 20_800, 6, 41_600, 90, (25, 18), 50, 36),
        Device("XC7A100T", "xc7", 63_400, 6, 126_800, 240, (25, 18), 135, 36),
        # one flip-flop beside every LUT4
        Device("ECP5-85F", "ecp5", 84_000, 4, 84_000, 156, (18, 18), 208, 18),
    )
}


def device(name: str) -> Device:
    """The device of that name; DesignError lists the known ones."""
    if name not in DEVICES:
        raise DesignError(f'device must be one of {", ".join(DEVICES)}, got "{name}"')
    return DEVICES[name]
