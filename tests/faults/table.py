"""All faults and the runs that are made with them, for the tests and for `make faults`."""

from sw.design.design import Design
from tests.faults import golden, hardware
from tests.faults.designs import POOL
from tests.faults.fault import Fault
from tests.faults.runs import SEEDS

__all__ = ["FAULTS", "Run", "long_runs", "short_runs"]

Run = tuple[Design, tuple[int, ...]]  # a design and seeds, of which the next is taken where the fault was not caught

FAULTS: tuple[Fault, ...] = (*hardware.FAULTS, *golden.FAULTS)


def short_runs(fault: Fault) -> list[Run]:
    """The design on which a fault is caught, and those on which it must pass unnoticed."""
    return [(design, SEEDS[:1]) for design in (fault.design, *fault.without)]


def long_runs(fault: Fault) -> list[Run]:
    """Every design on which it is known whether the fault is seen."""
    known = [design for design in POOL if fault.where(design) or fault.only]
    return [(design, SEEDS if fault.where(design) else SEEDS[:1]) for design in known]
