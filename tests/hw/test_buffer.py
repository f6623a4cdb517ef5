"""The buffer of results: nothing is lost, doubled or out of order, and ``room`` tells in time."""

from collections import deque

import numpy as np
import pytest

from hw.buffer import ResultBuffer
from tests.hw.play import simulate

WORDS = 200


@pytest.mark.parametrize("host", ["ready", "random", "slow"])
@pytest.mark.parametrize(("rows", "spare"), [(8, 5), (13, 6), (6, 3)])
def test_words_come_out_in_order_and_fit(rows, spare, host):
    """Words are given ``spare - 3`` clocks after room was seen, as the machine does: two clocks late, one to decide."""
    unit = ResultBuffer(width=9, rows=rows, spare=spare, lutram_rows=16)
    rng = np.random.Generator(np.random.PCG64([rows, len(host)]))
    words = rng.integers(0, 512, WORDS).tolist()
    given, taken, refused = deque(words), [], None
    flight: deque = deque([None] * (spare - 2))
    inside = fullest = without_room = 0

    async def testbench(context):
        nonlocal refused, inside, fullest, without_room
        clocks = 0
        while len(taken) < WORDS:
            ready = {"ready": True, "random": rng.random() < 0.4, "slow": clocks % 80 >= 60}[host]
            room = context.get(unit.room)
            without_room += not room
            flight.append(given.popleft() if room and given and rng.random() < 0.9 else None)
            word = flight.popleft()
            context.set(unit.write, word is not None)
            context.set(unit.data, word if word is not None else int(rng.integers(0, 512)))
            context.set(unit.results.ready, ready)
            _, _, valid, payload = await context.tick().sample(unit.results.valid, unit.results.payload)
            if refused is not None:
                assert (valid, payload) == (1, refused)
            refused = payload if valid and not ready else None
            if valid and ready:
                taken.append(payload)
            inside += (word is not None) - (valid and ready)
            fullest = max(fullest, inside)
            clocks += 1
            assert clocks < 80 * WORDS, "words are missing"

    simulate(unit, testbench)
    assert taken == words
    assert fullest <= rows + 1  # and the one in front
    if host == "slow":
        assert without_room > 20
        assert fullest >= rows - 2
    elif host == "ready":
        assert without_room <= 3
