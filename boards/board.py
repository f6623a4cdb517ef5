"""What synthesis and bitstreams must know of a board."""

from dataclasses import dataclass

from sw.cost.devices import Device, device

__all__ = ["Board"]


@dataclass(frozen=True)
class Board:
    """One board. The pins are not here: amaranth-boards knows them.

    Members
    -------
    name : as given on the command line.
    chip : see sw.cost.devices.
    clock_mhz : of the board's oscillator.
    part : the chip with package and speed grade, as its vendor's tools spell it.
    pins : class of amaranth-boards that has the board's pins, as "module.Class".
    loader : the board's name for openFPGALoader.
    design : the file that `make bitstream` takes unless another one is given.
    mhz : clock of the machine unless another one is wished.
    baud : highest rate at which the board's serial bridge is known to work.
    held_high : resources of ``pins`` (with a part of each, or "") that must be held at 1.
    """

    name: str
    title: str
    chip: str
    clock_mhz: float
    part: str
    pins: str
    loader: str
    design: str
    mhz: float
    baud: int
    held_high: tuple[tuple[str, str], ...] = ()

    @property
    def device(self) -> Device:
        return device(self.chip)

    @property
    def family(self) -> str:
        """The device's: "xc7" or "ecp5"."""
        return self.device.family
