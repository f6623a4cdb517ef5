"""Every property that is proven, its sizes and method, and the faults that the same properties must catch."""

from dataclasses import dataclass
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

from hw.accelerator import Accelerator
from hw.address import AddressGenerator
from hw.backward import Backward
from hw.buffer import ResultBuffer
from hw.config import ConfigPort
from hw.junction import JunctionUnit
from hw.output import OutputLayer
from hw.sequencer import JunctionSequencer
from hw.serial.frames import FrameReceiver
from sw.design.design import Design
from tests.faults.plant import Plant
from tests.formal.addresses import Addresses
from tests.formal.config import Config
from tests.formal.crossbars import Crossbars
from tests.formal.frames import Frames
from tests.formal.machine import Machine
from tests.formal.results import Results
from tests.formal.sby import Verdict, run
from tests.formal.slots import Slots
from tests.hw.designs import make

__all__ = ["FAULTS", "PROOFS", "Fault", "Proof"]

NARROW: Any = {"width": 4, "integer_bits": 1, "preactivation_integer_bits": 1, "table_bits": 4}
PDR = "abc pdr"
INDUCTION = "smtbmc yices"


BEATS_USED = "beats taken exactly when used, and kept"
LANES = "lanes in different banks, no neuron twice, products go back"
RESULTS = "no result lost, doubled, changed, late; never an overflow"
REQUESTS = "requests served once, in place, alone, in time"
ONCE = "each sweep reads each row of each bank once"
ADDRESSES = "sequencer, address"
MACHINE = "each slot finished once and in order, no overflow, access alone"
FRAMES = "a frame is handed on if it is right, and only then"


@dataclass(frozen=True)
class Proof:
    """``top()`` is proven for all time, by ``engine``; k-induction looks ``depth`` clocks back. ``cover``: clocks in
    which what must be possible has to happen, 0 where another proof of the same has shown it."""

    name: str
    proven: str
    unit: str
    size: str
    top: partial
    engine: str = PDR
    depth: int = 0
    cover: int = 30
    long: bool = False

    @property
    def method(self) -> str:
        return "PDR" if self.engine == PDR else f"k-induction, k = {self.depth}"

    def prove(self, folder: Path) -> Verdict:
        return run(self.top(), folder, mode="prove", engine=self.engine, depth=self.depth)

    def reach(self, folder: Path) -> Verdict:
        return run(self.top(), folder, mode="cover", engine=INDUCTION, depth=self.cover)


@dataclass(frozen=True)
class Fault:
    """Other words in one method of a unit: within ``depth`` clocks the property ``caught`` fails."""

    name: str
    plant: Plant
    top: partial
    caught: str
    depth: int = 30
    long: bool = False

    def find(self, folder: Path) -> Verdict:
        """PlantError if the method's text has moved on."""
        with self.plant.planted():
            return run(self.top(), folder, mode="bmc", engine="abc bmc3", depth=self.depth)


def in_two_steps(name: str, size: str, design: Design) -> list[Proof]:
    """The sequencer first; then the rows, as long as the sequencer is right. For larger sizes."""
    return [
        Proof(
            f"positions-{name}", "the sequencer's positions", "sequencer", size,
            partial(Addresses, design, lut_rows=1, lemma=True), cover=0, long=True,
        ),
        Proof(
            f"rows-{name}", f"{ONCE}, given positions-{name}", ADDRESSES, size,
            partial(Addresses, design, lut_rows=1, lemma=False), INDUCTION, 6, 0, long=True,
        ),
    ]  # fmt: skip


