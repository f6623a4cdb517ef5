"""Look-up tables and flip-flops of the lanes of one junction: FF, BP and UP."""

from collections import Counter
from math import ceil

import numpy as np

from sw.cost.junction import ABSORBED, DELTAS, JunctionUnits
from sw.cost.units import choice, saturation, soft_multiplier, soft_registers, soft_roles, soft_shifts
from sw.design.fixed import bits_for
from sw.design.multipliers import BIAS_SHIFT, UP_SHIFT
from sw.design.sums import left_sum_bits, right_sum_bits

__all__ = ["FEW", "Lanes"]

FEW = 4  # parts of the left deltas that are chosen among first, see hw.leftdelta
_RESET = 8  # low bits of a bias' delta that are 0 with half of the rates, by a reset, which no shift register has


class Lanes(JunctionUnits):
    """Multipliers with their operands, sums, activations, deltas, updates."""


    def count(self) -> None:
        self._operands()
        self._multipliers()
        self._sums()
        self._biases()
        self._activations()
        self._right_deltas()
        if self.j.index > 1:
            self._left_deltas()
        self._updates()
        self._crossbars()

    def _ahead(self, clocks: int, soft: bool) -> int:
        """Registers in the fabric of ``clocks`` in front of a multiplication."""
        return clocks if soft else max(0, clocks + self.before - ABSORBED)

    def _soft(self, name: str, lane: int) -> bool:
        return lane >= self.groups[name].in_dsp

    def _places(self) -> list[int]:
        """Each lane's place in its chain of FF."""
        chain, lanes = self._chain, min(self.j.z, self.j.in_degree)
        start = [min(chain, lanes - lane // chain * chain) for lane in range(lanes)]
        return [chain - start[lane] + lane % chain for lane in range(lanes)] * self.j.per_clock

    def _operands(self) -> None:
        """Weights and left activations on their way to the multipliers, and to where they are updated."""
        j, read, multiply = self.j, self.stages.read, self.stages.multiply
        wired = int(j.crossbar and not self.crossed)  # an only order is mere wires and a register
        lanes = Counter(
            (place, self._soft("ff", lane), self._soft("up", lane)) for lane, place in enumerate(self._places())
        )
        for (place, soft, up), count in lanes.items():
            ff = 1 + self._ahead(read - 1 + place, soft)
            self.line("operands", count * self.width, {read, read + multiply, ff}, "weights")
            for memory, waits, is_soft in (("FF", place, soft), ("UP", 0, up)):
                bits, name = count * j.operand_bits, f"left activations for {memory}"
                if self.crossed:
                    self.line("operands", bits, {read}, name)
                    self.line("operands", bits, {self._ahead(1 + waits, is_soft)})
                else:
                    self.line("operands", bits, {1 + self._ahead(read - 1 + wired + waits, is_soft)}, name)

    def _inside(self, name: str, linked: bool = False) -> int:
        """Stages of a multiplier of look-up tables: the registers behind it, up to one with an adder."""
        if name == "bp":  # an only order of a crossbar is a register more
            return self.stages.multiply + (self.j.crossbar and not self.crossed)
        return self.stages.multiply - (linked or name != "ff")

    def _multipliers(self) -> None:
        """Those in look-up tables, the registers in and behind them, and the links of FF's chains."""
        for name, group in self.groups.items():
            soft, product = group.count - group.in_dsp, sum(group.bits) - 1 + (name == "bp")
            self.add("multipliers", soft * soft_multiplier(group.bits))
            if name == "ff":
                links = Counter(place for lane, place in enumerate(self._places()) if self._soft("ff", lane))
                for place, count in links.items():
                    self._soft_registers(name, count, product, linked=place > 0)
                    if place:
                        self.add("chains", count * (product + place - 1), count * (product + place))
            elif name == "bp":
                self._soft_registers(name, soft, product)
                # one more in front of the sums, which is the crossbar's where there is one
                summands = group.count * (self.j.crossbar or self.stages.read > 1)
                summands -= soft * (self._inside(name) - self.stages.multiply)
                self.add("left deltas", 0, summands * product)
            elif name == "up":  # noise is added behind
                self._soft_registers(name, soft, product if self.stochastic else self.change)
            else:  # half a unit is added behind, in the fabric also for a DSP block
                self._soft_registers(name, soft, self.width)
                self.add("right deltas", 0, group.count * self.width)

    def _soft_registers(self, name: str, count: int, product: int, linked: bool = False) -> None:
        """In ``count`` multipliers and behind their products; lanes with the same right delta share its registers."""
        stages, bits = self._inside(name, linked), self.groups[name].bits
        if not stages:
            return
        sums, digits, clocks = soft_registers(bits, stages)
        tables, shifted = soft_shifts(bits, stages)
        shared = ceil(count / min(DELTAS, self.j.z // self.j.per_clock))
        waiting = (shared if name in ("up", "bp") else count) * clocks * soft_roles(bits)[1]
        self.add("multipliers", count * tables, count * (sums + product - shifted + digits) + waiting)

    def _sums(self) -> None:
        """Trees that add the chains, and right neurons' totals."""
        j, chain = self.j, self._chain
        # below the half unit that rounds, bits of a sum that is complete do not matter
        unused = j.operand_fraction - 1 if j.clocks_per_group == 1 else 0
        terms, bits = ceil(min(j.z, j.in_degree) / chain), sum(self.groups["ff"].bits) - 1 + chain - 1
        level = tables = registers = 0
        while terms > 1:
            pairs, terms, level = terms // 2, ceil(terms / 2), level + 1
            tables += pairs * bits
            bits += 1
            if level % self.stages.add == 0 or terms == 1:
                registers += pairs * bits - unused * (terms == 1)
        self.add("sums", j.per_clock * tables, j.per_clock * registers)
        total, (before, used) = right_sum_bits(self.design, j), self._preactivation
        if j.clocks_per_group == 1:
            tables, registers = total - j.operand_fraction + 1, total - j.operand_fraction - (before - used)
        else:  # unless the tree is narrower, the choice of the start is not part of the adder
            tables, registers = total if bits < total else 2 * total, total
        self.add("totals", j.per_clock * tables, j.per_clock * registers)

    def _biases(self) -> None:
        """On their way to where they are updated, and to the totals."""
        read = self.stages.read
        taps = {read, read + self.stages.multiply, read + self.times.tree - self.times.operands}
        self.line("operands", self.j.per_clock * self.width, taps, "biases")

    @property
    def _preactivation(self) -> tuple[int, int]:
        """Its bits, and how many of them are used: a table has no use for the lowest ones."""
        arithmetic = self.design.arithmetic
        width = arithmetic.preactivation.width
        return width, width if self.relu else arithmetic.index_bits

    def _activations(self) -> None:
        arithmetic, per_clock, j = self.design.arithmetic, self.j.per_clock, self.j
        before, used = self._preactivation
        tables: float = saturation(right_sum_bits(self.design, j) - j.operand_fraction, before, used)
        if self.relu:
            tables += self.c.relu_lut + self.width * (before > self.width)
            bits, clocks = self.width, self.stages.table
        else:
            slope = arithmetic.slope_bits if self.design.scaled_delta(j) else 0
            bits = arithmetic.number.fraction_bits + 1 + slope
            clocks = self.stages.table - (self.kinds["sigmoid"] == "block")
        self.add("activations", per_clock * tables, per_clock * (used + bits * clocks))

    def _right_deltas(self) -> None:
        """Fetched, multiplied by the slope, shifted by the rate for UP."""
        c, j, width, per_clock, read = self.c, self.j, self.width, self.j.per_clock, self.stages.read
        multiply = self.stages.multiply
        # shifted in ones, then in fours, those of weights and of biases by different numbers
        shifted = 3 * width + 3 + UP_SHIFT + (BIAS_SHIFT if self.stochastic else 1)
        tables = c.rate_lut * shifted + c.rate_relu_lut * self.relu * width
        self.add("right deltas", per_clock * tables)
        # fetched: the last junction's from their queue, others' from a choice, whose register is the first
        scaled = self.groups.get("scaled")
        for unit in range(per_clock):
            soft = scaled is None or unit >= scaled.in_dsp
            slope = int(self.design.scaled_delta(j))
            if j.last:
                self.line("right deltas", width, {1 + self._ahead(read - 1 + slope, soft)}, "output deltas")
            else:
                self.line("right deltas", width, {self._ahead(1, soft)})
            if slope:
                bits = 1 if self.relu else self.design.arithmetic.slope_bits
                self.line("right deltas", bits, {1 + self._ahead(read, soft)}, "slopes")
        lanes = j.z // per_clock
        copies = ceil(lanes / DELTAS)  # for so many lanes each
        if read > 1:  # shifted in two clocks, and one more on to all lanes
            shifted = 2 * width + 3 + copies * (2 * width + UP_SHIFT) + width + BIAS_SHIFT
            self.add("right deltas", 0, per_clock * shifted)
        for name, bits in (("up", width + UP_SHIFT), ("bp", width)):
            if name in self.groups:
                for first in (unit * lanes + copy * DELTAS for unit in range(per_clock) for copy in range(copies)):
                    last = min(first + DELTAS, (first // lanes + 1) * lanes) - 1
                    kinds = {self._soft(name, first), self._soft(name, last)}
                    self.line("right deltas", bits, {self._ahead(1, soft) for soft in kinds})
        # of the bias
        if self.stochastic:
            reset = _RESET * (read == 1)
            self.line("right deltas", per_clock * (width + BIAS_SHIFT - reset), {multiply})
            self.line("right deltas", per_clock * reset, {1, multiply})
        else:
            self.line("right deltas", per_clock * (width + 1), {multiply})

    def _left_deltas(self) -> None:
        """Summed, rounded, and chosen from by the junction on the left."""
        j, width, total, below = self.j, self.width, left_sum_bits(self.design, self.j), self.below
        whole = total - self.design.arithmetic.number.fraction_bits
        self.add("left deltas", j.z * (total + saturation(whole, width)), j.z * (total + whole + width))
        if j.depth > 1:  # what is kept is one of three sums, of which one is the whole sum a clock before
            self.add("left deltas", j.z * total, j.z * (total - whole))
            self.line("left deltas", j.z * total, {1}, "partial left deltas")
        sets = bits_for(self.schedule.delta_sets[j.index - 2])
        self.add("left deltas", 0, self.copies * (2 + sets) + ceil(j.z / 2))
        # chosen in one step or two
        self.line("left deltas", j.z * width, {1}, "left deltas")
        parts = j.z // below
        if self.stages.read > 1:
            full, rest = divmod(parts, FEW)
            self.add("choice of left deltas", below * width * (full + (rest > 1)), below * width * (full + (rest > 0)))
            parts = full + (rest > 0)
        self.add("choice of left deltas", below * width * ceil((parts - 1) / 3))

    def _updates(self) -> None:
        """Differences and saturation of weights and biases."""
        j, width, wide = self.j, self.width, self.j.operand_integer_bits
        self.add("updates", j.z * (2 * width + 1 + wide + (wide > 0)) + j.per_clock * (2 * width + 1))
        self.add("updates", 0, j.z * (2 * width + wide + 1) + j.per_clock * (3 * width + 1))

    def _crossbars(self) -> None:
        """Choices of activations, twice, and of products on their way back, among the banks that a lane ever gets."""
        j, orders = self.j, self.j.pattern.orders
        if orders is None or len(orders) == 1:
            return
        back = 2 * self.width if j.index > 1 else 0
        for crossed, bits in ((orders, 2 * j.operand_bits), (np.argsort(orders, axis=1), back)):
            banks = [len(set(lane)) for lane in crossed.T.tolist()]
            self.add("crossbars", bits * sum(choice(count, self.c, bits_for(len(orders))) for count in banks))

    @property
    def _chain(self) -> int:
        return min(self.stages.chain, self.j.z, self.j.in_degree)
