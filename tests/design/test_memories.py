"""What memories are built of; that they are those of the hardware is told in tests/hw/test_memories.py."""

from dataclasses import replace

from sw.design.memories import memories, style
from tests.design.shipped import flagship


def test_memories_of_so_many_rows_are_of_look_up_tables_larger_ones_block_ram():
    assert [style(rows, 64) for rows in (1, 64, 65)] == ["distributed", "distributed", "block"]
    assert style(1, 0) == "block"


def test_the_limit_parts_the_memories_of_a_design():
    base = flagship()
    for limit in (0, 8, 64, 4096):
        design = replace(base, hardware=replace(base.hardware, lutram_rows=limit))
        for memory in memories(design):
            if not memory.constant and memory.kind != "auto":
                assert (memory.kind == "block") == (memory.rows > limit)
