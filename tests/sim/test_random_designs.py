"""Small random designs: the generated hardware and the golden model agree in every bit, whatever the pauses.

What the designs cover is counted and printed at the end of the run, and must be everything: tests.sim.coverage_report.
One design alone: `python -m tests.sim.random_runs SEED`.
"""

from itertools import count

import pytest

from hw import forward, leftdelta
from sim.checker import Mismatch
from sw.design.hashes import circuit_hash
from sw.design.slots import Slots
from tests.design.wishes import wished_design
from tests.sim.coverage_report import PROPERTY, designs
from tests.sim.random_runs import BATCH, run_batch
from tests.sim.random_segments import random_segments
from tests.sim.watched import watched


def pytest_generate_tests(metafunc):
    if "seeds" in metafunc.fixturenames:
        most = designs(metafunc.config)
        batches = [range(first, min(first + BATCH, most)) for first in range(0, most, BATCH)]
        metafunc.parametrize("seeds", batches, ids=[f"{batch[0]}-{batch[-1]}" for batch in batches])


@pytest.mark.verilator
def test_random_designs_are_bit_equal(seeds, verilator, build_cache, tmp_path, record_property):
    covered = run_batch(seeds, tmp_path, build_cache)
    assert [one.seed for one in covered] == list(seeds)
    for one in covered:
        record_property(PROPERTY, one.as_text())


def reaches(seed: int, event: str) -> bool:
    """Whether the golden model's first run of a seed meets an event."""
    golden, seen = watched(wished_design(seed))
    features, segments = random_segments(golden.design, [seed, 0])
    for segment in segments:
        golden.load(segment.start)
        golden.run(Slots.join(segment.slots(features, slice(None)), golden.flush()))
    return seen[event] > 0


@pytest.mark.verilator
@pytest.mark.parametrize(("side", "module"), [("left", leftdelta), ("right", forward)])
def test_a_sum_one_bit_too_narrow_is_found(side, module, verilator, build_cache, tmp_path, monkeypatch):
    seed = next(seed for seed in count() if reaches(seed, f"{side} sum that needs its top bit"))
    exact = getattr(module, f"{side}_sum_bits")
    monkeypatch.setattr(module, f"{side}_sum_bits", lambda *junction: exact(*junction) - 1)
    with pytest.raises(Mismatch, match=f"^random design of seed {seed}: "):
        run_batch([seed], tmp_path, build_cache)


def test_the_same_seed_gives_the_same_design():
    assert wished_design(7) == wished_design(7)
    assert circuit_hash(wished_design(7)) == circuit_hash(wished_design(7))
    assert circuit_hash(wished_design(7)) != circuit_hash(wished_design(8))
