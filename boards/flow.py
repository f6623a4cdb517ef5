"""Which yosys passes make a design into cells of a family of FPGAs.

The families' own scripts (`help synth_xilinx`, `help synth_lattice`), run in pieces, with some things between:

- Resets are found first, for the passes leave registers alone that are to be kept, and would put theirs into logic.
- Multipliers that the design wants in look-up tables are kept away from the DSP blocks. The design marks the
  first product register of each with the attribute ``use_dsp = "no"``. The `$mul` cell that feeds a marked
  register, directly or through one adder, becomes a `$__soft_mul` once `wreduce` has trimmed it, and that becomes
  what soft_mul_<family>.v says: about a third of what the scripts would make of it.
- For a bitstream, XC7 gets pads and clock buffers, and memories only of the shapes in memories_xc7.txt.
- Multipliers take in the registers around them (boards.retime): those in look-up tables have them between their rows,
  DSP blocks of ECP5 in the block, as XC7's script does by itself.
- ECP5: operands of more than 18 bits are split such that a rest of less than ECP5_LEAST bits goes to look-up tables
  and not to a whole DSP block of its own (dsp_ecp5.v).
- XC7: chains of carries have their first table for themselves (boards.carries).
- What the design says of registers and memories becomes properties of their cells (boards.marks).
"""

from itertools import pairwise
from pathlib import Path

from boards.errors import BoardError
from hw.yosys import Step
from sw.cost.mapping import ECP5_LEAST

__all__ = ["FAMILIES", "JSON", "RTLIL", "VERILOG", "inputs", "steps"]

#: names of the files in the folder where the passes run
RTLIL, JSON, VERILOG = "top.il", "netlist.json", "netlist.v"
_SOFT, _MEMORIES, _LEVEL, _DSP = "soft_mul.v", "memories_xc7.txt", "after_level.v", "dsp_ecp5.v"
_MARKS, _RETIME, _CARRIES = "marks.py", "retime.py", "carries.py"

FAMILIES = ("xc7", "ecp5")

_XILINX = "synth_xilinx -flatten -abc9 -arch xc7 -top top"
_LATTICE = "synth_lattice -family ecp5 -top top -run"


def inputs(family: str) -> dict[str, str]:
    """What ``steps`` needs in its folder beside RTLIL: file name -> text."""
    here = Path(__file__).parent
    own = _MEMORIES if family == "xc7" else _DSP
    files = {_SOFT: f"soft_mul_{family}.v"} | {name: name for name in (own, _LEVEL, _MARKS, _RETIME, _CARRIES)}
    return {name: (here / file).read_text() for name, file in files.items()}


def steps(family: str, soft_multipliers: int, *, pads: bool = False) -> list[Step]:
    """From RTLIL to JSON and VERILOG, in the folder that RTLIL lies in.

    ``soft_multipliers``: how many multipliers the design has marked; another number found is an error of yosys.
    ``pads``: the ports are a board's pins, and the netlist is for place and route.
    """
    if family not in FAMILIES:
        raise BoardError(f'family must be one of {", ".join(FAMILIES)}, got "{family}"')
    made = _xc7(soft_multipliers, pads) if family == "xc7" else _ecp5(soft_multipliers)
    # the top alone, without the library; and nothing of where the library lies on this machine
    written = ["select top", "delete t:$scopeinfo", "setattr -unset src -unset module_not_derived",
               f"write_json -selected {JSON}",
               f"write_verilog -noattr -selected {VERILOG}"]
    # resets first, as nothing looks for those of a register that is kept
    return [("read", [f"read_rtlil {RTLIL}", "proc -noopt", *_RESETS, f"python {_MARKS}"]), *made, ("write", written)]


# muxes before registers become their resets, which is found once nothing lies between
_RESETS = ["opt_clean", "opt_dff -nodffe", "opt_clean"]
_MAP_SOFT = [f"techmap -autoproc -map {_SOFT} -map {_LEVEL}", f"python {_MARKS}", "opt_expr -fine", "opt_clean"]


def _xc7(soft_multipliers: int, pads: bool) -> list[Step]:
    script = f"{_XILINX} -run" if pads else f"{_XILINX} -noiopad -noclkbuf -run"
    late = ["map_ffram", "fine", "map_cells", "map_ffs", "map_luts", "finalize", "edif"]
    made = [
        ("prepare", [f"{script} begin:map_dsp"]),
        ("soft multipliers", [*_mark_soft(soft_multipliers), f"python {_RETIME} xc7 0", *_MAP_SOFT]),
        # the mark on the wire keeps a register out of the DSP blocks too
        ("map_dsp", [f"{script} map_dsp:coarse", "setattr -unset keep */w:*"]),
        *_pieces(script, ["coarse", "map_memory"]),
    ]
    if pads:
        maps = "techmap -map +/xilinx/lutrams_xc5v_map.v -map +/xilinx/brams_xc6v_map.v"
        made.append(("map_memory", [f"memory_libmap -lib {_MEMORIES} -logic-cost-rom 0.015625", maps]))
    else:
        late.insert(0, "map_memory")
    mapped, finished = late[: late.index("finalize") + 1], late[late.index("finalize") :]
    return [*made, *_pieces(script, mapped), ("carries", [f"python {_CARRIES}", "clean"]), *_pieces(script, finished)]


def _ecp5(soft_multipliers: int) -> list[Step]:
    labels = ["coarse", "map_ram", "map_ffram", "map_gates", "map_ffs", "map_luts", "map_cells"]
    # what the script itself begins `coarse` with, and repeats at little cost
    prepare = ["proc -latches error", "flatten", "opt_expr", "opt_clean", "opt -nodffe -nosdff", "wreduce", "peepopt",
               "opt_clean"]
    blocks = f"techmap -autoproc -map {_DSP} -map {_LEVEL} -map {_SOFT} -D LEAST={ECP5_LEAST}"
    return [
        ("prepare", [f"{_LATTICE} begin:coarse", *prepare]),
        ("soft multipliers", [*_mark_soft(soft_multipliers), f"python {_RETIME} ecp5 {ECP5_LEAST}",
                              "setattr -unset keep */w:*"]),
        ("map_dsp", [blocks, "opt_expr -fine", "opt_clean"]),
        *_pieces(_LATTICE, [*labels, "check"]),
        # as the script's `check`, which also renames all cells and nets
        ("check", ["hierarchy -check", "check -noinit"]),
    ]


def _pieces(script: str, labels: list[str]) -> list[Step]:
    """The script from each label to the next one, up to the last label."""
    return [(label, [f"{script} {label}:{after}"]) for label, after in pairwise(labels)]


def _mark_soft(expected: int) -> list[str]:
    return [
        "cd top",
        "select -set marked a:use_dsp=no",
        "select -set registers @marked %ci1 t:$*ff* %i",
        "select -set data @registers %ci1:+[D] w:* %i",
        "select -set drivers @data %ci1 t:* %i @registers %d",
        "select -set operands @drivers t:$add %i %ci1:+[A,B] w:* %i",
        "select -set soft @drivers @operands %ci1 %u t:$mul %i",
        f"select -assert-count {expected} @soft",
        "chtype -set $__soft_mul @soft",
        "cd ..",
    ]
