"""The configuration port by itself: what every index means, when it may touch anything, and who waits for whom."""

import pytest

from hw.config import SETTLE, ConfigPort
from sw.design import lfsr
from sw.design.design import Design
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT
from tests.hw.designs import make
from tests.hw.play import simulate

DRAIN = 5
# z = 3, 6 lanes per clock of 3 neurons, an index whose top bits are all ones
DESIGN = make("config", (6, 9, 3), (3, 3), (6, 3), classes=3, rounding="stochastic")
WIDE = make("wide", (40, 1), (1,), (40,), rounding="stochastic")  # two LFSRs, and z as large as the index
LANES = 8, 16  # bits of lane and row


def wanted(design: Design):
    """Every request there is, with the lane and row that it means."""
    for i, j in enumerate(design.junctions):
        for kind, count, lanes in (
            (CONFIG_WEIGHT, j.weights, j.z),
            (CONFIG_BIAS, j.right, j.per_clock),
            (CONFIG_LFSR, lfsr.groups(j.z), lfsr.groups(j.z)),
        ):
            for index in range(count):
                yield {"junction": i, "kind": kind, "index": index}, divmod(index, lanes)[::-1]


class Bench:
    """Junctions that answer SETTLE clocks after they were asked, and a record of what was written."""

    def __init__(self, design: Design):
        self.port = ConfigPort(design, drain=DRAIN, lane_bits=LANES[0], row_bits=LANES[1])
        self.asked: list[tuple[int, int, int]] = [(0, 0, 0)] * SETTLE
        self.written: list[tuple[int, ...]] = []
        self.quiet = 0  # clocks since hold came
        self.held = False

    async def clock(self, context) -> tuple[bool, bool, int]:
        """One clock; config.ready, readback.valid and its payload."""
        port = self.port
        for i, value in enumerate(port.values):
            kind, lane, row = self.asked[0]
            context.set(value, self.answer(i, kind, lane, row))
        writes = [port.write[i] for i in range(len(port.values))]
        watched = (
            port.config.ready, port.readback.valid, port.readback.payload, port.hold, port.access, port.kind, port.lane,
            port.row, port.value, *writes,
        )  # fmt: skip
        _, _, *sampled = await context.tick().sample(*watched)
        ready, valid, payload, hold, access, kind, lane, row, value, *write = sampled
        self.asked = [*self.asked[1:], (kind, lane, row)]
        self.quiet, self.held = self.quiet + 1 if hold else 0, bool(hold)
        assert not access or self.quiet > DRAIN, "access before the pipeline has drained"
        for i, pulse in enumerate(write):
            if pulse:
                assert access
                self.written.append((i, kind, lane, row, value))
        return bool(ready), bool(valid), payload

    @staticmethod
    def answer(junction: int, kind: int, lane: int, row: int) -> int:
        return ((junction * 4 + kind) * 64 + lane) * 1024 + row + 1

    async def ask(self, context, request: dict[str, int]) -> None:
        context.set(self.port.config.payload, request)
        context.set(self.port.config.valid, 1)
        while not (await self.clock(context))[0]:
            pass
        context.set(self.port.config.valid, 0)

    async def answered(self, context, refuse: int = 0) -> int:
        """The next read-back value, refused for some clocks first: it must stay."""
        shown = None
        while True:
            context.set(self.port.readback.ready, refuse == 0)
            _, valid, payload = await self.clock(context)
            if shown is not None:
                assert (valid, payload) == (True, shown)
            if valid:
                shown = payload
                if refuse == 0:
                    context.set(self.port.readback.ready, 0)
                    return payload
                refuse -= 1


@pytest.mark.parametrize("design", [DESIGN, WIDE], ids=lambda d: d.name)
def test_every_index_means_its_lane_and_row(design):
    bench = Bench(design)
    cases = list(wanted(design))
    if design is WIDE:
        cases = cases[:2] + cases[38:]

    async def testbench(context):
        for n, (request, (lane, row)) in enumerate(cases):
            await bench.ask(context, request | {"write": 1, "value": n + 7})
            while not bench.written:
                await bench.clock(context)
            assert bench.written == [(request["junction"], request["kind"], lane, row, n + 7)]
            bench.written = []
            await bench.ask(context, request | {"write": 0, "value": 0})
            due = bench.answer(request["junction"], request["kind"], lane, row)
            assert await bench.answered(context, refuse=n % 3) == due
        assert bench.written == []

    simulate(bench.port, testbench)
    assert {(r["junction"], r["kind"]) for r, _ in cases} == {
        (i, kind) for i in range(len(design.junctions)) for kind in (CONFIG_WEIGHT, CONFIG_BIAS, CONFIG_LFSR)
    }


def test_the_machine_is_held_for_requests_alone_and_drained_once_for_a_run_of_them():
    bench = Bench(DESIGN)
    read = {"junction": 0, "kind": CONFIG_WEIGHT, "index": 1, "write": 0, "value": 0}

    async def testbench(context):
        for _ in range(10):
            await bench.clock(context)
            assert not bench.held
        await bench.ask(context, read)
        first = bench.quiet
        await bench.answered(context)
        context.set(bench.port.config.payload, read)
        context.set(bench.port.config.valid, 1)
        await bench.clock(context)
        context.set(bench.port.config.valid, 0)
        assert bench.quiet > first  # it was never let go
        await bench.answered(context)
        for _ in range(3):
            await bench.clock(context)
        assert not bench.held

    simulate(bench.port, testbench)


def test_a_junction_that_is_not_there_is_never_written_and_still_answers():
    design = make("three", (2, 2, 2, 2), (1, 1, 1), (1, 1, 1))
    bench = Bench(design)
    request = {"junction": 3, "kind": CONFIG_WEIGHT, "index": 0, "value": 5}

    async def testbench(context):
        await bench.ask(context, request | {"write": 1})
        await bench.ask(context, request | {"write": 0})
        assert await bench.answered(context) == 0

    simulate(bench.port, testbench)
    assert bench.written == []
