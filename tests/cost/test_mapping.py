"""The closed forms of what memories become, held against yosys, and multipliers by hand."""

import json
import re
from collections import Counter

import pytest
from amaranth import Module
from amaranth.back import rtlil
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from hw.yosys import run
from sw.cost.devices import device
from sw.cost.mapping import block_memory, distributed_memory, dsp_blocks, lutram_is_exact, memory_totals
from sw.design.memories import memories
from tests.sim.designs import tiny

# (rows, bits, kind, read ports); more than one port: constants
SHAPES = [
    *((rows, bits, "distributed", 1) for rows, bits in [(2, 28), (16, 9), (17, 4), (32, 12), (33, 7), (64, 1)]),
    *((rows, bits, "distributed", 1) for rows, bits in [(64, 28), (70, 12), (128, 7), (256, 12)]),
    *((rows, bits, "block", 1) for rows, bits in [(2, 18), (64, 36), (65, 40), (600, 18), (600, 19), (2048, 9)]),
    *((rows, bits, "block", 1) for rows, bits in [(2048, 12), (4096, 7), (4096, 12), (4096, 18), (8192, 5)]),
    *((rows, bits, "block", reads) for rows, bits in [(1024, 9), (2048, 14)] for reads in (2, 3, 4)),
    (100, 1, "distributed", 1), (500, 36, "block", 2),
]
# the scripts up to the choice of cells, without what then replaces these stand-ins by the device's cells
PASSES = {
    "xc7": [
        "synth_xilinx -flatten -arch xc7 -top top -noiopad -noclkbuf -run begin:map_memory",
        "memory_libmap -lib +/xilinx/lutrams_xc5v.txt -lib +/xilinx/brams_xc4v.txt -D HAS_SIZE_36",
    ],
    "ecp5": [
        "synth_lattice -family ecp5 -top top -run begin:map_ram",
        "memory_libmap -lib +/lattice/lutrams_trellis.txt -lib +/lattice/brams_16kd.txt",
    ],
}


def units(cell: dict) -> tuple[str, float] | None:
    """(class, units as boards.netlist.count has them) of a stand-in; None for other cells."""
    kind = cell["type"]
    if kind.startswith("$__XILINX_LUTRAM"):  # RAM32M, RAM64M or RAM128X1D
        return "lutram", 4
    if kind.startswith("$__XILINX_BLOCKRAM"):
        return "block", {"HALF": 0.5, "FULL": 1}[cell["parameters"]["OPTION_MODE"]]
    return {"$__TRELLIS_DPR16X4_": ("lutram", 6), "$__DP16KD_": ("block", 1), "$__PDPW16KD_": ("block", 1)}.get(kind)


class Memories(wiring.Component):
    """One memory of each shape, all on the same address."""

    def __init__(self):
        ports = sum(reads for *_, reads in SHAPES)
        super().__init__(
            {"read": In(16), "write": In(16), "enable": In(1), "data": In(40), "out": Out(40).array(ports)}
        )

    def elaborate(self, platform):
        m = Module()
        outs = iter(self.out)
        for number, (rows, bits, kind, reads) in enumerate(SHAPES):
            init = [row * 40_503 % (1 << bits) for row in range(rows)] if reads > 1 else []
            memory = Memory(shape=bits, depth=rows, init=init, attrs={"ram_style": kind})
            m.submodules[f"m{number}"] = memory
            if reads == 1:
                write = memory.write_port()
                m.d.comb += [write.en.eq(self.enable), write.addr.eq(self.write), write.data.eq(self.data)]
            for port in range(reads):
                read = memory.read_port()
                m.d.comb += [read.addr.eq(self.read >> port), next(outs).eq(read.data)]
        return m


@pytest.mark.parametrize("family", PASSES)
def test_memories_are_what_yosys_makes_of_them(family, tmp_path):
    (tmp_path / "top.il").write_text(rtlil.convert(Memories(), name="top", emit_src=False))
    passes = ["read_rtlil top.il", *PASSES[family], "select top", "write_json -selected out.json"]
    run([("map", passes)], tmp_path, log=tmp_path / "log", limit=300)
    found: dict[int, Counter] = {number: Counter() for number in range(len(SHAPES))}
    for name, cell in json.loads((tmp_path / "out.json").read_text())["modules"]["top"]["cells"].items():
        if made := units(cell):
            found[int(re.match(r"m(\d+)", name)[1])][made[0]] += made[1]
    for number, (rows, bits, kind, reads) in enumerate(SHAPES):
        if kind == "distributed":
            expected = {"lutram": distributed_memory(rows, bits, family)}
        else:
            expected = {"block": block_memory(rows, bits, family, reads)}
        assert found[number] == expected, SHAPES[number]


def test_multipliers():
    xc7, ecp5 = device("XC7A35T"), device("ECP5-85F")
    assert [dsp_blocks(bits, xc7) for bits in [(12, 9), (19, 9), (25, 18), (18, 25), (4, 4)]] == [1, 1, 1, 1, 0]
    # of pieces of 25 bits, one is a sign but in the last: seven bits are left of 31, and products of nine go to a block
    assert [dsp_blocks(bits, xc7) for bits in [(30, 2), (31, 2)]] == [1, 2]
    # a rest of two bits goes to look-up tables, one of eight to a block
    assert [dsp_blocks(bits, ecp5) for bits in [(12, 9), (18, 18), (19, 9), (25, 18), (25, 25)]] == [1, 1, 1, 2, 4]
    # a piece uses the 18 bits of a block: three are left of 21, four of 22
    assert [dsp_blocks(bits, ecp5) for bits in [(21, 9), (22, 9)]] == [1, 2]


def test_totals():
    design = tiny()
    for family in PASSES:
        lutram, block = memory_totals(design, family)
        shapes = memories(design)
        kept = [m for m in shapes if m.kind == "distributed"]
        least = sum(m.count * distributed_memory(m.rows, m.bits, family) for m in kept)
        assert lutram == least
        large = [m for m in shapes if m.kind == "block"]
        assert block == sum(m.count * block_memory(m.rows, m.bits, family, m.reads) for m in large)
    assert lutram_is_exact(design)
