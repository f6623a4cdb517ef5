"""The search for a board: from a data set to designs that fit, trained as the board trains, checked if that is wished.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from boards.known import board
from sw.codesign.choice import space
from sw.codesign.designs import Picked, pick
from sw.codesign.objective import FIGURES, Trial
from sw.codesign.stages import Finalists, Networks
from sw.codesign.task import Task, Wanted
from sw.codesign.verify import verify
from sw.common.report import write_report
from sw.study.run import Ended, Search, run
from sw.study.stage import Stage
from sw.study.storage import Study

__all__ = ["Effort", "prepare", "search"]


@dataclass(frozen=True)
class Effort:
    """How much is tried.

    ``networks``: choices, each trained with one seed for ``slots`` training slots; ``finalists``: of them, trained with
    ``seeds`` seeds for ``longer`` times as many.
    """

    networks: int = 150
    slots: int = 60_000
    finalists: int = 8
    longer: int = 8
    seeds: int = 3


def prepare(wanted: Wanted, effort: Effort) -> tuple[Task, Search]:
    """The data, and what is to be searched. DataError as of `Task.load`."""
    task = Task.load(wanted)
    choices = space(task.inputs, task.classes)
    seeds = tuple(range(wanted.seed, wanted.seed + effort.seeds))
    stages: list[Stage] = [
        Networks(task, choices, effort.networks, effort.slots, wanted.seed),
        Finalists(choices, effort.finalists, effort.slots * effort.longer, seeds),
    ]
    return task, Search(stages, partial(Trial.prepare, wanted), FIGURES)


def search(wanted: Wanted, name: str, effort: Effort, study: Study, out: Path, *, workers: int = 1,
           seconds: float | None = None, check: int = 0, say: Callable[[str], None] = print) -> Ended:
    """Search until it is done or the time is over; then write the designs, and check the first ``check`` of them.

    ``name``: of the board. Writes ``out``/designs/ and ``out``/designs.json. Errors as of `sw.study.run.run`,
    `sw.codesign.designs.pick` and `sw.codesign.verify.verify`.
    """
    task, what = prepare(wanted, effort)
    ended = run(what, study, out, workers=workers, seconds=seconds, say=say)
    found: list[dict[str, Any]] = []
    for one in pick(study.records(), task, out / "designs", name):
        facts = dict(one.facts)
        say(_line(one))
        if len(found) < check:
            facts["checked"] = verify(one, name, wanted.label)
            say(_checked(facts["checked"]))
        found.append(facts)
    write_report(out / "designs.json", {
        "data": task.raw.name, "board": name, "device": board(name).chip, "seed": wanted.seed, "ended": ended.reason,
        "designs": found,
    }, {})
    return ended


def _line(one: Picked) -> str:
    facts = one.facts
    tested = "" if facts["test_accuracy"] is None else f", test {facts['test_accuracy']:.2%}"
    return (f"{one.file}: {'-'.join(map(str, facts['neurons']))}, {facts['weights']:,} weights, validation "
            f"{facts['validation_accuracy']:.2%}{tested}, about {facts['samples_per_second']:,.0f} samples/s, "
            f"{facts['share']:.0%} of the board")


def _checked(facts: dict[str, Any]) -> str:
    errors = ", ".join(f"{name} {error:+.1f} %" for name, error in facts["estimate_error_percent"].items()
                       if error is not None)
    same = "the same" if facts["accuracy_equal"] else "another"
    return (f"  simulated: {facts['values_compared']:,} values equal, {same} test accuracy; synthesised: "
            f"{'fits' if facts['fits'] else 'does not fit'}, estimates off by {errors}")
