"""What clock a design can be expected to reach on a family of FPGAs, before anything is placed and routed.

Coarse: one figure per family and kind of multiplier, from designs of this repository that were placed and routed with
open tools (nextpnr). XC7A35T: 80 to 86 MHz with every multiplier in a DSP block, 42.5 with multipliers in look-up
tables; ECP5-85F, speed grade 6: 52.
"""

from sw.cost.devices import Device
from sw.cost.mapping import resolve, soft_multipliers
from sw.design.design import Design

__all__ = ["SOURCE", "expected_mhz"]

SOURCE = "coarse: what other designs of the family reached"
_MHZ = {"xc7": (80.0, 42.5), "ecp5": (52.0, 52.0)}  # without and with multipliers in look-up tables


def expected_mhz(design: Design, device: Device) -> float:
    """MHz, in one figure for all designs of a family that have, or have no, multipliers in look-up tables."""
    return _MHZ[device.family][soft_multipliers(resolve(design, device)) > 0]
