"""Verilog of a design's accelerator, the same bytes every time."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hw import yosys
from hw.circuit import circuit
from sw.common.atomic import write_atomic
from sw.common.errors import FileError
from sw.design.design import Design
from sw.design.hashes import circuit_hash, network_hash
from sw.design.ports import Ports
from sw.design.rehearsal import rehearse
from sw.design.schedule import Schedule

__all__ = ["facts", "generate", "verilog", "write"]

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
# What Verilator's linter may not object to: yosys leaves the extension of operands to Verilog's own rules, and puts the
# value for all other cases before a `case` instead of into it.
_LINT = "".join(f"/* verilator lint_off {name} */\n" for name in ("WIDTHEXPAND", "WIDTHTRUNC", "CASEINCOMPLETE"))


def generate(design: Design) -> str:
    """Verilog text; the top module is ``top``, its clock ``clk``, its synchronous reset ``rst``."""
    return verilog(circuit(design))


def verilog(rtlil: str) -> str:
    """The Verilog of a circuit."""
    with TemporaryDirectory(prefix="clashfree-") as temporary:
        folder = Path(temporary)
        (folder / "top.il").write_text(rtlil)
        yosys.run([("Verilog", _PASSES)], folder, outputs=["top.v"])
        return _LINT + (folder / "top.v").read_text()


def write(design: Design, folder: Path) -> Path:
    """Write ``top.v`` and ``ports.json`` (streams with their payload fields) into ``folder``; the path of top.v.

    FileError if they cannot be written. Before that, the design's schedule is rehearsed (``sw.design.rehearsal``):
    DesignError if any access of any memory would come at a wrong time.
    """
    rehearse(Schedule.of(design))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder}: cannot be made: {error.strerror}") from None
    text = generate(design)
    write_atomic(folder / "ports.json", (json.dumps(facts(design), indent=2) + "\n").encode())
    write_atomic(folder / "top.v", text.encode())
    return folder / "top.v"


def facts(design: Design) -> dict:
    """What a program must know to use the Verilog: its clocks, lags, hashes, and the fields of each stream."""
    schedule = Schedule.of(design)
    return {
        "design": design.name,
        "network_hash": network_hash(design),
        "circuit_hash": circuit_hash(design),
        "clocks": schedule.clocks,
        "beats": schedule.beats,
        "lags": schedule.lags,
        "streams": Ports.of(design).as_json(),
        "counters": ["count_slots", "count_correct", "count_cycles", "count_stalls"],
    }
