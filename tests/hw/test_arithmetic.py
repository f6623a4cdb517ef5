"""Sums, products, cuts and limits are those of sw.design.fixed, for every value of small formats."""

from math import ceil, log2

import numpy as np
import pytest
from amaranth.back import rtlil
from amaranth.hdl import Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import adder_tree, dropped, product, product_sums, saturated
from sw.design.fixed import Format, bits_for
from tests.hw.play import evaluate, play


@pytest.mark.parametrize(("count", "bits"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (256, 8), (257, 9)])
def test_bits_for(count, bits):
    assert bits_for(count) == bits


@pytest.mark.parametrize("width", [1, 2, 5, 7])
def test_saturated_is_exact_for_every_value(width):
    values = np.arange(-(1 << (width - 1)), 1 << (width - 1))
    source = Signal(signed(width))
    formats = [Format(i, f) for i in range(3) for f in range(1, 5)]
    found = evaluate(source, values, [saturated(source, fmt) for fmt in formats])
    for column, fmt in zip(found.T, formats, strict=True):
        assert (column == fmt.saturate(values)).all()
        assert len(saturated(source, fmt)) <= max(fmt.width, width)


@pytest.mark.parametrize("width", [1, 4, 7])
def test_dropped_is_the_floor_for_every_value_even_where_no_bit_is_left(width):
    values = np.arange(-(1 << (width - 1)), 1 << (width - 1))
    source = Signal(signed(width))
    cases = [(bits, extend) for bits in range(width + 4) for extend in (0, 1, 8)]
    found = evaluate(source, values, [dropped(source, bits, extend=extend) for bits, extend in cases])
    for column, (bits, _) in zip(found.T, cases, strict=True):
        assert (column == values >> bits).all()
    for bits, extend in cases:
        assert len(dropped(source, bits, extend=extend)) == max(1, width - bits) + extend


class Tree(wiring.Component):
    def __init__(self, shape, terms: int, levels: int):
        self.levels = levels
        super().__init__({"terms": In(shape).array(terms), "sum": Out(signed(16))})

    def elaborate(self, platform):
        m = Module()
        total, self.latency = adder_tree(m, list(self.terms), self.levels, "sum")
        m.d.comb += self.sum.eq(total)
        return m


@pytest.mark.parametrize("levels", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_adder_tree_is_exact_and_as_late_as_the_schedule_says(count, levels):
    latency = ceil(ceil(log2(count)) / levels)
    rng = np.random.Generator(np.random.PCG64([count, levels]))
    terms = rng.integers(-32, 32, (20, count))
    terms[:2] = [[-32], [31]]
    tree = Tree(signed(6), count, levels)
    found = play(tree, [{"terms": t} for t in terms], ["sum"])["sum"]
    assert tree.latency == latency
    assert (found[latency:] == terms.sum(axis=1)[: 20 - latency]).all()
    # as late as it says, not earlier
    assert latency == 0 or (found[latency - 1 : -1] != terms.sum(axis=1)[: 20 - latency]).any()


class Product(wiring.Component):
    def __init__(self, stages: int):
        self.stages = stages
        super().__init__({"left": In(5), "right": In(signed(4)), "product": Out(signed(12))})

    def elaborate(self, platform):
        m = Module()
        value, self.latency = product(m, self.left, self.right, self.stages, "product", 0, dsps=1)
        m.d.comb += self.product.eq(value)
        return m


@pytest.mark.parametrize("stages", [1, 2, 3, 4])
def test_product_is_exact_after_its_stages(stages):
    pairs = [(left, right) for left in (0, 1, 17, 31) for right in range(-8, 8)]
    steps = [{"left": left, "right": right} for left, right in pairs]
    unit = Product(stages)
    found = play(unit, steps, ["product"])["product"]
    assert unit.latency == stages
    assert found[stages:].tolist() == [left * right for left, right in pairs[: len(pairs) - stages]]


def test_multipliers_beyond_those_in_dsp_blocks_are_marked():
    for dsps, marked in ((0, 4), (3, 1), (4, 0)):
        unit = Sums(4, 2, 2, dsps)
        assert rtlil.convert(unit, name="top", emit_src=False).count('attribute \\use_dsp "no"') == marked


class Sums(wiring.Component):
    def __init__(self, pairs: int, stages: int, chain: int, dsps: int = 2):
        self.pairs, self.stages, self.chain, self.dsps = pairs, stages, chain, dsps
        members = {"left": In(5).array(pairs), "right": In(signed(4)).array(pairs)}
        super().__init__(members | {"sums": Out(signed(14)).array(-(-pairs // chain))})

    def elaborate(self, platform):
        m = Module()
        pairs = list(zip(self.left, self.right, strict=True))
        sums, self.latency = product_sums(m, pairs, self.stages, self.chain, "sums", 0, dsps=self.dsps)
        m.d.comb += [mine.eq(value) for mine, value in zip(self.sums, sums, strict=True)]
        return m


@pytest.mark.parametrize("stages", [1, 2, 3])
@pytest.mark.parametrize(("pairs", "chain"), [(1, 4), (3, 8), (4, 2), (7, 3), (5, 4)])
def test_chains_add_neighbours_and_end_together(pairs, chain, stages):
    latency = stages + min(chain, pairs) - 1
    rng = np.random.Generator(np.random.PCG64([pairs, chain]))
    left, right = rng.integers(0, 32, (20, pairs)), rng.integers(-8, 8, (20, pairs))
    left[:2], right[:2] = 31, [[-8], [7]]
    steps = [{"left": a, "right": b} for a, b in zip(left, right, strict=True)]
    unit = Sums(pairs, stages, chain)
    found = play(unit, steps, ["sums"])["sums"]
    assert unit.latency == latency
    due = np.add.reduceat(left * right, range(0, pairs, chain), axis=1)
    assert (found[latency:] == due[:-latency]).all()
