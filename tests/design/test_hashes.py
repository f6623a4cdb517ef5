"""Every field of a design is in the hash it belongs to; a new field fails here until it has been decided on."""

from dataclasses import Field, fields, replace
from typing import Any

import numpy as np
import pytest

from sw.design.design import Design
from sw.design.drawn import Drawn
from sw.design.hashes import circuit_hash, network_hash
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic, Data, Hardware, Network, PatternSettings, Stages, Training

BOTH = (True, True)  # it changes what the bits mean, and so the circuit too
CIRCUIT = (False, True)
NEITHER = (False, False)

# Table of a design -> its field -> another value, and which of (network hash, circuit hash) must then change.
FIELDS: dict[type, dict[str, tuple[Any, tuple[bool, bool]]]] = {
    Network: {
        "neurons": ((16, 8, 8), BOTH),
        "inputs": (11, BOTH),
        "classes": (4, BOTH),
        "out_degree": ((1, 2), BOTH),
        "activation": (("relu", "sigmoid"), BOTH),
        "cost": ("quadratic", BOTH),
    },
    PatternSettings: {
        "kind": (1, BOTH),
        "sweeps_per_start": (2, BOTH),
        "local": (True, BOTH),
        "dither": (True, BOTH),
        "seed": (2, BOTH),
    },
    Arithmetic: {
        "width": (11, BOTH),
        "integer_bits": (2, BOTH),
        "preactivation_integer_bits": (4, BOTH),
        "table_bits": (11, BOTH),
        "rounding": ("stochastic", BOTH),
    },
    Hardware: {
        "z": ((8, 4), BOTH),
        "multipliers": (7, CIRCUIT),
        "stages": (Stages(add=2), CIRCUIT),
        "lags": ((10, 4), BOTH),
        "lutram_rows": (32, CIRCUIT),
    },
    Stages: {
        "multiply": (3, CIRCUIT),
        "add": (2, CIRCUIT),
        "table": (1, CIRCUIT),
        "chain": (2, CIRCUIT),
        "read": (1, CIRCUIT),
    },
    Training: {
        "rate_shift": (((0, 3),), NEITHER),
        "order": ("shuffle", NEITHER),
        "weight_seed": (2, NEITHER),
        "start": ("state.npz", NEITHER),
    },
    Data: {
        "source": ("digits", NEITHER),
        "train": (5, NEITHER),
        "test": (5, NEITHER),
        "epochs": (2, NEITHER),
        "scaling": ("bytes", NEITHER),  # slots hold bytes, however they came about
        "keep": (4, NEITHER),
    },
}
# Fields of the design itself: a table of their own above, or as there, the value made when it is needed.
OWN: dict[str, Any] = {
    "name": (lambda: "other", NEITHER),
    "drawn": (lambda: other_tables(), BOTH),
    "network": Network,
    "pattern": PatternSettings,
    "arithmetic": Arithmetic,
    "hardware": Hardware,
    "training": Training,
    "data": Data,
}


def base() -> Design:
    """With room in its lags, so that other stages keep them."""
    return Design(
        name="base",
        network=Network((16, 8, 4), 12, 3, (2, 2), ("sigmoid", "sigmoid")),
        pattern=(PatternSettings(), PatternSettings()),
        arithmetic=Arithmetic(),
        hardware=Hardware((4, 4), lags=(9, 4)),
    )


def changed(table: type, name: str, value: Any) -> list[Design]:
    """The design with another value in that field; of patterns, in each junction alone."""
    design = base()
    if table is Stages:
        hardware = design.hardware
        return [replace(design, hardware=replace(hardware, stages=replace(hardware.stages, **{name: value})))]
    if table is PatternSettings:
        first, second = design.pattern
        other = replace(first, **{name: value})
        return [replace(design, pattern=(other, second)), replace(design, pattern=(first, other))]
    key = next(key for key, own in OWN.items() if own is table)
    return [replace(design, **{key: replace(getattr(design, key), **{name: value})})]


def is_other(design: Design) -> tuple[bool, bool]:
    return network_hash(design) != network_hash(base()), circuit_hash(design) != circuit_hash(base())


@pytest.mark.parametrize(
    ("table", "field"), [(table, field) for table in FIELDS for field in fields(table)],
    ids=lambda one: one.name if isinstance(one, Field) else one.__name__,
)
def test_every_field_is_in_the_right_hash(table, field):
    assert field.name in FIELDS[table], f"which hash does {table.__name__}.{field.name} belong to?"
    value, due = FIELDS[table][field.name]
    for design in changed(table, field.name, value):
        assert is_other(design) == due


def other_tables() -> Drawn:
    drawn = base().all_drawn()
    return replace(drawn, tables=(drawn.tables[0] ^ 1, drawn.tables[1]))


def test_fields_of_the_design_itself():
    assert {field.name for field in fields(Design)} == set(OWN)
    for name, (value, due) in ((n, own) for n, own in OWN.items() if isinstance(own, tuple)):
        assert is_other(replace(base(), **{name: value()})) == due


def test_initial_weights_are_in_no_hash():
    drawn = base().all_drawn()
    other = replace(base(), drawn=replace(drawn, weights=tuple(-w for w in drawn.weights)))
    assert (other == base(), is_other(other)) == (False, NEITHER)
    assert (other.initial_weights()[0] != base().initial_weights()[0]).any()


def test_lags_that_the_schedule_chose_are_those_that_count():
    free = replace(base(), hardware=replace(base().hardware, lags=()))
    fixed = replace(free, hardware=replace(free.hardware, lags=Schedule.of(free).lags))
    for hashed in (network_hash, circuit_hash):
        assert len(hashed(free)) == 16
        assert hashed(free) == hashed(fixed) != hashed(base())


def test_the_same_edges_from_another_circuit():
    """A junction whose start rows count for all sweeps, once as kind 3, once as kind 2."""
    one, two = (
        replace(base(), pattern=(replace(PatternSettings(), kind=kind, sweeps_per_start=share),) * 2)
        for kind, share in ((3, 1), (2, 2))
    )
    assert network_hash(one) == network_hash(two)
    assert circuit_hash(one) != circuit_hash(two)


def test_the_same_edges_by_other_lanes():
    """In neuron order whatever z is; but lanes draw the random numbers of stochastic rounding."""
    drawn = base().all_drawn()
    one, two = (
        replace(base(), hardware=replace(base().hardware, z=z, lags=(20, 9)), drawn=replace(drawn, tables=tables))
        for z, tables in (((n, 4), tuple(np.zeros((2, lanes), np.int64) for lanes in (n, 4))) for n in (8, 4))
    )
    for a, b in zip(one.junctions, two.junctions, strict=True):
        assert np.array_equal(a.pattern.left_of, b.pattern.left_of)
    assert Schedule.of(one).lags == Schedule.of(two).lags
    assert network_hash(one) != network_hash(two)
