"""Part of the long run: every fault on every design."""

import pytest

from tests.faults.fault import run
from tests.faults.table import FAULTS, long_runs

NAMES = [fault.name for fault in FAULTS]


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_on_every_design(fault):
    outcomes = [run(fault, design, seeds=seeds) for design, seeds in long_runs(fault)]
    assert not [o for o in outcomes if not o.right]
