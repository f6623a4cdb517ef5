"""Part of the long run: every fault on every design, and with many seeds on its own."""

import pytest

from tests.faults.fault import run
from tests.faults.runs import MANY_SEEDS
from tests.faults.table import FAULTS, long_runs

NAMES = [fault.name for fault in FAULTS]


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_on_every_design(fault):
    outcomes = [run(fault, design, seeds=seeds) for design, seeds in long_runs(fault)]
    assert not [o for o in outcomes if not o.right]


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_with_every_seed(fault):
    """On its own design a fault needs no luck to be caught."""
    assert not [seed for seed in MANY_SEEDS if not run(fault, seeds=(seed,)).caught]
