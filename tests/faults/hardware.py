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
from tests.faults import designs, seen, where
from tests.faults.designs import COARSE, SUMS
from tests.faults.fault import Fault, fault
from tests.faults.plant import Plant

__all__ = ["FAULTS"]


def late_partial_deltas(name: str, clocks: int, *changes: tuple[str, str], **more) -> Fault:
    """The fault of the 2018 prototype: a sum is there ``clocks`` too late, also in the list of accesses.

    ``changes`` are those of a memory; in the register that holds an only row the fault is the same for all.
    """
    listed = Plant(accesses, "_partial_deltas", (("stage=", f"stage={clocks} * (1 - older) + "),))
    register = (
        ("m.If(self.go):", f"m.If((late := [line.at(each, 0, {clocks}) for each in (total, self.go)])[1]):"),
        ("kept.eq(total)", "kept.eq(late[0])"),
    )
    plant = Plant(LeftDelta, "elaborate", (("Mux(again, exact, read.data)", "read.data"), *register, *changes))
    return Fault(name, plant, where=where.rows_back(clocks), only=True, listed=listed, **more)


EARLY = ("write - read + 1", "write - read")

TIME = (
    fault("a lag one slot too long", JunctionSequencer, "elaborate", ("ff_slot - lag", "ff_slot - lag - 1")),
    fault("kind and k of the slot after", Accelerator, "elaborate", ("age + lag]", "age + lag - 1]")),
    fault(
        "k of the slot that is fed forward", JunctionUnit, "elaborate", ("seq.up.rate_shift", "seq.ff.rate_shift"),
    ),
    fault("an infer slot updates", JunctionUnit, "elaborate", ("seq.up.kind == TRAIN", "seq.up.kind != 0")),
    fault(
        "f' of the slot that is fed forward", JunctionUnit, "_right_delta",
        ("self.delta_slot[: slopes", "line.at(seq.ff_slot, 0, st.fetch)[: slopes"), where=where.OTHER_SLOPE, only=True,
    ),
    fault(
        "work goes on after C_i (C_i < C)", JunctionSequencer, "elaborate",
        ("self.tick & (clock < j.clocks)", "self.tick"),
        where=where.IDLE, only=True, without=(designs.BALANCED,),
    ),
    fault(
        "phases and sets a tick short", schedule, "after", EARLY,
        where=where.ALL_AT_ONCE, listed=Plant(schedule, "after", (EARLY,)),
    ),
    fault(
        "a pause adds once more", JunctionUnit, "_forward", ("m.If(go(st.tree))", "m.If(1)"),
        design=SUMS, where=where.LONG_GROUPS, only=True,
    ),
)  # fmt: skip

MEMORIES = (
    late_partial_deltas(
        "a delta row read before its last write has landed, D = 2", 2,
        ("write.addr.eq(row)", "write.addr.eq(line.at(row, 0, 1))"),
        ("write.data.eq(total)", "write.data.eq(line.at(total, 0, 1))"),
        ("write.en.eq(self.go)", "write.en.eq(line.at(self.go, 0, 1))"),
        design=designs.TWO_ROWS, without=(designs.FAR_ROWS,),
    ),
    late_partial_deltas(
        "a delta row read before its last write has landed, recurrence one", 1,
        design=designs.NEXT_CLOCK, without=(designs.TWO_ROWS,),
    ),
    fault(
        "a stale weight read", JunctionUnit, "_memory",
        ("at(position, 0, st.address)", "at(position, 0, st.address - 1)"),
        ("append(read.data)", "append(self._line.at(read.data, 0, 1))"),
        where=where.SHORTEST_CYCLE, only=True, without=(SUMS,),
        listed=Plant(accesses, "_parameters", (("stage=st.address", "stage=st.address - 1"),)),
    ),
    fault(
        "weights written a row late", JunctionUnit, "_memory",
        ("at(position, 0, st.update)", "at(position, 0, st.update - 1)"),
    ),
    fault(
        "a bank off by one", LeftBanks, "elaborate", ("data[lane].eq", "data[lane - 1].eq"),
        where=where.SEVERAL_LANES, only=True,
    ),
    fault(
        "left activations in half their sets", LeftBanks, "elaborate",
        ("= self.set_bits[copy]", "= self.set_bits[copy] - 1"),
    ),
    fault(
        "a counter of one row counts to two (D = 1)", JunctionSequencer, "elaborate",
        ("chain(step=j.depth,", "chain(step=max(2, j.depth),"),
        design=designs.ONE_ROW, where=where.ONE_ROW, only=True, without=(designs.MORE_ROWS,),
    ),
    fault(
        "rows count modulo a power of two", AddressGenerator, "elaborate", ("if depth != 1 << bits", "if False"),
        design=designs.FIVE_ROWS, where=where.COUNTS_UP, only=True, without=(designs.FOUR_ROWS,),
    ),
    fault(
        "left delta sums never start anew", LeftDelta, "elaborate", ("Mux(self.first, half,", "Mux(0, half,"),
        where=where.BP, only=True,
    ),
    fault(
        "lanes in the order of the sweep before", JunctionUnit, "_crossed",
        ("self.sequencer.start, 0, stage", "self.sequencer.start, 0, stage + 1"),
        design=designs.DITHERED, where=where.ORDERS_CHANGE, only=True, without=(designs.QUICK,),
    ),
    fault(
        "lanes back to the banks in the order of the way there", JunctionUnit, "_backward",
        ("np.argsort(j.pattern.orders, axis=1)", "j.pattern.orders"),
        design=designs.DITHERED, where=where.ORDERS_THERE_AND_BACK, only=True,
    ),
)  # fmt: skip

