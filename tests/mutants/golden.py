"""Mutants of the golden model."""

from tests.mutants.mutant import of

__all__ = ["MUTANTS"]

SECOND = "tests/golden/test_second_implementation.py"
EXACT = "tests/golden/test_exact.py"
NETWORK = "tests/golden/test_network.py"

MUTANTS = (
    *of(
        "sw/golden/junction.py", f"{SECOND} tests/golden/test_hand_worked.py",
        ("int32 for sums of twice its range", "max(forward, backward) < 1 << 31", "max(forward, backward) < 1 << 32",
         EXACT),
        ("int64 a bit early", "max(forward, backward) < 1 << 31", "max(forward, backward) < 1 << 30", EXACT),
        ("the type by FF alone", "max(forward, backward) < 1 << 31", "forward < 1 << 31", EXACT),
        ("the type by BP alone", "max(forward, backward) < 1 << 31", "backward < 1 << 31", EXACT),
        ("FF's largest sum without the bias", "(j.in_degree * operand + (1 << j.operand_fraction)) * number",
         "j.in_degree * operand * number", EXACT),
        ("BP's largest sum of one product", "(j.out_degree * number + 1) * number", "(number + 1) * number", EXACT),
        ("a rectifier does not saturate", "np.minimum(np.maximum(s, self._zero), self._highest)",
         "np.maximum(s, self._zero)"),
        ("a rectifier's slope at 0", "(s > 0)", "(s >= 0)"),
        ("the table's end is its middle", "middle = 1 << (arithmetic.index_bits - 1)", "middle = 0"),
        ("BP does not round", "total += self._half", "total += 0"),
        ("BP saturates as pre-activations", "return self.saturate(total)",
         "return np.clip(total, self._s_lowest, self._s_highest)"),
        ("deltas times f' are cut", "(delta * slope + self._half)", "(delta * slope)"),
        ("a bias rounds by its neuron's last weight", "draw[:, 0]", "draw[:, -1]"),
        ("nearest of a bias is cut", "bias_noise = (1 << rate_shift) >> 1", "bias_noise = 0"),
        ("noise of the lowest bits", "number = draw >> (lfsr.WINDOW - bits)", "number = draw & ((1 << bits) - 1)"),
        ("no more bits for coarse rates", "if rate_shift >= lfsr.COARSE:", "if rate_shift > lfsr.COARSE:"),
        ("an update wraps at its lowest", "values.clip(self._lowest, self._highest, out=values)",
         "values.clip(self._lowest + 1, self._highest, out=values)"),
        ("loaded LFSR states wait for the numbers drawn before", "        self._drawn = []\n\n\ndef", "\n\ndef",
         NETWORK),
    ),
    *of(
        "sw/golden/network.py", f"{NETWORK} {SECOND}",
        ("a ring of slots one short", "ring = self.lags[0] + 1", "ring = self.lags[0]"),
        ("a batch while an update is due", "> self.lags[0] and not self.trace", ">= self.lags[0] and not self.trace"),
        ("a batch keeps kinds of before", "self._kinds[self._slot % len(self._kinds)] = INFER", "pass"),
        ("padding is predicted", "activations[:, : network.classes].argmax", "activations.argmax"),
        ("output deltas beyond their format", "self.junctions[-1].saturate(delta)", "delta"),
        ("a flush of one slot less than the lag", "flush_slots, self", "flush_slots - 3, self"),
        ("state is no copy", "[g.lfsr.copy() for g in self.junctions]", "[g.lfsr for g in self.junctions]"),
        ("weights of the state are no copy", "[g.weights.astype(np.int64) for",
         "[g.weights.astype(np.int64, copy=False) for"),
        ("the rate of the newest slot", "self._train(i, m, self._shifts[m % ring])", "self._train(i, m, shift)"),
        ("edges of the slot after", "self._edges[i][m % (self.lags[i] + 1)]",
         "self._edges[i][(m + 1) % (self.lags[i] + 1)]"),
    ),
)  # fmt: skip
