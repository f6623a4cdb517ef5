"""Faults in hw/, by what they get wrong."""

import hw.junction
from hw.accelerator import Accelerator
from hw.activation import Activation
from hw.address import AddressGenerator
from hw.backward import Backward
from hw.banks import LeftBanks
from hw.delta import RightDelta
from hw.forward import Forward
from hw.junction import JunctionUnit
from hw.leftdelta import LeftDelta
from hw.lfsr import Lfsr
from hw.output import OutputLayer
from hw.parameters import Parameters
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

    ``changes`` are those of a memory, which has been read two clocks before; in the register that holds an only row
    the fault is the same for all.
    """
    listed = Plant(accesses, "_partial_deltas", (("stage=", f"stage={clocks} * (1 - older) + "),))
    register = (
        ("m.If(goes[lane]):", f"m.If((late := [line.at(Timed(v, 0), {clocks}) for v in (total, goes[lane])])[1]):"),
        ("kept.eq(total)", "kept.eq(late[0])"),
    )
    plant = Plant(LeftDelta, "elaborate", (*register, *changes))
    return Fault(name, plant, where=where.rows_back(clocks), only=True, listed=listed, **more)


EARLY = ("write - read + 1", "write - read")

TIME = (
    fault(
        "a lag one slot too long", JunctionSequencer, "elaborate",
        ("(self.up_slot, lag), (self.delta_slot, lag)", "(self.up_slot, lag + 1), (self.delta_slot, lag + 1)"),
    ),
    fault("kind and k of the slot after", Accelerator, "elaborate", ("age + lag]", "age + lag - 1]")),
    fault(
        "k of the slot that is fed forward", JunctionUnit, "elaborate", ("seq.up.rate_shift", "seq.ff.rate_shift"),
    ),
    fault("an infer slot updates", JunctionUnit, "elaborate", ("seq.up.kind == TRAIN", "seq.up.kind != 0")),
    fault(
        "f' of the slot that is fed forward", JunctionUnit, "_right_delta",
        ('self._at("up_slot", st.fetch)[: slopes', 'self._at("ff_slot", st.fetch)[: slopes'),
        where=where.OTHER_SLOPE, only=True,
    ),
    fault(
        "work goes on after C_i (C_i < C)", JunctionSequencer, "elaborate",
        ("self.tick & works", "self.tick"),
        where=where.IDLE, only=True, without=(designs.BALANCED,),
    ),
    fault(
        "phases and sets a tick short", schedule, "after", EARLY,
        where=where.ALL_AT_ONCE, listed=Plant(schedule, "after", (EARLY,)),
    ),
    fault(
        "a pause adds once more", Forward, "elaborate", ("m.If(self.go)", "m.If(1)"),
        design=SUMS, where=where.LONG_GROUPS, only=True,
    ),
    fault(
        "ticks in every other clock of a pause", Accelerator, "elaborate", ("tick.eq(issue)", "tick.eq(issue | ~tick)"),
    ),
    fault(
        "one junction ticks a clock late", Accelerator, "elaborate",
        ("m.d.sync += tick.eq(issue)",
         "m.d.sync += [(late := Signal(name='late')).eq(issue), tick.eq(late if unit.index == 1 else issue)]"),
    ),
    fault(
        "a slot's descriptor comes a clock early", Accelerator, "_input", ("m.If(begun)", "m.If(issue & begins)"),
    ),
    fault(
        "coarse a clock late", JunctionUnit, "_update",
        ("at(self._coarse, st.product - 1)", "at(self._coarse, st.product)"),
    ),
    fault(
        "coarse noise a clock late", JunctionUnit, "_added",
        ("spread(self._coarse, stage - late, ", "spread(self._coarse, stage - late + 1, "),
    ),
)  # fmt: skip

MEMORIES = (
    late_partial_deltas(
        "a delta row read before its last write has landed, D = 2", 2,
        ("Mux(again, total, Mux(before, exact, old))", "old"),
        design=designs.TWO_ROWS, without=(designs.FAR_ROWS,),
    ),
    late_partial_deltas(
        "a delta row read before its last write has landed, recurrence one", 1,
        ("Mux(again, total, Mux(before, exact, old))", "Mux(before, exact, old)"),
        design=designs.NEXT_CLOCK, without=(designs.TWO_ROWS,),
    ),
    late_partial_deltas(
        "a sum is passed on to the next clock alone", 2,
        ("Mux(again, total, Mux(before, exact, old))", "Mux(again, total, old)"),
        design=designs.TWO_ROWS, without=(designs.FAR_ROWS,),
    ),
    fault(
        "a stale weight read", Parameters, "elaborate",
        ("port.addr.eq(write_rows[i])", "port.addr.eq(line.at(Timed(write_rows[i], 0), 1))"),
        ("port.en.eq(enable)", "port.en.eq(line.at(Timed(enable, 0), 1))"),
        ('port.data.eq(due(st, "update", new))', "port.data.eq(line.at(new, new.stage + 1))"),
        where=where.SHORTEST_CYCLE, only=True, without=(SUMS,),
        listed=Plant(accesses, "_parameters", (("stage=st.update", "stage=st.update + 1"),)),
    ),
    fault(
        "weights written a row late", JunctionUnit, "_update",
        ("write_row.eq(self._at(counter, position))", "write_row.eq(self._at(counter, position - 1))"),
    ),
    fault(
        "weights written a clock before they are there", Parameters, "elaborate",
        ("m.d.sync += enable.eq", "m.d.comb += enable.eq"),
    ),
    fault(
        "a bank off by one", LeftBanks, "elaborate", ("data[lane].eq", "data[lane - 1].eq"),
        where=where.SEVERAL_LANES, only=True,
    ),
    fault(
        "a bank written a clock before the activation is there", LeftBanks, "elaborate",
        ("m.d.sync += enables[at].eq", "m.d.comb += enables[at].eq"),
    ),
    fault(
        "a bank written a clock late", LeftBanks, "elaborate",
        ("write.en.eq(enables[lane // self.per_write, lane // GROUP])",
         "write.en.eq(Timed(enables[lane // self.per_write, lane // GROUP], 0).register(m, 'late_enable').value)"),
        ("write.addr.eq(Cat(rows[lane], slots[lane][:set_bits]))",
         "write.addr.eq(Timed(Cat(rows[lane], slots[lane][:set_bits]), 0).register(m, 'late_address').value)"),
        ("write.data.eq(written[lane % self.per_write])",
         "write.data.eq(Timed(written[lane % self.per_write], 0).register(m, 'late_data').value)"),
        where=where.ALL_AT_ONCE,
        listed=Plant(accesses, "_left_activations", (("[i - 1].written", "[i - 1].written + 1"),)),
    ),
    fault(
        "the sets of a read come a clock late", JunctionUnit, "_left_activations",
        ('banks.ff_slot.eq(self._at("ff_slot", st.left_address - 1))',
         'banks.ff_slot.eq(self._at("ff_slot", st.left_address))'),
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
        "rows count modulo a power of two", AddressGenerator, "_counted", ("if depth != 1 << bits", "if False"),
        design=designs.FIVE_ROWS, where=where.COUNTS_UP, only=True, without=(designs.FOUR_ROWS,),
    ),
    fault(
        "left delta sums never start anew", LeftDelta, "elaborate",
        ("Mux(firsts[lane], half,", "Mux(0, half,"), ("m.If(firsts[lane]):", "m.If(0):"),
        where=where.BP, only=True,
    ),
    fault(
        "lanes in the order of the sweep before", hw.junction, "crossed",
        ("line.at(order, stage)", "line.at(order, stage + 1)"),
        design=designs.DITHERED, where=where.ORDERS_CHANGE, only=True, without=(designs.QUICK,),
    ),
    fault(
        "lanes back to the banks in the order of the way there", Backward, "elaborate",
        ("np.argsort(j.pattern.orders, axis=1)", "j.pattern.orders"),
        design=designs.DITHERED, where=where.ORDERS_THERE_AND_BACK, only=True,
    ),
)  # fmt: skip

# the ranges of the results, in the sums' fraction bits
FF_SUMS = "type(arithmetic.number)(arithmetic.preactivation.integer_bits, arithmetic.number.fraction_bits + fraction)"
BP_SUMS = "type(number)(number.integer_bits, 2 * fraction)"

ARITHMETIC = (
    fault("FF rounds down", Forward, "elaborate", ("Const(1 << (fraction - 1)", "Const(0 << (fraction - 1)")),
    fault(
        "BP rounds down", LeftDelta, "elaborate", ("Const(1 << (fraction - 1)", "Const(0 << (fraction - 1)"),
        where=seen.LEFT_ROUNDED, only=True,
    ),
    fault(
        "UP rounds down", hw.junction, "half", ("~coarse", "Const(0, 1)"),
        design=designs.BACK, where=where.TO_NEAREST,
    ),
    fault(
        "half a unit of delta times f' rounds down", RightDelta, "elaborate",
        ("Const(1 << (self.fraction - 1)", "Const((1 << (self.fraction - 1)) - 1"),
        design=COARSE, where=seen.SCALED_ROUNDED, only=True,
    ),
    fault(
        "FF does not saturate", Forward, "elaborate",
        ('saturated(dropped(due(st, "total", finished), fraction), arithmetic.preactivation)',
         "dropped(finished.value, fraction)"),
        design=SUMS, where=seen.FF_SATURATED, only=True,
    ),
    fault(
        "FF saturates half-way", Forward, "elaborate",
        ("Mux(self.first, start, total) + tree", f"saturated(Mux(self.first, start, total) + tree, {FF_SUMS})"),
        design=SUMS, where=seen.FF_SATURATED_BY_CLOCKS, only=True,
    ),
    fault(
        "BP does not saturate", LeftDelta, "elaborate",
        ("saturated(dropped(exact, fraction), number)", "dropped(exact, fraction)"),
        design=designs.BACK, where=seen.LEFT_SATURATED, only=True,
    ),
    fault(
        "BP saturates half-way", LeftDelta, "elaborate",
        ("total.eq(kept + self.products[lane])", f"total.eq(saturated(kept + self.products[lane], {BP_SUMS}))"),
        design=designs.BACK, where=where.LONG_LEFT_SUMS,
    ),
    fault(
        "UP does not saturate", UpdateLanes, "elaborate", ("saturated(difference, self.fmt)", "difference"),
    ),
    fault(
        "output deltas do not saturate", OutputLayer, "_deltas", ("saturated(exact, self.number)", "exact"),
        design=designs.NO_INTEGER_BITS, where=seen.OUTPUT_DELTA_SATURATED, only=True, without=(designs.QUICK,),
    ),
    fault("k of 8 and more counts as k - 8", UpdateLanes, "elaborate", ("Mux(self.coarse[i],", "Mux(0,")),
    fault("the low bits of k inverted", RightDelta, "elaborate", ("(~self.rate_shift)[:2]", "self.rate_shift[:2]")),
    fault("the table begins in its middle", Activation, "_table", ("~top[-1]", "top[-1]")),
)  # fmt: skip

STEPS = "self._training(stage - late)"

RANDOM = (
    fault(
        "an LFSR one step off", JunctionUnit, "_added", (STEPS, "self._training(stage - late + 1)"),
        where=where.STEPS_AT_ONCE, only=True,
    ),
    fault(
        "random numbers one bit off", Lfsr, "numbers", ("[lane : lane +", "[lane + 1 : lane + 1 +"),
        where=where.STOCHASTIC, only=True,
    ),
    fault(
        "LFSRs step with every slot", JunctionUnit, "_added", (STEPS, "self._go(stage - late)"),
        where=where.STOCHASTIC, only=True,
    ),
    fault(
        "all lanes draw from the first LFSR", JunctionUnit, "_added", ("self.lfsrs[group]", "self.lfsrs[0]"),
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
        "results overrun", OutputLayer, "_results", ("self.room.eq(buffer.room)", "self.room.eq(1)"),
        design=designs.BACK, where=seen.MANY_RESULTS, slow=True,
    ),
    fault(
        "input is taken while results wait", Accelerator, "_input",
        ("self.slots.ready.eq(allowed & needed)", "self.slots.ready.eq(needed)"), slow=True,
    ),
)  # fmt: skip

FAULTS: tuple[Fault, ...] = (*TIME, *MEMORIES, *ARITHMETIC, *RANDOM, *STREAMS)
