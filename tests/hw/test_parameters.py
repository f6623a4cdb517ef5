"""Weights or biases in their memories: read, updated and written back at their stages, one by one by configuration."""

import numpy as np
import pytest

from hw.config import SETTLE
from hw.parameters import NARROWED, Parameters
from sw.design import lfsr
from sw.design.design import Design
from sw.design.schedule import Schedule, StageTimes
from tests.faults.plant import Plant
from tests.hw.designs import make
from tests.hw.play import play

DROP, WRITTEN = 9, 4  # clocks from a write pulse of the configuration until its row may change


def unit_of(lanes: int, rows: int, multiply: int = 2, read: int = 2) -> tuple[Parameters, Design, StageTimes]:
    design = make("parameters", (4, 4), (1,), (4,), stages=(multiply, 1, 1), read=read)
    stages = Schedule.of(design).stages[0]
    width = design.arithmetic.width
    unit = Parameters(design, stages, lanes=lanes, rows=rows, change_bits=width + DROP + 4, drop=DROP, bits=width + 2)
    return unit, design, stages


def check(lanes: int, rows: int, multiply: int = 2, read: int = 2) -> None:
    """Any rows in any order, but none read before its last update is written; slots that do not train; pauses."""
    unit, design, st = unit_of(lanes, rows, multiply, read)
    number = design.arithmetic.number
    rng = np.random.Generator(np.random.PCG64([lanes, rows]))
    clocks, first = 60 + 300 // lanes, 1 - st.address
    free = np.zeros(rows, int)  # when a row may be read again
    kept = np.zeros((rows, lanes), int)
    top = 1 << (DROP + unit.bits - 1)
    steps = [
        {"read_row": rng.integers(0, rows), "change": rng.integers(-top, top, lanes), "coarse": rng.integers(0, 2),
         "write": 0, "write_row": rng.integers(0, rows)}
        for _ in range(clocks + st.update + 2)
    ]  # fmt: skip
    due, trained = [], set()
    for clock in range(clocks):
        row = int(rng.integers(0, rows))
        if free[row] > clock or rng.random() < 0.2:
            continue
        at = clock + first  # stage 0
        steps[at + st.address - 1]["read_row"] = row
        due.append((at + st.operands, kept[row].copy()))
        if train := rng.random() < 0.7:
            change, coarse = steps[at + st.product]["change"], steps[at + st.product - 1]["coarse"]
            kept[row] = number.saturate(kept[row] - (change >> (DROP + lfsr.COARSE * coarse)))
            free[row] = clock + st.update - st.address + 1
        steps[at + st.update - 1] |= {"write": int(train), "write_row": row}
        trained.add(train)
    seen = play(unit, steps, ["values"])["values"]
    for clock, values in due:
        assert seen[clock].tolist() == values.tolist(), clock
    found = {int(v) for _, values in due for v in values}
    assert {number.minimum, number.maximum} < found
    assert trained == {False, True}


@pytest.mark.parametrize("read", [1, 2])
@pytest.mark.parametrize(("lanes", "rows", "multiply"), [(1, 1, 2), (3, 4, 1), (17, 3, 3)])
def test_values_are_read_updated_and_written_at_their_stages(lanes, rows, multiply, read):
    check(lanes, rows, multiply, read)


@pytest.mark.parametrize(
    "change",
    [
        ("enable.eq(self.write | ", "enable.eq(1 | "),
        ("line.at(value, st.product)", "line.at(value, st.product - 1)"),
        ("spread(m, self.coarse, lanes,", "spread(m, self.coarse & 0, lanes,"),
        # the row a clock later, a copy of the first lanes for all
        ("port.addr.eq(write_rows[i])", "port.addr.eq(line.at(Timed(write_rows[i], 0), 1))"),
        ("Timed(read_rows[i], st.address)", "Timed(line.at(Timed(read_rows[i], 0), 1), st.address)"),
    ],
)
@pytest.mark.usefixtures("units_left_unused")
def test_what_is_read_or_written_elsewhere_is_found(change):
    with Plant(Parameters, "elaborate", (change,)).planted(), pytest.raises(AssertionError):
        check(3, 4)


@pytest.mark.parametrize("read", [1, 2])
@pytest.mark.parametrize(("lanes", "rows"), [(1, 1), (5, 3), (34, 2)])
def test_each_value_is_written_and_read_alone_by_configuration(lanes, rows, read):
    """A read takes ``latency`` clocks, in one row as long as it is asked for; a write changes no other value."""
    unit, design, _ = unit_of(lanes, rows, read=read)
    number = design.arithmetic.number
    rng = np.random.Generator(np.random.PCG64(lanes))
    kept = np.zeros((rows, lanes), int)
    idle = {"config_access": 1, "config_write": 0, "write": 0}
    steps, due = [], []

    def ask(lane: int, row: int) -> None:
        place = {"config_lane": lane, "config_row": row}
        steps.extend([idle | place] * (unit.latency + 1))
        due.append((len(steps) - 1, int(kept[row, lane])))

    places = [(lane, row) for lane in range(lanes) for row in range(rows)]
    for lane, row in [places[n] for n in rng.permutation(len(places))]:
        value = int(rng.integers(number.minimum, number.maximum + 1))
        place = {"config_lane": lane, "config_row": row, "config_value": value}
        steps += [idle | place | {"config_write": 1}, *[idle | place] * WRITTEN]
        kept[row, lane] = value
        ask(lane, row)
    for lane, row in [places[n] for n in rng.permutation(len(places))]:
        ask(lane, row)
    seen = play(unit, steps, ["config_data"])["config_data"]
    assert [int(seen[clock]) for clock, _ in due] == [value for _, value in due]
    assert len({value for _, value in due}) > 1 or lanes * rows == 1


@pytest.mark.usefixtures("units_left_unused")
def test_the_levels_of_choice_count():
    """The port waits for the row, its memory, and a register for every 16 lanes, of these for every 16."""
    per_level = 1 << NARROWED
    for lanes, levels in ((1, 0), (2, 1), (per_level, 1), (per_level + 1, 2), (per_level**2 + 1, 3)):
        for read in (1, 2):
            unit, *_ = unit_of(lanes, 1, read=read)
            assert unit.latency == 1 + read + levels
            assert unit.latency < SETTLE
