"""Faults in the golden model: the comparison says that the sides differ, whichever of them is wrong."""

from sw.golden.junction import GoldenJunction
from sw.golden.network import GoldenNetwork, Results
from tests.faults.designs import BACK, BALANCED, EQUAL, SUMS
from tests.faults.fault import fault
from tests.faults.seen import TIE, same_in_golden
from tests.faults.where import BP, ENDS_LATE, SCALED, SEVERAL_LANES, SIGMOID_SCALED, STOCHASTIC, TO_NEAREST

__all__ = ["FAULTS"]

RANGE = "self._s_lowest << fraction, self._s_highest << fraction"

FF_HALF_WAY = (
    ("products, axis=-1, dtype=self.dtype", "products[..., 1:], axis=-1, dtype=self.dtype"),
    ("s += self._operand_half", f"s = s.clip({RANGE}) + products[..., 0] + self._operand_half"),
)
BP_BEYOND = ("self.saturate(total)", "total")

FAULTS = (
    fault(
        "golden model: a lag one slot too short", GoldenNetwork, "_step",
        ("m = n - self.lags[i]", "m = n - self.lags[i] + 1"),
    ),
    # flush_slots, lag_1 + 2, has a slot to spare: the hardware needs lag_1 + 1, the golden model lag_1
    fault(
        "golden model: a flush one slot short", GoldenNetwork, "flush", ("flush_slots", "flush_slots - 2"),
        design=BALANCED, where=ENDS_LATE,
    ),
    fault(
        "golden model: k of the slot that is fed forward", GoldenNetwork, "_step",
        ("self._shifts[m % ring])", "shift)"),
    ),
    fault(
        "golden model: an infer slot updates", GoldenNetwork, "_step",
        ("n, ring, trace =", "kind = kind and TRAIN\n    n, ring, trace ="),
        ("delta[label]", "delta[label % len(delta)]"),  # it may have none
    ),
    fault(
        "golden model: f' of the newest slot", GoldenNetwork, "_train",
        ("self._slopes[i].pop(m)", "self._slopes[i][max(self._slopes[i])]"), where=SCALED,
    ),
    fault(
        "golden model: BP with the weights of after the update", GoldenNetwork, "_train",
        ("self._deltas[i - 1][m] = g.backward(delta)", "pass"),
        ("if self.trace:", "if i > 0:\n        self._deltas[i - 1][m] = g.backward(delta)\n    if self.trace:"),
        where=BP,
    ),
    fault(
        "golden model: the last of a tie", Results, "of",
        ("activations[:, : network.classes].argmax(axis=1)",
         "network.classes - 1 - activations[:, network.classes - 1 :: -1].argmax(axis=1)"),
        design=EQUAL, where=TIE,
    ),
    fault(
        "golden model: a bank off by one", GoldenJunction, "forward",
        ("self.left_of", "(self.left_of + 1) % self.junction.left"), where=SEVERAL_LANES,
    ),
    fault("golden model: FF rounds down", GoldenJunction, "forward", ("s += self._operand_half", "s += 0")),
    fault(
        "golden model: delta times f' rounds down", GoldenJunction, "scale", (" + self._half", ""),
        where=SIGMOID_SCALED,
    ),
    fault(
        "golden model: UP rounds down", GoldenJunction, "update", ("1 << (drop - 1)", "0"),
        design=BACK, where=TO_NEAREST,
    ),
    fault(
        "golden model: FF saturates half-way", GoldenJunction, "forward", *FF_HALF_WAY,
        design=SUMS, only=True,
        where=same_in_golden("FF sums leave the range", GoldenJunction, "forward", *FF_HALF_WAY),
    ),
    fault(
        "golden model: BP does not saturate", GoldenJunction, "backward", BP_BEYOND,
        design=BACK, only=True,
        where=same_in_golden("left sums leave their range", GoldenJunction, "backward", BP_BEYOND),
    ),
    fault(
        "golden model: UP does not saturate", GoldenJunction, "_subtract",
        ("values.clip(self._lowest, self._highest, out=values)", "pass"),
    ),
    fault(
        "golden model: the LFSR one step off", GoldenJunction, "_draw",
        ("numbers.astype(", "np.roll(numbers, 1, axis=0).astype("), where=STOCHASTIC,
    ),
    fault(
        "golden model: a bias shares the number of its last weight", GoldenJunction, "update",
        ("draw[:, 0]", "draw[:, -1]"), where=STOCHASTIC,
    ),
)  # fmt: skip
