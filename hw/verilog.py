"""Verilog of a design's accelerator, the same bytes every time."""

import json
from pathlib import Path

from amaranth.back import verilog

from hw.accelerator import Accelerator
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from sw.design.whole import write_whole

__all__ = ["generate", "write"]


def generate(design: Design) -> str:
    """Verilog text; the top module is ``top``, its clock ``clk``, its synchronous reset ``rst``."""
    return verilog.convert(Accelerator(design), name="top", emit_src=False, strip_internal_attrs=True)


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
