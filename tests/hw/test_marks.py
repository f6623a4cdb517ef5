"""Which multipliers the hardware asks synthesis to build of look-up tables: those that the design says."""

import re
from collections import defaultdict
from dataclasses import replace

import pytest
from amaranth.back import rtlil

from hw.accelerator import Accelerator
from sw.design.multipliers import multiplier_groups
from tests.hw.designs import make

# the first product registers of the marked multipliers: name of the group and lane
MARKED = re.compile(
    r'attribute \\use_dsp "no"\n(?:\s*attribute .*\n)*\s*wire (?:width \d+ )?(?:signed )?\\(\w+)_p1_(\d+)\n'
)


@pytest.mark.parametrize("count", [6, 17])
def test_the_lanes_beyond_those_in_dsp_blocks(count):
    # chains of 2, and of 2, 2 and 1; UP, FF, f', UP, FF, BP: 4, 4, 1, 5, 5, 5
    design = make("marks", (4, 5, 1), (5, 1), (4, 5), stages=(2, 1, 1, 2))
    design = replace(design, hardware=replace(design.hardware, multipliers=count))
    text = rtlil.convert(Accelerator(design), name="top", emit_src=False)
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for module in re.split(r"^module ", text, flags=re.M):
        if junction := re.match(r"\\top\.junction_(\d+)(?:\.(?:delta|forward|backward))?\n", module):
            for name, lane in MARKED.findall(module):
                found[int(junction[1]), name].append(int(lane))
    due = {(g.junction, g.name): list(range(g.in_dsp, g.count)) for g in multiplier_groups(design)}
    assert {group: sorted(lanes) for group, lanes in found.items()} == {g: lanes for g, lanes in due.items() if lanes}
