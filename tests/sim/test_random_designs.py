"""Small random designs: the generated hardware and the golden model agree in every bit, whatever the pauses.

What the designs cover is counted and printed at the end of the run, and must be everything: tests.sim.coverage_report.
One design alone: `python -m tests.sim.random_runs SEED`.
"""

import pytest

from sw.design.hashes import circuit_hash
from tests.design.wishes import wished_design
from tests.sim.coverage_report import PROPERTY, designs
from tests.sim.random_runs import BATCH, run_batch


def pytest_generate_tests(metafunc):
    if "seeds" in metafunc.fixturenames:
        count = designs(metafunc.config)
        batches = [range(first, min(first + BATCH, count)) for first in range(0, count, BATCH)]
        metafunc.parametrize("seeds", batches, ids=[f"{batch[0]}-{batch[-1]}" for batch in batches])


@pytest.mark.verilator
def test_random_designs_are_bit_equal(seeds, verilator, build_cache, tmp_path, record_property):
    covered = run_batch(seeds, tmp_path, build_cache)
    assert [one.seed for one in covered] == list(seeds)
    for one in covered:
        record_property(PROPERTY, one.as_text())


def test_the_same_seed_gives_the_same_design():
    assert wished_design(7) == wished_design(7)
    assert circuit_hash(wished_design(7)) == circuit_hash(wished_design(7))
    assert circuit_hash(wished_design(7)) != circuit_hash(wished_design(8))
