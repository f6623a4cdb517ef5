"""The comparison itself, on a machine that answers as the golden model does: nothing passes that differs."""

from collections import deque
from collections.abc import Callable

import numpy as np
import pytest

from sim import compare as module
from sim.checker import Mismatch
from sim.compare import Segment, compare
from sim.errors import SimError
from sim.harness.process import Block, Counters, record_type
from sim.harness.program import Program, state_from_values, state_requests
from sw.design import lfsr
from sw.design.ports import CONFIG_BIAS, CONFIG_LFSR, CONFIG_WEIGHT
from sw.design.schedule import Schedule
from sw.design.settings import Arithmetic
from sw.design.slots import EMPTY, INFER, TRAIN, Slots
from sw.golden.network import GoldenNetwork, State
from tests.sim.designs import tiny

DESIGN = tiny(arithmetic=Arithmetic(rounding="stochastic"))
ROWS, CHUNK = 20, 7
COUNTS = (18, 11)  # slots of the segments
FLUSH = Schedule.of(DESIGN).flush_slots


def answers(program: Program, features: np.ndarray) -> list[Block]:
    """What a right machine gives for a program: results in blocks of three, values, counters."""
    golden = GoldenNetwork(program.design)
    found: list[Block] = []
    slots = correct = 0
    for _, items in program._steps:
        if isinstance(items, int):  # it comes to rest
            continue
        if "row" in (items.dtype.names or ()):
            labels, shifts = items["label"].astype(np.int64), items["rate_shift"].astype(np.int64)
            results = golden.run(Slots(features[items["row"]], labels, items["kind"], shifts))
            block = np.zeros(len(results), record_type(program.design.network.neurons[-1]))
            block["clock"] = slots + np.arange(len(results))
            block["prediction"], block["correct"] = results.predictions, results.correct
            block["activations"] = results.activations
            found += [block[at : at + 3] for at in range(0, len(block), 3)]
            slots, correct = slots + len(results), correct + int(results.correct.sum())
            continue
        state, values = golden.state(), []
        for request in items:
            kind, i = int(request["kind"]), int(request["junction"])
            part = {CONFIG_WEIGHT: state.weights, CONFIG_BIAS: state.biases}.get(kind, state.lfsr)[i]
            if request["write"]:
                part[request["index"]] = request["value"]
            else:
                values.append(int(part[request["index"]]) & (1 << lfsr.LENGTH) - 1)
        golden.load(state)
        if values:
            found.append(np.array(values, np.int64))
    return [*found, Counters(1000, 0.5, slots, correct, 1000, 0)]


class Machine:
    """In the place of the harness; ``executable`` changes what a right machine answers."""

    def __init__(self, executable: Callable[[list[Block]], None], program: Program, features: np.ndarray) -> None:
        blocks = [block if isinstance(block, Counters) else block.copy() for block in answers(program, features)]
        executable(blocks)
        self._blocks, self._asked = deque(blocks), 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def next(self, *, wait=True):
        """The next block; now and then there is none yet, where the caller does not wait."""
        self._asked += 1
        return None if not wait and self._asked % 3 == 0 else self._blocks.popleft()


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    monkeypatch.setattr(module, "Harness", Machine)


def segments() -> list[Segment]:
    rng = np.random.Generator(np.random.PCG64(8))
    found = []
    for count in COUNTS:
        kinds = rng.choice(np.array([TRAIN, TRAIN, INFER, EMPTY], np.uint8), count)
        kinds[-1] = TRAIN
        found.append(Segment(rng.integers(0, ROWS, count), rng.integers(0, 3, count), kinds, rng.integers(0, 4, count)))
    return found


FEATURES = np.random.Generator(np.random.PCG64(7)).integers(0, 256, (ROWS, 14), dtype=np.uint8)


def run(change: Callable[[list[Block]], None] = lambda blocks: None, **more):
    return compare(DESIGN, change, FEATURES, segments(), **{"chunk": CHUNK, **more})


def is_results(block: Block) -> bool:
    return isinstance(block, np.ndarray) and bool(block.dtype.names)


def start() -> State:
    """Weights, biases and LFSR states that are not those of the design."""
    rng = np.random.Generator(np.random.PCG64(9))
    number = DESIGN.arithmetic.number
    return State(
        [rng.integers(number.minimum, number.maximum + 1, j.weights) for j in DESIGN.junctions],
        [rng.integers(number.minimum, number.maximum + 1, j.right) for j in DESIGN.junctions],
        [rng.integers(1, 1 << lfsr.LENGTH, lfsr.groups(j.z)).astype(np.uint64) for j in DESIGN.junctions],
    )


