"""What the cost model says of a design, to stand beside what synthesis counts."""

from collections.abc import Mapping

from sw.cost.cost import cost
from sw.cost.devices import Device
from sw.design.design import Design

__all__ = ["estimate"]


def estimate(design: Design, device: Device) -> Mapping[str, float]:
    """lut, lutram, ff, dsp and bram36 (or ebr), as far as the model knows them for the device's family."""
    made = cost(design, device)
    block = "bram36" if device.family == "xc7" else "ebr"
    known = {"lut": made.lut, "lutram": made.lutram, "ff": made.ff, "dsp": made.dsp, block: made.block}
    return {name: value for name, value in known.items() if value is not None}