# the ranges of the results, in the sums' fraction bits
FF_SUMS = "type(arithmetic.number)(arithmetic.preactivation.integer_bits, arithmetic.number.fraction_bits + fraction)"
BP_SUMS = "type(number)(number.integer_bits, 2 * fraction)"

ARITHMETIC = (
    fault("FF rounds down", JunctionUnit, "_forward", ("Const(1 << (fraction - 1)", "Const(0 << (fraction - 1)")),
    fault(
        "BP rounds down", LeftDelta, "elaborate", ("Const(1 << (fraction - 1)", "Const(0 << (fraction - 1)"),
        where=seen.LEFT_ROUNDED, only=True,
    ),
    fault(
        "UP rounds down", hw.junction, "noise", ("~coarse", "Const(0, 1)"),
        design=designs.BACK, where=where.TO_NEAREST,
    ),
    fault(
        "half a unit of delta times f' rounds down", RightDelta, "elaborate",
        ("half = 1 << (self.fraction - 1)", "half = (1 << (self.fraction - 1)) - 1"),
        design=COARSE, where=seen.SCALED_ROUNDED, only=True,
    ),
    fault(
        "FF does not saturate", JunctionUnit, "_forward",
        ("saturated(dropped(total, fraction), arithmetic.preactivation)", "dropped(total, fraction)"),
        design=SUMS, where=seen.FF_SATURATED, only=True,
    ),
    fault(
        "FF saturates half-way", JunctionUnit, "_forward",
        ("Mux(first, start, total) + tree", f"saturated(Mux(first, start, total) + tree, {FF_SUMS})"),
        design=SUMS, where=seen.FF_SATURATED_BY_CLOCKS, only=True,
    ),
    fault(
        "BP does not saturate", LeftDelta, "elaborate",
        ("saturated(dropped(exact, fraction), number)", "dropped(exact, fraction)"),
        design=designs.BACK, where=seen.LEFT_SATURATED, only=True,
    ),
    fault(
        "BP saturates half-way", LeftDelta, "elaborate",
        ("total.eq(Mux(self.first, half, kept) + self.products[lane])",
         f"total.eq(saturated(Mux(self.first, half, kept) + self.products[lane], {BP_SUMS}))"),
        design=designs.BACK, where=where.LONG_LEFT_SUMS,
    ),
    fault(
        "UP does not saturate", UpdateLanes, "elaborate", ("saturated(difference, self.fmt)", "difference"),
    ),
    fault(
        "output deltas do not saturate", OutputLayer, "_deltas", ("saturated(exact, self.number)", "exact"),
        design=designs.NO_INTEGER_BITS, where=seen.OUTPUT_DELTA_SATURATED, only=True, without=(designs.QUICK,),
    ),
    fault("k of 8 and more counts as k - 8", UpdateLanes, "elaborate", ("Mux(self.coarse,", "Mux(0,")),
    fault("the low bits of k inverted", RightDelta, "elaborate", ("(~self.rate_shift)[:3]", "self.rate_shift[:3]")),
    fault("the table begins in its middle", Activation, "_table", ("~top[-1]", "top[-1]")),
)  # fmt: skip

STEPS = "training(st.product - 1)"

RANDOM = (
    fault(
        "an LFSR one step off", JunctionUnit, "_random_numbers", (STEPS, "training(st.product)"),
        where=where.STEPS_AT_ONCE, only=True,
    ),
    fault(
        "random numbers one bit off", Lfsr, "number", ("[lane : lane +", "[lane + 1 : lane + 1 +"),
        where=where.STOCHASTIC, only=True,
    ),
    fault(
        "LFSRs step with every slot", JunctionUnit, "_random_numbers",
        (STEPS, "self._line.at(self.sequencer.go, 0, st.product - 1)"), where=where.STOCHASTIC, only=True,
    ),
    fault(
        "all lanes draw from the first LFSR", JunctionUnit, "_random_numbers",
        ("self._lfsrs[lane // lfsr.GROUP]", "self._lfsrs[0]"),
        design=designs.WIDE, where=where.SEVERAL_LFSRS, only=True,
    ),
)  # fmt: skip

STREAMS = (
    fault(
        "the last of a tie, within a clock", OutputLayer, "_results", ("other[0][0] > key", "other[0][0] >= key"),
        design=designs.EQUAL, where=seen.TIE_IN_A_CLOCK, only=True,
    ),
    fault(
        "the last of a tie, clock after clock", OutputLayer, "_results", ("key > best", "key >= best"),
        design=designs.EQUAL, where=seen.TIE_OF_CLOCKS, only=True,
    ),
    fault(
        "padding is predicted", OutputLayer, "_results", ("-(-(classes - i) // units)", "99"),
        design=designs.PADDED, where=seen.PADDING, only=True,
    ),
    fault("a target just below 1", OutputLayer, "_deltas", ("Mux(target, one, 0)", "Mux(target, one - 1, 0)")),
    fault(
        "results overrun", OutputLayer, "_results", ("self.room.eq(room)", "self.room.eq(1)"),
        where=seen.MANY_RESULTS, slow=True,
    ),
    fault(
        "input is taken while results wait", Accelerator, "_input",
        ("self.slots.ready.eq(allowed & needed)", "self.slots.ready.eq(needed)"), slow=True,
    ),
)  # fmt: skip

FAULTS: tuple[Fault, ...] = (*TIME, *MEMORIES, *ARITHMETIC, *RANDOM, *STREAMS)
