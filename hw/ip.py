"""`make ip`: the accelerator with AXI ports, for people who build their own system around it.

Writes to build/ip/<design>/: the Verilog; ports.json, the streams' payloads and the registers; a C header with the
registers; a FuseSoC core file.
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from hw.axi import AxiAccelerator, stream_bits
from hw.circuit import converted
from hw.verilog import facts, verilog
from sw.common.atomic import check_folder, write_atomic
from sw.common.command import Options, command
from sw.design.design import Design
from sw.design.files import load
from sw.design.ports import Ports
from sw.design.registers import REGISTERS, constants
from sw.design.rehearsal import rehearse
from sw.design.schedule import Schedule

__all__ = ["main", "top_name", "write"]

_VERSION = "0.1.0"


def top_name(design: Design) -> str:
    """Of the module: ``clashfree_`` and the design's name in letters, digits and underscores."""
    return "clashfree_" + re.sub(r"[^A-Za-z0-9_]", "_", design.name)


def write(design: Design, folder: Path) -> Path:
    """Write all files into ``folder``, each whole or not at all; the path of the Verilog."""
    rehearse(Schedule.of(design))
    top = top_name(design)
    made = {
        f"{top}.v": verilog(converted(lambda: AxiAccelerator(design), top)),
        "ports.json": json.dumps(_facts(design), indent=2) + "\n",
        f"{top}.h": _header(design, top),
        f"{top}.core": _core(design, top),
    }
    check_folder(folder)
    for name, text in made.items():
        write_atomic(folder / name, text.encode())
    return folder / f"{top}.v"


def _facts(design: Design) -> dict:
    ports = Ports.of(design)
    widths = {
        f"{port}_tdata": stream_bits(sum(field.width * field.count for field in fields))
        for port, fields in (("s_axis_slots", ports.slots), ("m_axis_results", ports.results))
    }
    return {
        **facts(design),
        "tdata_bits": widths,
        "registers": [vars(register) for register in REGISTERS.values()],
        "constants": constants(design),
    }


def _header(design: Design, top: str) -> str:
    lines = [f"/* Registers of {top}: byte offsets from its AXI4-Lite base address, and what never changes. */"]
    lines += [f"#define {top.upper()}_{r.name} 0x{r.offset:02X}u /* {r.access} */" for r in REGISTERS.values()]
    lines += [f"#define {top.upper()}_{name}_VALUE 0x{value:08X}u" for name, value in constants(design).items()]
    return "\n".join([f"#ifndef {top.upper()}_H", f"#define {top.upper()}_H", *lines, "#endif"]) + "\n"


def _core(design: Design, top: str) -> str:
    return f"""CAPI=2:
name: ::{top}:{_VERSION}
description: Trains the network "{design.name}"; AXI4-Stream slots and results, AXI4-Lite configuration and counters
filesets:
  rtl:
    files: [{top}.v]
    file_type: verilogSource-2005
  software:
    files: [{top}.h: {{is_include_file: true}}]
    file_type: user
targets:
  default: &default
    filesets: [rtl]
    toplevel: {top}
  lint:
    <<: *default
    flow: lint
    flow_options: {{tool: verilator}}
"""


@command
def main(arguments: Sequence[str] | None) -> None:
    parser = Options(prog="python -m hw.ip", description="Write a design's accelerator with AXI ports.")
    parser.add_argument("--design", default="designs/morse.toml", help="design file (default %(default)s)")
    parser.add_argument("--out", type=Path, help="folder (default build/ip/<design>)")
    options = parser.parse_args(arguments)
    design = load(options.design)
    folder = options.out or Path("build/ip") / design.name
    check_folder(folder)
    print(write(design, folder))


if __name__ == "__main__":
    sys.exit(main())
