"""What the cost model says of a design, to stand beside what synthesis counts."""

from collections.abc import Mapping

from sw.design.design import Design
from sw.design.devices import Device

__all__ = ["estimate"]


def estimate(design: Design, device: Device) -> tuple[Mapping[str, float] | None, str]:
    """The figures of ``boards.report.FIGURES`` as estimated before synthesis; None with a reason if there are none."""
    return None, "there is no cost model yet"
