"""cocotb test of the whole accelerator; runs inside the simulator, started by `sim.testbench.runner.run_bench`.

Loads weights, biases and LFSR states by the configuration stream, offers training, inference and empty slots with
random pauses on all streams, feeds the golden model with what the input monitor saw, compares every result,
flushes, and reads every weight, bias and LFSR state back.
"""

import json
import os
import pickle
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles

from sim.checker import Checker
from sim.errors import SimError
from sim.harness.program import state_from_values, state_requests
from sim.testbench.beats import ResultBeats, pack, slot_beats, unpack
from sim.testbench.plan import VARIABLE, Plan
from sim.testbench.streams import PauseGenerator, Sink, Source, Streams
from sw.design.ports import Ports
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, Slots
from sw.golden.network import GoldenNetwork, State


class Testbench:
    """Wiring only: sources and sinks to golden model and checker."""

    def __init__(self, dut: Any, plan: Plan) -> None:
        self.dut, self.plan, design = dut, plan, plan.design
        self.design, self.schedule, self.ports = design, Schedule.of(design), Ports.of(design)
        self._check_widths()
        self.golden, self.checker = GoldenNetwork(design), Checker(design)
        self.slots_seen = self.results_seen = self.correct = 0
        self.values: list[int] = []
        self._slot: list[int] = []  # features of the slot that is coming in
        self._facts = (EMPTY, 0, 0)
        self._result = ResultBeats(design)
        longest = 2 * self.schedule.clocks + 20
        pause = [PauseGenerator(plan.pause_chance, longest, plan.seed * 10 + i) for i in range(4)]
        self.source = Source(dut, "slots", pause[0], self._slot_beat)
        self.config = Source(dut, "config", pause[1])
        streams: list[Source | Sink] = [
            self.source,
            self.config,
            Sink(dut, "results", pause[2], self._result_beat),
            Sink(dut, "readback", pause[3], lambda payload: self.values.append(payload)),
        ]
        self.rest = (self.schedule.flush_slots + 2) * self.schedule.clocks + 200
        self.streams = Streams(dut.clk, streams, patience=4 * (self.rest + longest))

    async def reset(self) -> None:
        self.dut.rst.value = 1
        for name in ("slots__valid", "config__valid", "results__ready", "readback__ready"):
            getattr(self.dut, name).value = 0
        Clock(self.dut.clk, 2, unit="ns").start()
        await ClockCycles(self.dut.clk, 4)
        self.dut.rst.value = 0

    async def configure(self, state: State | None = None) -> None:
        """Write a state, or read everything into ``values``."""
        self.values.clear()
        requests = state_requests(self.design, state)
        names = ("value", "index", "kind", "junction", "write")
        for request in requests:
            self.config.queue.append(pack(self.ports.config, **{name: int(request[name]) for name in names}))
        due = 0 if state else len(requests)
        await self.streams.run(lambda: not self.config.queue and len(self.values) >= due, "configuration")

    def offer(self, slots: Slots) -> None:
        self.source.queue += slot_beats(self.design, slots)

    async def finish_slots(self) -> None:
        await self.streams.run(
            lambda: not self.source.queue and not self.checker.expecting, f"results of {self.slots_seen} slots"
        )
        for _ in range(self.rest):
            await self.streams.clock()

    def _check_widths(self) -> None:
        """ports.json and the pins must be what sw.design.ports says."""
        written = json.loads(self.plan.ports.read_text())["streams"]
        if written != self.ports.as_json():
            raise SimError(f"{self.plan.ports} does not describe the streams of design {self.design.name}")
        for name in ("slots", "results", "config", "readback"):
            bits = sum(field.width * field.count for field in getattr(self.ports, name))
            pins = len(getattr(self.dut, f"{name}__payload"))
            if bits != pins:
                raise SimError(f"stream {name}: payload must have {bits} bits, the Verilog has {pins}")

    def _slot_beat(self, payload: int) -> None:
        """Input monitor: a whole slot goes to the golden model."""
        features, kind, label, rate_shift = (unpack(field, payload) for field in self.ports.slots)
        if not self._slot:
            self._facts = (kind[0], label[0], rate_shift[0])
        self._slot += features
        kind_, label_, shift_ = self._facts
        if kind_ != EMPTY and len(self._slot) < self.design.network.neurons[0]:
            return
        row = np.zeros((1, self.design.network.neurons[0]), np.uint8)
        row[0, : len(self._slot)] = self._slot
        self._slot = []
        slot = Slots(row, np.array([label_]), np.array([kind_], np.uint8), np.array([shift_]))
        results = self.golden.run(slot)
        self.correct += int(results.correct.sum())
        self.checker.expect(np.full(len(results), self.slots_seen), results)
        self.slots_seen += 1

    def _result_beat(self, payload: int) -> None:
        record = self._result.take(payload)
        if record is not None:
            self.results_seen += 1
            self.checker.observe(record)


@cocotb.test()
async def train_and_compare(dut: Any) -> None:
    with Path(os.environ[VARIABLE]).open("rb") as file:
        plan: Plan = pickle.load(file)
    bench = Testbench(dut, plan)
    await bench.reset()
    start = plan.start
    bench.golden.load(start)
    await bench.configure(start)
    bench.offer(plan.slots)
    bench.offer(bench.golden.flush())
    await bench.finish_slots()
    await bench.configure()
    state = state_from_values(plan.design, np.array(bench.values, np.uint64))
    bench.checker.finish()
    bench.checker.state(state, bench.golden.state(), bench.slots_seen)
    bench.checker.counter("count_slots", int(dut.count_slots.value), bench.results_seen)
    bench.checker.counter("count_correct", int(dut.count_correct.value), bench.correct)
    if bench.results_seen < plan.least_results or bench.results_seen == 0:
        raise SimError(f"bench must compare at least {plan.least_results} results, got {bench.results_seen}")
    if bench.slots_seen != len(plan.slots) + bench.schedule.flush_slots:
        raise SimError(f"bench offered {len(plan.slots)} slots and a flush, the input monitor saw {bench.slots_seen}")
    plan.report.write_text(
        json.dumps(
            {
                "results": bench.results_seen,
                "slots": bench.slots_seen,
                "values_compared": bench.checker.values_compared,
                "clocks": bench.streams.clocks,
            }
        )
    )
