"""Every fault of the table is caught, and passes unnoticed where it should."""

import pytest

from tests.faults.designs import FAR_ROWS, NEXT_CLOCK, TWO_ROWS
from tests.faults.fault import run
from tests.faults.table import FAULTS
from tests.faults.where import recurrence

NAMES = [fault.name for fault in FAULTS]


@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_caught(fault):
    assert fault.where(fault.design)
    outcome = run(fault)
    assert outcome.caught, outcome


@pytest.mark.parametrize(
    ("fault", "design"), [(f, d) for f in FAULTS for d in f.without], ids=lambda x: x.name
)
def test_unnoticed_elsewhere(fault, design):
    assert fault.only
    assert not fault.where(design)
    outcome = run(fault, design)
    assert outcome.right, outcome


def test_the_table_is_complete():
    """Twenty faults at least, no name twice, faults in both sides, and those that must never go missing."""
    assert len(set(NAMES)) == len(FAULTS) >= 20
    units = [fault.plant.named for fault in FAULTS]
    assert sum(unit.startswith("hw.") for unit in units) >= 20
    assert sum(unit.startswith("sw.golden.") for unit in units) >= 8
    for words in (
        "a lag one slot", "rounds down", "a bank off by one", "does not saturate", "saturates half-way",
        "a stale weight read", "a delta row read before its last write has landed, D = 2",
        "a delta row read before its last write has landed, recurrence one", "f' of the", "LFSR one step off",
        "an infer slot updates", "a flush one slot short", "k of the slot", "the last of a tie", "(D = 1)",
        "(C_i < C)",
    ):  # fmt: skip
        assert any(words in name for name in NAMES), words
    # what is claimed to be visible only with a property is shown without it, in the short run too
    for words in ("(D = 1)", "(C_i < C)", "a delta row read"):
        assert all(f.only and f.without for f in FAULTS if words in f.name)


def test_rows_come_back_as_the_delta_faults_need_it():
    """D = 2, always after two clocks; D > 2, after one; D > 2, never before D clocks."""
    found = [(d.junctions[1].depth, recurrence(d.junctions[1])) for d in (TWO_ROWS, NEXT_CLOCK, FAR_ROWS)]
    assert found == [(2, 2), (4, 1), (4, 4)]
    assert TWO_ROWS.pattern[1].kind == 3  # a row comes back after D clocks, no more and no less
