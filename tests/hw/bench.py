"""The whole accelerator against the golden model, in Amaranth's own simulator, with pauses on both streams.

For machines of a few hundred clocks; sim/ does the same under Verilator for long runs.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from amaranth.hdl import ClockDomain, Value

from hw.accelerator import Accelerator
from sim.checker import Checker
from sim.errors import SimError
from sim.harness.program import state_from_values, state_requests
from sim.testbench.beats import ResultBeats, pack, slot_beats
from sw.design.design import Design
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, Slots
from sw.golden.network import GoldenNetwork, State
from tests.design.usual_runs import usual_runs
from tests.hw.play import simulate

__all__ = ["Run", "check"]

LONGEST_PAUSE = 40
CLOCKS_MOST = 20000


@dataclass
class Run:
    """An accelerator in simulation: four streams, one loop; what comes out is compared with what `expect` was told.

    ``chance``: of a pause on the slot and the result stream before a beat; one in eight is long. ``slow``: the
    result stream takes a beat in one clock of twenty. ``ends``: clock of each result's last beat. ``ticks``: clocks
    of work, for all slots that were expected. All raise SimError where the machine stands still, Mismatch where a
    word differs.
    """

    design: Design
    chance: float = 0.0
    seed: int = 1
    slow: bool = False
    ends: list[int] = field(default_factory=list)
    clocks: int = 0
    ticks: int = 0

    def __post_init__(self) -> None:
        self.domain = ClockDomain("sync")
        self.ports = Ports.of(self.design)
        self._stochastic = self.design.arithmetic.rounding == "stochastic"
        self._rng = np.random.Generator(np.random.PCG64([self.seed, 3]))
        self._pauses = {"slots": 0, "results": 0}
        self._queues: dict[str, list[int]] = {"slots": [], "config": []}
        self._offered = {"slots": False, "config": False}
        self._read: list[int] = []
        self._due: Counter[str] = Counter()
        self._expect_nothing()
        self.patience = 200 + 10 * LONGEST_PAUSE + 8 * Schedule.of(self.design).clocks

    @cached_property
    def dut(self) -> Accelerator:
        """Made when the simulation begins: Amaranth warns of a unit that nobody takes."""
        return Accelerator(self.design)

    def _paused(self, stream: str) -> bool:
        if self._pauses[stream]:
            self._pauses[stream] -= 1
            return True
        if self._rng.random() >= self.chance:
            return False
        self._pauses[stream] = int(self._rng.integers(0, LONGEST_PAUSE if self._rng.random() < 0.125 else 3))
        return True

    async def _clock(self, context) -> bool:
        """One clock of all streams; whether anything crossed."""
        dut = self.dut
        for name, queue in self._queues.items():
            stream = getattr(dut, name)
            if queue and not self._offered[name] and not (name == "slots" and self._paused(name)):
                self._offered[name] = True
                context.set(Value.cast(stream.payload), queue[0])
            context.set(stream.valid, self._offered[name])
        taking = self.clocks % 20 == 0 if self.slow else not self._paused("results")
        context.set(dut.results.ready, taking)
        context.set(dut.readback.ready, 1)
        _, _, slot_ready, config_ready, valid, payload, read_valid, read = await context.tick().sample(
            dut.slots.ready, dut.config.ready, dut.results.valid, dut.results.payload, dut.readback.valid,
            dut.readback.payload,
        )  # fmt: skip
        self.clocks += 1
        moved = False
        for name, ready in (("slots", slot_ready), ("config", config_ready)):
            if self._offered[name] and ready:
                self._queues[name].pop(0)
                self._offered[name], moved = False, True
        if valid and taking:
            moved = True
            if (record := self._beats.take(payload, self.clocks)) is not None:
                self.ends.append(self.clocks)
                self.checker.observe(record)
        if read_valid:
            self._read.append(read)
        return moved or bool(read_valid)

    async def _until(self, context, done, what: str) -> None:
        idle = 0
        while not done():
            idle = 0 if await self._clock(context) else idle + 1
            if self.clocks > CLOCKS_MOST:
                raise SimError(f"{what}: no end after {self.clocks} clocks")
            if idle > self.patience:
                raise SimError(f"{what}: nothing has moved for {idle} clocks")

    async def offer(self, context, slots: Slots, *, meanwhile=lambda: None) -> None:
        """Offer slots until all are taken; ``meanwhile()`` is called in every clock."""
        self._queues["slots"] += slot_beats(self.design, slots)
        await self._until(context, lambda: meanwhile() or not self._queues["slots"], "slots")

    def ask(self, request: np.void) -> None:
        """Queue one configuration beat; it is sent while the clock runs."""
        words = {f.name: int(request[f.name]) for f in self.ports.config}
        self._queues["config"].append(pack(self.ports.config, **words))

    @property
    def asking(self) -> bool:
        return bool(self._queues["config"])

    async def configure(self, context, requests: np.ndarray) -> np.ndarray:
        """Send configuration beats (sim.harness.program.state_requests); the values that were read."""
        self._read = []
        for request in requests:
            self.ask(request)
        reads = int((requests["write"] == 0).sum())
        await self._until(
            context, lambda: not self._queues["config"] and len(self._read) == reads, "configuration"
        )
        return np.array(self._read, dtype=np.uint64)

    async def load(self, context, state: State) -> None:
        await self.configure(context, state_requests(self.design, state))

    async def read(self, context) -> State:
        return state_from_values(self.design, await self.configure(context, state_requests(self.design)))

    def _cells(self) -> list[tuple[list, list, list]]:
        """Per junction where its weights, its biases and its LFSRs' states are kept, in their order."""
        cells = []
        for j, unit in zip(self.design.junctions, self.dut.units, strict=True):
            weights, biases = (
                [kind.memories[n % lanes].data[n // lanes] for n in range(count)]
                for kind, count, lanes in ((unit.weights, j.weights, j.z), (unit.biases, j.right, j.per_clock))
            )
            cells.append((weights, biases, [one.kept for one in unit.lfsrs] if self._stochastic else []))
        return cells

    async def poke(self, context, state: State) -> None:
        """As `load`, but straight into the memories and registers of the simulated machine: in one clock."""
        lfsrs = state.lfsr if self._stochastic else [[]] * len(self.design.junctions)
        for cells, *values in zip(self._cells(), state.weights, state.biases, lfsrs, strict=True):
            for places, words in zip(cells, values, strict=True):
                for place, word in zip(places, words, strict=True):
                    context.set(place, int(word))
        await self._clock(context)  # a memory's read goes through a register

    async def peek(self, context) -> State:
        """As `read`, straight from there, in no clock."""
        found = ([np.array([context.get(place) for place in places]) for places in cells] for cells in self._cells())
        weights, biases, lfsrs = map(list, zip(*found, strict=True))
        return State(weights, biases, [one.astype(np.uint64) for one in lfsrs] if self._stochastic else [])

    async def rest(self, context) -> None:
        """Clocks in which everything that is due comes out, however slow the host is; and what is not due."""
        idle = 0
        while idle < self.dut.config_port.drain + LONGEST_PAUSE:
            idle = 0 if await self._clock(context) else idle + 1

    def expect(self, state: State, slots: Slots) -> Slots:
        """Everything that comes from now on is due to these; the slots to offer, a flush with them."""
        self._expect_nothing()
        self.golden.load(state)
        slots = Slots.join(slots, self.golden.flush())
        due = self.golden.run(slots)
        self.checker.expect(np.flatnonzero(slots.kinds != EMPTY), due)
        self._due.update(count_slots=len(due), count_correct=int(due.correct.sum()))
        self.ticks += len(slots) * Schedule.of(self.design).clocks
        return slots

    async def reset(self, context) -> None:
        """One clock of reset; the machine's counters begin again."""
        context.set(self.domain.rst, 1)
        await context.tick()
        context.set(self.domain.rst, 0)
        self._due.clear()

    def _expect_nothing(self) -> None:
        self.golden, self.checker = GoldenNetwork(self.design), Checker(self.design)
        self._beats = ResultBeats(self.design)
        self.ends.clear()

    async def finish(self, context, *, ported: bool = True) -> None:
        """Wait for what is due; compare the machine's counters and every word of its state."""
        await self.rest(context)
        self.checker.finish()
        for name, value in self._due.items():
            self.checker.counter(name, context.get(getattr(self.dut, name)), value)
        self.checker.state(await (self.read if ported else self.peek)(context), self.golden.state(), len(self.ends))


def check(
    design: Design, *, chance: float = 0.0, seed: int = 1, slow: bool = False, ported: bool = False, starts: int = 1
) -> Run:
    """From ``starts`` random states run slots and a flush; compare every result and, at the end, every word of state.

    ``ported``: the first state and the last go through the configuration port, which takes longer than the slots.
    Raises Mismatch, or SimError for a machine that stands still.
    """
    run, runs = Run(design, chance, seed, slow), usual_runs(design, seed)[:starts]

    async def testbench(context):
        for number, (state, slots) in enumerate(runs, 1):
            offered = run.expect(state, slots)
            await (run.load if ported and number == 1 else run.poke)(context, state)
            await run.offer(context, offered)
            await run.finish(context, ported=ported and number == len(runs))
        # a tick for each clock of each slot, the flushes' too; the counters are a clock late
        clocks = run.clocks - 1
        run.checker.counter("count_cycles", context.get(run.dut.count_cycles), clocks)
        run.checker.counter("count_stalls", context.get(run.dut.count_stalls), clocks - run.ticks)

    simulate(run.dut, testbench, domain=run.domain)
    return run
