# amaranth: UnusedElaboratable=no

"""What memories and tables ask synthesis to build them of, that each has an address, and how long a read takes."""

import re

import pytest
from amaranth import Module
from amaranth.back import rtlil
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from hw.address import AddressGenerator
from hw.memory import memory, read, table
from hw.timeline import Timed
from sw.design.memories import ROWS_BY_CLOCK
from sw.pattern.clash_free import make_pattern
from tests.hw.play import play


def built(unit: Memory) -> tuple[str, int]:
    """Kind and rows of a memory, as synthesis gets them."""
    m = Module()
    m.submodules.unit = unit
    text = rtlil.convert(m, ports=[], name="top", emit_src=False)
    (found,) = re.findall(r'attribute \\ram_style "(\w+)"\n\s*memory width 5 size (\d+)', text)
    return found[0], int(found[1])


@pytest.mark.parametrize(("rows", "kind"), [(1, "distributed"), (16, "distributed"), (17, "block")])
def test_a_memory_of_up_to_so_many_rows_is_of_look_up_tables(rows, kind):
    assert built(memory(5, rows, 16)) == (kind, max(2, rows))


@pytest.mark.parametrize(("words", "kind"), [(1, "logic"), (16, "logic"), (17, "block")])
def test_a_table_of_up_to_so_many_words_is_plain_logic(words, kind):
    assert built(table(5, range(words), 16)) == (kind, max(2, words))


@pytest.mark.parametrize(("kind", "left", "styles"), [(1, 32, ["logic"]), (1, 64, ["block"]), (2, 64, ["logic"])])
def test_rows_of_a_long_cycle_of_type_1_are_in_block_ram(kind, left, styles):
    """One sweep over more rows than are looked up in logic; type 2 looks start vectors up, and wraps by itself."""
    pattern = make_pattern(kind=kind, left=left * 2, right=4, out_degree=2, z=2, seed=1, junction=1)
    assert (pattern.clocks > ROWS_BY_CLOCK) == (left > 32)
    for latency in (1, 2):
        text = rtlil.convert(AddressGenerator(pattern, latency), name="top", emit_src=False)
        assert re.findall(r'attribute \\ram_style "(\w+)"', text) == styles


class Reader(wiring.Component):
    def __init__(self, clocks: int):
        self.clocks = clocks
        super().__init__({"address": In(3), "data": Out(5)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.words = words = table(5, [3 * n for n in range(8)], 4)
        found = read(m, words.read_port(), Timed(self.address, 6), self.clocks, "found")
        self.stage = found.stage
        m.d.comb += self.data.eq(found.value)
        return m


@pytest.mark.parametrize("clocks", [1, 2, 3])
def test_a_read_takes_so_many_clocks_of_which_the_memory_has_the_first(clocks):
    unit, asked = Reader(clocks), [5, 0, 7, 1, 6, 2, 2, 4]
    seen = play(unit, [{"address": a} for a in asked], ["data"])["data"]
    assert unit.stage == 6 + clocks
    assert seen[clocks:].tolist() == [3 * a for a in asked[:-clocks]]
    text = rtlil.convert(Reader(clocks), name="top", emit_src=False)
    assert text.count("cell $dff") == clocks - 1
