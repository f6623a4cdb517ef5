# amaranth: UnusedElaboratable=no

"""Sums, products, cuts and limits are those of sw.design.fixed, for every value of small formats."""

import re
from math import ceil, log2

import numpy as np
import pytest
from amaranth.back import rtlil
from amaranth.hdl import Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.arithmetic import adder_tree, dropped, product, product_sums, saturated
from hw.timeline import Timed, together
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
        total = adder_tree(m, [Timed(term, 3) for term in self.terms], self.levels, "sum")
        self.latency = total.stage - 3
        m.d.comb += self.sum.eq(total.value)
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
    def __init__(self, stages: int, dsps: int, plus: int | None = None):
        self.stages, self.dsps, self.plus = stages, dsps, plus
        members = {"left": In(5), "right": In(signed(4)), "more": In(signed(5)), "product": Out(signed(12))}
        super().__init__(members)

    def elaborate(self, platform):
        m = Module()
        plus = None if self.plus is None else Timed(self.more, self.plus)
        found = product(
            m, Timed(self.left, 5), Timed(self.right, 5), self.stages, "product", 0, dsps=self.dsps, plus=plus
        )
        self.latency = found.stage - 5
        m.d.comb += self.product.eq(found.value)
        return m


PAIRS = [(left, right) for left in (0, 1, 17, 31) for right in range(-8, 8)]


@pytest.mark.parametrize("dsps", [0, 1])
@pytest.mark.parametrize("stages", [1, 2, 3, 4])
def test_product_is_exact_after_its_stages(stages, dsps):
    steps = [{"left": left, "right": right} for left, right in PAIRS]
    unit = Product(stages, dsps)
    found = play(unit, steps, ["product"])["product"]
    assert unit.latency == stages
    assert found[stages:].tolist() == [left * right for left, right in PAIRS[: len(PAIRS) - stages]]


@pytest.mark.parametrize("dsps", [0, 1])
@pytest.mark.parametrize("stages", [1, 2, 4])
def test_what_is_added_comes_a_clock_before_the_sum(stages, dsps):
    more = np.random.Generator(np.random.PCG64(stages)).integers(-16, 16, len(PAIRS))
    steps = [{"left": left, "right": right, "more": m} for (left, right), m in zip(PAIRS, more, strict=True)]
    unit = Product(stages, dsps, plus=5 + stages - 1)
    found = play(unit, steps, ["product"])["product"]
    assert unit.latency == stages
    products = np.array(PAIRS).prod(axis=1)[: len(PAIRS) - stages]
    assert (found[stages:] == products + more[stages - 1 : -1]).all()
    for wrong in (5 + stages - 2, 5 + stages):
        text = rf"^[\w ]+ is valid at stage {4 + stages}, more at stage {wrong}: they cannot meet$"
        with pytest.raises(ValueError, match=text):
            Product(stages, dsps, plus=wrong).elaborate(None)


@pytest.mark.parametrize(
    ("dsps", "stages", "before", "behind"),
    # in a DSP block both operands have registers of their own if there are more than two
    [(1, 1, 0, 1), (1, 2, 0, 2), (1, 3, 1, 2), (1, 4, 2, 2), (0, 3, 0, 3), (0, 4, 0, 4)],
)
def test_registers_lie_where_a_multiplier_block_has_them(dsps, stages, before, behind):
    text = rtlil.convert(Product(stages, dsps), name="top", emit_src=False)
    found = [len(set(re.findall(rf"wire .*\\product_{part}(?:_\d+)+\n", text))) for part in ("a", "b")]
    assert found == [before, before]
    assert len(set(re.findall(r"wire .*\\product_p\d_000\n", text))) == behind


def test_operands_of_different_stages_are_an_error():
    left, right = Signal(4, name="left"), Signal(4, name="right")
    with pytest.raises(ValueError, match=r"^left is valid at stage 1, right at stage 2: they cannot meet$"):
        product(Module(), Timed(left, 1), Timed(right, 2), 2, "product", 0, dsps=1)
    with pytest.raises(ValueError, match=r"^left is valid at stage 1, right at stage 2: they cannot meet$"):
        adder_tree(Module(), [Timed(left, 1), Timed(right, 2)], 1, "sum")


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
        pairs = [(Timed(a, 2), Timed(b, 2)) for a, b in zip(self.left, self.right, strict=True)]
        sums = product_sums(m, pairs, self.stages, self.chain, "sums", 0, dsps=self.dsps)
        self.latency = together(*sums) - 2
        m.d.comb += [mine.eq(value.value) for mine, value in zip(self.sums, sums, strict=True)]
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
