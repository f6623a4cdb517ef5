"""The configuration port by itself: what every request means, when it may touch anything, and who waits for whom."""

from itertools import product

import numpy as np
import pytest
from amaranth.hdl import ClockDomain

from hw.config import PART, SETTLE, ConfigPort
from sw.design import lfsr
from sw.design.design import Design
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT, Ports
from tests.hw.designs import make
from tests.hw.play import simulate

DRAIN = 5
WRITTEN = 4  # clocks from a write pulse to the end of the write in the junction's memory
# z = 3, 6 lanes per clock of 3 neurons, an index whose top bits are all ones
DESIGN = make("config", (6, 9, 3), (3, 3), (6, 3), classes=3, rounding="stochastic")
WIDE = make("wide", (40, 1), (1,), (40,), rounding="stochastic")  # two LFSRs, and z as large as the index
THREE = make("three", (2, 2, 2, 2), (1, 1, 1), (1, 1, 1))  # no LFSR, and a junction that is not there
LONG = make("long", (90, 90), (90,), (15,))  # 8,100 weights: an index is compared in two parts
LANES = 8, 16  # bits of lane and row


def wanted(design: Design):
    """Every request there is a value for, with the lane and row that it means."""
    for i, j in enumerate(design.junctions):
        lfsrs = lfsr.groups(j.z) if design.arithmetic.rounding == "stochastic" else 0
        for kind, count, lanes in (
            (CONFIG_WEIGHT, j.weights, j.z),
            (CONFIG_BIAS, j.right, j.per_clock),
            (CONFIG_LFSR, lfsrs, lfsrs),
        ):
            for index in range(count):
                yield {"junction": i, "kind": kind, "index": index}, divmod(index, lanes)[::-1]


def every_request(design: Design, rng: np.random.Generator) -> list[dict[str, int]]:
    """All that the fields of a request can say: in order; in disorder; and the next index, but of something else."""
    sizes = {f.name: 1 << f.width for f in Ports.of(design).config if f.name in ("index", "kind", "junction")}
    ordered = [dict(zip(sizes, words, strict=True)) for words in product(*map(range, sizes.values()))]
    ordered.sort(key=lambda r: (r["junction"], r["kind"], r["index"]))
    mixed = []
    for n in rng.permutation(len(ordered))[:80]:
        one = ordered[n]
        following = one | {"index": (one["index"] + 1) % sizes["index"]}
        for name in ("kind", "junction"):
            mixed += [one, following | {name: int(rng.integers(0, sizes[name]))}]
        # from the highest index to 0, of the same
        mixed += [one | {"index": sizes["index"] - 1}, one | {"index": 0}]
    return ordered + mixed


class Bench:
    """Junctions that answer SETTLE clocks after they were asked, and a record of what was written."""

    def __init__(self, design: Design):
        self.port = ConfigPort(design, drain=DRAIN, lane_bits=LANES[0], row_bits=LANES[1])
        self.asked: list[tuple[int, int, int]] = [(0, 0, 0)] * SETTLE
        self.written: list[tuple[int, ...]] = []
        self.writing: list[tuple[int, ...]] = []  # what must be shown in the next clocks
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
        assert not access or self.quiet > DRAIN, "access before the pipeline has drained"
        self.quiet, self.held = self.quiet + 1 if hold else 0, bool(hold)
        shown = (access, kind, lane, row, value)
        assert not self.writing or self.writing.pop() == shown, "a write that moves"
        for i, pulse in enumerate(write):
            if pulse:
                assert access
                self.written.append((i, *shown[1:]))
                self.writing = [shown] * WRITTEN
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


@pytest.mark.parametrize("design", [DESIGN, WIDE, THREE], ids=lambda d: d.name)
def test_what_is_not_there_is_never_written_and_read_as_0(design):
    """Against a table of what there is."""
    bench = Bench(design)
    there = {(r["junction"], r["kind"], r["index"]): at for r, at in wanted(design)}
    rng = np.random.Generator(np.random.PCG64(5))
    due = []

    async def testbench(context):
        for n, request in enumerate(every_request(design, rng), 1):
            at = there.get((request["junction"], request["kind"], request["index"]))
            write = int(rng.integers(0, 2))
            await bench.ask(context, request | {"write": write, "value": n})
            if write and at:
                due.append((request["junction"], request["kind"], *at, n))
            if not write:
                answer = bench.answer(request["junction"], request["kind"], *at) if at else 0
                assert await bench.answered(context) == answer, request
        while bench.held:
            await bench.clock(context)

    simulate(bench.port, testbench)
    assert bench.written == due


