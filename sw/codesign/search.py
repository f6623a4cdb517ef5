"""The search for a board: from a data set to designs that fit, trained as the board trains, checked if that is wished.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sw.codesign.choice import space
from sw.codesign.designs import Picked, pick
from sw.codesign.objective import FIGURES, Trial
from sw.codesign.stages import Finalists, Networks
from sw.codesign.task import Task
from sw.codesign.verify import verify
from sw.common.report import write_report
from sw.study.report import write
from sw.study.run import Ended, Search, run
from sw.study.stage import Stage
from sw.study.storage import Study

__all__ = ["Effort", "identity", "search"]

_BEST = 3  # trials on the page
_TRAINED_AT_LAST = 0.15  # of a time budget is left for training the designs on all samples


@dataclass(frozen=True)
class Effort:
    """How much is tried.

    ``networks``: choices, each trained with one seed for ``slots`` training slots; ``finalists``: of them, trained with
    ``seeds`` seeds for ``longer`` times as many.
    """

    networks: int = 150
    slots: int = 60_000
    finalists: int = 9
    longer: int = 8
    seeds: int = 3


def identity(task: Task, board: str, effort: Effort) -> dict[str, Any]:
    """What the trials depend on, by the names of the options."""
    given = {f"--{name}": value for name, value in asdict(effort).items()}
    return {"--dataset": f"{task.raw.name} ({task.fingerprint})", "--board": board, "--seed": task.wanted.seed, **given}


def search(task: Task, board: str, effort: Effort, study: Study, out: Path, *, workers: int = 1,
           seconds: float | None = None, check: int = 0, say: Callable[[str], None] = print) -> Ended:
    """Search until it is done or the time is over; then write the designs, and check the first ``check`` of them.

    Writes ``out``/designs/ with designs.json, and what `sw.study.report.write` writes. Errors as of `sw.study.run.run`,
    `sw.codesign.designs.pick` and `sw.codesign.verify.verify`.
    """
    wanted = task.wanted
    choices = space(task.inputs, task.classes)
    stages: list[Stage] = [
        Networks(task, choices, effort.networks, effort.slots, wanted.seed),
        Finalists(choices, effort.finalists, effort.slots * effort.longer,
                  tuple(range(wanted.seed, wanted.seed + effort.seeds))),
    ]
    begun = time.monotonic()
    ended, found = Ended("it was stopped; the same command goes on", False), []
    # not pruned by what others reach: a fast or small network may be less accurate
    what = Search(stages, partial(Trial.prepare, wanted), FIGURES, prune=False)
    try:
        ended = run(what, study, out / "trials", workers=workers,
                    seconds=None if seconds is None else seconds * (1 - _TRAINED_AT_LAST), say=say)
        left = None if seconds is None else seconds - (time.monotonic() - begun)
        for one in pick(study.records(), task, out / "designs", board, workers, left):
            say(_line(one))
            found.append(dict(one.facts))
            if len(found) <= check:
                found[-1]["checked"] = verify(one, board, wanted.label)
                say(_checked(found[-1]["checked"]))
    finally:  # also what a stopped search has found is worth a page
        facts = {"data": task.raw.name, "board": board, "device": wanted.device.name, "study": study.name,
                 "options": identity(task, board, effort)}
        extra = {one["id"]: _told(one) for one in found}
        write(out, f"Designs for {task.raw.name} on {board}", study.records(), FIGURES, ended, most=_BEST, facts=facts,
              extra=extra)
        write_report(out / "designs" / "designs.json", {**facts, "ended": ended.reason, "designs": found}, {})
    return ended


def _told(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What the page says of a design beside its trial."""
    tested = {} if facts["test_accuracy"] is None else {"test accuracy": f"{facts['test_accuracy']:.2%}"}
    return {"design": facts["name"], **tested, "commands": "; ".join(facts["commands"])}


def _line(one: Picked) -> str:
    facts = one.facts
    tested = "" if facts["test_accuracy"] is None else f", test {facts['test_accuracy']:.2%}"
    return (f"{one.file}: {'-'.join(map(str, facts['neurons']))}, {facts['weights']:,} weights, validation "
            f"{facts['validation_accuracy']:.2%}{tested}, about {facts['samples_per_second']:,.0f} samples/s, "
            f"{facts['share']:.0%} of the board")


def _checked(facts: Mapping[str, Any]) -> str:
    errors = ", ".join(f"{name} {error:+.1f} %" for name, error in facts["estimate_error_percent"].items()
                       if error is not None)
    same = "the same" if facts["accuracy_equal"] else "another"
    return (f"  simulated: {facts['values_compared']:,} values equal, {same} test accuracy; synthesised: "
            f"{'fits' if facts['fits'] else 'does not fit'}, estimates off by {errors}")
