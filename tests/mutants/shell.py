"""Mutants of what lies around the accelerator on a board: line, frames, memories, requests, sample store."""

from tests.mutants.mutant import of

__all__ = ["MUTANTS"]

FRAMES = "tests/hw/serial/test_frames.py"
SHELL = "tests/sim/test_shell.py::test_"

MUTANTS = (
    *of(
        "hw/serial/frames.py", FRAMES,
        ("a wrong check is taken for right", "ended & well & alike.all()", "ended & well"),
        ("a frame cut in a group is taken for whole", "whole.eq(~more)", "whole.eq(1)"),
        ("a group is a byte longer", "one.eq(left == 1)", "one.eq(left == 0)"),
        ("messages of one byte are good", "length >= _SHORTEST - 1", "length >= 0"),
        ("a message too long is good", "~(room & short)", "~room"),
        ("a full group is a byte longer", "append & (code == _FULL - 1)", "append & (code == _FULL)"),
        ("the check is that of its own bytes too", "check.eq(Mux(counts, ", "check.eq(Mux(1, "),
        ("a frame's check goes on in the next", "m.d.sync += check.eq(crc.start)", "m.d.sync += check.eq(check)"),
    ),
    *of(
        "hw/serial/uart.py", "tests/hw/serial/test_uart.py",
        ("bytes without a stop bit are taken", "sample & last & line", "sample & last"),
        ("a pulse begins a byte", "last | (first & line)", "last"),
        ("bits are sampled at their edges", "begin.eq(_HALF + step", "begin.eq(step"),
    ),
    *of(
        "hw/serial/player.py", "tests/hw/serial/test_player.py",
        ("every bank is written", "self.write & writes", "self.write"),
        ("the bank of the next word is read", 'f"{name}_chosen", READ_CLOCKS - 2', 'f"{name}_chosen", READ_CLOCKS - 3'),
        ("banks begin where others are", "address[places:] == first >> places",
         "address[places:] == (first >> places) + 1"),
    ),
    *of(
        "hw/serial/onehot.py", "tests/hw/serial/test_onehot.py",
        ("a state that is left goes on", "self._m.d.sync += [self.now(self._now).eq(0), ", "self._m.d.sync += ["),
    ),
    *of(
        "hw/serial/beats.py", "tests/hw/serial/test_beats.py",
        ("more beats are claimed than there is room for", "Mux(claimed, free[3], free[2])", "1"),
        ("beats are given that are not there", "Mux(take, another, has)", "has"),
        ("a take in the clock before is overlooked", "Mux(self.taken, beyond, behind)", "behind"),
        ("a claim beside a row that is free again is not counted", "claim & ~self.taken", "0"),
        ("a row is free before its beat was taken", "more.eq(self.taken & ~claim)", "more.eq(has & ~claim)"),
        ("a beat that was claimed just now is forgotten", "free[-1] & ~claimed", "free[-1]"),
    ),
    *of(
        "hw/serial/states.py", "tests/hw/serial/test_states.py",
        ("a state that is left goes on", "self._m.d.sync += [self.now(self._now).eq(0), ", "self._m.d.sync += ["),
        ("what is decided is done a clock late", "turn[-3]", "turn[-2]"),
        ("a reset leaves the state as it is", "bit.eq(bit.init)", "bit.eq(bit)"),
    ),
    *of(
        "hw/serial/judge.py", f"{SHELL}what_is_done_once",
        ("what has been done is done again", "~kind[6] & distance[7]", "0"),
        ("values are written inside a slot", "(Kind.FLUSH, Kind.WRITE, Kind.STORE_RUN))", "(Kind.FLUSH,))"),
    ),
    *of(
        "hw/serial/access.py", f"{SHELL}what_is_done_once",
        ("numbers beyond all values come again from 0", "Mux(beyond, _NOWHERE, self.kind)", "self.kind"),
    ),
    *of(
        "hw/serial/line.py", f"{SHELL}the_rate_falls_back_after_a_second",
        ("a quiet line loses its rate", "counting.eq(receiver.low)", "counting.eq(1)"),
        ("the rate never falls back", "[step.eq(base), counting.eq(0)]", "[counting.eq(0)]"),
    ),
    *of(
        "hw/serial/store.py", f"{SHELL}the_store_keeps_the_machine_busy",
        ("taps are left out", "following & mask, Value.xor", "following & mask & (mask >> 1), Value.xor"),
        ("states beyond the samples are played", "run.lfsr & (following > number)", "0"),
        ("the address is not turned with the state", "back.eq(-addend)", "back.eq(0)"),
        ("the first state is that of the run before", ", following.eq(state)]", "]"),
        ("the label after a turn is the last one's", "state.eq(0), index.eq(0)", "state.eq(0)"),
    ),
    *of(
        "hw/serial/elapsed.py", f"{SHELL}the_store_keeps_the_machine_busy",
        ("the clocks of a run are not counted", "idle.eq(0)", "idle.eq(1)"),
    ),
)  # fmt: skip
