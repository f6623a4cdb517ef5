# amaranth: UnusedElaboratable=no

"""The list of a design's memories is that of the hardware."""

import re
from collections import Counter

import pytest

from hw.circuit import circuit
from sw.design.design import Design
from sw.design.files import load
from sw.design.memories import memories
from tests.design.wishes import wished_design
from tests.hw.designs import corner_designs

MEMORY = re.compile(r"((?:\s*attribute .*\n)*)\s*memory width (\d+) size (\d+) (\S+)")


def built(design: Design) -> Counter:
    """(rows, bits, kind) of every memory in the hardware but tables of plain logic, whose shape is the pattern's."""
    found: Counter = Counter()
    for attributes, bits, rows, _ in MEMORY.findall(circuit(design)):
        kind = re.search(r'ram_style "(\w+)"', attributes)
        found[int(rows), int(bits), kind[1] if kind else "auto"] += 1
    return Counter({shape: count for shape, count in found.items() if shape[2] != "logic"})


def listed(design: Design) -> Counter:
    found: Counter = Counter()
    for m in memories(design):
        if m.kind != "logic":
            found[m.rows, m.bits, m.kind] += m.count
    return found


DESIGNS = [*corner_designs(), *(wished_design(seed) for seed in range(12)), load("designs/odd.toml")]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
def test_every_memory_is_listed(design):
    assert built(design) == listed(design)


def test_both_kinds_are_there():
    kinds = {kind for design in DESIGNS for _, _, kind in listed(design)}
    assert kinds == {"distributed", "block"}
