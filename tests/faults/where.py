"""Properties of a design on which it depends whether a fault can be seen; tests.faults.seen has those of its runs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sw.design.design import Design, Junction
from sw.design.fixed import bits_for
from sw.design.lfsr import GROUP
from sw.design.memories import ROWS_BY_CLOCK
from sw.design.schedule import Schedule

__all__ = ["Where", "describe", "recurrence"]


@dataclass(frozen=True)
class Where:
    """``text``: the property in words. Calling it tells whether a design has it."""

    text: str
    holds: Callable[[Design], bool]

    def __call__(self, design: Design) -> bool:
        return self.holds(design)


def recurrence(junction: Junction) -> int:
    """Fewest clocks of a junction cycle after which a bank's row comes back; 0 where none does (out-degree 1)."""
    if junction.out_degree == 1:
        return 0
    clocks = np.argsort(junction.pattern.rows, axis=0, kind="stable")  # per bank: row 0's clocks, row 1's, ..
    return int(np.diff(clocks.reshape(junction.depth, junction.out_degree, -1), axis=1).min())


def describe(design: Design) -> str:
    """One line: depths, clocks, and how soon rows come back in the junctions that back-propagate."""
    schedule, junctions = Schedule.of(design), design.junctions
    depths, clocks = (", ".join(str(getattr(j, name)) for j in junctions) for name in ("depth", "clocks"))
    text = f"{design.name}: D {depths}; C_i {clocks} of C {schedule.clocks}"
    back = [str(recurrence(j) or "never") for j in junctions[1:]]
    return f"{text}; rows back after {', '.join(back)}" if back else text


def _some(test: Callable[[Junction], bool], first: int = 1) -> Callable[[Design], bool]:
    """Some junction from number ``first`` on passes the test."""
    return lambda design: any(test(j) for j in design.junctions[first - 1 :])


def rows_back(clocks: int) -> Where:
    return Where(
        f"a row comes back after {clocks} clocks or less in BP", _some(lambda j: 1 <= recurrence(j) <= clocks, 2)
    )


def _other_slope(design: Design, junction: Junction) -> bool:
    """Whether the slopes of the slot that is fed forward lie in another set than those BP needs."""
    schedule, i = Schedule.of(design), junction.index - 1
    return design.scaled_delta(junction) and schedule.lags[i] % (1 << bits_for(schedule.slope_sets[i])) != 0


ANY = Where("every design", lambda design: True)
BP = Where("two junctions or more", lambda design: len(design.junctions) > 1)
LONG_LEFT_SUMS = Where("a left delta of three products or more", _some(lambda j: j.out_degree > 2, 2))
SCALED = Where("deltas times f'", lambda design: any(design.scaled_delta(j) for j in design.junctions))
SIGMOID_SCALED = Where(
    "deltas times f' of a sigmoid",
    lambda design: any(design.scaled_delta(j) and j.activation == "sigmoid" for j in design.junctions),
)
OTHER_SLOPE = Where(
    "deltas times f', the lag no multiple of the sets of f'", lambda d: any(_other_slope(d, j) for j in d.junctions)
)
TO_NEAREST = Where("rounding to nearest", lambda design: design.arithmetic.rounding == "nearest")
STOCHASTIC = Where("stochastic rounding", lambda design: not TO_NEAREST(design))
STEPS_AT_ONCE = Where(
    "stochastic rounding, and updates in several clocks of a cycle",
    lambda design: STOCHASTIC(design) and any(j.clocks > 1 for j in design.junctions),
)

SEVERAL_LANES = Where("several lanes", _some(lambda j: j.z > 1))
SEVERAL_LFSRS = Where("several LFSRs", lambda d: STOCHASTIC(d) and any(j.z > GROUP for j in d.junctions))
LONG_GROUPS = Where("a right neuron takes several clocks", _some(lambda j: j.clocks_per_group > 1))
ALL_AT_ONCE = Where("D = 1 in BP: the first clock needs all left neurons", _some(lambda j: j.depth == 1, 2))
ONE_ROW = Where("D = 1 in BP, and out-degree 2 or more", _some(lambda j: j.depth == 1 < j.out_degree, 2))
COUNTS_UP = Where(
    "rows that count up, modulo a D that is no power of two, for more than 64 clocks",
    _some(lambda j: j.pattern.kind > 1 and j.clocks > ROWS_BY_CLOCK and j.depth & (j.depth - 1) != 0),
)

ORDERS_CHANGE = Where(
    "dithering, with orders that change",
    _some(lambda j: j.pattern.orders is not None and (np.diff(j.pattern.orders, axis=0) != 0).any()),
)
ORDERS_THERE_AND_BACK = Where(
    "dithering in BP, with an order that is not its own inverse",
    _some(lambda j: j.pattern.orders is not None and (np.argsort(j.pattern.orders) != j.pattern.orders).any(), 2),
)

IDLE = Where("C_i < C", lambda design: any(j.clocks < Schedule.of(design).clocks for j in design.junctions))
SHORTEST_CYCLE = Where(
    "C no longer than an update takes",
    lambda design: Schedule.of(design).clocks == max(s.update_latency for s in Schedule.of(design).stages),
)
ENDS_LATE = Where(
    "stochastic rounding, and junction 1 ends after the slot's C clocks",
    lambda d: STOCHASTIC(d) and Schedule.of(d).ff[0] + d.junctions[0].clocks > Schedule.of(d).clocks,
)
