"""Faults in hw/, by what they get wrong."""

import hw.junction
from hw.accelerator import Accelerator
from hw.activation import Activation
from hw.address import AddressGenerator
from hw.banks import LeftBanks
from hw.delta import RightDelta
from hw.junction import JunctionUnit
from hw.leftdelta import LeftDelta
from hw.lfsr import Lfsr
from hw.output import OutputLayer
from hw.sequencer import JunctionSequencer
from hw.update import UpdateLanes
from sw.design import accesses, schedule
from tests.faults import where
from tests.faults.designs import (
    BACK, BALANCED, COARSE, FAR_ROWS, FIVE_ROWS, FOUR_ROWS, MORE_ROWS, NEAREST, NEXT_CLOCK, NO_INTEGER_BITS, ONE_ROW,
    QUICK, SUMS, TWO_ROWS, WIDE,
)  # fmt: skip
from tests.faults.fault import Fault
from tests.faults.plant import Plant

__all__ = ["FAULTS"]


def late_partial_delta(clocks: int) -> Plant:
    """The fault of the 2018 prototype: a sum is written back clocks after it was read and added to."""
    return Plant(LeftDelta, "elaborate", (
        ("new.addr.eq(row)", f"new.addr.eq(line.at(row, 0, {clocks}))"),
        ("new.data.eq(total)", f"new.data.eq(line.at(total, 0, {clocks}))"),
        ("new.en.eq(self.go)", f"new.en.eq(line.at(self.go, 0, {clocks}))"),
    ))  # fmt: skip


def late_partial_access(clocks: int) -> Plant:
    return Plant(accesses, "_partial_deltas", (("stage=", f"stage={clocks} * (1 - older) + "),))


def fault(name, unit, method, *changes, on=QUICK, where=where.ANY, **more) -> Fault:
    return Fault(name, Plant(unit, method, changes), on, where, **more)


TIME = (
    fault(
        "a lag one slot too long", JunctionSequencer, "elaborate", ("ff_slot - lag", "ff_slot - lag - 1"),
    ),
    fault(
        "kind and k of the slot after", Accelerator, "elaborate", ("age + lag]", "age + lag - 1]"),
    ),
    fault(
        "k of the slot that is fed forward", JunctionUnit, "elaborate", ("seq.up.rate_shift", "seq.ff.rate_shift"),
    ),
    fault(
        "an infer slot updates", JunctionUnit, "elaborate", ("seq.up.kind == TRAIN", "seq.up.kind != 0"),
    ),
    fault(
        "f' of the slot that is fed forward", JunctionUnit, "_right_delta",
        ("seq.up_slot[: slopes.set_bits]", "seq.ff_slot[: slopes.set_bits]"), where=where.SCALED,
    ),
    fault(
        "work goes on where C_i is over", JunctionSequencer, "elaborate",
        ("self.tick & (clock < j.clocks)", "self.tick"), where=where.IDLE, only=True, without=(BALANCED,),
    ),
    fault(
        "phases and sets a tick short", schedule, "after", ("write - read + 1", "write - read"),
        listed=Plant(schedule, "after", (("write - read + 1", "write - read"),)),
    ),
    fault(
        "a pause adds once more", JunctionUnit, "_forward", ("m.If(go(st.tree))", "m.If(1)"),
        on=SUMS, where=where.LONG_GROUPS, only=True, without=(QUICK,),
    ),
)  # fmt: skip

MEMORIES = (
    Fault(
        "a delta row read before its last write has landed, D = 2", late_partial_delta(2), TWO_ROWS,
        where.rows_back(2), only=True, without=(FAR_ROWS,), listed=late_partial_access(2),
    ),
    Fault(
        "a delta row read before its last write has landed, recurrence one", late_partial_delta(1), NEXT_CLOCK,
        where.rows_back(1), only=True, without=(TWO_ROWS, FAR_ROWS), listed=late_partial_access(1),
    ),
    fault(
        "a stale weight read", JunctionUnit, "_memory",
        ("at(position, 0, st.address)", "at(position, 0, st.address - 1)"),
        ("append(read.data)", "append(self._line.at(read.data, 0, 1))"),
        where=where.SHORTEST_CYCLE, only=True, without=(SUMS, BALANCED),
        listed=Plant(accesses, "_parameters", (("stage=st.address", "stage=st.address - 1"),)),
    ),
    fault(
        "weights written a row late", JunctionUnit, "_memory",
        ("at(position, 0, st.update)", "at(position, 0, st.update - 1)"),
    ),
    fault(
        "a bank off by one", LeftBanks, "elaborate", ("data[lane].eq", "data[lane - 1].eq"), where=where.SEVERAL_LANES,
        only=True, without=(FIVE_ROWS,),
    ),
    fault(
        "left activations with half their sets", LeftBanks, "elaborate",
        ("= self.set_bits[copy]", "= self.set_bits[copy] - 1"),
    ),
    fault(
        "a row counter of one row counts to two (D = 1)", JunctionSequencer, "elaborate",
        ("chain(j.depth, j.out_degree)", "chain(max(2, j.depth), j.out_degree)"),
        on=ONE_ROW, where=where.ONE_ROW, only=True, without=(MORE_ROWS,),
    ),
    fault(
        "rows count modulo a power of two", AddressGenerator, "elaborate", ("if depth != 1 << bits", "if False"),
        on=FIVE_ROWS, where=where.COUNTS_UP, only=True, without=(FOUR_ROWS,),
    ),
    fault(
        "left delta sums never start anew", LeftDelta, "elaborate", ("Mux(self.first, half, old.data)", "old.data"),
        where=where.BP, only=True, without=(FIVE_ROWS,),
    ),
)  # fmt: skip

