"""Small random designs: the generated hardware and the golden model agree in every bit, whatever the pauses.

`python -m tests.sim.random_runs` runs any of them by itself, and shows what they cover.
"""

import pytest

from tests.sim import corners
from tests.sim.coverage import Coverage, Covered
from tests.sim.random_designs import random_design
from tests.sim.random_runs import BATCH, DESIGNS, DESIGNS_LONG, run_batch


def pytest_generate_tests(metafunc):
    if "first" in metafunc.fixturenames:
        count = DESIGNS_LONG if metafunc.config.getoption("--long") else DESIGNS
        metafunc.parametrize("first", range(0, count, BATCH))


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    """What the batches of this module have covered, one after another in one process."""
    return Coverage()


@pytest.mark.verilator
def test_designs_are_bit_equal(first, verilator, build_cache, tmp_path, coverage):
    for one in run_batch(range(first, first + BATCH), tmp_path, build_cache):
        coverage.add(one)


@pytest.mark.slow  # so few designs do not reach every row
@pytest.mark.verilator
def test_the_table_of_what_they_cover_is_full(verilator, coverage):
    assert len(coverage) >= DESIGNS
    assert coverage.missing() == []


def test_a_hole_in_the_table_is_named():
    table = Coverage()
    table.add(Covered(0, tuple(corners.rows()), 10, 50, 1000))
    assert "no design with: pre-activation saturated" in table.missing()
    assert "the median of the weights must be at least 200, got 10" in table.missing()
    assert not [hole for hole in table.missing() if hole[len("no design with: ") :] in corners.rows()]


def test_the_same_seed_gives_the_same_design():
    assert random_design(7).hash == random_design(7).hash != random_design(8).hash
