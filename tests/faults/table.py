"""All faults and the runs that are made with them, for the tests and for `make faults`."""

from sw.design.design import Design
from tests.faults import golden, hardware
from tests.faults.designs import POOL
from tests.faults.fault import SEED, Fault

__all__ = ["FAULTS", "SEEDS", "long_runs", "short_runs"]

FAULTS: tuple[Fault, ...] = (*hardware.FAULTS, *golden.FAULTS)
SEEDS = tuple(range(SEED, SEED + 4))  # of a long run


def short_runs(fault: Fault) -> tuple[Design, ...]:
    """The design on which a fault is caught, and those on which it must pass unnoticed."""
    return (fault.design, *fault.without)


def long_runs(fault: Fault) -> tuple[Design, ...]:
    """Every design on which it is known whether the fault is seen."""
    return tuple(design for design in POOL if fault.where(design) or fault.only)
