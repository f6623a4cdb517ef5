# amaranth: UnusedElaboratable=no

"""The netlist of mapped cells, simulated, equals the golden model in every bit: what goes on the chip is right.

The cells behave as the models that come with yosys say; ECP5's multiplier, which has none there, as ours does.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from sim.compare import compare
from sim.errors import SimError
from sim.harness.build import build_harness
from sim.harness.program import Pauses
from sw.design.design import Design
from tests.flow.netlist import simulated
from tests.hw.designs import make
from tests.sim.random_segments import random_segments


def few_dsps(design: Design) -> Design:
    """Half a dozen multipliers in DSP blocks, the others in look-up tables."""
    return replace(design, hardware=replace(design.hardware, multipliers=6))


# tables small enough for plain logic: block RAM has no model
XC7 = few_dsps(make(
    "mapped-xc7", (8, 6, 4), (3, 2), (4, 3), kind=1, classes=3, rounding="stochastic", stages=(3, 1, 1), table_bits=5
))  # fmt: skip
ECP5 = few_dsps(make(
    "mapped-ecp5", (8, 4, 4), (2, 2), (4, 4), kind=2, dither=True, activation=("relu", "sigmoid"), cost="quadratic",
    width=12, stages=(3, 2, 1), table_bits=5,
))  # fmt: skip


@pytest.fixture(scope="module")
def built(verilator, build_cache, tmp_path_factory):
    """Executables by family and fault, each built once."""
    made: dict[tuple[str, str], Path] = {}

    def executable(design: Design, family: str, fault: str = "") -> Path:
        if (family, fault) not in made:
            # one folder per family: a netlist is made once
            source = simulated(design, family, tmp_path_factory.getbasetemp() / family, fault=fault)
            made[family, fault] = build_harness(source, cache=build_cache, fast=True).executable
        return made[family, fault]

    return executable


def run(design: Design, executable: Path):
    return compare(design, executable, *random_segments(design, 1), pauses=Pauses(0.1, 1))


@pytest.mark.verilator
@pytest.mark.parametrize(("design", "family"), [(XC7, "xc7"), (ECP5, "ecp5")], ids=["xc7", "ecp5"])
def test_mapped_cells_are_bit_equal(design, family, built):
    outcome = run(design, built(design, family))
    state = sum(j.weights + j.right for j in design.junctions)
    assert outcome.values_compared > 3 * state
    assert outcome.slots > 40


@pytest.mark.verilator
def test_one_wrong_cell_is_found(built):
    with pytest.raises(SimError):  # a word that differs, or a machine that stands still
        run(XC7, built(XC7, "xc7", "product"))
