"""Properties of a design's runs on which it depends whether a fault can be seen: what the values come to.

A unit that is never asked to round or saturate may as well not be able to, and no order breaks a tie that is none.
"""

import numpy as np

from sw.design.design import Design
from sw.design.fixed import bits_for
from sw.design.memories import result_rows
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY
from sw.golden.junction import GoldenJunction
from sw.golden.network import GoldenNetwork
from tests.design.usual_runs import usual_runs
from tests.faults.plant import Plant
from tests.faults.runs import SEEDS, largest, outputs, shows
from tests.faults.where import Where

__all__ = ["same_in_golden"]


def same_in_golden(text: str, unit: type, method: str, *changes: tuple[str, str]) -> Where:
    """Where the same fault, planted in a method of the golden model, changes a word of its runs."""
    plant = Plant(unit, method, changes)
    return Where(f"{text}, and a word hangs on it", lambda design: shows(design, plant))


def _wrapped(values: str, lowest: str, highest: str) -> str:
    """An expression that keeps only as many bits of words as a range of numbers has."""
    return f"(({values} - {lowest}) & ({highest} - {lowest})) + {lowest}"


FF_SATURATED = same_in_golden(
    "pre-activations leave their range", GoldenJunction, "forward",
    ("np.minimum(np.maximum(s, self._s_lowest, out=s), self._s_highest, out=s)",
     "s[...] = " + _wrapped("s", "self._s_lowest", "self._s_highest")),
)  # fmt: skip
FF_SATURATED_BY_CLOCKS = same_in_golden(
    "FF sums leave the range, and come back in a later clock", GoldenJunction, "forward",
    ("s = np.add.reduce(products, axis=-1, dtype=self.dtype)", """
    s = start = self._operand_half + (self.biases << fraction)
    lanes = min(self.junction.z, self.junction.in_degree)
    for at in range(0, self.junction.in_degree, lanes):
        s = s + products[..., at : at + lanes].sum(axis=-1, dtype=self.dtype)
        s = s.clip(self._s_lowest << fraction, ((self._s_highest + 1) << fraction) - 1)
    s = s - start
"""),
)  # fmt: skip
LEFT_SATURATED = same_in_golden(
    "left deltas leave their range", GoldenJunction, "backward",
    ("self.saturate(total)", _wrapped("total", "self._lowest", "self._highest")),
)
LEFT_ROUNDED = same_in_golden(
    "left deltas are rounded up", GoldenJunction, "backward", ("total += self._half", "total += 0")
)
SCALED_ROUNDED = same_in_golden(
    "a delta times f' lies half-way", GoldenJunction, "scale", (" + self._half", " + self._half - 1")
)
OUTPUT_DELTA_SATURATED = same_in_golden(
    "output deltas leave their range", GoldenNetwork, "_step",
    ("self.junctions[-1].saturate(delta)",
     _wrapped("delta", "self.junctions[-1]._lowest", "self.junctions[-1]._highest")),
)  # fmt: skip


def _fills_the_buffer(design: Design) -> bool:
    last = design.junctions[-1]
    slots = usual_runs(design, SEEDS[0])[0][1]
    beats = (slots.kinds != EMPTY).sum() * (last.right // last.per_clock)
    return bool(beats > 2 * result_rows(Schedule.of(design).in_flight))


# a slow host takes a part of them meanwhile
MANY_RESULTS = Where("twice as many results in a run as their buffer holds", _fills_the_buffer)


def _in_a_clock(design: Design, classes: np.ndarray) -> bool:
    clocks = classes // design.junctions[-1].per_clock
    return bool((clocks == clocks[0]).sum() > 1)


def _in_several_clocks(design: Design, classes: np.ndarray) -> bool:
    return len(set(classes // design.junctions[-1].per_clock)) > 1


TIE = Where("a largest output that two classes have", lambda d: any(len(classes) > 1 for classes in largest(d)))
TIE_IN_A_CLOCK = Where(
    "a largest output that two classes have, in the first one's clock",
    lambda d: any(_in_a_clock(d, classes) for classes in largest(d)),
)
TIE_OF_CLOCKS = Where(
    "a largest output that classes of two clocks have",
    lambda d: any(_in_several_clocks(d, classes) for classes in largest(d)),
)


def _padding_is_largest(design: Design) -> bool:
    """The index of a padding neuron may be the predicted one all the same, as it is cut to the bits of a class."""
    classes, found = design.network.classes, outputs(design)
    # a place that has no class in any clock takes no part
    taking_part = np.flatnonzero(np.arange(found.shape[1]) % design.junctions[-1].per_clock < classes)
    wrong = taking_part[found[:, taking_part].argmax(axis=1)] % (1 << bits_for(classes))
    return bool((wrong != found[:, :classes].argmax(axis=1)).any())


PADDING = Where("a padding output larger than all classes, at a place that has classes too", _padding_is_largest)
