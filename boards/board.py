"""What synthesis must know of a board."""

from dataclasses import dataclass

from sw.cost.devices import Device, device

__all__ = ["Board"]


@dataclass(frozen=True)
class Board:
    """``name``: as given on the command line; ``chip``: see sw.cost.devices; ``clock_mhz``: of its oscillator."""

    name: str
    title: str
    chip: str
    clock_mhz: float

    @property
    def device(self) -> Device:
        return device(self.chip)

    @property
    def family(self) -> str:
        """The device's: "xc7" or "ecp5"."""
        return self.device.family
