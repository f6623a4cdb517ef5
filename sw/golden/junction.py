"""One junction in integers: FF, BP and UP of one slot, all with the weights as they are before the update."""


import numpy as np

from sw.design import lfsr
from sw.design.design import RATE_SHIFT_MAX, Design, Junction
from sw.design.tables import sigmoid_table, slope_table

__all__ = ["GoldenJunction"]

_RANDOM_BLOCK = 32  # training slots whose random numbers are made at once


class GoldenJunction:
    """Weights, biases and LFSR states of one junction, and what it computes with them.

    ``weights`` (W,), ``biases`` (N_right,): raw integers in the design's number format. ``lfsr`` (groups,)
    uint64. Arithmetic is exact in int32 where the largest possible sum fits, else in int64.
    """

    def __init__(self, design: Design, junction: Junction):
        arithmetic = design.arithmetic
        self.junction = junction
        self.number = arithmetic.number
        self.preactivation = arithmetic.preactivation
        self.stochastic = arithmetic.rounding == "stochastic"
        self.random_bits = design.random_bits[junction.index - 1]
        self.dtype = self._exact_dtype(design, junction)
        self.left_of = junction.pattern.left_of.astype(np.intp)
        # products of left neuron l stand at by_left[l*d_out : (l+1)*d_out]
        self.by_left = np.argsort(self.left_of, kind="stable")
        self.shape = (junction.right, junction.in_degree)
        self.weights = np.zeros(junction.weights, self.dtype)
        self.biases = np.zeros(junction.right, self.dtype)
        self._lfsr = lfsr.seeds(junction.index, junction.z)
        self._drawn: list = []  # numbers of the coming training slots, and the state before each
        self._dropped = arithmetic.preactivation.width - arithmetic.index_bits
        self._middle = 1 << (arithmetic.index_bits - 1)
        self._sigmoid = sigmoid_table(arithmetic).astype(self.dtype)
        self._slope = slope_table(arithmetic).astype(self.dtype)
        self._products = np.empty(self.shape, self.dtype)
        self._changes = np.empty(self.shape, self.dtype)

    @staticmethod
    def _exact_dtype(design: Design, j: Junction) -> type:
        number = 1 << (design.arithmetic.width - 1)
        operand = 1 << j.operand_bits
        largest = max(
            (j.in_degree * operand + (1 << j.operand_fraction)) * number + (1 << j.operand_fraction),
            (j.out_degree * number + 1) * number,
            operand * number + (1 << (j.operand_fraction + RATE_SHIFT_MAX)),
        )
        return np.int32 if largest < 1 << 31 else np.int64

    def forward(self, left: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """FF of one slot or of many: left activations (..., N_left) give pre-activations, activations (..., N_right).

        ``edges`` (..., W) receives the left activation of every weight, which UP will need.
        """
        np.take(left, self.left_of, axis=-1, out=edges, mode="clip")
        spread = edges.reshape(*edges.shape[:-1], *self.shape)
        fraction = self.junction.operand_fraction
        weights = self.weights.reshape(self.shape)
        if spread.ndim == 2:
            products = np.multiply(spread, weights, out=self._products)
        else:
            products = spread * weights
        total = np.add.reduce(products, axis=-1, dtype=self.dtype)
        total += (self.biases << fraction) + (1 << (fraction - 1))
        total >>= fraction
        s = np.minimum(np.maximum(total, self.preactivation.minimum), self.preactivation.maximum)
        if self.junction.activation == "relu":
            return s, np.minimum(np.maximum(s, 0), self.number.maximum)
        return s, self._sigmoid[(s >> self._dropped) + self._middle]

    def slope(self, s: np.ndarray) -> np.ndarray:
        """f' of pre-activations, n fraction bits."""
        if self.junction.activation == "relu":
            return (s > 0).astype(self.dtype) << self.number.fraction_bits
        return self._slope[(s >> self._dropped) + self._middle]

    def scale(self, delta: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """Right deltas times f', rounded once; never larger than the delta, so nothing to saturate."""
        fraction = self.number.fraction_bits
        return (delta * slope + (1 << (fraction - 1))) >> fraction

    def backward(self, delta: np.ndarray) -> np.ndarray:
        """BP: right deltas (N_right,) give left delta sums (N_left,), rounded once and saturated once."""
        products = np.multiply(self.weights.reshape(self.shape), delta[:, None], out=self._products)
        grouped = products.reshape(-1).take(self.by_left).reshape(self.junction.left, -1)
        fraction = self.number.fraction_bits
        total = np.add.reduce(grouped, axis=1, dtype=self.dtype)
        total += 1 << (fraction - 1)
        total >>= fraction
        return np.minimum(np.maximum(total, self.number.minimum), self.number.maximum)

    def update(self, edges: np.ndarray, delta: np.ndarray, rate_shift: int) -> None:
        """UP: w -= Q(a * delta * 2^-k), b -= Q(delta * 2^-k), each saturated once; steps the LFSRs."""
        draw = self._draw()
        changes = np.multiply(edges.reshape(self.shape), delta[:, None], out=self._changes)
        drop = self.junction.operand_fraction + rate_shift
        if draw is None:
            changes += 1 << (drop - 1)
            bias_noise = (1 << rate_shift) >> 1
        else:
            changes += _aligned(draw >> (lfsr.WINDOW - self.random_bits), self.random_bits, drop)
            # a bias shares the random number of its neuron's first weight
            bias_noise = _aligned(draw[:, 0], lfsr.WINDOW, rate_shift)
        changes >>= drop
        self._subtract(self.weights, changes.reshape(-1))
        self._subtract(self.biases, (delta + bias_noise) >> rate_shift)

    def _subtract(self, values: np.ndarray, change: np.ndarray) -> None:
        values -= change
        np.maximum(values, self.number.minimum, out=values)
        np.minimum(values, self.number.maximum, out=values)

    def _draw(self) -> np.ndarray | None:
        """Random numbers of the next training slot, (N_right, d_in), or None when rounding to nearest."""
        if not self.stochastic:
            return None
        if not self._drawn:
            clocks, z = self.junction.clocks, self.junction.z
            states, after = lfsr.states_ahead(self._lfsr, _RANDOM_BLOCK * clocks)
            numbers = lfsr.windows(states, z).astype(self.dtype).reshape(_RANDOM_BLOCK, *self.shape)
            states = np.concatenate([states[::clocks], after[None]])
            self._drawn = [(numbers[i], states[i + 1]) for i in reversed(range(_RANDOM_BLOCK))]
        numbers, self._lfsr = self._drawn.pop()
        return numbers

    @property
    def lfsr(self) -> np.ndarray:
        """State of each group's LFSR, (groups,) uint64."""
        return self._lfsr

    @lfsr.setter
    def lfsr(self, states: np.ndarray) -> None:
        self._lfsr = np.array(states, dtype=np.uint64)
        self._drawn = []



def _aligned(draw: np.ndarray, bits: int, drop: int) -> np.ndarray:
    """A ``bits``-wide draw as a fraction of 2^drop, cut or padded with zeros at the low end."""
    return draw >> (bits - drop) if drop <= bits else draw << (drop - bits)
