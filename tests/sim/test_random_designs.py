"""Small random designs: the generated hardware and the golden model agree in every bit, whatever the pauses."""

import shutil

import numpy as np
import pytest

from sim.compare import compare
from sim.program import Pauses
from sim.runner import build
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY
from tests.sim.random_designs import features_of, random_design, random_segments, random_state

IN_TEST, IN_LONG = 60, 300


def pytest_generate_tests(metafunc):
    if "seed" in metafunc.fixturenames:
        count = IN_LONG if metafunc.config.getoption("--long") else IN_TEST
        metafunc.parametrize("seed", range(count))


@pytest.mark.verilator
def test_random_design_is_bit_equal(seed, verilator, build_cache, tmp_path):
    design = random_design(seed)
    built = build(design, tmp_path, cache=build_cache, fast_build=True)
    features, segments = features_of(design, seed), random_segments(design, seed)
    rng = np.random.Generator(np.random.PCG64([seed, 4]))
    for pauses in (Pauses(float(rng.choice([0.02, 0.1, 0.4])), seed), Pauses()):
        outcome = compare(
            design, built.executable, features, segments, start=random_state(design, seed), pauses=pauses
        )
        results = sum(int((segment.kinds != EMPTY).sum()) for segment in segments)
        assert sum(map(len, outcome.correct)) == results > 16
        assert outcome.slots >= 2 * Schedule.of(design).flush_slots + 16
        # three read-backs, and every word of every result
        state = sum(j.weights + j.right for j in design.junctions)
        assert outcome.values_compared >= 3 * state + results * (2 + design.network.neurons[-1])
    shutil.rmtree(built.executable.parent)


def test_seeds_reach_the_corners():
    designs = [random_design(seed) for seed in range(IN_TEST)]
    junctions = [j for design in designs for j in design.junctions]
    reached = {
        "junctions": {len(d.junctions) for d in designs} == {1, 2, 3, 4},
        "kinds": {p.kind for d in designs for p in d.pattern} == {1, 2, 3},
        "shared starts": any(p.sweeps_per_start > 1 for d in designs for p in d.pattern),
        "z below d_in": any(j.z < j.in_degree for j in junctions),
        "z equal to d_in": any(j.z == j.in_degree > 1 for j in junctions),
        "z above d_in": any(j.z > j.in_degree for j in junctions),
        "one row": any(j.depth == 1 for j in junctions),
        "two rows": any(j.depth == 2 for j in junctions),
        "unbalanced": any(len({j.clocks for j in d.junctions}) > 1 for d in designs),
        "padded cycle": any(Schedule.of(d).clocks > Schedule.of(d).balanced_clocks for d in designs),
        "cycle not padded": any(Schedule.of(d).clocks == Schedule.of(d).balanced_clocks for d in designs),
        "relu": any("relu" in d.network.activation for d in designs),
        "costs": {d.network.cost for d in designs} == {"quadratic", "cross_entropy"},
        "roundings": {d.arithmetic.rounding for d in designs} == {"nearest", "stochastic"},
        "widths": {d.arithmetic.width for d in designs} >= {8, 12, 16, 18},
        "wide pre-activation": any(
            d.arithmetic.preactivation_integer_bits > d.arithmetic.integer_bits for d in designs
        ),
        "small table": any(d.arithmetic.index_bits < d.arithmetic.preactivation.width for d in designs),
        "stages": {d.hardware.stages.multiply for d in designs} == {1, 2, 3, 4},
        "one output": any(d.network.neurons[-1] == 1 for d in designs),
        "padding neurons": any(d.network.classes < d.network.neurons[-1] for d in designs),
        "padding features": any(d.network.inputs < d.network.neurons[0] for d in designs),
        "several features per beat": any(Schedule.of(d).features_per_beat > 1 for d in designs),
        "queues deeper than two": any(max(Schedule.of(d).activation_sets) > 2 for d in designs),
    }
    assert all(reached.values()), [name for name, there in reached.items() if not there]
