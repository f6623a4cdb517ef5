# amaranth: UnusedElaboratable=no

"""The output layer: deltas, predictions with ties and padding, and a result stream that loses nothing."""

from collections import deque

import numpy as np
import pytest

from hw.output import OutputLayer
from sim.testbench.beats import pack, unpack
from sw.design.design import Design
from sw.design.ports import Field, Ports
from sw.design.schedule import Schedule
from sw.design.slots import EMPTY, INFER, TRAIN
from tests.hw.designs import make
from tests.hw.play import simulate

# units that finish together, and groups of them
DESIGNS = [
    make("2-units-4-groups", (4, 4, 8), (2, 4), (2, 4), kind=3, classes=5),
    make("2-units-3-groups", (8, 6), (3,), (8,), classes=4, read=1),
    make("12-units", (12, 12), (1,), (12,), classes=12),
    make("5-units", (5, 5), (1,), (5,), classes=4, cost="quadratic", kind=1),
    make("1-unit", (4, 1), (1,), (2,), integer_bits=0),
    make("3-units-4-groups", (12, 12), (2,), (6,), classes=7, width=6, integer_bits=0, cost="quadratic", read=1),
    make("1-class", (12, 12), (2,), (6,), classes=1),
]
SLOTS = 30


def slots_of(design: Design, seed: int):
    """Kinds, labels and activations (SLOTS, N_L) with few values, so that many are equal."""
    rng = np.random.Generator(np.random.PCG64(seed))
    classes, outputs = design.network.classes, design.network.neurons[-1]
    one = 1 << design.arithmetic.number.fraction_bits
    kinds = rng.choice([EMPTY, TRAIN, TRAIN, INFER], SLOTS)
    labels = rng.integers(0, classes, SLOTS)
    labels[(kinds == INFER) & (rng.random(SLOTS) < 0.5)] = classes  # no label
    activations = rng.choice([0, 1, one // 2, one], (SLOTS, outputs))
    activations[3], activations[4] = 0, one  # all equal
    activations[5, :classes], activations[5, classes:] = 0, one  # only padding is large
    kinds[3:6] = TRAIN
    kinds[-1] = TRAIN
    return kinds, labels, activations


def words_of(fields: tuple[Field, ...], payload: int) -> dict:
    """Fields by name; activations as a list, even of one."""
    words = {f.name: unpack(f, payload) for f in fields}
    return {name: w if name == "activations" else w[0] for name, w in words.items()}


def expected(design: Design, kinds, labels, activations) -> list[dict]:
    per_clock, classes = design.junctions[-1].per_clock, design.network.classes
    beats = []
    for kind, label, row in zip(kinds, labels, activations, strict=True):
        if kind == EMPTY:
            continue
        prediction = int(np.flatnonzero(row[:classes] == row[:classes].max())[0])
        for at in range(0, len(row), per_clock):
            last = at + per_clock == len(row)
            beats.append({"activations": row[at : at + per_clock].tolist(), "last": int(last)})
            if last:
                beats[-1] |= {"prediction": prediction, "correct": int(prediction == label)}
    return beats


@pytest.mark.parametrize("host", ["ready", "random", "slow"])
@pytest.mark.parametrize("design", DESIGNS, ids=lambda d: d.name)
def test_results_and_deltas(design, host):
    schedule, last = Schedule.of(design), design.junctions[-1]
    unit, fields = OutputLayer(schedule), Ports.of(design).results
    kinds, labels, activations = slots_of(design, 3)
    work = deque((slot, group) for slot in range(SLOTS) for group in range(unit.groups))
    flight: deque = deque([None] * schedule.stages[-1].activation)
    rng = np.random.Generator(np.random.PCG64(7))
    beats, counts, waited = [], [0, 0], 0

    async def clock(context) -> None:
        nonlocal waited
        clocks = len(waiting)
        ready = {"ready": True, "random": rng.random() < 0.4, "slow": clocks % 120 >= 90}[host]
        context.set(unit.results.ready, ready)
        # a tick, as the machine decides it: what it issues arrives `activation` clocks later
        go = bool(work) and context.get(unit.room) and (host != "random" or rng.random() < 0.8)
        waited += bool(work) and not context.get(unit.room)
        flight.append(work.popleft() if go else None)
        arrives = flight.popleft()
        context.set(unit.write, arrives is not None)
        if arrives is not None:
            slot, group = arrives
            context.set(unit.slot, slot % (1 << len(unit.slot)))
            context.set(unit.group, group)
            context.set(
                unit.descriptor, {"kind": int(kinds[slot]), "label": int(labels[slot]), "rate_shift": 0}
            )
            part = activations[slot, group * last.per_clock :][: last.per_clock]
            for port, value in zip(unit.activations, part, strict=True):
                context.set(port, int(value))
        _, _, valid, payload, finished, correct = await context.tick().sample(
            unit.results.valid, unit.results.payload, unit.finished, unit.correct
        )
        waiting.append(payload if valid and not ready else None)
        if len(waiting) > 1 and waiting[-2] is not None:
            assert valid
            assert payload == waiting[-2], "a refused beat was changed"
        if valid and ready:
            beats.append(words_of(fields, payload))
        counts[0] += finished
        counts[1] += correct

    waiting: list = []

    async def testbench(context):
        due = len(expected(design, kinds, labels, activations))
        while work or any(flight) or len(beats) < due:
            await clock(context)
            assert len(waiting) < 300 * SLOTS * unit.groups, "beats are missing"
        for _ in range(unit.schedule.in_flight + 4):
            await clock(context)
        # deltas of the newest slots, which no later slot has overwritten
        delay = schedule.stages[-1].raw - schedule.stages[-1].fetch
        assert delay == design.hardware.stages.read + design.scaled_delta(last)
        one, number = 1 << design.arithmetic.number.fraction_bits, design.arithmetic.number
        for slot in range(SLOTS - schedule.delta_sets[-1], SLOTS):
            for group in range(unit.groups):
                context.set(unit.delta_group, group)
                context.set(unit.delta_slot, slot % (1 << len(unit.delta_slot)))
                await context.tick().repeat(delay)
                found = [context.get(d) for d in unit.delta]
                exact = activations[slot] - one * (np.arange(last.right) == labels[slot])
                due = number.saturate(exact)[group * last.per_clock :][: last.per_clock].tolist()
                assert found == due, (slot, group)

    simulate(unit, testbench)
    due = expected(design, kinds, labels, activations)
    assert len(beats) == len(due)
    for n, (beat, right) in enumerate(zip(beats, due, strict=True)):
        assert {name: beat[name] for name in right} == right, f"beat {n}"
    used = [b for b in due if b["last"]]
    assert counts == [len(used), sum(b["correct"] for b in used)]
    if host == "ready":
        assert waited == 1  # the clock after reset
    elif host == "slow":
        assert waited > 20


def test_payload_is_the_layout_of_the_ports():
    for design in DESIGNS:
        unit, fields = OutputLayer(Schedule.of(design)), Ports.of(design).results
        assert len(unit.results.payload) == sum(f.width * f.count for f in fields)
        words = {"activations": list(range(fields[0].count)), "prediction": 0, "correct": 1, "last": 0}
        assert words_of(fields, pack(fields, **words)) == words
