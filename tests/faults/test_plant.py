"""Planting and taking out; properties of designs."""

import inspect

import numpy as np
import pytest

from sim.errors import SimError
from sw.design.design import Design
from sw.golden import junction, network
from sw.golden.network import GoldenNetwork
from tests.design.random_designs import random_design
from tests.faults import where
from tests.faults.designs import BALANCED, POOL, QUICK
from tests.faults.fault import Fault, Unsound, run
from tests.faults.plant import Plant, PlantError
from tests.faults.table import FAULTS

FLUSH = Plant(GoldenNetwork, "flush", (("flush_slots", "flush_slots + 1"),))


def test_the_fault_is_there_inside_the_block_only():
    golden, sound = GoldenNetwork(QUICK), GoldenNetwork.flush
    usual = len(golden.flush())
    with FLUSH.planted():
        assert len(golden.flush()) == usual + 1
    assert GoldenNetwork.flush is sound
    with pytest.raises(KeyError), FLUSH.planted():
        raise KeyError
    assert GoldenNetwork.flush is sound


def test_a_function_is_changed_for_one_module():
    plant = Plant(network, "GoldenJunction", (("GoldenJunction", "GoldenJunction"),))
    assert plant.named == "sw.golden.junction.GoldenJunction (in sw.golden.network)"
    with plant.planted():
        assert network.GoldenJunction is not junction.GoldenJunction
    assert network.GoldenJunction is junction.GoldenJunction


@pytest.mark.parametrize("text", ["nowhere", "self"])
def test_a_text_that_is_not_there_once_is_named(text):
    plant = Plant(GoldenNetwork, "flush", ((text, ""),))
    times = inspect.getsource(GoldenNetwork.flush).count(text)
    with pytest.raises(PlantError) as error, plant.planted():
        pass
    unit = "sw.golden.network.GoldenNetwork.flush"
    assert str(error.value) == f"{unit} must have the text {text!r} once, has it {times} times"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_every_plant_changes_its_unit(fault):
    for plant in (fault.plant, fault.listed):
        if plant:
            assert inspect.getsource(getattr(plant.unit, plant.name)).strip() != plant.source().strip()


def test_a_fault_that_changes_nothing_is_not_caught():
    """A flush that is longer than needed: nothing may be called wrong, so the outcome is."""
    outcome = run(Fault("harmless", FLUSH, QUICK, where.ANY))
    assert (outcome.comparison, outcome.caught, outcome.right) == (None, False, False)


def test_only_the_comparison_counts_as_a_catch():
    crash = Fault("crash", Plant(GoldenNetwork, "flush", (("return", "raise KeyError;"),)), QUICK, where.ANY)
    with pytest.raises(KeyError):
        run(crash)


def test_without_a_sound_machine_nothing_is_shown(monkeypatch):
    def fail(*_, **__):
        raise SimError("a word")

    monkeypatch.setattr("tests.faults.fault.check", fail)
    with pytest.raises(Unsound, match=r"^quick without a fault: a word$"):
        run(FAULTS[0], QUICK, seeds=(99,))


def test_recurrence_is_what_a_list_of_reads_says():
    rng = np.random.Generator(np.random.PCG64(21))
    seen = set()
    for _ in range(40):
        for j in random_design(rng).junctions:
            last, fewest = {}, []
            for clock, rows in enumerate(j.pattern.rows.tolist()):
                for cell in enumerate(rows):
                    if cell in last:
                        fewest.append(clock - last[cell])
                    last[cell] = clock
            assert where.recurrence(j) == min(fewest, default=0)
            seen.add(min(where.recurrence(j), 4))
    assert seen == {0, 1, 2, 3, 4}


def test_every_property_is_had_and_missed():
    """But by the properties that every fault, or every one of some kind, needs."""
    properties = {fault.where.text: fault.where for fault in FAULTS}
    for text, holds in properties.items():
        values = {holds(design) for design in POOL}
        assert values == ({True} if holds is where.ANY else {True, False}), text


def test_a_design_is_described():
    assert where.describe(QUICK) == "quick: D 2, 1; C_i 4, 2 of C 6; rows back after 1"
    assert isinstance(QUICK, Design)
    assert where.describe(BALANCED) == "balanced: D 3, 6; C_i 6, 6 of C 6; rows back after never"
