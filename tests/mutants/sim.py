"""Mutants of what compares the simulation with the golden model, sim/."""

from tests.mutants.mutant import of

__all__ = ["MUTANTS"]

HARNESS = "tests/sim/test_harness.py"

MUTANTS = (
    *of(
        "sim/checker.py", "tests/sim/test_checker.py",
        ("activations are not compared", 'same = (simulated["activations"] == golden.activations).all(axis=1)',
         "same = np.ones(len(slots), bool)"),
        ("one activation that is right will do", "golden.activations).all(axis=1)", "golden.activations).any(axis=1)"),
        ("predictions are not compared", 'same &= simulated["prediction"] == golden.predictions', "pass"),
        ("the last fault is named", "int(np.argmin(same))", "int(np.flatnonzero(~same)[-1])"),
        ("missing results pass", "if missing or extra:", "if extra:"),
        ("extra results pass", "if missing or extra:", "if missing:"),
        ("LFSRs are not compared", 'names.append(("lfsr", "lfsr"))', "pass"),
        ("counters are not compared", "if simulated != golden:", "if False:"),
        ("the rest of a block is lost", "self._simulated.appendleft(simulated[count:])", "pass"),
        ("the rest of the golden results is lost", "self._golden.appendleft((slots[count:], rest))", "pass"),
        ("equal words are not counted", "self.values_compared += have.size", "self.values_compared += 1"),
    ),
    *of(
        "sim/harness/program.py", "tests/sim/test_compare.py",
        ("signs are not extended", "np.where(signed >> (width - 1) & 1, signed - (1 << width), signed)", "signed"),
        ("a read-back too long", "if at != len(values):", "if at > len(values):"),
        ("requests write the first weight",
         'items["index"], items["kind"], items["junction"] = np.arange(count), kind, i',
         'items["kind"], items["junction"] = kind, i'),
        ("pauses with certainty", "if not 0 <= self.chance < 1:", "if not 0 <= self.chance <= 1:",
         f"{HARNESS}::test_pauses_are_checked"),
        ("LFSRs without stochastic rounding", 'if design.arithmetic.rounding == "stochastic" else 0', "if True else 0"),
    ),
    *of(
        "sim/testbench/streams.py", "tests/sim/test_streams.py",
        ("a refused beat may change", "if self._refused is not None and payload != self._refused:", "if False:"),
        ("a beat is taken unasked", "if not self._open:", "if False:"),
        ("a beat stays in the queue", "self.queue.popleft()", "self.queue[0]"),
        ("patience has no end", "idle = 0 if await self.clock() else idle + 1",
         "idle = 0 if await self.clock() else idle"),
        ("no pause is long", "kinds == 0, self._rng", "kinds < 0, self._rng"),
        ("pauses of one clock", "self._left = length", "self._left = 0"),
    ),
    *of(
        "sim/testbench/plan.py", "tests/sim/test_job.py::test_mixed_slots_have_everything",
        ("nothing but training", "p=[0.8, 0.1, 0.1]", "p=[1.0, 0.0, 0.0]"),
        ("every slot has a label", "(kinds == INFER) & (rng.random(count) < 0.5)", "(kinds == 9)"),
    ),
    *of(
        "sim/compare.py", "tests/sim/test_compare.py",
        ("states are not compared", "checker.state(state_from_values(design, values), golden.state(), number)", "pass"),
        ("results that are missing at the end of a segment", "                    checker.finish()\n", ""),
        ("slots are numbered from the segment's begin", "checker.expect(number + np.flatnonzero",
         "checker.expect(np.flatnonzero"),
        ("a chunk is skipped", "slice(first, first + chunk)", "slice(first, first + chunk - 1)"),
        ("no flush in the golden model", "            golden.run(flush)\n", ""),
        ("counters are not compared", 'checker.counter("count_correct", counters.correct, int(everything.sum()))',
         "pass"),
        ("the given LFSR states are not loaded", "start.lfsr if start else []", "[]"),
        ("results are not parted by segment", "ends = np.cumsum(results)[:-1]", "ends = np.cumsum(results)[:0]"),
    ),
    *of(
        "sim/harness/process.py", "tests/sim/test_process.py",
        ("the reason of a stop is not told", "said or 'it said nothing'", "''"),
        ("a bad end passes", "if code != 0:", "if False:"),
        ("a record cut off passes", "if len(data) < count:", "if not data:"),
        ("unknown records are the end", "if tag != _END or count != 6:", "if False:"),
        ("features of any shape", "features.shape[1] != program.inputs", "False"),
    ),
    *of(
        "sim/job.py", "tests/sim/test_job.py::test_test_samples_follow_those_of_training_and_only_infer",
        ("the test samples are those of training", "rows = len(data.xtr) + np.arange(count)",
         "rows = np.arange(count)"),
        ("test samples train", "np.full(count, INFER, np.uint8)", "np.full(count, TRAIN, np.uint8)"),
    ),
)  # fmt: skip
