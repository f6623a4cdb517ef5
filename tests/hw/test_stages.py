"""What is built keeps to the schedule: another latency, or another stage, is an error before anything runs."""

import re
from dataclasses import fields, replace
from unittest.mock import PropertyMock, patch

import pytest
from amaranth.hdl import Fragment

import hw.arithmetic
import hw.backward
import hw.delta
import hw.forward
import hw.junction
import hw.parameters
from hw.activation import Activation
from hw.delta import RightDelta
from hw.junction import JunctionUnit
from hw.output import OutputLayer
from sw.design.design import Design
from sw.design.schedule import Schedule, StageTimes
from tests.faults.plant import Plant
from tests.hw.designs import make

# junction 1: deltas times the sigmoid's f'; junction 2: crossbars, left deltas, sums over several clocks
DESIGNS = [
    make(
        f"stages-read-{read}", (12, 8, 4), (4, 2), (6, 2), dither=True, stages=(2, 2, 3), width=6, integer_bits=1,
        preactivation_integer_bits=1, table_bits=4, read=read,
    )
    for read in (1, 2)
]  # fmt: skip
DESIGN = DESIGNS[-1]
pytestmark = pytest.mark.usefixtures("units_left_unused")

# either what is built is compared with a stage, or a delay between two stages would be negative
KEPT = r"stage `\w+` must be \d+ by the schedule, is built at \d+"
MEET = r"[\w$]+ is valid at stage \d+, [\w$ ]+ at stage \d+: they cannot meet"
VALID = r"[\w$]+ is valid at stage \d+, it cannot be had at stage -?\d+"


def build(design: Design, schedule: Schedule, *indices: int) -> None:
    """Elaborates units whose latencies the schedule knows: all, or those of the junctions named."""
    for j in design.junctions:
        if not indices or j.index in indices:
            for unit in (JunctionUnit(schedule, j.index), *([OutputLayer(schedule)] if j.last else [])):
                Fragment.get(unit, None)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
def test_the_schedule_is_kept(design):
    build(design, Schedule.of(design))


@pytest.mark.parametrize("by", [-1, 1])
@pytest.mark.parametrize("stage", [f.name for f in fields(StageTimes)])
@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
def test_any_stage_that_is_not_as_built_is_an_error(design, stage, by):
    """In each junction that has this stage."""
    schedule = Schedule.of(design)
    for at, stages in enumerate(schedule.stages):
        last = design.junctions[at].last
        if (stage == "output_delta" and not last) or (stage in ("partial", "left_delta") and at == 0):
            continue
        if stage == "fetch" and by < 0 and last:
            continue  # what is fetched earlier waits
        wrong = replace(stages, **{stage: getattr(stages, stage) + by})
        changed = [*schedule.stages[:at], wrong, *schedule.stages[at + 1 :]]
        with pytest.raises(ValueError, match=f"^({KEPT}|{VALID}|{MEET})$"):
            build(design, replace(schedule, stages=tuple(changed)), at + 1)


LONGER_PRODUCT = (("range(before, stages)", "range(before, stages + 1)"),)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
@pytest.mark.parametrize(
    ("plant", "stage"),
    [
        # in FF: a register fewer at the end of the tree, one more before a chain and in a multiplier
        (Plant(hw.forward, "adder_tree", (("== 0 or last", "== 0 and not last"),)), "tree"),
        (Plant(hw.forward, "product_sums", (("range(place)", "range(place + 1)"),)), "tree"),
        (Plant(hw.forward, "product_sums", (("right = right.register", "_ = right.register"),)), "meet"),
        (Plant(hw.arithmetic, "product", LONGER_PRODUCT), "meet"),
        (Plant(Activation, "elaborate", (("self.registers - 1", "self.registers - 2"),)), "activation"),
        # in BP and UP; times f'; in front of the multipliers
        (Plant(hw.backward, "product", LONGER_PRODUCT), "product"),
        (Plant(hw.junction, "product", LONGER_PRODUCT), "product"),
        (Plant(hw.delta, "product", LONGER_PRODUCT), "delta"),
        (Plant(RightDelta, "elaborate", (("self.registers.read > 1", "self.registers.read == 1"),)), "operands"),
        # behind memories of weights
        (Plant(hw.parameters, "read", (("clocks - 1) if clocks > 1", "clocks) if clocks"),)), "operands"),
    ],
    ids=lambda v: v.named if isinstance(v, Plant) else v,
)
def test_a_register_more_or_fewer_is_an_error(plant, stage, design):
    due = MEET if stage == "meet" else rf"stage `{stage}` must be \d+ by the schedule, is built at \d+"
    with plant.planted(), pytest.raises(ValueError, match=f"^{due}$"):
        build(design, Schedule.of(design))


def test_too_few_stages_to_compare_the_outputs_are_an_error():
    design = make("compared", (4, 4), (1,), (4,))
    text = "1 stages must leave one of the output neurons compared, leave 4"
    fewer = patch.object(Schedule, "compare_stages", PropertyMock(return_value=1))
    with fewer, pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        build(design, Schedule.of(design))


def test_too_few_clocks_to_read_a_value_are_an_error():
    text = r"^a value must be read in 2 clocks by hw\.config, takes 5$"
    with patch.object(hw.junction, "SETTLE", 2), pytest.raises(ValueError, match=text):
        build(DESIGN, Schedule.of(DESIGN))
