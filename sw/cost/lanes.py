"""Look-up tables and flip-flops of one junction: its lanes' FF, BP and UP, its memories' addresses, its control."""

from math import ceil

import numpy as np

from sw.cost.coefficients import Coefficients
from sw.cost.units import Units, choice, saturation, soft_multiplier
from sw.design import lfsr
from sw.design.design import Design, Junction
from sw.design.fixed import bits_for
from sw.design.memories import ROWS_BY_CLOCK
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT, MultiplierGroup, multiplier_groups
from sw.design.schedule import Schedule
from sw.design.sums import left_sum_bits, right_sum_bits

__all__ = ["ABSORBED", "DECODED", "Lanes"]

ABSORBED = 2  # registers behind a multiplication that a DSP block holds, and has its adder behind
DECODED = 16  # lanes that one register's multiplexer chooses among, see hw.junction


class Lanes:
    """Counts one junction into ``units``."""

    def __init__(self, design: Design, junction: Junction, c: Coefficients, units: Units):
        self.design, self.j, self.c, self.add = design, junction, c, units.add
        self.groups = {g.name: g for g in multiplier_groups(design) if g.junction == junction.index}
        self.width, self.stages = design.arithmetic.width, design.hardware.stages
        self.stochastic = design.arithmetic.rounding == "stochastic"
        self.late = self.stages.multiply > ABSORBED  # operands then wait in shift registers
        self.relu = junction.activation == "relu"

    @property
    def below(self) -> int:
        """Neurons that come from the left in a clock."""
        if self.j.index == 1:
            return Schedule.of(self.design).features_per_beat
        return self.design.junctions[self.j.index - 2].per_clock

    def count(self) -> None:
        self._multipliers()
        self._chains()
        self._sums()
        self._activations()
        self._right_deltas()
        if self.j.index > 1:
            self._left_deltas()
        self._updates()
        self._noise()
        self._access()
        self._rows()
        self._crossbars()
        self._control()

    def _control(self) -> None:
        """Clocks, groups and slots of the stages; all wait for right deltas multiplied by a sigmoid's slope."""
        j, c = self.j, self.c
        bits = bits_for(j.clocks) + bits_for(j.right // j.per_clock)
        self.add("control of junctions", c.control_lut + c.control_scaled_lut * ("scaled" in self.groups), c.control_ff)
        self.add("control of junctions", c.control_bit_lut * bits, c.control_bit_ff * bits)

    def _multipliers(self) -> None:
        """Those in look-up tables, and the registers around all but FF's."""
        stages, width = self.stages.multiply, self.width
        for name, group in self.groups.items():
            soft, registers = group.count - group.in_dsp, 0
            if name == "up":
                registers = soft * sum(group.bits)
            elif name == "bp":
                registers = 2 * width * (group.in_dsp if self.late else stages * soft)
            elif name == "scaled":
                registers = stages * width * soft
            self.add("multipliers", soft * soft_multiplier(group.bits), registers)
            if self.late and name != "up":  # in UP noise is added, in FF all products but a chain's first
                self.add("delays", soft * sum(group.bits) / (self._chain if name == "ff" else 1))

    def _chains(self) -> None:
        """FF's products, each added to the one before, whose operands wait for that; links outside of DSP blocks."""
        group, operand, chain = self.groups["ff"], self.j.operand_bits, self._chain
        product, soft = sum(group.bits) - 1, group.count - group.in_dsp
        links = self._outside_dsp(group) / chain * sum(product + place for place in range(chain - 1))
        # shares of the lanes whose operands wait for at least 1, 2, 3 clocks
        one, two, three = (max(0, chain - clocks) / chain for clocks in (1, 2, 3))
        if self.late:
            registers = group.in_dsp * (product + (chain - 1) / 2 + two * product)
            registers += soft * one * self.stages.multiply * product
        else:
            # A DSP block has two registers for each operand. Elsewhere two clocks and more are shift registers, which
            # also take in the register of what was read; of weights, UP has the first two clocks anyway.
            self.add("delays", soft * two * operand)
            waiting = (one - two) * operand - two * operand + three * self.width
            registers = soft * (self.stages.multiply * product + waiting) + group.in_dsp * three * operand
        self.add("chains", links, registers)

    def _sums(self) -> None:
        """Trees that add the chains, and right neurons' totals."""
        j, chain = self.j, self._chain
        terms, bits = ceil(min(j.z, j.in_degree) / chain), sum(self.groups["ff"].bits) - 1 + chain - 1
        level = tables = registers = 0
        while terms > 1:
            pairs, terms, level = terms // 2, ceil(terms / 2), level + 1
            tables += pairs * bits
            bits += 1
            if level % self.stages.add == 0 or terms == 1:
                registers += pairs * bits
        self.add("sums", j.per_clock * tables, j.per_clock * registers)
        total = right_sum_bits(self.design, j)
        if j.clocks_per_group == 1:
            tables, registers = total - j.operand_fraction + 1, total - j.operand_fraction
        else:  # unless the tree is narrower, the choice of the start is not part of the adder
            tables, registers = total if bits < total else 2 * total, total
        self.add("totals", j.per_clock * tables, j.per_clock * registers)
        self.add("delays", j.per_clock * self.width)  # biases wait for the tree

    def _activations(self) -> None:
        arithmetic, per_clock = self.design.arithmetic, self.j.per_clock
        before = arithmetic.preactivation.width
        used = before if self.relu else arithmetic.index_bits  # a table has no use for the lowest bits
        tables: float = saturation(right_sum_bits(self.design, self.j) - self.j.operand_fraction, before, used)
        if self.relu:
            tables += self.c.relu_lut + self.width * (before > self.width)
        registers = used + (self.width * self.stages.table if self.relu else used * (self.stages.table - 1))
        self.add("activations", per_clock * tables, per_clock * registers)

    def _right_deltas(self) -> None:
        """Multiplied by the slope of a rectifier, shifted by the rate for UP, multiplied by a sigmoid's slope."""
        c, width, per_clock = self.c, self.width, self.j.per_clock
        tables = width * (c.rate_lut + c.rate_relu_lut * self.relu) + c.rate_bias_lut
        tables += c.rate_bias_stochastic_lut * self.stochastic
        if self.late:
            shifted = c.delayed_bias_ff * self.stochastic
        else:
            shifted = self.stages.multiply * (width + (BIAS_SHIFT if self.stochastic else 1))
        self.add("right deltas", per_clock * tables, per_clock * (shifted + width * self.design.scaled_delta(self.j)))

    def _left_deltas(self) -> None:
        """Summed, rounded, and chosen from by the junction on the left."""
        j, width, total, below = self.j, self.width, left_sum_bits(self.design, self.j), self.below
        rounded = saturation(total - self.design.arithmetic.number.fraction_bits, width)
        registers = total * (2 if j.depth == 1 else 1) + width
        self.add("left deltas", j.z * (total + rounded), j.z * registers + below * width)
        self.add("choice of left deltas", below * width * ceil((j.z // below - 1) / 3))

    def _updates(self) -> None:
        """Differences and saturation of weights and biases."""
        j, width, wide = self.j, self.width, self.j.operand_integer_bits
        self.add("updates", j.z * (2 * width + 1 + wide + (wide > 0)) + j.per_clock * (2 * width + 1))
        self.add("updates", 0, j.z * (2 * width + wide + 1) + j.per_clock * (3 * width + 1))
        if self.late:  # old weights, deltas of biases
            self.add("delays", j.z * width + j.per_clock * (width + UP_SHIFT))
        else:
            self.add("updates", 0, j.z * width * self.stages.multiply)

    def _noise(self) -> None:
        """What rounds the changes of weights and biases, added where no DSP block does it, and random numbers."""
        j, change = self.j, self.width + self.j.operand_integer_bits + 1
        if not self.stochastic:
            self.add("noise", 2 * j.z + j.per_clock, j.z * change)
            return
        drop, count = j.operand_fraction + UP_SHIFT, lfsr.groups(j.z)
        outside = self._outside_dsp(self.groups["up"], drop)
        self.add("noise", count * (lfsr.LENGTH + UP_SHIFT + self.c.lfsr_lut), count * lfsr.LENGTH)
        self.add("noise", j.z + j.per_clock * BIAS_SHIFT)
        self.add("noise", outside * (min(drop, lfsr.WINDOW) + lfsr.COARSE), outside * change)

    def _access(self) -> None:
        """Addresses of weights and biases, write enables, and reads by the configuration port."""
        j = self.j
        self.add("access to memories", j.z // self.below + 2 * (bits_for(j.clocks) + bits_for(j.right // j.per_clock)))
        for count in (j.z, j.per_clock):
            parts = ceil(count / DECODED)
            chosen = min(DECODED, count) + parts
            reads = self.width * (parts + (parts > 1)) if count > 1 else 0
            self.add("access to memories", count + chosen + self.width * choice(count, self.c), chosen + reads)
        if self.stochastic:
            self.add("access to memories", lfsr.LENGTH * choice(lfsr.groups(j.z), self.c))

    def _rows(self) -> None:
        """Row addresses of the lanes, of which lanes with the same rows share one."""
        j, c = self.j, self.c
        bits = j.z * bits_for(j.depth) if j.depth > 1 else 0
        if j.pattern.kind == 3:
            share = c.row_start_lut
        elif j.clocks <= ROWS_BY_CLOCK:
            share = c.row_by_clock_lut
        else:  # a memory has the rows of kind 1
            share = c.row_counted_lut if j.pattern.kind == 2 else 0
        self.add("rows", bits * share, bits)

    def _crossbars(self) -> None:
        """Choices of activations, twice, and of products on their way back, among the banks that a lane ever gets."""
        j, width, orders = self.j, self.width, self.j.pattern.orders
        if orders is None:
            return
        back = 2 * width if j.index > 1 else 0
        for crossed, bits in ((orders, 2 * j.operand_bits), (np.argsort(orders, axis=1), back)):
            banks = [len(set(lane)) for lane in crossed.T.tolist()]
            self.add("crossbars", bits * sum(choice(count, self.c, bits_for(len(orders))) for count in banks))
        soft = sum(self.groups[name].count - self.groups[name].in_dsp for name in ("ff", "up"))
        self.add("crossbars", 0, soft * j.operand_bits + back * j.z)

    @property
    def _chain(self) -> int:
        return min(self.stages.chain, self.j.z, self.j.in_degree)

    def _outside_dsp(self, group: MultiplierGroup, drop: int = 0) -> int:
        """Multipliers of a group to whose product something is added outside of a DSP block.

        ``drop``: bits that are rounded away, if noise is added. Its lowest bit is constant where they are more than the
        random bits; then no adder of a DSP block is used.
        """
        inside = not self.late and drop <= lfsr.WINDOW
        return group.count - inside * group.in_dsp
