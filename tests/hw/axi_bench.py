"""cocotb test of the accelerator behind AXI ports, with the masters and the sink of cocotbext-axi.

Runs inside the simulator, started by test_axi.py. It does all that the ports are for: reads who it is, loads a state,
trains, reads counters and a weight meanwhile, compares every result with the golden model, and reads the state back.
"""

import json
import logging
import os
import pickle
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp, AxiStreamBus, AxiStreamSink, AxiStreamSource

from sim.checker import Checker
from sim.harness.program import state_from_values, state_requests
from sim.testbench.beats import ResultBeats, slot_beats
from sim.testbench.plan import VARIABLE, Plan
from sw.design.registers import REGISTERS, constants
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, Slots
from sw.golden.network import GoldenNetwork, State

PATIENCE = 200_000  # clocks


class Bench:
    """Masters, sink, and pauses on all seven channels."""

    def __init__(self, dut, plan: Plan) -> None:
        self.dut, self.plan, self.design = dut, plan, plan.design
        clock = (dut.aclk, dut.aresetn, False)
        self.slots = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis_slots"), *clock)
        self.results = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis_results"), *clock)
        self.axil = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), *clock)
        write, read = self.axil.write_if, self.axil.read_if
        channels = [self.slots, self.results, write.aw_channel, write.w_channel, write.b_channel, read.ar_channel,
                    read.r_channel]
        for number, channel in enumerate(channels):
            channel.log.setLevel(logging.WARNING)
            if plan.pause_chance:
                channel.set_pause_generator(self._pauses(number))

    def _pauses(self, number: int) -> Iterator[bool]:
        rng = np.random.Generator(np.random.PCG64([self.plan.seed, number]))
        while True:
            yield from (rng.random(1000) < self.plan.pause_chance).tolist()

    async def reset(self) -> None:
        self.dut.aresetn.value = 0
        Clock(self.dut.aclk, 2, unit="ns").start()
        await ClockCycles(self.dut.aclk, 4)
        self.dut.aresetn.value = 1
        await ClockCycles(self.dut.aclk, 2)

    async def write(self, name: str, value: int) -> None:
        done = await self.axil.write(REGISTERS[name].offset, value.to_bytes(4, "little"))
        assert done.resp == AxiResp.OKAY, name

    async def read(self, name: str) -> int:
        done = await self.axil.read(REGISTERS[name].offset, 4)
        assert done.resp == AxiResp.OKAY, name
        return int.from_bytes(done.data, "little")

    async def configure(self, state: State | None = None) -> list[int]:
        """Write a state, or read everything; what is in a row needs its index once."""
        values = []
        requests = state_requests(self.design, state)
        for (junction, kind), group in groupby(requests, lambda one: (int(one["junction"]), int(one["kind"]))):
            await self.write("ADDRESS", junction << 8 | kind)
            await self.write("INDEX", 0)
            for request in group:
                assert await self.read("INDEX") == request["index"] if request["index"] == 1 else True
                if state is None:
                    low = await self.read("VALUE")
                    # a sign goes up to bit 46
                    high = await self.read("VALUE_HIGH") if kind == 2 else 0x7FFF * (low >> 31)
                    values.append(high << 32 | low)
                else:
                    value = int(request["value"])
                    if kind == 2:
                        await self.write("VALUE_HIGH", value >> 32)
                    await self.write("VALUE", value & 0xFFFFFFFF)
        return values

    async def offer(self, slots: Slots) -> None:
        width = len(self.dut.s_axis_slots_tdata) // 8
        for n in range(len(slots)):
            beats = slot_beats(self.design, slots[n : n + 1])
            await self.slots.send(b"".join(beat.to_bytes(width, "little") for beat in beats))

    async def take(self, checker: Checker, due: int) -> None:
        width, beats = len(self.dut.m_axis_results_tdata) // 8, ResultBeats(self.design)
        for _ in range(due):
            data = bytes((await self.results.recv()).tdata)
            for at in range(0, len(data), width):
                record = beats.take(int.from_bytes(data[at : at + width], "little"))
                assert (record is not None) == (at + width == len(data)), "tlast must end each result"
            checker.observe(record)


@cocotb.test(timeout_time=2 * PATIENCE, timeout_unit="ns")
async def train_and_compare(dut) -> None:
    with Path(os.environ[VARIABLE]).open("rb") as file:
        plan: Plan = pickle.load(file)
    bench, design = Bench(dut, plan), plan.design
    await bench.reset()
    for name, value in constants(design).items():
        assert await bench.read(name) == value, name
    await bench.configure(plan.start)

    golden, checker = GoldenNetwork(design), Checker(design)
    golden.load(plan.start)
    slots = Slots.join(plan.slots, golden.flush())
    expected = golden.run(slots)
    checker.expect(np.flatnonzero(slots.kinds != EMPTY), expected)
    await bench.offer(slots)
    taking = cocotb.start_soon(bench.take(checker, len(expected)))
    for _ in range(3):  # the registers are there while it trains; a weight that is read stops it for a moment
        assert await bench.read("COUNT_SLOTS") <= len(expected)
        await bench.read("VALUE")
    await taking
    await ClockCycles(dut.aclk, (Schedule.of(design).flush_slots + 2) * Schedule.of(design).clocks + 200)
    checker.finish()
    assert bench.results.empty(), "nothing may come that is not due"
    values = np.array(await bench.configure(), np.uint64)
    checker.state(state_from_values(design, values), golden.state(), len(slots))
    assert await bench.read("COUNT_SLOTS") == len(expected)
    assert await bench.read("COUNT_CORRECT") == expected.correct.sum()
    assert 0 < await bench.read("COUNT_STALLS") < await bench.read("COUNT_CYCLES")

    assert await bench.read("STATUS") == 0
    width = len(dut.s_axis_slots_tdata) // 8
    first = slot_beats(design, plan.slots[:1])[0]
    await bench.slots.send(first.to_bytes(width, "little"))  # ends after one beat of several
    await bench.slots.wait()
    assert await bench.read("STATUS") == 1
    await bench.write("STATUS", 0)
    assert await bench.read("STATUS") == 1
    await bench.write("STATUS", 1)
    assert await bench.read("STATUS") == 0

    await bench.write("INDEX", 1)
    for offset, data in ((REGISTERS["IDENTITY"].offset, bytes(4)), (0x7C, bytes(4)), (REGISTERS["INDEX"].offset, b"A")):
        assert (await bench.axil.write(offset, data)).resp == AxiResp.SLVERR
    assert await bench.read("INDEX") == 1
    assert (await bench.axil.read(0x1C, 4)).resp == AxiResp.SLVERR
    report = {"results": len(expected), "slots": len(slots), "values_compared": checker.values_compared, "clocks": 0}
    plan.report.write_text(json.dumps(report))
