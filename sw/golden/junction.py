"""One junction in integers: FF, BP and UP of one slot, all with the weights as they are before the update."""


from collections.abc import Callable

import numpy as np

from sw.design import lfsr
from sw.design.design import Design, Junction
from sw.design.tables import sigmoid_table, slope_table

__all__ = ["GoldenJunction"]

Draws = Callable[[np.ndarray, int, int, int], tuple[np.ndarray, np.ndarray]]
# Random numbers are made for so many training slots at once, or for fewer if that would take more LFSR bits and numbers
_BLOCK_SLOTS, _BLOCK_ITEMS = 128, 1 << 19


class GoldenJunction:
    """Weights, biases and LFSR states of one junction, and what it computes with them.

    ``weights`` (W,), ``biases`` (N_right,): raw integers in the design's number format. ``lfsr`` (groups,)
    uint64. Arithmetic is exact in int32 where the largest possible sum fits, else in int64. ``draws`` makes the
    random numbers; another one than the hardware's is for comparing with ideal random numbers.
    """

    def __init__(self, design: Design, junction: Junction, *, draws: Draws = lfsr.draws):
        arithmetic = design.arithmetic
        self.junction = junction
        self._make_draws = draws
        self.number = arithmetic.number
        self.preactivation = arithmetic.preactivation
        self.stochastic = arithmetic.rounding == "stochastic"
        self.random_bits = design.random_bits[junction.index - 1]
        self.dtype = self._exact_dtype(design, junction)
        self.left_of = junction.pattern.left_of.astype(np.intp)
        # by_left[l]: the weights of left neuron l
        self.by_left = np.argsort(self.left_of, kind="stable").reshape(junction.left, -1)
        self.shape = (junction.right, junction.in_degree)
        self.weights = np.zeros(junction.weights, self.dtype)
        self.by_right = self.weights.reshape(self.shape)  # a view: the weights of each right neuron
        self.biases = np.zeros(junction.right, self.dtype)

        # as arrays of the working type they cost NumPy no conversion, slot after slot
        def constant(value: int) -> np.ndarray:
            return np.array(value, self.dtype)

        self._lowest, self._highest = constant(self.number.minimum), constant(self.number.maximum)
        self._s_lowest, self._s_highest = constant(self.preactivation.minimum), constant(self.preactivation.maximum)
        self._half = constant(1 << (self.number.fraction_bits - 1))
        self._operand_half = constant(1 << (junction.operand_fraction - 1))
        self._zero = constant(0)
        self._lfsr = lfsr.seeds(junction.index, junction.z)
        # numbers of the coming training slots, the next one last, and the LFSR states after each
        self._drawn: list[tuple[np.ndarray, np.ndarray]] = []
        self._dropped = arithmetic.preactivation.width - arithmetic.index_bits
        # rolled, so that a negative index finds its entry from the end, as NumPy counts
        middle = 1 << (arithmetic.index_bits - 1)
        self._sigmoid = np.roll(sigmoid_table(arithmetic), middle).astype(self.dtype)
        self._slope = np.roll(slope_table(arithmetic), middle).astype(self.dtype)
        self._products = np.empty(self.shape, self.dtype)
        self._changes = np.empty(self.shape, self.dtype)

    @staticmethod
    def _exact_dtype(design: Design, j: Junction) -> type:
        number = 1 << (design.arithmetic.width - 1)
        operand = 1 << j.operand_bits
        # sums of FF and BP with their rounding halves; a change in UP is only larger where all fit int32
        forward = (j.in_degree * operand + (1 << j.operand_fraction)) * number + (1 << j.operand_fraction)
        backward = (j.out_degree * number + 1) * number
        return np.int32 if max(forward, backward) < 1 << 31 else np.int64

    def forward(self, left: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """FF of one slot or of many: left activations (..., N_left) give pre-activations, activations (..., N_right).

        ``edges`` (..., N_right, d_in) receives the left activation of every weight, which UP will need.
        """
        left.take(self.left_of, axis=-1, out=edges.reshape(*left.shape[:-1], -1), mode="clip")
        products = np.multiply(edges, self.by_right, out=self._products if edges.ndim == 2 else None)
        fraction = self.junction.operand_fraction
        s = np.add.reduce(products, axis=-1, dtype=self.dtype)
        s += self._operand_half
        s >>= fraction
        s += self.biases  # has no bits below the rounding, so it may as well come after it
        np.minimum(np.maximum(s, self._s_lowest, out=s), self._s_highest, out=s)
        if self.junction.activation == "relu":
            return s, np.minimum(np.maximum(s, self._zero), self._highest)
        return s, self._sigmoid[s >> self._dropped]

    def slope(self, s: np.ndarray) -> np.ndarray:
        """f' of pre-activations, n fraction bits."""
        if self.junction.activation == "relu":
            return (s > 0).astype(self.dtype) << self.number.fraction_bits
        return self._slope[s >> self._dropped]

    def scale(self, delta: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """Right deltas times f', rounded once; never larger than the delta, so nothing to saturate."""
        return (delta * slope + self._half) >> self.number.fraction_bits

    def backward(self, delta: np.ndarray) -> np.ndarray:
        """BP: right deltas (N_right,) give left delta sums (N_left,), rounded once and saturated once."""
        products = np.multiply(self.by_right, delta[:, None], out=self._products)
        grouped = products.take(self.by_left)
        total = np.add.reduce(grouped, axis=1, dtype=self.dtype)
        total += self._half
        total >>= self.number.fraction_bits
        return self.saturate(total)

    def saturate(self, values: np.ndarray) -> np.ndarray:
        """Clamp into the number format, in place."""
        return np.minimum(np.maximum(values, self._lowest, out=values), self._highest, out=values)

    def update(self, edges: np.ndarray, delta: np.ndarray, rate_shift: int) -> None:
        """UP: w -= Q(a * delta * 2^-k), b -= Q(delta * 2^-k), each saturated once; steps the LFSRs."""
        changes = np.multiply(edges, delta[:, None], out=self._changes)
        drop = self.junction.operand_fraction + rate_shift
        bias_noise: int | np.ndarray
        if self.stochastic:
            draw = self._draw()
            changes += _noise(draw, self.random_bits, rate_shift, self.junction.operand_fraction)
            # a bias shares the random number of its neuron's first weight
            bias_noise = draw[:, 0] >> (lfsr.WINDOW - rate_shift)
        else:
            changes += 1 << (drop - 1)
            bias_noise = (1 << rate_shift) >> 1
        changes >>= drop
        self._subtract(self.by_right, changes)
        self._subtract(self.biases, (delta + bias_noise) >> rate_shift)

    def _subtract(self, values: np.ndarray, change: np.ndarray) -> None:
        values -= change
        values.clip(self._lowest, self._highest, out=values)

    def _draw(self) -> np.ndarray:
        """Random numbers of the next training slot, (N_right, d_in)."""
        if not self._drawn:
            j = self.junction
            items = j.clocks * (lfsr.STEP * lfsr.groups(j.z) + j.z)
            slots = min(_BLOCK_SLOTS, max(1, _BLOCK_ITEMS // items))
            numbers, states = self._make_draws(self._lfsr, slots, j.clocks, j.z)
            self._drawn = list(zip(numbers.reshape(slots, *self.shape), states, strict=True))[::-1]
        numbers, self._lfsr = self._drawn.pop()
        return numbers.astype(self.dtype, copy=False)

    @property
    def lfsr(self) -> np.ndarray:
        """State of each group's LFSR, (groups,) uint64."""
        return self._lfsr

    @lfsr.setter
    def lfsr(self, states: np.ndarray) -> None:
        self._lfsr = np.array(states, dtype=np.uint64)
        self._drawn = []


def _noise(draw: np.ndarray, bits: int, rate_shift: int, operand_fraction: int) -> np.ndarray:
    """A number below 2^(operand_fraction + rate_shift), from the top ``bits`` bits of a draw."""
    number = draw >> (lfsr.WINDOW - bits)
    if rate_shift >= lfsr.COARSE:
        number, bits = lfsr.wide(number, bits), bits + lfsr.COARSE
    surplus = bits - operand_fraction - rate_shift
    return number >> surplus if surplus >= 0 else number << -surplus
