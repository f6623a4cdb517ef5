# amaranth: UnusedElaboratable=no

"""What memories and tables ask synthesis to build them of, and that each has an address."""

import re

import pytest
from amaranth import Module
from amaranth.back import rtlil
from amaranth.lib.memory import Memory

from hw.address import AddressGenerator
from hw.memory import memory, table
from sw.design.memories import ROWS_BY_CLOCK
from sw.pattern.clash_free import make_pattern


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


@pytest.mark.parametrize(("kind", "left", "styles"), [(1, 16, ["logic"]), (1, 32, ["block"]), (2, 32, ["logic"])])
def test_rows_of_a_long_cycle_of_type_1_are_in_block_ram(kind, left, styles):
    """One sweep over more rows than are looked up in logic; type 2 looks start vectors up, and wraps by itself."""
    pattern = make_pattern(kind=kind, left=left * 2, right=4, out_degree=2, z=2, seed=1, junction=1)
    assert (pattern.clocks > ROWS_BY_CLOCK) == (left > 16)
    text = rtlil.convert(AddressGenerator(pattern), name="top", emit_src=False)
    assert re.findall(r'attribute \\ram_style "(\w+)"', text) == styles
