"""Faults in the golden model: the comparison tells that two sides differ, whichever of them is wrong."""

from sw.golden.junction import GoldenJunction
from sw.golden.network import GoldenNetwork
from tests.faults import where
from tests.faults.designs import BACK, BALANCED, COARSE, NEAREST, QUICK, SUMS
from tests.faults.fault import Fault
from tests.faults.plant import Plant

__all__ = ["FAULTS"]


def fault(name, unit, method, *changes, on=QUICK, where=where.ANY, **more) -> Fault:
    return Fault(f"golden model: {name}", Plant(unit, method, changes), on, where, **more)


FAULTS = (
    fault(
        "a lag one slot too short", GoldenNetwork, "_step", ("m = n - self.lags[i]", "m = n - self.lags[i] + 1"),
    ),
    # flush_slots, lag_1 + 2, has one slot to spare: the last update needs lag_1 + 1 in the hardware, lag_1 here
    fault("a flush one slot short", GoldenNetwork, "flush", ("flush_slots", "flush_slots - 2"), on=BALANCED),
    fault("k of the slot that is fed forward", GoldenNetwork, "_step", ("self._shifts[m % ring])", "shift)")),
    fault(
        "an infer slot updates", GoldenNetwork, "_step",
        ("n, ring, trace =", "kind = kind and TRAIN\n    n, ring, trace ="), ("delta[label]", "delta[label % len(delta)]"),
    ),
    fault(
        "f' of the newest slot", GoldenNetwork, "_train",
        ("self._slopes[i].pop(m)", "self._slopes[i][max(self._slopes[i])]"), where=where.SCALED,
    ),
    fault(
        "BP with the weights of after the update", GoldenNetwork, "_train",
        ("self._deltas[i - 1][m] = g.backward(delta)", "pass"),
        ("if self.trace:", "if i > 0:\n        self._deltas[i - 1][m] = g.backward(delta)\n    if self.trace:"),
        where=where.BP,
    ),
    fault(
        "the last of a tie", GoldenNetwork, "run",
        ("activations[:, : network.classes].argmax(axis=1)",
         "network.classes - 1 - activations[:, : network.classes][:, ::-1].argmax(axis=1)"), on=COARSE,
    ),
    fault(
        "a bank off by one", GoldenJunction, "forward",
        ("self.left_of", "(self.left_of + 1) % self.junction.left"), where=where.SEVERAL_LANES,
    ),
    fault("FF rounds down", GoldenJunction, "forward", ("s += self._operand_half", "s += 0")),
    fault("delta times f' rounds down", GoldenJunction, "scale", (" + self._half", ""), where=where.SCALED),
    fault("UP rounds down", GoldenJunction, "update", ("1 << (drop - 1)", "0"), on=NEAREST, where=where.NEAREST),
    fault(
        "FF saturates half-way", GoldenJunction, "forward",
        ("np.add.reduce(products, axis=-1, dtype=self.dtype)",
         "products[..., 0] + np.clip(np.add.reduce(products[..., 1:], axis=-1, dtype=self.dtype),"
         " self._s_lowest << fraction, self._s_highest << fraction)"), on=SUMS,
    ),
    fault("BP does not saturate", GoldenJunction, "backward", ("self.saturate(total)", "total"), on=BACK,
        where=where.BP),
    fault("UP does not saturate", GoldenJunction, "_subtract", ("values.clip(self._lowest, self._highest, out=values)", "pass")),
    fault("the LFSR one step off", GoldenJunction, "_draw", ("numbers.astype(", "np.roll(numbers, 1, axis=0).astype("),
        where=where.STOCHASTIC),
    fault("a bias shares the number of the last weight", GoldenJunction, "update", ("draw[:, 0]", "draw[:, -1]"),
        where=where.STOCHASTIC),
)  # fmt: skip
