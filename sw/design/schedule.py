"""When everything happens: stages become latencies, phases, lags and queue depths.

Two clocks of time are used. A **tick** is a clock in which the machine issues work; all junctions tick
together, and the machine may pause between any two ticks. A **stage** counts clocks (paused or not)
after the tick that issued an operation, since what is in the pipeline drains on its own. An access is a
pair (tick, stage) and happens in clock real(tick) + stage, where real() grows by at least one per tick.
So one access follows another under every pattern of pauses if and only if it does with no pause and its
tick is not the earlier of the two: see `after`.

The stages of junction i, for R clocks of a read from memory, M registers in a multiplier and T in an adder tree:

    fetch        right deltas and f' are addressed: 0, the tick itself; 1 with a crossbar
    0            an input beat is written
    1            the slot's kind and rate are known
    raw          = fetch + R, where deltas are multiplied by f' + 1: right deltas have been chosen from their banks
    delta        right deltas times f'
    operands - R weights, biases and left activations are addressed; with a crossbar the latter one earlier
    operands     weights, activations and right deltas valid
    product      = operands + M
    partial      = product, with a crossbar or R = 2 + 1; partial left deltas are added to and written back
    product + T  + 1: sum of a group of weights; + 1: pre-activation; + table: activation; + 1: written to banks
    partial + 2  finished left delta (BP), written
    product + 2  new weight and bias (UP), written
"""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from sw.design.design import Design, Junction
from sw.design.errors import DesignError
from sw.pattern.degrees import divisors

__all__ = ["INPUT_WRITE", "Schedule", "StageTimes", "after"]

INPUT_WRITE = 0  # stage at which an input beat is written


def after(tick: int, write: int, read: int) -> int:
    """Earliest tick whose access at stage ``read`` lies after the access (``tick``, stage ``write``).

    Without a pause it needs tick + write < later + read; as a pause may come between any two ticks, a later
    stage is no substitute for a later tick, so the result is never before ``tick``.
    """
    return tick + max(0, write - read + 1)


@dataclass(frozen=True)
class StageTimes:
    """Stages of one junction, in clocks after the tick that issued the work."""

    fetch: int  # right deltas are addressed here
    raw: int
    delta: int
    left_address: int  # left activations are addressed here
    address: int  # weights and biases are addressed here
    operands: int
    product: int
    partial: int  # partial left deltas are written here
    tree: int
    total: int  # the finished sum of a group
    preactivation: int
    activation: int  # f' is written here
    written: int  # activations are written here, to the banks of the next junction
    output_delta: int  # written here, last junction
    left_delta: int  # written here
    update: int  # new weights and biases written here

    @property
    def update_latency(self) -> int:
        """Clocks from reading a weight until a read sees its new value."""
        return self.update + 1 - self.address

    @classmethod
    def of(cls, design: Design, junction: Junction) -> "StageTimes":
        stages = design.hardware.stages
        crossbar = int(junction.crossbar)  # it costs a register; all else waits for it
        scaled = design.scaled_delta(junction)
        raw = crossbar + stages.read + scaled
        delta = raw + (stages.multiply if scaled and junction.activation == "sigmoid" else 0)
        # shifted by the rate; where memories have a second register, in two clocks, and in one more on to all lanes
        operands = delta + (1 if stages.read == 1 else 3)
        product = operands + stages.multiply
        partial = product + max(crossbar, stages.read - 1)
        lanes = min(junction.z, junction.in_degree)
        chain = min(stages.chain, lanes)
        levels = (ceil(lanes / chain) - 1).bit_length()
        tree = product + chain - 1 + ceil(levels / stages.add)
        total = tree + 1
        preactivation = total + 1
        activation = preactivation + stages.table
        return cls(
            fetch=crossbar,
            raw=raw,
            delta=delta,
            left_address=operands - stages.read - crossbar,
            address=operands - stages.read,
            operands=operands,
            product=product,
            partial=partial,
            tree=tree,
            total=total,
            preactivation=preactivation,
            activation=activation,
            written=activation + 1,
            output_delta=activation + 1,
            left_delta=partial + 2,
            update=product + 2,
        )


