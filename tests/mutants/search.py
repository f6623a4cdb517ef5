"""Mutants of the search: its engine sw/study/, its stages sw/deepncheap/, designs for a board sw/codesign/."""

from tests.mutants.mutant import of

__all__ = ["MUTANTS"]

RUN = "tests/study/test_run.py"
STORAGE = "tests/study/test_storage.py"

MUTANTS = (
    *of(
        "sw/study/plan.py", "tests/study/test_plan.py",
        ("a trial does not wait for the last result that it may see", "not _there(own, number - window)",
         "not _there(own, number - window - 1)"),
        ("first trials see those of their stage", "-1 if number < stage.start else number - window",
         "number - window"),
        ("what is not to be seen yet shows its value", "state=TrialState.RUNNING, value=None, curve={}",
         "state=TrialState.RUNNING, curve={}"),
        ("a stage begins before the one before has ended", "if not all(record.finished for record in own):",
         "if False:"),
        ("a closed stage goes on", "min(stage.trials, closed.get(stage.name, stage.trials)):", "stage.trials:"),
    ),
    *of(
        "sw/study/pruning.py", "tests/study/test_pruning.py",
        ("the last value of a curve instead of the lowest", "lowest(curve, step) - min", "curve[step] - min"),
        ("the first quarter is pruned", "range(-(-last // 4), last)", "range(1, last)"),
        ("one complete trial too few", "if len(gains) >= LEAST:", "if len(gains) >= LEAST - 1:"),
    ),
    *of(
        "sw/study/pareto.py", "tests/study/test_pareto.py",
        ("better in one figure is enough", "any(all(theirs <= ours", "any(any(theirs <= ours"),
        ("figures of short runs beside those of long ones", "for one in complete if one.fidelity == highest]",
         "for one in complete]"),
    ),
    *of(
        "sw/study/budget.py", f"{RUN}::test_stages_that_are_done_get_no_share",
        ("stages that are done get a share", "for stage in self._stages[begun:]) or 1.0",
         "for stage in self._stages) or 1.0"),
        ("equal shares", "stage.share / rest", "1 / len(self._stages)"),
    ),
    *of(
        "sw/study/storage.py", STORAGE,
        ("a study goes on with other options", "if before.get(name) != identity.get(name)]", "if False]"),
        ("any process may write a result", "held is not None and all(", "held is not None or all("),
    ),
    *of(
        "sw/study/workers.py", "tests/study/test_workers.py",
        ("a copy keeps the files of the main process", "os.dup2(nothing, file, inheritable=False)", "pass"),
    ),
    *of(
        "sw/deepncheap/rules.py", "tests/deepncheap/test_rules.py",
        ("a pool after the layer that passes a threshold", "pools.append(layer - 1)", "pools.append(layer)"),
        ("a network is in its own grid", "seen = {key(architecture)}", "seen = set()"),
        ("decay does not depend on the samples", "scale = rule.samples / samples", "scale = 1.0"),
        ("small batches for all data", "min(256, samples // 64)", "min(32, samples // 64)"),
    ),
    *of(
        "sw/deepncheap/stages.py", "tests/deepncheap/test_stages.py",
        ("a grid goes out from the first network", "incumbent = best(before)",
         "incumbent = next(iter(before), None)"),
        ("a grid trains again what was trained", "not in trained:", "not in ():"),
    ),
    *of(
        "sw/deepncheap/objective.py", "tests/deepncheap/test_objective.py",
        ("a regression counts as its loss", "else 10 * error", "else error"),
        ("complexity without its weight", "+ self.wc * self.complexity", "+ self.complexity"),
    ),
    *of(
        "sw/deepncheap/kernels.py", "tests/deepncheap/test_kernels.py",
        ("ranges of deep layers without end", "np.minimum(np.arange(1, len(ranges) + 1), 4)",
         "np.arange(1, len(ranges) + 1)"),
        ("a layer without a partner counts nothing", "np.where(either, FARTHEST, 0.0)", "0.0"),
    ),
    *of(
        "sw/deepncheap/acquisition.py", "tests/deepncheap/test_acquisition.py",
        ("improvement without its margin", "gain = best - margin - mean", "gain = best - mean"),
        ("the tail by the formula of the middle", "np.where(z > -1, above, below)", "above"),
    ),
    *of(
        "sw/deepncheap/gaussian_process.py", "tests/deepncheap/test_gaussian_process.py",
        ("the prior's mean is forgotten", "return self.mean + cross.T", "return cross.T"),
    ),
    *of(
        "sw/deepncheap/optimiser.py", "tests/deepncheap/test_optimiser.py",
        ("draws do not depend on the number of the trial", "default_rng([*seed, number])", "default_rng([*seed])"),
        ("a failure counts as the best", "worst = max(value", "worst = min(value"),
        ("what runs may be tried twice", "| set(pending)", "| set()"),
    ),
    *of(
        "sw/deepncheap/training.py", "tests/deepncheap/test_training.py",
        ("the last weights instead of the best", "if not self.best_epoch or error < self.curve[self.best_epoch - 1]:",
         "if True:"),
        ("rates fall too early", "<= epoch for share", "<= epoch + 1 for share"),
        ("narrow samples in 16 bits", "prod(task.sample_shape) >= WIDE", "True"),
    ),
    *of(
        "sw/codesign/sizes.py", "tests/codesign/test_sizes.py",
        ("out-degrees without lanes", "smooth = [d for d in allowed if _smooth(left * d // right)]",
         "smooth = list(allowed)"),
    ),
    *of(
        "sw/codesign/fitting.py", "tests/codesign/test_fitting.py",
        ("more than the room", "found.share <= room", "found.share <= 1.5 * room"),
        ("multipliers of tables that have no model", 'parts.append(float("inf"))', "pass"),
    ),
    *of(
        "sw/codesign/objective.py", "tests/codesign/test_objective.py::test_values",
        ("no error is infinitely good", "max(1 - accuracy, 0.5 / samples)", "1 - accuracy + 1e-30"),
    ),
)
