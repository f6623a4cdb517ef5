"""What is built keeps to the schedule: another latency, or another stage, is an error before anything runs."""

import re
from dataclasses import fields, replace
from unittest.mock import PropertyMock, patch

import pytest
from amaranth.hdl import Fragment

import hw.arithmetic
import hw.delta
import hw.junction
from hw.activation import Activation
from hw.junction import JunctionUnit
from hw.output import OutputLayer
from sw.design.design import Design
from sw.design.schedule import Schedule, StageTimes
from tests.faults.plant import Plant
from tests.hw.designs import make

# junction 1: deltas times the sigmoid's f'; junction 2: crossbars, left deltas, sums over several clocks
DESIGN = make(
    "stages", (12, 8, 4), (4, 2), (12, 2), dither=True, stages=(2, 2, 3), width=6, integer_bits=1,
    preactivation_integer_bits=1, table_bits=4,
)  # fmt: skip
pytestmark = pytest.mark.usefixtures("units_left_unused")

# either what is built is compared with a stage, or a delay between two stages would be negative
KEPT = r"stage `\w+` must be \d+ by the schedule, is built at \d+"
VALID = r"[\w$]+ is valid at stage \d+, it cannot be had at stage -?\d+"


def build(design: Design, schedule: Schedule) -> None:
    """Elaborates all units whose latencies the schedule knows."""
    for unit in (*(JunctionUnit(schedule, j.index) for j in design.junctions), OutputLayer(schedule)):
        Fragment.get(unit, None)


def test_the_schedule_is_kept():
    build(DESIGN, Schedule.of(DESIGN))


@pytest.mark.parametrize("stage", [f.name for f in fields(StageTimes)])
def test_any_stage_that_is_not_as_built_is_an_error(stage):
    """In each junction that has this stage."""
    schedule = Schedule.of(DESIGN)
    for at, stages in enumerate(schedule.stages):
        last = DESIGN.junctions[at].last
        if (stage == "output_delta" and not last) or (stage in ("partial", "left_delta") and at == 0):
            continue
        wrong = replace(stages, **{stage: getattr(stages, stage) + 1})
        changed = [*schedule.stages[:at], wrong, *schedule.stages[at + 1 :]]
        with pytest.raises(ValueError, match=f"^({KEPT}|{VALID})$"):
            build(DESIGN, replace(schedule, stages=tuple(changed)))


@pytest.mark.parametrize(
    ("plant", "stage"),
    [
        # in FF: a register fewer at the end of the tree, one more before a chain and in a multiplier
        (Plant(hw.junction, "adder_tree", (("== 0 or last", "== 0 and not last"),)), "tree"),
        (Plant(hw.junction, "product_sums", (("range(place)", "range(place + 1)"),)), "tree"),
        (Plant(hw.arithmetic, "product", (("range(stages)", "range(stages + 1)"),)), "tree"),
        # in UP and BP; times f'
        (Plant(hw.junction, "product", (("range(stages)", "range(stages + 1)"),)), "product"),
        (Plant(hw.delta, "product", (("range(stages)", "range(stages + 1)"),)), "operands"),
        (Plant(Activation, "elaborate", (("range(1, self.registers)", "range(2, self.registers)"),)), "activation"),
    ],
    ids=lambda v: v.named if isinstance(v, Plant) else v,
)
def test_a_register_more_or_fewer_is_an_error(plant, stage):
    with plant.planted(), pytest.raises(ValueError, match=rf"^stage `{stage}` must be \d+ by the schedule, is built"):
        build(DESIGN, Schedule.of(DESIGN))


def test_too_few_stages_to_compare_the_outputs_are_an_error():
    design = make("compared", (4, 4), (1,), (4,))
    text = "1 stages must leave one of the output neurons compared, leave 4"
    fewer = patch.object(Schedule, "compare_stages", PropertyMock(return_value=1))
    with fewer, pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        build(design, Schedule.of(design))


def test_too_few_clocks_to_read_a_value_are_an_error():
    text = r"^a value must be read in 2 clocks by hw\.config, takes 3$"
    with patch.object(hw.junction, "SETTLE", 2), pytest.raises(ValueError, match=text):
        build(DESIGN, Schedule.of(DESIGN))
