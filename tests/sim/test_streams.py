"""Drivers and monitors of the cocotb bench, on pins of Python: what crosses, what is refused, who gives up."""

import asyncio
from types import SimpleNamespace

import numpy as np
import pytest

from sim.errors import SimError
from sim.testbench.streams import PauseGenerator, Sink, Source, Streams

NEVER = PauseGenerator(0, 10, 1)


def pins(**values: int) -> SimpleNamespace:
    """A stream ``s``'s pins, each with a value."""
    facts = {"payload": 0, "valid": 0, "ready": 0} | values
    return SimpleNamespace(**{f"s__{name}": SimpleNamespace(value=value) for name, value in facts.items()})


def test_a_source_offers_each_payload_until_it_is_taken():
    dut, crossed = pins(), []
    source = Source(dut, "s", NEVER, crossed.append)
    source.drive()
    assert dut.s__valid.value == 0
    source.queue.extend([5, 6])
    for ready in (0, 0, 1, 1, 1):
        source.drive()
        dut.s__ready.value = ready
        assert source.sample() == bool(ready and dut.s__valid.value)
    assert crossed == [5, 6]
    assert (dut.s__valid.value, len(source.queue)) == (0, 0)


def test_a_source_tells_what_the_pins_had():
    dut, crossed = pins(), []
    source = Source(dut, "s", NEVER, crossed.append)
    source.queue.append(5)
    source.drive()
    dut.s__payload.value, dut.s__ready.value = 4, 1
    assert source.sample()
    assert crossed == [4]


def test_a_sink_takes_a_beat_only_while_it_is_ready():
    dut, taken = pins(payload=3, valid=1), []
    pauses = iter([True, True, False, False])
    sink = Sink(dut, "s", lambda: next(pauses), taken.append)
    for crosses in (False, False, True):
        sink.drive()
        assert dut.s__ready.value == crosses
        assert sink.sample() == crosses
    dut.s__payload.value = 9  # the beat before was taken, so another may come
    sink.drive()
    assert sink.sample()
    assert taken == [3, 9]


@pytest.mark.parametrize("change", [{"payload": 4}, {"valid": 0}])
def test_a_refused_beat_must_stay(change):
    dut = pins(payload=3, valid=1)
    sink = Sink(dut, "s", lambda: True, lambda _: None)
    sink.drive()
    assert not sink.sample()
    for name, value in change.items():
        getattr(dut, f"s__{name}").value = value
    with pytest.raises(SimError, match=r"^stream s: a beat that was refused was then withdrawn or changed$"):
        sink.sample()


def test_pauses_come_by_chance_and_one_in_sixteen_may_be_long():
    assert not any(NEVER() for _ in range(50))
    pause = PauseGenerator(0.25, 100, 3)
    waits, length = [], 0
    for _ in range(60_000):
        if pause():
            length += 1
        elif length:
            waits.append(length)
            length = 0
    assert _answers(PauseGenerator(0.25, 100, 3), 200) == _answers(PauseGenerator(0.25, 100, 3), 200)
    counts = np.bincount(waits)
    assert len(counts) > 90
    assert (counts[1:4] > 500).all()
    assert 0.02 < np.mean(np.array(waits) > 12) < 0.09


def _answers(pause: PauseGenerator, count: int) -> list[bool]:
    return [pause() for _ in range(count)]


class Clocks(Streams):
    """Streams whose clocks are listed: whether anything crosses."""

    def __init__(self, moves: list[bool], patience: int):
        self._moves, self._patience, self.clocks = iter(moves), patience, 0

    async def clock(self) -> bool:
        self.clocks += 1
        return next(self._moves)


def test_a_run_ends_when_it_is_done_or_when_nothing_moves_any_more():
    streams = Clocks([True] + 3 * [False] + [True] + 3 * [False], patience=3)
    asyncio.run(streams.run(lambda: streams.clocks == 8, "words"))
    streams = Clocks([True] + 10 * [False], patience=3)
    with pytest.raises(SimError, match=r"^words: no transfer for 3 clocks, at clock 5$"):
        asyncio.run(streams.run(lambda: False, "words"))
