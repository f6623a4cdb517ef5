"""Proposals of z: the known ones, and all of them against an exhaustive search."""

from itertools import product

import numpy as np
import pytest

from sw.cost.balance import multipliers, propose_z
from sw.design.design import Design
from sw.design.errors import DesignError
from sw.design.settings import Hardware, Network, PatternSettings
from sw.pattern.degrees import divisors
from tests.design.random_designs import random_design
from tests.design.shipped import flagship

MNIST = ((1024, 64, 32), (4, 16))


def test_multipliers_of_the_flagship():
    assert multipliers(flagship()) == 128 * 2 + 32 * 3 + 2 == 354
    assert multipliers(flagship(z=(64, 16))) == 177
    assert multipliers(flagship(z=(32, 8))) == 32 * 2 + 8 * 3 + 1 == 89


def test_slopes_of_rectifiers_need_no_multiplier_those_of_a_quadratic_cost_do():
    def count(activation, cost):
        network = Network((1024, 64, 32), 784, 10, (4, 16), (activation, "sigmoid"), cost)
        hardware = Hardware((128, 32))
        arithmetic = flagship().arithmetic
        return multipliers(Design("a", network, (PatternSettings(),) * 2, arithmetic, hardware))

    assert count("sigmoid", "cross_entropy") == 354
    assert count("relu", "cross_entropy") == 352
    assert count("sigmoid", "quadratic") == 355
    assert count("relu", "quadratic") == 353


@pytest.mark.parametrize(("wish", "z"), [
    ({"clocks": 32}, (128, 32)),
    ({"clocks": 63}, (128, 32)),
    ({"clocks": 64}, (64, 16)),
    ({"clocks": 128}, (32, 8)),
    ({"clocks": 10**9}, (1, 1)),
    ({"multipliers": 90}, (32, 8)),
    ({"multipliers": 89}, (32, 8)),
    ({"multipliers": 88}, (16, 4)),
    ({"multipliers": 240}, (64, 16)),
    ({"multipliers": 6}, (1, 1)),
])
def test_flagship(wish, z):
    assert propose_z(*MNIST, **wish) == z


def all_chains(network: Network):
    """(z, clocks, multipliers) of every z that a Design accepts, by trying them all."""
    sizes = list(zip(network.neurons, network.neurons[1:], network.out_degree, strict=False))
    for z in product(*(divisors(left) for left, _, _ in sizes)):
        step, clocks, count = 1, 0, 0
        for i, ((left, right, d_out), lanes) in enumerate(zip(sizes, z, strict=True)):
            d_in = left * d_out // right
            if (lanes % d_in and d_in % lanes) or lanes % step:
                break
            step = max(1, lanes // d_in)
            clocks = max(clocks, left * d_out // lanes)
            scaled = i + 1 < len(sizes) or network.cost == "quadratic"
            scaled = scaled and network.activation[i] == "sigmoid"
            count += lanes * (3 if i else 2) + scaled * step
        else:
            yield z, clocks, count


def test_random_networks_against_all_chains():
    rng = np.random.Generator(np.random.PCG64(41))
    compared = 0
    for _ in range(60):
        network = random_design(rng).network
        chains = list(all_chains(network))
        how = {"activation": network.activation, "cost": network.cost}
        facts = (network.neurons, network.out_degree)
        for clocks in {c for _, c, _ in chains}:
            fitting = [c for c in chains if c[1] <= clocks]
            best = min(fitting, key=lambda c: (c[2], c[1], c[0]))
            assert propose_z(*facts, clocks=clocks, **how) == best[0]
            compared += 1
        for count in {m for _, _, m in chains}:
            fitting = [c for c in chains if c[2] <= count]
            best = min(fitting, key=lambda c: (c[1], c[2], c[0]))
            assert propose_z(*facts, multipliers=count, **how) == best[0]
            compared += 1
    assert compared > 500


def test_proposals_make_designs():
    rng = np.random.Generator(np.random.PCG64(42))
    made = 0
    for _ in range(60):
        design = random_design(rng)
        network = design.network
        z = propose_z(
            network.neurons, network.out_degree, clocks=max(j.clocks for j in design.junctions),
            activation=network.activation, cost=network.cost,
        )
        pattern = tuple(PatternSettings(kind=3) for _ in z)
        proposed = Design("a", network, pattern, design.arithmetic, Hardware(z))
        made += 1
        assert max(j.clocks for j in proposed.junctions) <= max(j.clocks for j in design.junctions)
        assert multipliers(proposed) <= multipliers(design)
    assert made > 20


@pytest.mark.parametrize(("wish", "message"), [
    ({}, ("propose_z needs one wish, either clocks or multipliers, got clocks None and "
         "multipliers None")),
    ({"clocks": 4, "multipliers": 5},
     "propose_z needs one wish, either clocks or multipliers, got clocks 4 and multipliers 5"),
    ({"clocks": 0}, "clocks must be an integer of at least 1, got 0"),
    ({"clocks": 2.5}, "clocks must be an integer of at least 1, got 2.5"),
    ({"multipliers": True}, "multipliers must be an integer of at least 1, got True"),
    ({"clocks": 15},
     ("no z gives at most 15 clocks per sample; the nearest is 16 clocks, with z [256, 64] and "
     "708 multipliers")),
    ({"multipliers": 5},
     ("no z does with at most 5 multipliers; the nearest is 6, with z [1, 1] and 4096 clocks per "
     "sample")),
    ({"clocks": 9, "cost": "none"},
     'network.cost must be "cross_entropy" or "quadratic", got "none"'),
])
def test_wrong(wish, message):
    with pytest.raises(DesignError) as error:
        propose_z(*MNIST, **wish)
    assert str(error.value) == message


def test_wrong_network():
    with pytest.raises(DesignError, match=r"^network.neurons needs at least 2 layers, got \[\]$"):
        propose_z((), (), clocks=3)
    with pytest.raises(DesignError, match=r"^junction 1: network.out_degree must be a multiple"):
        propose_z((8, 6), (2,), clocks=3)