@dataclass(frozen=True)
class Schedule:
    """Phases and queue depths of a design.

    Junction i feeds slot n forward in ticks ``ff[i] + n*clocks ..``, and in the same ticks
    back-propagates and updates with slot n - ``lags[i]``, whose BP/UP began at ``bp[i]`` relative to its own
    first tick. All tuples run over junctions 1..L.

    ``feed_sets[i]``: sets of left activations of junction i that are kept for FF, ``activation_sets[i]`` for
    UP; ``delta_sets[i]``, ``slope_sets[i]``: of deltas and f' of its right layer (slopes 0 where none are kept).
    """

    design: Design
    clocks: int  # C, the length of a junction cycle
    balanced_clocks: int  # max C_i, what the lanes alone would need
    features_per_beat: int
    beats: int
    stages: tuple[StageTimes, ...]
    ff: tuple[int, ...]
    bp: tuple[int, ...]
    lags: tuple[int, ...]
    feed_sets: tuple[int, ...]
    activation_sets: tuple[int, ...]
    delta_sets: tuple[int, ...]
    slope_sets: tuple[int, ...]

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, design: Design) -> "Schedule":
        """The schedule of a design; DesignError if its given lags are too short."""
        junctions = design.junctions
        stages = tuple(StageTimes.of(design, j) for j in junctions)
        balanced = max(j.clocks for j in junctions)
        # a weight read must see the write of the cycle before
        clocks = max(balanced, *(s.update_latency for s in stages))
        first = junctions[0]
        per_beat = next(d for d in divisors(first.z) if d * clocks >= first.left)
        beats = first.left // per_beat

        ff = [max(1, after(beats - 1, INPUT_WRITE, stages[0].left_address))]
        for i in range(1, len(junctions)):
            done = ff[-1] + junctions[i - 1].clocks - 1
            ff.append(after(done, stages[i - 1].written, stages[i].left_address))

        lags, bp = [0] * len(junctions), [0] * len(junctions)
        for i in reversed(range(len(junctions))):
            if junctions[i].last:
                earliest = after(ff[i] + junctions[i].clocks_per_group - 1, stages[i].output_delta, stages[i].fetch)
            else:
                done = bp[i + 1] + junctions[i + 1].clocks - 1
                earliest = after(done, stages[i + 1].left_delta, stages[i].fetch)
            lags[i] = ceil((earliest - ff[i]) / clocks)
            if design.hardware.lags:
                given = design.hardware.lags[i]
                if given < lags[i]:
                    raise DesignError(
                        f"junction {i + 1}: hardware.lags is {given} but its pipeline needs at least {lags[i]} slots"
                    )
                lags[i] = given
            bp[i] = ff[i] + lags[i] * clocks

        def sets(first_write: int, free: int) -> int:
            """Sets such that the next slot in the same set, first written in that tick, is written from ``free`` on."""
            return max(1, ceil((free - first_write) / clocks))

        feed_sets, activation_sets, delta_sets, slope_sets = [], [], [], []
        for i, j in enumerate(junctions):
            last_read = bp[i] + j.clocks - 1
            # right neurons are finished and fetched in the same order: one group decides for all
            fetched = bp[i] + j.clocks_per_group - 1
            written, write = 0, INPUT_WRITE
            if i > 0:
                written, write = ff[i - 1] + junctions[i - 1].clocks_per_group - 1, stages[i - 1].written
            feed_sets.append(sets(written, after(ff[i] + j.clocks - 1, stages[i].left_address, write)))
            activation_sets.append(sets(written, after(last_read, stages[i].left_address, write)))
            # deltas and f' are written at a later stage than fetched, so the tick of the last read is free for a write
            done = ff[i] + j.clocks_per_group - 1
            if j.last:
                delta_sets.append(sets(done, fetched))
            else:
                above = junctions[i + 1]
                delta_sets.append(sets(bp[i + 1] + above.clocks - above.depth, last_read))
            slope_sets.append(sets(done, fetched) if design.scaled_delta(j) else 0)
        return cls(
            design=design,
            clocks=clocks,
            balanced_clocks=balanced,
            features_per_beat=per_beat,
            beats=beats,
            stages=stages,
            ff=tuple(ff),
            bp=tuple(bp),
            lags=tuple(lags),
            feed_sets=tuple(feed_sets),
            activation_sets=tuple(activation_sets),
            delta_sets=tuple(delta_sets),
            slope_sets=tuple(slope_sets),
        )

    @property
    def compare_stages(self) -> int:
        """Clocks from a group's output activations to its result: a register, a tree of comparisons, then with the best
        so far."""
        return 1 + (self.design.junctions[-1].per_clock - 1).bit_length() + 1

    @property
    def in_flight(self) -> int:
        """Results that may still come after the machine has stopped ticking."""
        return self.stages[-1].activation + self.compare_stages + 5

    @property
    def flush_slots(self) -> int:
        """Empty slots after which every update of the slots before them has been done."""
        return self.lags[0] + 2
