"""What makes a design valid: every rule with its full message; what is derived from a valid one."""

from dataclasses import replace

import numpy as np
import pytest

from sw.design.design import Design
from sw.design.drawn import Drawn
from sw.design.errors import DesignError
from sw.design.settings import Arithmetic, Data, Hardware, Network, PatternSettings, Stages, Training
from sw.pattern.degrees import divisors
from tests.design.shipped import flagship


def network(**changes) -> Network:
    facts = {
        "neurons": (8, 4, 4),
        "inputs": 8,
        "classes": 4,
        "out_degree": (1, 2),
        "activation": ("sigmoid", "sigmoid"),
    }
    return Network(**(facts | changes))


def design(**changes) -> Design:
    facts = {
        "name": "small",
        "network": network(),
        "pattern": (PatternSettings(), PatternSettings()),
        "arithmetic": Arithmetic(),
        "hardware": Hardware((4, 2)),
    }
    return Design(**(facts | changes))


def hardware(**changes) -> Hardware:
    return Hardware(**({"z": (4, 2)} | changes))


WRONG = [
    # Network
    (lambda: network(neurons=(8,)), "network.neurons needs at least 2 layers, got [8]"),
    (lambda: network(neurons=(8, 0, 4)), "network.neurons must all be 1..65536, got [8, 0, 4]"),
    (
        lambda: network(neurons=(8, 4, 65537)),
        "network.neurons must all be 1..65536, got [8, 4, 65537]",
    ),
    (
        lambda: network(out_degree=(1,)),
        "network.out_degree needs one entry per junction, 2 of them, got [1]",
    ),
    (
        lambda: network(activation=("sigmoid",) * 3),
        ("network.activation needs one entry per junction, 2 of them, "
        "got ['sigmoid', 'sigmoid', 'sigmoid']"),
    ),
    (
        lambda: network(activation=("tanh", "sigmoid")),
        'junction 1: network.activation must be "sigmoid" or "relu", got "tanh"',
    ),
    (
        lambda: network(activation=("sigmoid", "relu")),
        'junction 2: the last activation must be "sigmoid", got "relu"',
    ),
    (
        lambda: network(cost="hinge"),
        'network.cost must be "cross_entropy" or "quadratic", got "hinge"',
    ),
    (
        lambda: network(inputs=9),
        "network.inputs must be 1..8 (the first layer's neurons), got 9",
    ),
    (
        lambda: network(inputs=0),
        "network.inputs must be 1..8 (the first layer's neurons), got 0",
    ),
    (
        lambda: network(classes=5),
        "network.classes must be 1..4 (the last layer's neurons), got 5",
    ),
    (
        lambda: network(out_degree=(5, 2)),
        ("junction 1: network.out_degree must be a multiple of 1 up to 4, so that 8 * out-degree "
        "divides by 4; got 5"),
    ),
    (
        lambda: network(neurons=(8, 6, 4), out_degree=(2, 2)),
        ("junction 1: network.out_degree must be a multiple of 3 up to 6, so that 8 * out-degree "
        "divides by 6; got 2"),
    ),
    (
        lambda: network(out_degree=(1, 0)),
        ("junction 2: network.out_degree must be a multiple of 1 up to 4, so that 4 * out-degree "
        "divides by 4; got 0"),
    ),
    (
        lambda: network(neurons=(65536, 128, 4), out_degree=(65, 1)),
        "junction 1: must have at most 4194304 weights, got 65536 * 65",
    ),
    # PatternSettings
    (lambda: PatternSettings(kind=4), "pattern.kind must be 1, 2 or 3, got 4"),
    (
        lambda: PatternSettings(sweeps_per_start=0),
        "pattern.sweeps_per_start must be at least 1, got 0",
    ),
    (
        lambda: PatternSettings(kind=3, sweeps_per_start=2),
        "pattern.sweeps_per_start belongs to kind 2; with kind 3 it must be 1, got 2",
    ),
    (lambda: PatternSettings(seed=-1), "pattern.seed must be at least 0, got -1"),
    # Arithmetic
    (lambda: Arithmetic(width=3), "arithmetic.width must be 4..18, got 3"),
    (lambda: Arithmetic(width=19), "arithmetic.width must be 4..18, got 19"),
    (
        lambda: Arithmetic(width=8, integer_bits=6, preactivation_integer_bits=6),
        "arithmetic.integer_bits must be 0..5 at width 8 (2 fraction bits at least), got 6",
    ),
    (
        lambda: Arithmetic(integer_bits=-1),
        "arithmetic.integer_bits must be 0..9 at width 12 (2 fraction bits at least), got -1",
    ),
    (
        lambda: Arithmetic(preactivation_integer_bits=2),
        "arithmetic.preactivation_integer_bits must be 3..8, got 2",
    ),
    (
        lambda: Arithmetic(preactivation_integer_bits=9),
        "arithmetic.preactivation_integer_bits must be 3..8, got 9",
    ),
    (lambda: Arithmetic(table_bits=1), "arithmetic.table_bits must be 2..12, got 1"),
    (lambda: Arithmetic(table_bits=13), "arithmetic.table_bits must be 2..12, got 13"),
    (
        lambda: Arithmetic(rounding="up"),
        'arithmetic.rounding must be "nearest" or "stochastic", got "up"',
    ),
    # Hardware
    (lambda: Stages(multiply=0), "hardware.stages.multiply must be 1..5, got 0"),
    (lambda: Stages(multiply=6), "hardware.stages.multiply must be 1..5, got 6"),
    (lambda: Stages(add=9), "hardware.stages.add must be 1..8, got 9"),
    (lambda: Stages(chain=9), "hardware.stages.chain must be 1..8, got 9"),
    (lambda: hardware(lutram_rows=-1), "hardware.lutram_rows must be at least 0, got -1"),
    (lambda: Stages(table=0), "hardware.stages.table must be 1..3, got 0"),
    (
        lambda: hardware(multipliers="vendor"),
        'hardware.multipliers must be "auto", "dsp", "lut" or a number of DSPs, got \'vendor\'',
    ),
    (
        lambda: hardware(multipliers=-1),
        'hardware.multipliers must be "auto", "dsp", "lut" or a number of DSPs, got -1',
    ),
    (lambda: hardware(lags=(1001, 1)), "hardware.lags must be at most 1000, got [1001, 1]"),
    # Training
    (
        lambda: Training(rate_shift=()),
        "training.rate_shift needs rising slots, the first 0, got []",
    ),
    (
        lambda: Training(rate_shift=((1, 3),)),
        "training.rate_shift needs rising slots, the first 0, got [[1, 3]]",
    ),
    (
        lambda: Training(rate_shift=((0, 3), (9, 4), (9, 5))),
        "training.rate_shift needs rising slots, the first 0, got [[0, 3], [9, 4], [9, 5]]",
    ),
    (lambda: Training(rate_shift=((0, 16),)), "training.rate_shift: k must be 0..15, got 16"),
    (lambda: Training(rate_shift=((0, -1),)), "training.rate_shift: k must be 0..15, got -1"),
    (
        lambda: Training(order="random"),
        'training.order must be "file" or "shuffle", got "random"',
    ),
    (lambda: Training(weight_seed=-1), "training.weight_seed must be at least 0, got -1"),
    # Data
    (lambda: Data(train=0), "data.train must be at least 1, got 0"),
    (lambda: Data(test=-1), "data.test must be at least 0, got -1"),
    (lambda: Data(epochs=0), "data.epochs must be at least 1, got 0"),
    # Design
    (lambda: design(name=""), "name must be letters, digits, - _ and ., got ''"),
    (lambda: design(name=".x"), "name must be letters, digits, - _ and ., got '.x'"),
    (lambda: design(name="a/b"), "name must be letters, digits, - _ and ., got 'a/b'"),
    (
        lambda: design(pattern=(PatternSettings(),) * 3),
        "pattern needs one table, or one per junction (2), got 3",
    ),
    (
        lambda: design(hardware=hardware(z=(4,))),
        "hardware.z needs one entry per junction, 2 of them, got [4]",
    ),
    (
        lambda: design(hardware=hardware(z=(3, 2))),
        "junction 1: hardware.z must divide its 8 left neurons; got 3, nearest valid: [1, 2, 4, 8]",
    ),
    (
        lambda: design(hardware=hardware(z=(0, 2))),
        "junction 1: hardware.z must divide its 8 left neurons; got 0, nearest valid: [1, 2, 4, 8]",
    ),
    (
        lambda: design(hardware=hardware(z=(4, 8))),
        "junction 2: hardware.z must divide its 4 left neurons; got 8, nearest valid: [1, 2, 4]",
    ),
    (
        lambda: design(
            network=network(neurons=(24, 16, 4), inputs=8, out_degree=(4, 2)),
            hardware=hardware(z=(4, 2)),
        ),
        ("junction 1: one of hardware.z and the in-degree 6 must divide the other; got 4, "
        "nearest valid: [1, 2, 3, 6]"),
    ),
    (
        lambda: design(hardware=hardware(z=(8, 2))),
        ("junction 1: the 4 right neurons finished per clock must divide the next junction's z; "
        "got z 2, valid there: multiples of 4 that divide 4"),
    ),
    (
        lambda: design(drawn=Drawn((), (), ())),
        "drawn.tables needs one entry per junction, 2 of them, got 0",
    ),
    (
        lambda: design(hardware=hardware(lags=(4,))),
        "hardware.lags needs one entry per junction, 2 of them, got [4]",
    ),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong(make, message):
    with pytest.raises(DesignError) as error:
        make()
    assert str(error.value) == message


def test_edges_of_the_ranges_are_valid():
    Arithmetic(width=4, integer_bits=1, preactivation_integer_bits=8)
    Arithmetic(width=18, integer_bits=0, preactivation_integer_bits=0, table_bits=2)
    Stages(multiply=4, add=8, table=3)
    Training(rate_shift=((0, 0), (1, 15)))
    Data(train=1, test=0)
    design(hardware=hardware(z=(8, 4), multipliers=0))
    network(neurons=(65536, 64, 4), out_degree=(64, 1))


def test_derived_facts_of_a_small_design():
    small = design()
    assert small.density == 16 / 48
    first, second = small.junctions
    assert (first.in_degree, first.weights, first.depth, first.clocks) == (2, 8, 2, 2)
    assert (first.per_clock, first.clocks_per_group) == (2, 1)
    assert (second.in_degree, second.weights, second.depth, second.clocks) == (2, 8, 2, 4)
    assert (second.per_clock, second.clocks_per_group) == (1, 1)
    assert (first.last, second.last) == (False, True)


def test_derived_facts_of_the_flagship():
    first, second = flagship().junctions
    assert (first.in_degree, second.in_degree) == (64, 32)
    assert first.weights + second.weights == 5120
    assert (first.clocks, second.clocks) == (32, 32)
    assert (first.per_clock, first.clocks_per_group) == (2, 1)
    assert (first.operand_fraction, first.operand_bits) == (8, 8)
    assert (second.operand_fraction, second.operand_bits) == (8, 9)
    assert round(100 * flagship().density, 3) == 7.576
    narrow = flagship(z=(32, 8)).junctions
    assert [(j.clocks, j.per_clock, j.clocks_per_group) for j in narrow] == [(128, 1, 2), (128, 1, 4)]


def test_operands_after_a_rectifier_have_the_width_of_a_number_without_sign():
    relu = design(network=network(activation=("relu", "sigmoid")))
    assert relu.junctions[1].operand_bits == 11


def test_random_bits_suffice_for_the_finest_common_rates():
    assert flagship().random_bits == (15, 15)
    narrow = design(arithmetic=Arithmetic(width=7))
    assert narrow.random_bits == (15, 10)  # 8 + 7 and 3 + 7


def test_which_deltas_are_scaled():
    small = design()
    assert [small.scaled_delta(j) for j in small.junctions] == [True, False]
    quadratic = design(network=network(cost="quadratic"))
    assert [quadratic.scaled_delta(j) for j in quadratic.junctions] == [True, True]


def test_rates_by_slot():
    training = Training(rate_shift=((0, 3), (2, 4), (5, 6)))
    assert training.shifts(7).tolist() == [3, 3, 4, 4, 4, 6, 6]
    assert training.shifts(0).tolist() == []


def test_initial_weights_are_drawn_from_the_seed_with_glorot_variance():
    big = flagship()
    weights = big.initial_weights()
    assert [len(w) for w in weights] == [4096, 1024]
    for w, j in zip(weights, big.junctions, strict=True):
        variance = 2 / (j.in_degree + j.out_degree)
        assert abs((w / 256).var() / variance - 1) < 0.15
        assert abs((w / 256).mean()) < 4 * np.sqrt(variance / len(w))
    again = flagship().initial_weights()
    assert all(np.array_equal(a, b) for a, b in zip(weights, again, strict=True))
    other = replace(big, training=Training(weight_seed=2)).initial_weights()
    assert not np.array_equal(weights[0], other[0])


def test_equal_designs_are_equal_and_hash_alike():
    assert design() == design()
    assert len({design(), design(), design(name="other")}) == 2


def test_wider_numbers_only_by_a_subclass():
    class Wide(Arithmetic):
        WIDTH_MAX = 32

    assert Wide(width=26).number.fraction_bits == 22
    with pytest.raises(DesignError, match=r"^arithmetic.width must be 4..32, got 33$"):
        Wide(width=33)


def test_divisors():
    assert divisors(12) == [1, 2, 3, 4, 6, 12]
    assert divisors(1) == [1]
