"""The RTLIL of a design's accelerator, or of a circuit around it: what everything of yosys begins with."""

import gc
import linecache
import re
import sys
from collections.abc import Callable
from unittest.mock import patch

from amaranth import Elaboratable, tracer
from amaranth.back import rtlil

from hw.accelerator import Accelerator
from sw.design.design import Design

__all__ = ["circuit", "converted"]

_ASSIGNED = re.compile(r"\s*(?:\w+\.)*(\w+) *=[^=]")


def _name(depth: int = 2, default: str | None = None) -> str:
    """What the caller's line assigns to: the name of a signal that is given none, as those of Amaranth's own units.

    Amaranth takes it from the caller's bytecode, and finds other names in other versions of Python.
    """
    frame = sys._getframe(depth)
    assigned = _ASSIGNED.match(linecache.getline(frame.f_code.co_filename, frame.f_lineno))
    if assigned is None and default is None:
        raise tracer.NameNotFound
    return assigned[1] if assigned else default  # type: ignore[return-value]


def circuit(design: Design) -> str:
    """RTLIL text, the same bytes every time and in every Python; top module ``top``, clock ``clk``, reset ``rst``.

    The reset is synchronous.
    """
    return converted(lambda: Accelerator(design), "top")


def converted(make: Callable[[], Elaboratable], top: str) -> str:
    """RTLIL text of what ``make()`` gives, with the top module ``top``; the same bytes in every Python."""
    # millions of objects are made that all live to the end: looking for garbage among them takes a third of the time
    collecting = gc.isenabled()
    gc.disable()
    try:
        with patch.object(tracer, "get_var_name", _name):
            return rtlil.convert(make(), name=top, emit_src=False)
    finally:
        if collecting:
            gc.enable()