# A junction's shape is all that counts of these designs: its table is replaced.
D2 = make("d2", (4, 6), (3,), (2,), kind=1)
D3 = make("d3", (6, 9), (3,), (2,))
D3_KIND_3 = make("d3-kind-3", (6, 9), (3,), (2,), kind=3)
D1 = make("d1", (4, 4), (2,), (4,))
D4 = make("d4", (8, 16), (4,), (2,), sweeps_per_start=3)
D5 = make("d5", (10, 15), (3,), (2,))
D12 = make("d12", (36, 36), (3,), (3,))
D8 = make("d8", (64, 16), (4,), (8,))
IDLE = make("idle", (12, 6, 3), (2, 2), (1, 2), sweeps_per_start=2)
LATE = make("late", (6, 9), (3,), (2,), cost="quadratic")
DITHERED = make("dithered", (6, 6, 6), (1, 3), (1, 3), dither=True)
DITHERED_6 = make("dithered-6", (6, 6, 12), (1, 6), (1, 3), dither=True)
ORDERS = np.array([(0, 1, 2), (1, 2, 0), (2, 1, 0)])
ALL_ORDERS = np.array(list(permutations(range(3))))
TWO_GROUPS = make("two-groups", (2, 4), (2,), (2,), **NARROW)
ONE = make("one", (1, 1), (1,), (1,), read=1, **NARROW)
THREE_UNITS = make("three-units", (12, 12), (2,), (6,), classes=7, cost="quadratic", **NARROW)
BEATS = make("beats", (24, 4, 8), (2, 4), (4, 4), classes=5)
PORT = make("port", (3, 6, 2), (2, 1), (3, 6), rounding="stochastic", **NARROW)
PORT_5 = make("port-5", (6, 9, 3), (3, 3), (6, 3), rounding="stochastic", **NARROW)
THREE = make("three", (2, 2, 2, 2), (1, 1, 1), (1, 1, 1), **NARROW)
TWO = make("two", (2, 2, 2), (1, 1), (1, 1), **NARROW)

PROOFS = [
    Proof("rows-by-clock", ONCE, ADDRESSES, "D = 3, z = 2, any table", partial(Addresses, D3)),
    Proof("rows-starts", ONCE, ADDRESSES, "kind 2, D = 3, z = 2, any starts", partial(Addresses, D3, lut_rows=1)),
    Proof("rows-idle", ONCE, ADDRESSES, "D = 3, C_i 6, C 24, any starts", partial(Addresses, IDLE, 2, lut_rows=1)),
    Proof("lanes", LANES, "crossbar", "D = 2, z = 3, 3 orders, any starts", partial(Crossbars, DITHERED, ORDERS)),
    Proof("slots", BEATS_USED, "accelerator", "12 beats of 2", partial(Slots, BEATS)),
    Proof("results", RESULTS, "output", "2 units, 2 groups", partial(Results, TWO_GROUPS), INDUCTION, 4, 25),
    Proof("results-3", RESULTS, "output", "3 units, 4 groups", partial(Results, THREE_UNITS), INDUCTION, 5, 25),
    Proof("config", REQUESTS, "config", "2 junctions, 3 index bits", partial(Config, PORT, drain=2), cover=50),
    Proof("config-none", REQUESTS, "config", "3 junctions of 4, no LFSRs", partial(Config, THREE, drain=2), cover=50),
    Proof("machine", MACHINE, "accelerator", "N = (2, 4), 2 groups", partial(Machine, TWO_GROUPS)),
    Proof("frames", FRAMES, "frames", "2 bytes, CRC of 8 bits", partial(Frames, 2), INDUCTION, 2, 24),
    # the long run
    Proof(
        "rows-memory", ONCE, ADDRESSES, "kind 1, D = 2, z = 2, any table", partial(Addresses, D2, lut_rows=1), long=True
    ),
    Proof("rows-one", ONCE, ADDRESSES, "D = 1, z = 4", partial(Addresses, D1), long=True),
    Proof("rows-kind-3", ONCE, ADDRESSES, "kind 3, D = 3, z = 2", partial(Addresses, D3_KIND_3, lut_rows=1), long=True),
    Proof("rows-4", ONCE, ADDRESSES, "kind 2, D = 4, z = 2, any starts", partial(Addresses, D4, lut_rows=1), long=True),
    Proof("rows-5", ONCE, ADDRESSES, "kind 2, D = 5, z = 2, any starts", partial(Addresses, D5, lut_rows=1), long=True),
    Proof("rows-late", ONCE, ADDRESSES, "kind 2, D = 3, 4 delays", partial(Addresses, LATE, lut_rows=1), long=True),
    *in_two_steps("12", "kind 2, D = 12, z = 3, any starts", D12),
    *in_two_steps("8", "kind 2, D = 8, z = 8, any starts", D8),
    Proof(
        "lanes-6", LANES, "crossbar", "D = 2, z = 3, all 6 orders, any starts",
        partial(Crossbars, DITHERED_6, ALL_ORDERS), long=True,
    ),
    Proof("slots-1", BEATS_USED, "accelerator", "1 beat", partial(Slots, TWO_GROUPS), long=True),
    Proof("frames-3", FRAMES, "frames", "2 or 3 bytes, CRC of 8 bits", partial(Frames, 3), INDUCTION, 2, 0, long=True),
    Proof("config-5", REQUESTS, "config", "2 junctions, 5 index bits", partial(Config, PORT_5), cover=60, long=True),
    Proof(
        "machine-time", MACHINE + ", in time", "accelerator", "N = (2, 4), 2 groups",
        partial(Machine, TWO_GROUPS, in_time=True), cover=40, long=True,
    ),
    Proof("machine-2", MACHINE, "accelerator", "N = (2, 2, 2)", partial(Machine, TWO), cover=60, long=True),
]  # fmt: skip

