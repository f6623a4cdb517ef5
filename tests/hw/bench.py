"""The whole accelerator against the golden model, in Amaranth's own simulator, with pauses on both streams.

For machines of a few hundred clocks; sim/ does the same under Verilator for long runs.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from amaranth.hdl import ClockDomain, Value

from hw.accelerator import Accelerator
from sim.harness.program import state_from_values, state_requests
from sw.design.design import Design
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from sw.design.slots import Slots
from sw.golden.network import GoldenNetwork, State
from tests.hw.play import simulate
from tests.hw.stimulus import pack_words, random_state, slot_beats, unpack_fields, usual_slots

__all__ = ["Mismatch", "Run", "check", "compare_states"]

LONGEST_PAUSE = 40
CLOCKS_MOST = 20000


class Mismatch(AssertionError):
    """Hardware and golden model differ; the message names slot, or junction and index, and both values."""


@dataclass
class Run:
    """An accelerator in simulation: four streams, one loop.

    ``chance``: of a pause on the slot and the result stream before a beat; one in eight is long. ``slow``: the
    result stream takes a beat in one clock of twenty.
    """

    design: Design
    chance: float = 0.0
    seed: int = 1
    slow: bool = False
    results: list[dict[str, Any]] = field(default_factory=list)
    clocks: int = 0

    def __post_init__(self) -> None:
        self.dut = Accelerator(self.design)
        self.domain = ClockDomain("sync")
        self.ports = Ports.of(self.design)
        self._rng = np.random.Generator(np.random.PCG64([self.seed, 3]))
        self._pauses = {"slots": 0, "results": 0}
        self._queues: dict[str, list[int]] = {"slots": [], "config": []}
        self._offered = {"slots": False, "config": False}
        self._read: list[int] = []
        self.patience = 200 + 10 * LONGEST_PAUSE + 8 * Schedule.of(self.design).clocks

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
            self.results.append(unpack_fields(self.ports.results, payload))
            moved = True
        if read_valid:
            self._read.append(read)
        return moved or bool(read_valid)

    async def _until(self, context, done, what: str) -> None:
        idle = 0
        while not done():
            idle = 0 if await self._clock(context) else idle + 1
            if self.clocks > CLOCKS_MOST:
                raise Mismatch(f"{what}: no end after {self.clocks} clocks")
            if idle > self.patience:
                raise Mismatch(f"{what}: nothing has moved for {idle} clocks")

    async def offer(self, context, slots: Slots, *, done=lambda: False) -> None:
        """Offer slots until all are taken, or until ``done()``."""
        self._queues["slots"] += slot_beats(self.design, slots)
        await self._until(context, lambda: not self._queues["slots"] or done(), "slots")

    def ask(self, request: np.void) -> None:
        """Queue one configuration beat; it is sent while the clock runs."""
        words = {f.name: int(request[f.name]) for f in self.ports.config}
        self._queues["config"].append(pack_words(self.ports.config, **words))

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
        if self.design.arithmetic.rounding != "stochastic":
            state = State(state.weights, state.biases, [])
        await self.configure(context, state_requests(self.design, state))

    async def read(self, context) -> State:
        return state_from_values(self.design, await self.configure(context, state_requests(self.design)))

    async def rest(self, context) -> None:
        """Clocks in which everything that is due comes out, however slow the host is; and what is not due."""
        idle = 0
        while idle < self.dut.config_port.drain + LONGEST_PAUSE:
            idle = 0 if await self._clock(context) else idle + 1


def check(
    design: Design, *, slots: Slots | None = None, chance: float = 0.0, seed: int = 1, slow: bool = False
) -> Run:
    """Load a random state, run slots and a flush, and compare every result and, at the end, every word of state.

    Without ``slots`` they are the usual ones. Raises Mismatch.
    """
    golden = GoldenNetwork(design)
    state = random_state(design, seed)
    golden.load(state)
    if slots is None:
        slots = usual_slots(design, seed)
    due = golden.run(slots)
    golden.run(golden.flush())
    run = Run(design, chance, seed, slow)
    beats = design.junctions[-1].right // design.junctions[-1].per_clock
    last_compared = 0

    def wrong() -> bool:
        """Compare the results of the slots that have come since the last call."""
        nonlocal last_compared
        while len(run.results) >= (last_compared + 1) * beats:
            n = last_compared
            if n >= len(due):
                raise Mismatch(f"a result after the last slot: {run.results[n * beats]}")
            part = run.results[n * beats : (n + 1) * beats]
            found = {
                "activations": [a for beat in part for a in beat["activations"]],
                "prediction": part[-1]["prediction"],
                "correct": part[-1]["correct"],
                "last": [beat["last"] for beat in part],
            }
            wanted = {
                "activations": due.activations[n].tolist(),
                "prediction": int(due.predictions[n]),
                "correct": int(due.correct[n]),
                "last": [0] * (beats - 1) + [1],
            }
            for name, value in wanted.items():
                if found[name] != value:
                    raise Mismatch(f"result {n}: {_first_difference(name, found[name], value)}")
            last_compared += 1
        return False

    async def testbench(context):
        await run.load(context, state)
        await run.offer(context, Slots.join(slots, golden.flush()), done=wrong)
        await run.rest(context)
        wrong()
        if last_compared < len(due) or len(run.results) != len(due) * beats:
            raise Mismatch(f"{len(due) * beats} result beats are due, got {len(run.results)}")
        # a tick for each clock of each slot, the flush's too; the counters are a clock late
        ticks, clocks = (len(slots) + len(golden.flush())) * Schedule.of(design).clocks, run.clocks - 1
        for name, value in (
            ("count_slots", len(due)), ("count_correct", int(due.correct.sum())),
            ("count_cycles", clocks), ("count_stalls", clocks - ticks),
        ):  # fmt: skip
            if (found := context.get(getattr(run.dut, name))) != value:
                raise Mismatch(f"{name}: hardware {found}, golden model {value}")
        compare_states(await run.read(context), golden.state())

    simulate(run.dut, testbench, domain=run.domain)
    return run


def _first_difference(name: str, found: int | list[int], due: int | list[int]) -> str:
    """Names the word, with its index where there are several."""
    if isinstance(found, list) and isinstance(due, list):
        at = next(i for i, (mine, right) in enumerate(zip(found, due, strict=True)) if mine != right)
        name, found, due = f"{name}[{at}]", found[at], due[at]
    return f"{name}: hardware {found}, golden model {due}"


def compare_states(found: State, due: State) -> None:
    """Mismatch names the first weight, bias or LFSR state that differs. LFSRs that the hardware lacks are left out."""
    for part in ("weights", "biases", "lfsr"):
        for i, (mine, right) in enumerate(zip(getattr(found, part), getattr(due, part), strict=part != "lfsr")):
            for n in np.flatnonzero(mine != right):
                raise Mismatch(f"junction {i + 1}: {part}[{n}]: hardware {mine[n]}, golden model {right[n]}")
