"""The fastest circuit of a network that a device has room for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sw.cost.balance import chains
from sw.cost.cost import Cost, cost
from sw.cost.devices import Device
from sw.cost.mapping import resolve, soft_multipliers
from sw.design.design import Design
from sw.design.errors import DesignError

__all__ = ["FILLED", "Fitted", "fastest"]

# The part of a device that estimates may fill: they err by up to 3 %, and routing needs some room.
FILLED = 0.95
# Rows from which a memory is block RAM. Which is better depends on what the rest of the design leaves free.
_LUTRAM_ROWS = (32, 64, 128, 256)
# On a family whose look-up tables have no model, memories may take so much of them, and multipliers none.
_LUTRAM_UNMODELLED = 0.25


@dataclass(frozen=True)
class Fitted:
    """A design on a device. ``share``: of the device, of the resource that it uses most, 0..1."""

    design: Design
    cost: Cost
    share: float

    @property
    def clocks(self) -> int:
        """Per training sample."""
        return self.cost.clocks


def fastest(design: Design, device: Device, room: float = FILLED) -> Fitted | None:
    """The design with lanes, and kinds of memory, for the fewest clocks per sample within ``room`` of the device.

    ``room``: the share of each resource that it may use. Of equally fast ones it is the one of the smallest share.
    What ``design`` says of z, lags and memories is not looked at. None: it does not fit with a single lane either.
    """
    for chain in chains(design.network):
        found = min(_with_memories(design, chain.z, device), key=lambda one: one.share, default=None)
        if found is not None and found.share <= room:
            return found
    return None


def _with_memories(design: Design, z: tuple[int, ...], device: Device) -> Iterator[Fitted]:
    for rows in _LUTRAM_ROWS:
        hardware = replace(design.hardware, z=z, lags=(), lutram_rows=rows)
        try:
            made = replace(design, hardware=hardware)
        except DesignError:  # a pattern of this kind may not exist for these lanes
            return
        counted = cost(resolve(made, device), device)
        yield Fitted(made, counted, _share(made, counted, device))


def _share(design: Design, counted: Cost, device: Device) -> float:
    parts = [counted.dsp / device.dsp, counted.block / device.memory_blocks]
    if counted.lut is not None and counted.ff is not None:
        parts += [counted.lut / device.lut, counted.ff / device.ff]
    else:
        parts.append(counted.lutram / device.lut / _LUTRAM_UNMODELLED)
        if soft_multipliers(resolve(design, device)):
            parts.append(float("inf"))
    return max(parts)