FAULTS = [
    Fault(
        "a counter skips",
        Plant(JunctionSequencer, "elaborate", (("Mux(end, 0, counter + 1)", "Mux(end, 0, counter + 2)"),)),
        partial(Addresses, D3, lut_rows=1), "the step of the sequencer",
    ),
    Fault(
        "rows count on at the end of a bank",
        Plant(AddressGenerator, "_counted", (("Mux(wrapped[-1], values", "Mux(1, values"),)),
        partial(Addresses, D3, lut_rows=1, helpers=False), "a row that is there",
    ),
    Fault(
        "start vectors come a stage early",
        Plant(
            JunctionUnit, "_rows",
            (("- address.latency)", '- address.latency - (name == "start"))'),),
        ),
        partial(Addresses, LATE, lut_rows=1, helpers=False), "no row twice in a sweep", long=True,
    ),
    Fault(
        "products go on in the lanes' order",
        Plant(Backward, "elaborate", (("np.argsort(j.pattern.orders, axis=1)", "j.pattern.orders"),)),
        partial(Crossbars, DITHERED, ORDERS), "a product goes back",
    ),
    Fault(
        "ready without use",
        Plant(Accelerator, "_input", (("slots.ready.eq(allowed & needed)", "slots.ready.eq(needed)"),)),
        partial(Slots, BEATS), "a beat is taken exactly when it is used",
    ),
    Fault(
        "beats of an empty slot are awaited",
        Plant(Accelerator, "_input", (("wrap | (beats_next & going_on)", "wrap | beats_next"),)),
        partial(Slots, BEATS), "a beat is taken exactly when it is used", long=True,
    ),
    Fault(
        "the result buffer is three beats too small",
        Plant(OutputLayer, "_results", (("spare=in_flight", "spare=in_flight - 3"),)),
        partial(Results, ONE, helpers=False), "the result buffer never overflows", 40,
    ),
    Fault(
        "a result is offered twice",
        Plant(ResultBuffer, "elaborate", (("(valid & ~self.results.ready))", "valid)"),)),
        partial(Results, ONE, helpers=False), "a beat comes in its turn and unchanged",
    ),
    Fault(
        "access a clock early",
        Plant(ConfigPort, "elaborate", (("*wait(self.drain + 1)", "*wait(self.drain)"),)),
        partial(Config, PORT, drain=2), "access only when nothing is in flight",
    ),
    Fault(
        "a row after the last is served",
        Plant(ConfigPort, "elaborate", (("there.eq(quotient < rows)", "there.eq(quotient <= rows)"),)),
        partial(Config, PORT, drain=2), "a write to what is there",
    ),
    Fault(
        "what is not there is as large as what was asked for before",
        Plant(ConfigPort, "_sizes", (("m.d.sync += rows.eq(0)", "pass"),)),
        partial(Config, THREE, drain=2), "a write to what is there", 40, long=True,
    ),
    Fault(
        "an LFSR takes the state 0",
        Plant(ConfigPort, "elaborate", (("may.eq(~refused)", "may.eq(1)"),)),
        partial(Config, PORT, drain=2), "a write to what is there", long=True,
    ),
    Fault(
        "what is not there is read",
        Plant(
            ConfigPort, "elaborate",
            (("there & may & (request.junction == i)", "(there | ~request.write) & may & (request.junction == i)"),),
        ),
        partial(Config, PORT, drain=2), "the answer of the junction", long=True,
    ),
    Fault(
        "a write repeats",
        Plant(ConfigPort, "elaborate", (("(waiting == SETTLE - 2)", "(waiting >= SETTLE - 2)"),)),
        partial(Config, PORT, drain=2), "a write for one request", long=True,
    ),
    Fault(
        "index 0 follows the highest",
        Plant(ConfigPort, "elaborate", (("expects.eq(~request.index.all())", "expects.eq(1)"),)),
        partial(Config, PORT, drain=2), "a write goes where the request says", 40, long=True,
    ),
    Fault(
        "an answer is not waited for",
        Plant(ConfigPort, "elaborate", (("(~answered | self.readback.ready)", "1"),)),
        partial(Config, PORT, drain=2), "an answer stays until it is taken", long=True,
    ),
    Fault(
        "a group that is cut off ends a frame",
        Plant(FrameReceiver, "_decode", (("whole.eq(~more)", "whole.eq(1)"),)),
        partial(Frames, 2, helpers=False), "only right frames are handed on", 34,
    ),
    Fault(
        "the check is not compared",
        Plant(FrameReceiver, "_judge", ((" & alike.all()", ""),)),
        partial(Frames, 2, helpers=False), "only right frames are handed on", 34,
    ),
    Fault(
        "the check goes on from a damaged frame",
        Plant(
            FrameReceiver, "_store",
            (("[check.eq(crc.start)", "[check.eq(Mux(self.decoded[3], crc.start, check))"),),
        ),
        partial(Frames, 2, helpers=False), "a right frame is handed on", 44, long=True,
    ),
    Fault(
        "a message of one byte",
        Plant(FrameReceiver, "_store", (("length >= _SHORTEST - 1", "length >= 0"),)),
        partial(Frames, 2, helpers=False), "only right frames are handed on", 34,
    ),
    Fault(
        "a message may overwrite another",
        Plant(FrameReceiver, "_store", (("room.eq(used < buffer.depth - _SPARE)", "room.eq(1)"),)),
        partial(Frames, 2), "where there is room", 40, long=True,
    ),
    Fault(
        "a tick while held",
        Plant(Accelerator, "_input", (("self.output.room & ~self.config_port.hold)", "self.output.room)"),)),
        partial(Machine, TWO_GROUPS, helpers=False), "a tick has room and is not held", long=True,
    ),
    Fault(
        "ticks in every other clock of a pause",
        Plant(Accelerator, "elaborate", (("tick.eq(issue)", "tick.eq(issue | ~tick)"),)),
        partial(Machine, TWO_GROUPS, helpers=False), "a tick has room and is not held",
    ),
    Fault(
        "a junction ticks before the others",
        Plant(
            Accelerator, "elaborate",
            (("unit.tick.eq(tick)", "unit.tick.eq(issue if unit.index == 2 else tick)"),),
        ),
        partial(Machine, TWO, helpers=False), "all junctions tick together", long=True,
    ),
    Fault(
        "the descriptor of the beat after",
        Plant(Accelerator, "_input", (("descriptors[0].eq(taken)", "descriptors[0].eq(descriptor)"),)),
        partial(Slots, BEATS), "the descriptor of a slot is kept", long=True,
    ),
    Fault(
        "the slot before",
        Plant(Accelerator, "elaborate", (("ff_next.eq(descriptors[age])", "ff_next.eq(descriptors[age + 1])"),)),
        partial(Machine, TWO_GROUPS, helpers=False), "with the descriptor of its slot",
    ),
]  # fmt: skip
