"""The whole accelerator against the golden model, in Amaranth's own simulator, with pauses on both streams.

For machines of a few hundred clocks; sim/ does the same under Verilator for long runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from amaranth.hdl import ClockDomain, Value

from hw.accelerator import Accelerator
from sim.program import state_from_values, state_requests
from sim.streams import pack, unpack
from sw.design import lfsr
from sw.design.design import Design
from sw.design.ports import Field, Ports
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.golden.network import GoldenNetwork, State
from tests.hw.play import simulate

__all__ = ["Mismatch", "Run", "check", "pack_words", "random_slots", "random_state", "unpack_fields"]

LONGEST_PAUSE = 40


class Mismatch(AssertionError):
    """Hardware and golden model differ; the message names slot, or junction and index, and both values."""


def pack_words(fields: Sequence[Field], **values: Any) -> int:
    return pack(fields, **{name: v if isinstance(v, list) else int(v) for name, v in values.items()})


def unpack_fields(fields: Sequence[Field], payload: int) -> dict[str, Any]:
    """Fields by name; activations as a list, even of one."""
    words = {f.name: unpack(f, payload) for f in fields}
    return {name: w if name == "activations" else w[0] for name, w in words.items()}


def random_slots(design: Design, count: int, seed: int, kinds: Sequence[int] | None = None) -> Slots:
    """All kinds and rates, labels missing in some inference slots, features at both ends now and then."""
    rng = np.random.Generator(np.random.PCG64([seed, 1]))
    network = design.network
    features = rng.integers(0, 256, (count, network.inputs), dtype=np.uint8)
    features[rng.random(count) < 0.15] = 255
    if kinds is None:
        kinds = rng.choice([TRAIN, INFER, EMPTY], count, p=[0.75, 0.15, 0.1])
    labels = rng.integers(0, network.classes, count)
    labels[(np.asarray(kinds) == INFER) & (rng.random(count) < 0.5)] = network.classes
    shifts = np.where(rng.random(count) < 0.8, rng.integers(0, 5, count), rng.integers(5, 16, count))
    return Slots(features, labels, np.asarray(kinds, np.uint8), shifts)


def random_state(design: Design, seed: int) -> State:
    """Weights and biases anywhere in their range, the first ones at its ends; any LFSR states."""
    rng = np.random.Generator(np.random.PCG64([seed, 2]))
    number = design.arithmetic.number
    weights, biases = [], []
    for j in design.junctions:
        weights.append(rng.integers(number.minimum, number.maximum + 1, j.weights))
        weights[-1][:2] = (number.minimum, number.maximum)[: j.weights]
        biases.append(rng.integers(number.minimum // 2, number.maximum // 2 + 1, j.right))
    states = [rng.integers(1, 1 << lfsr.LENGTH, lfsr.groups(j.z)).astype(np.uint64) for j in design.junctions]
    return State(weights, biases, states)


def slot_beats(design: Design, slots: Slots) -> list[int]:
    """Payloads of the slot stream; what only counts on a slot's first beat is junk on the others."""
    schedule, fields = Schedule.of(design), Ports.of(design).slots
    words = schedule.features_per_beat
    beats = []
    for i in range(len(slots)):
        kind = int(slots.kinds[i])
        features = np.zeros(design.network.neurons[0], int)
        features[: design.network.inputs] = slots.features[i]
        for beat in range(1 if kind == EMPTY else schedule.beats):
            first = {"kind": kind, "label": int(slots.labels[i]), "rate_shift": int(slots.rate_shifts[i])}
            head = first if beat == 0 else {"kind": 3, "label": 0, "rate_shift": 15}
            part = features[beat * words : (beat + 1) * words].tolist()
            beats.append(pack_words(fields, features=part, **head))
    return beats


@dataclass
class Run:
    """An accelerator in simulation: four streams, one loop.

    ``chance``: of a pause on the slot and the result stream before a beat; one in eight is long.
    """

    design: Design
    chance: float = 0.0
    seed: int = 1
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
        taking = not self._paused("results")
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
            if idle > self.patience:
                raise Mismatch(f"{what}: nothing has moved for {idle} clocks")

    async def offer(self, context, slots: Slots, *, done=lambda: False) -> None:
        """Offer slots until all are taken, or until ``done()``."""
        self._queues["slots"] += slot_beats(self.design, slots)
        await self._until(context, lambda: not self._queues["slots"] or done(), "slots")

    async def configure(self, context, requests: np.ndarray) -> np.ndarray:
        """Send configuration beats (sim.program.state_requests); the values that were read."""
        self._read = []
        names = [f.name for f in self.ports.config]
        self._queues["config"] += [
            pack_words(self.ports.config, **{name: int(r[name]) for name in names}) for r in requests
        ]
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
        """Let everything drain; nothing may move but results that are due."""
        drain = self.dut.config_port.drain
        for _ in range(drain + LONGEST_PAUSE):
            await self._clock(context)
