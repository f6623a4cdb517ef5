"""The list of memories by hand, from the table of section 2 of docs/architecture.md, and what they are built of.

That they are those of the hardware is told in tests/hw/test_memories.py.
"""

from dataclasses import replace

import pytest

from sw.design.design import Design
from sw.design.memories import memories, style
from sw.design.settings import Arithmetic, Hardware, Network, PatternSettings
from tests.design.shipped import flagship


def listed(design: Design) -> list[tuple]:
    return [(m.junction, m.name, m.count, m.rows, m.bits, m.kind, m.reads) for m in memories(design)]


def test_flagship_by_hand():
    # sets * D, rounded up: 3 * 8 and 7 * 8; 3 * 2 and 4 * 2; f' 4 * 32; deltas 2 * 2 and 1 * 32
    # a partial delta is at most 16 products of 2^22 and a half: 27 bits and a sign
    assert listed(flagship()) == [
        (1, "left activations for FF", 128, 32, 8, "distributed", 1),
        (1, "left activations for UP", 128, 64, 8, "distributed", 1),
        (1, "weights", 128, 32, 12, "distributed", 1),
        (1, "biases", 2, 32, 12, "distributed", 1),
        (1, "sigmoid", 1, 4096, 9, "block", 2),
        (1, "slope", 1, 4096, 7, "block", 2),
        (1, "slopes", 2, 128, 7, "block", 1),
        (2, "left activations for FF", 32, 8, 9, "distributed", 1),
        (2, "left activations for UP", 32, 8, 9, "distributed", 1),
        (2, "weights", 32, 32, 12, "distributed", 1),
        (2, "biases", 1, 32, 12, "distributed", 1),
        (2, "partial left deltas", 32, 2, 28, "distributed", 1),
        (2, "left deltas", 32, 4, 12, "distributed", 1),
        (2, "output deltas", 1, 64, 12, "distributed", 1),
        (2, "sigmoid", 1, 4096, 9, "block", 1),
        (0, "results", 1, 27, 15, "distributed", 1),
    ]


def test_a_rectifier_and_one_row_per_bank():
    """Junction 1 has no table and slopes of one bit, junction 2 keeps its partial deltas in registers."""
    design = Design(
        name="relu",
        network=Network((12, 6, 6), 12, 6, (3, 2), ("relu", "sigmoid")),
        pattern=(PatternSettings(kind=1),) * 2,
        arithmetic=Arithmetic(table_bits=5),
        hardware=Hardware((6, 6), lutram_rows=32),
    )
    found = {(junction, name): rest for junction, name, *rest in listed(design)}
    assert found[1, "slopes"][2] == 1
    assert found[2, "sigmoid"] == [1, 32, 9, "logic", 3]
    assert (1, "sigmoid") not in found
    assert (2, "partial left deltas") not in found
    assert (2, "slopes") not in found
    assert (1, "rows") not in found  # 6 clocks: logic
    assert {m.constant for m in memories(design) if m.name in ("sigmoid", "slope")} == {True}
    assert not any(m.constant for m in memories(design) if m.name not in ("sigmoid", "slope"))
    # with an entry more than the limit, block RAM
    smaller = replace(design, hardware=replace(design.hardware, lutram_rows=31))
    assert {m.kind for m in memories(smaller) if m.name == "sigmoid"} == {"block"}


@pytest.mark.parametrize(("neurons", "kind"), [((128, 64), None), ((130, 65), "block")])
def test_rows_of_type_1_are_looked_up_by_clock(neurons, kind):
    """In plain logic for 64 clocks, for more in a block RAM of one word per clock: a row of each bank."""
    design = Design(
        name="rows",
        network=Network(neurons, neurons[0], 1, (1,), ("sigmoid",)),
        pattern=(PatternSettings(kind=1),),
        arithmetic=Arithmetic(),
        hardware=Hardware((2,)),
    )
    rows = [(m.rows, m.bits, m.kind, m.constant) for m in memories(design) if m.name == "rows"]
    assert rows == ([] if kind is None else [(65, 2 * 7, kind, True)])


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
