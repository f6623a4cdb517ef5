"""Verilog of a design's accelerator, the same bytes every time."""

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from amaranth.back import rtlil

from hw import yosys
from hw.accelerator import Accelerator
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from sw.design.whole import write_whole

__all__ = ["generate", "write"]

# attributes that only say where something came from in our sources
_INTERNAL = " ".join(
    f"-remove {name}" for name in ("generator", "top", "src", "amaranth.hierarchy", "amaranth.decoding")
)
# as amaranth.back.verilog has it: processes and memories stay whole
_PASSES = [
    "read_rtlil top.il",
    "proc -nomux -norom",
    "memory_collect",
    f"attrmap {_INTERNAL}",
    f"attrmap -modattr {_INTERNAL}",
    "write_verilog -norename top.v",
]


def generate(design: Design) -> str:
    """Verilog text; the top module is ``top``, its clock ``clk``, its synchronous reset ``rst``."""
    with _without_collections():
        text = rtlil.convert(Accelerator(design), name="top", emit_src=False)
    return yosys.run(_PASSES, inputs={"top.il": text}, output="top.v")


@contextmanager
def _without_collections() -> Iterator[None]:
    """Amaranth makes millions of objects that all live to the end: looking for garbage took a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def write(design: Design, folder: Path) -> Path:
    """Write ``top.v`` and ``ports.json`` (streams with their payload fields) into ``folder``; the path of top.v.

    DesignError if they cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DesignError(f"{folder}: cannot be made: {error.strerror}") from None
    text = generate(design)
    schedule = Schedule.of(design)
    facts = {
        "design": design.name,
        "hash": design.hash,
        "clocks": schedule.clocks,
        "beats": schedule.beats,
        "lags": schedule.lags,
        "streams": Ports.of(design).as_json(),
        "counters": ["count_slots", "count_correct", "count_cycles", "count_stalls"],
    }
    write_whole(folder / "ports.json", (json.dumps(facts, indent=2) + "\n").encode())
    write_whole(folder / "top.v", text.encode())
    return folder / "top.v"
