"""The shell's memories: every word where it was written, in one block or in banks of several."""

import numpy as np
import pytest

import hw.serial.player
from hw.serial.player import READ_CLOCKS, WordMemory, _banks
from tests.hw.play import simulate


@pytest.mark.parametrize(("rows", "due"), [
    (2, [(0, 2)]),
    (1024, [(0, 1024)]),
    (1500, [(0, 1024), (1024, 476)]),
    (6144, [(0, 4096), (4096, 2048)]),
    (50_000, [(0, 16384), (16384, 16384), (32768, 16384), (49152, 848)]),
])
def test_banks_are_powers_of_two_but_for_the_last(rows, due):
    assert _banks(rows) == due
    assert all(first % (1 << (size - 1).bit_length()) == 0 for first, size in due)


@pytest.mark.parametrize(("bits", "rows"), [(5, 2), (20, 100), (9, 300), (33, 137)])
def test_every_word_is_read_some_clocks_after_its_address(monkeypatch, bits, rows):
    monkeypatch.setattr(hw.serial.player, "_BLOCK", 64)
    monkeypatch.setattr(hw.serial.player, "_SMALLEST", 4)
    dut = WordMemory(bits, rows)
    rng = np.random.default_rng(rows)
    words = [int(word) for word in rng.integers(0, 1 << bits, rows)]
    order = rng.permutation(rows).tolist()

    async def testbench(context):
        for place in rng.permutation(rows).tolist():
            context.set(dut.write, 1)
            context.set(dut.write_address, place)
            context.set(dut.word, words[place])
            await context.tick()
            # what is not to be written is not
            context.set(dut.write, 0)
            context.set(dut.word, words[place] ^ 1)
            context.set(dut.write_address, (place + 1) % rows)
            await context.tick()
        for i in range(rows + READ_CLOCKS):
            context.set(dut.read_address, order[min(i, rows - 1)])
            if i >= READ_CLOCKS:
                assert context.get(dut.read) == words[order[i - READ_CLOCKS]]
            await context.tick()

    simulate(dut, testbench)


def test_a_word_is_read_in_the_clock_after_its_write():
    dut = WordMemory(8, 4)

    async def testbench(context):
        for word in range(1, 9):
            context.set(dut.write, 1)
            context.set(dut.write_address, word % 4)
            context.set(dut.word, word)
            await context.tick()
            context.set(dut.write, 0)
            context.set(dut.read_address, word % 4)
            await context.tick().repeat(READ_CLOCKS)
            assert context.get(dut.read) == word

    simulate(dut, testbench)