def test_an_index_that_differs_in_a_high_bit_alone_does_not_follow():
    bench, lanes = Bench(LONG), LONG.junctions[0].z
    indices = 100, 101 + (1 << PART), 101, 102

    async def testbench(context):
        for n, index in enumerate(indices):
            await bench.ask(context, {"junction": 0, "kind": CONFIG_WEIGHT, "index": index, "write": 1, "value": n})
        while bench.held:
            await bench.clock(context)

    simulate(bench.port, testbench)
    assert bench.written == [(0, CONFIG_WEIGHT, *divmod(index, lanes)[::-1], n) for n, index in enumerate(indices)]


def test_an_lfsr_is_not_given_the_state_that_it_cannot_leave():
    bench = Bench(DESIGN)
    state = {"junction": 1, "kind": CONFIG_LFSR, "index": 0}
    top = 1 << (lfsr.LENGTH - 1)

    async def testbench(context):
        for value in (0, 1, 0, top):
            await bench.ask(context, state | {"write": 1, "value": value})
        # 0 is a weight like others, and may be said when reading
        await bench.ask(context, state | {"kind": CONFIG_WEIGHT, "write": 1, "value": 0})
        await bench.ask(context, state | {"write": 0, "value": 0})
        assert await bench.answered(context) == bench.answer(1, CONFIG_LFSR, 0, 0)

    simulate(bench.port, testbench)
    assert bench.written == [
        (1, CONFIG_LFSR, 0, 0, 1), (1, CONFIG_LFSR, 0, 0, top), (1, CONFIG_WEIGHT, 0, 0, 0),
    ]  # fmt: skip


def test_a_value_waits_until_it_is_taken_and_is_given_once():
    bench = Bench(DESIGN)

    async def testbench(context):
        await bench.ask(context, {"junction": 0, "kind": CONFIG_WEIGHT, "index": 1, "write": 0, "value": 0})
        await bench.answered(context, refuse=20)
        for _ in range(20):
            _, valid, _ = await bench.clock(context)
            assert not valid

    simulate(bench.port, testbench)


def test_a_reset_at_any_clock_ends_a_request():
    bench, domain = Bench(DESIGN), ClockDomain("sync")
    request = {"junction": 0, "kind": CONFIG_WEIGHT, "index": 4, "write": 1}
    clocks = []  # from the request to its write

    async def testbench(context):
        for after in range(60):
            context.set(bench.port.config.payload, request | {"value": after})
            context.set(bench.port.config.valid, 1)
            for clock in range(after):
                ready, _, _ = await bench.clock(context)
                if ready:
                    context.set(bench.port.config.valid, 0)
                if bench.written and not clocks:
                    clocks.append(clock)
            context.set(bench.port.config.valid, 0)
            context.set(domain.rst, 1)
            await bench.clock(context)
            context.set(domain.rst, 0)
            bench.written, bench.writing = [], []
            for _ in range(40):
                await bench.clock(context)
            assert not bench.written
            assert not bench.held
            await bench.ask(context, request | {"value": 7})
            while not bench.written:
                await bench.clock(context)
            assert bench.written == [(0, CONFIG_WEIGHT, 4, 0, 7)]
            while bench.held:
                await bench.clock(context)
            bench.written = []

    simulate(bench.port, testbench, domain=domain)
    assert clocks
    assert clocks[0] < 50


def test_a_write_is_not_answered():
    bench = Bench(DESIGN)
    request = {"junction": 0, "kind": CONFIG_WEIGHT, "index": 4, "write": 1, "value": 7}

    async def testbench(context):
        await bench.ask(context, request)
        held = True
        while held:
            _, valid, _ = await bench.clock(context)
            assert not valid
            held = bench.held

    simulate(bench.port, testbench)
    assert len(bench.written) == 1