@pytest.mark.parametrize("given", [None, start()], ids=["initial", "given"])
def test_equal_runs_pass_and_every_word_counts(given):
    calls = []
    outcome = run(start=given, progress=lambda *call: calls.append(call))
    used = [int((s.kinds != EMPTY).sum()) for s in segments()]
    words = sum(j.weights + j.right + lfsr.groups(j.z) for j in DESIGN.junctions)
    assert outcome.values_compared == 3 * words + sum(used) * (2 + DESIGN.network.neurons[-1]) + 2
    assert [len(part) for part in outcome.correct] == [len(part) for part in outcome.clocks] == used
    assert np.concatenate(outcome.clocks).tolist() == list(range(sum(used)))
    golden = GoldenNetwork(DESIGN)
    if given:
        golden.load(given)
    for segment, correct in zip(segments(), outcome.correct, strict=True):
        assert golden.run(segment.slots(FEATURES, slice(None))).correct.tolist() == correct.tolist()
        golden.run(golden.flush())
    assert all((a == b).all() for a, b in zip(outcome.state.weights, golden.state().weights, strict=True))
    assert outcome.slots == sum(COUNTS) + 2 * FLUSH
    assert calls[-1] == (sum(used), sum(used))


def test_progress_is_that_of_the_simulation_where_the_golden_model_is_ahead(monkeypatch):
    """Nothing comes before the golden model has run a whole segment."""
    calls, ready = [], Machine.next
    monkeypatch.setattr(Machine, "next", lambda self, *, wait=True: ready(self) if wait else None)
    run(chunk=1 << 20, progress=lambda done, of: calls.append(done))
    assert len(set(calls)) > 2 * len(COUNTS)


def words_of(blocks: list[Block], wanted: bool) -> list[int]:
    return [n for n, b in enumerate(blocks) if isinstance(b, np.ndarray) and is_results(b) == wanted]


@pytest.mark.parametrize(("which", "after"), [(0, 0), (1, COUNTS[0] + FLUSH), (2, sum(COUNTS) + 2 * FLUSH)])
def test_a_wrong_word_of_a_state_is_found(which, after):
    """The state before the first slot, and that after each segment and its flush."""

    def change(blocks):
        values = blocks[words_of(blocks, False)[which]]
        values[-1] ^= 1  # an LFSR's state

    with pytest.raises(Mismatch, match=rf"^state after {after} slots: junction 2, lfsr 0 \(the first of 1 "):
        run(change)


@pytest.mark.parametrize("place", [0, -1])
def test_a_wrong_word_of_a_result_is_found_and_its_slot_named(place):
    def change(blocks):
        block = blocks[words_of(blocks, True)[place]]
        block["activations"][place, 1] ^= 1

    used = [np.flatnonzero(s.kinds != EMPTY) for s in segments()]
    slot = used[0][0] if place == 0 else COUNTS[0] + FLUSH + used[1][-1]
    with pytest.raises(Mismatch, match=rf"^slot {slot}: junction 2, activation of neuron 1 "):
        run(change)


def test_a_result_that_is_missing_is_found_before_the_state_is_looked_at(monkeypatch):
    """On a machine that is slower than the golden model, so that the state comes while results are expected."""
    monkeypatch.setattr(Machine, "next", lambda self, *, wait=True: self._blocks.popleft() if wait else None)

    def change(blocks):
        del blocks[words_of(blocks, False)[1] - 1]

    with pytest.raises(Mismatch, match=r"^number of results, no result for slot \d+: "):
        run(change)


def test_a_result_too_many_is_found():
    def change(blocks):
        at = words_of(blocks, True)[-1]
        blocks.insert(at, blocks[at][-1:].copy())

    with pytest.raises(Mismatch):
        run(change)


@pytest.mark.parametrize("name", ["slots", "correct"])
def test_a_wrong_counter_is_found(name):
    def change(blocks):
        facts = dict(vars(blocks[-1]))
        blocks[-1] = Counters(**(facts | {name: facts[name] + 1}))

    with pytest.raises(Mismatch, match=rf"^counter count_{name}: "):
        run(change)


def test_what_the_harness_says_reaches_the_caller(monkeypatch):
    def stopped(self, *, wait=True):
        raise SimError("harness stopped with status 1: words")

    monkeypatch.setattr(Machine, "next", stopped)
    with pytest.raises(SimError, match=r"^harness stopped with status 1: words$"):
        run()


def test_lfsrs_are_asked_for_only_where_there_are_some():
    for design, kinds in ((DESIGN, {CONFIG_WEIGHT, CONFIG_BIAS, CONFIG_LFSR}), (tiny(), {CONFIG_WEIGHT, CONFIG_BIAS})):
        assert set(state_requests(design)["kind"].tolist()) == kinds


@pytest.mark.parametrize("more", [-1, 1])
def test_a_read_back_of_another_length_is_refused(more):
    count = len(state_requests(DESIGN))
    with pytest.raises(SimError, match=rf"^read-back of tiny: the state has \d+ values, got {count + more}$"):
        state_from_values(DESIGN, np.zeros(count + more, np.uint64))
