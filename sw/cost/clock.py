"""What clock a design can be expected to reach on a family of FPGAs, before it is synthesised.

Coarse: that of the slowest path of one design of each kind, as `make synth` finds it (`boards/netlist/timing.py`),
whose wires are longer in a larger design. Other designs may have other slowest paths.
"""

from dataclasses import dataclass

from sw.cost.cost import cost
from sw.cost.devices import Device
from sw.cost.mapping import resolve, soft_multipliers
from sw.design.design import Design

__all__ = ["SOURCE", "expected_mhz"]

SOURCE = "coarse: the slowest path of another design, with wires by the size of this one"
_UNIT = 10_000


@dataclass(frozen=True)
class _Slowest:
    """A path: ``fixed`` nanoseconds in cells, and ``wires`` in a design of 10,000 look-up tables; ``growth``: the power
    of the size that these grow with (boards/netlist/delays.toml)."""

    fixed: float
    wires: float
    growth: float

    def mhz(self, lut: int) -> float:
        return 1000 / (self.fixed + self.wires * (lut / _UNIT) ** self.growth)


# By the family and whether there are multipliers in look-up tables: of mnist-arty with z = (32, 8), and with
# z = (64, 16), where 87 are.
_SLOWEST = {
    ("xc7", False): _Slowest(3.8, 5.3, 0.25),
    ("xc7", True): _Slowest(5.6, 6.8, 0.25),
    ("ecp5", False): _Slowest(7.4, 1.6, 0.22),
    ("ecp5", True): _Slowest(7.4, 1.6, 0.22),
}


def expected_mhz(design: Design, device: Device) -> float:
    """MHz; where the design's look-up tables have no cost model, as if it had 10,000."""
    design = resolve(design, device)
    slowest = _SLOWEST[device.family, soft_multipliers(design) > 0]
    return slowest.mhz(cost(design, device).lut or _UNIT)
