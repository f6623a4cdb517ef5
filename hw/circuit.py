"""The RTLIL of a design's accelerator: what synthesis and everything else of yosys begins with."""

import gc

from amaranth.back import rtlil

from hw.accelerator import Accelerator
from sw.design.design import Design

__all__ = ["circuit"]


def circuit(design: Design) -> str:
    """RTLIL text, the same bytes every time; top module ``top``, clock ``clk``, synchronous reset ``rst``."""
    # millions of objects are made that all live to the end: looking for garbage among them takes a third of the time
    collecting = gc.isenabled()
    gc.disable()
    try:
        return rtlil.convert(Accelerator(design), name="top", emit_src=False)
    finally:
        if collecting:
            gc.enable()