ARITHMETIC = (
    fault("FF rounds down", JunctionUnit, "_forward", ("Const(1 << (fraction - 1)", "Const(0 << (fraction - 1)")),
    fault(
        "BP rounds down", LeftDelta, "elaborate", ("Const(1 << (fraction - 1)", "Const(0 << (fraction - 1)"),
        where=where.BP,
    ),
    fault("UP rounds down", hw.junction, "noise", ("~coarse", "Const(0, 1)"), on=NEAREST, where=where.NEAREST),
    fault(
        "half a unit of delta times f' goes down", RightDelta, "elaborate",
        ("half = 1 << (self.fraction - 1)", "half = (1 << (self.fraction - 1)) - 1"), on=COARSE, where=where.SCALED,
    ),
    fault(
        "FF does not saturate", JunctionUnit, "_forward",
        ("saturated(dropped(total, fraction), arithmetic.preactivation)", "dropped(total, fraction)"), on=SUMS,
    ),
    fault(
        "FF saturates half-way", JunctionUnit, "_forward",
        ("Mux(first, start, total) + tree",
         "saturated(Mux(first, start, total) + tree,"
         " type(number)(arithmetic.preactivation.integer_bits, number.fraction_bits + fraction))"),
        on=SUMS, where=where.LONG_GROUPS, only=True, without=(QUICK,),
    ),
    fault(
        "BP does not saturate", LeftDelta, "elaborate", ("saturated(dropped(exact, fraction), number)",
        "dropped(exact, fraction)"), on=BACK, where=where.BP,
    ),
    fault(
        "BP saturates half-way", LeftDelta, "elaborate",
        ("new.data.eq(total)", "new.data.eq(saturated(total, type(number)(number.integer_bits, 2 * fraction)))"),
        on=BACK, where=where.BP,
    ),
    fault("UP does not saturate", UpdateLanes, "elaborate", ("saturated(difference, self.fmt)", "difference")),
    fault(
        "output deltas do not saturate", OutputLayer, "_deltas", ("saturated(exact, self.number)", "exact"),
        on=NO_INTEGER_BITS, where=where.NO_INTEGER_BITS, only=True, without=(QUICK,),
    ),
    fault("k of 8 and more is k - 8", UpdateLanes, "elaborate", ("Mux(self.coarse,", "Mux(0,")),
    fault("k with its bits inverted", RightDelta, "elaborate", ("(~self.rate_shift)[:3]", "self.rate_shift[:3]")),
    fault("the table begins in its middle", Activation, "_table", ("~top[-1]", "top[-1]")),
)  # fmt: skip

RANDOM = (
    fault(
        "an LFSR one step off", JunctionUnit, "_random_numbers", ("training(st.product - 1)", "training(st.product)"),
        where=where.STOCHASTIC, only=True, without=(NEAREST,),
    ),
    fault(
        "an LFSR one bit off", Lfsr, "number", ("lane : lane + lfsr.WINDOW", "lane + 1 : lane + 1 + lfsr.WINDOW"),
        where=where.STOCHASTIC,
    ),
    fault(
        "LFSRs step with every slot", JunctionUnit, "_random_numbers",
        ("training(st.product - 1)", "self._line.at(self.sequencer.go, 0, st.product - 1)"), where=where.STOCHASTIC,
    ),
    fault(
        "all lanes draw from the first LFSR", JunctionUnit, "_random_numbers",
        ("self._lfsrs[lane // lfsr.GROUP]", "self._lfsrs[0]"),
        on=WIDE, where=where.SEVERAL_LFSRS, only=True, without=(QUICK,),
    ),
)  # fmt: skip

STREAMS = (
    fault(
        "the last of a tie, side by side", OutputLayer, "_results", ("other[0][0] > key", "other[0][0] >= key"),
        on=COARSE, where=where.TWO_OUTPUTS, only=True, without=(FIVE_ROWS,),
    ),
    fault(
        "the last of a tie, one after the other", OutputLayer, "_results", ("key > best", "key >= best"),
        on=COARSE, where=where.OUTPUT_GROUPS,
    ),
    fault(
        "padding is predicted", OutputLayer, "_results", ("max(0, -(-(classes - i) // units))", "99"),
        on=COARSE, where=where.PADDING, only=True, without=(FIVE_ROWS,),
    ),
    fault("the target is not quite 1", OutputLayer, "_deltas", ("Mux(target, one, 0)", "Mux(target, one - 1, 0)")),
    fault("results overrun", OutputLayer, "_results", ("self.room.eq(room)", "self.room.eq(1)"), slow=True),
    fault(
        "input is taken while results wait", Accelerator, "_input",
        ("self.slots.ready.eq(allowed & needed)", "self.slots.ready.eq(needed)"), slow=True,
    ),
)  # fmt: skip

FAULTS = (*TIME, *MEMORIES, *ARITHMETIC, *RANDOM, *STREAMS)
