"""Look-up tables and flip-flops unit by unit: linear in the coefficients, every one of which counts."""

from dataclasses import asdict, fields, replace

import numpy as np
import pytest

from hw import arithmetic, delta, leftdelta, parameters, timeline
from sw.cost.coefficients import Coefficients, present
from sw.cost.junction import ABSORBED, DELTAS, GROUP
from sw.cost.lanes import FEW
from sw.cost.logic import logic
from sw.cost.service import DECODED
from sw.cost.units import choice, delays, saturation, soft_multiplier, soft_registers, soft_roles, soft_shifts
from tests.hw.designs import corner_designs, make

VARIED = make("varied", (16, 8, 4), (4, 2), (8, 4), activation=("relu", "sigmoid"), dither=True)


def test_every_unit_of_a_varied_design_counts():
    units = logic(VARIED, present())
    for counts in (units.lut, units.ff):
        assert all(amount >= 0 for amount in counts.values())
        assert {"updates", "sums", "left deltas", "crossbars", "results", "configuration port"} <= set(counts)


@pytest.mark.parametrize("design", [VARIED, *corner_designs()], ids=lambda design: design.name)
def test_counts_are_linear_in_the_coefficients(design):
    names = [field.name for field in fields(Coefficients)]
    sets = np.random.Generator(np.random.PCG64(3)).integers(0, 1000, (2, len(names))) / 8  # sums are exact

    def counts(values) -> tuple[float, float]:
        units = logic(design, Coefficients(**dict(zip(names, values.tolist(), strict=True))))
        return sum(units.lut.values()), sum(units.ff.values())

    nothing = counts(sets[0] * 0)
    for whole, one, other, without in zip(counts(sets.sum(0)), counts(sets[0]), counts(sets[1]), nothing, strict=True):
        assert whole == pytest.approx(one + other - without, rel=1e-12)


def test_arrays_of_coefficients_are_counted_one_by_one():
    names = list(asdict(present()))
    sets = np.arange(3 * len(names)).reshape(len(names), 3).astype(float)
    together = logic(VARIED, Coefficients(**dict(zip(names, sets, strict=True))))
    for number in range(3):
        alone = logic(VARIED, Coefficients(**dict(zip(names, sets[:, number].tolist(), strict=True))))
        for arrays, counts in ((together.lut, alone.lut), (together.ff, alone.ff)):
            assert {unit: np.broadcast_to(array, 3)[number] for unit, array in arrays.items()} == counts


def test_what_is_shared_or_chosen_together_is_that_of_the_hardware():
    assert DECODED == 1 << parameters.NARROWED
    assert (GROUP, DELTAS) == (timeline.GROUP, delta.LANES)
    assert (FEW, ABSORBED) == (leftdelta.FEW, arithmetic.BEHIND)


def test_operands_wait_in_dsp_blocks_then_in_registers_then_in_shift_registers():
    wide = replace(VARIED.pattern[0], dither=False)
    plain = replace(VARIED, pattern=(wide, wide), hardware=replace(VARIED.hardware, multipliers="dsp"))

    def waiting(multiply: int, read: int) -> tuple[float, float]:
        stages = replace(plain.hardware.stages, multiply=multiply, read=read, chain=1)
        units = logic(replace(plain, hardware=replace(plain.hardware, stages=stages)), present())
        return units.lut["operands"], units.ff["operands"]

    # what is read and a weight's old value, 12 lanes and 3 biases; a bias waits for a tree of one adder and of two
    weights, width = 12, plain.arithmetic.width
    read = sum(j.z * (width + 2 * j.operand_bits) + j.per_clock * width for j in plain.junctions)
    assert waiting(1, 1)[1] - read >= weights * width
    assert waiting(2, 1)[1] - waiting(1, 1)[1] == sum(j.z + j.per_clock for j in plain.junctions) * width
    # a second register of weights and biases; DSP blocks hold that of activations
    assert waiting(2, 2)[1] - waiting(2, 1)[1] == sum(j.z + j.per_clock for j in plain.junctions) * width
    assert waiting(2, 2)[0] == waiting(2, 1)[0]
    assert waiting(3, 2)[0] - waiting(2, 2)[0] >= weights * width


def test_registers_of_a_multiplier_of_look_up_tables():
    # counted by yosys 0.70 in what boards/soft_mul_xc7.v describes, the product's included: flip-flops, shift registers
    def counted(bits: tuple[int, int], stages: int) -> tuple[int, int]:
        sums, digits, clocks = soft_registers(bits, stages)
        tables, shifted = soft_shifts(bits, stages)
        return sum(bits) + sums + digits + clocks * soft_roles(bits)[1] - shifted, tables

    assert [counted((12, 12), stages) for stages in (1, 2, 3, 4, 5)] == [(24, 0), (74, 0), (118, 2), (140, 6), (186, 6)]
    # yosys has one less, as the digits' highest bit is its sign
    assert counted((14, 11), 4) == (154 + 1, 6)


def test_three_registers_are_a_shift_register():
    assert [delays(taps) for taps in ([], [0], [2], [3], [1, 4], [2, 4, 5])] == [
        (0, 0), (0, 0), (0, 2), (1, 0), (1, 1), (0, 5),
    ]  # fmt: skip


def test_small_things():
    c = present()
    assert [choice(count, c) for count in (1, 2, 4, 6)] == [0, 1, 1, 6 * c.choice_lut]
    assert [choice(count, c, select=3) for count in (1, 3, 4)] == [0, 1, 4 * c.choice_lut]
    assert [saturation(bits, 8) for bits in (8, 9, 11, 12, 13, 14)] == [0, 7, 7, 8, 8, 10]
    # docs/synthesis.md has what yosys counts, 75 and 124
    assert (soft_multiplier((9, 12)), soft_multiplier((19, 9))) == (76, 126)
