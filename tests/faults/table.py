"""All faults, for the tests and for `make faults`."""

from tests.faults import golden, hardware

__all__ = ["FAULTS"]

FAULTS = {fault.name: fault for fault in (*hardware.FAULTS, *golden.FAULTS)}
