"""A search in this process: trial after trial, each kept as soon as it is done."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.trial import TrialState

from sw.common.atomic import check_folder, write_atomic
from sw.deepncheap.training import TrialFailed
from sw.study.keep import Keeper
from sw.study.plan import Ask, next_step
from sw.study.stage import Record, Stage
from sw.study.workers import Job, Objective, Outcome

__all__ = ["stored", "trained"]

_FILE = "trials.json"


def trained(stages: Sequence[Stage], objective: Objective, folder: Path, *, keep: int = 1,
            tell: Callable[[Record, int, int], None] = lambda record, done, of: None) -> list[Record]:
    """All trials of a search, in the order in which they were asked for; those in ``folder`` are not trained again.

    None is pruned, so that every search trains what it says. The ``keep`` best keep their files, as of
    `sw.study.keep.folder_of`. ``tell`` gets each record that is new, how many are done, and how many there are at most.
    """
    check_folder(folder)
    records = stored(folder)
    keeper = Keeper(folder, keep, ())
    most = sum(stage.trials for stage in stages)
    while isinstance(step := next_step(stages, records, window=1), Ask):
        begun = time.perf_counter()
        job = Job(step.stage.name, step.number, step.candidate.configuration)
        tried = _tried(objective, job)
        told = tried.attributes if isinstance(tried, Outcome) else {"failure": tried}
        record = Record(
            id=len(records), trial=len(records), stage=job.stage, number=job.number, configuration=job.configuration,
            state=TrialState.COMPLETE if isinstance(tried, Outcome) else TrialState.FAIL,
            value=tried.value if isinstance(tried, Outcome) else None,
            attributes={**told, "seconds": round(time.perf_counter() - begun, 3)})
        if isinstance(tried, Outcome):
            keeper.write(record, tried)
        records.append(record)
        write_atomic(folder / _FILE, (json.dumps([_row(one) for one in records]) + "\n").encode())
        keeper.tidy(records)
        tell(record, len(records), most)
    return records


def stored(folder: Path) -> list[Record]:
    """The trials that a folder holds; none where it has no file, or a damaged one."""
    try:
        return [_record(number, row) for number, row in enumerate(json.loads((folder / _FILE).read_text()))]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return []


def _tried(objective: Objective, job: Job) -> Outcome | str:
    """What came of it, or why it failed."""
    try:
        return objective(job, lambda step, value: False)
    except TrialFailed as failure:
        return str(failure)


def _row(record: Record) -> dict[str, Any]:
    return {"stage": record.stage, "number": record.number, "state": record.state.name, "value": record.value,
            "configuration": record.configuration, "attributes": dict(record.attributes)}


def _record(number: int, row: Mapping[str, Any]) -> Record:
    return Record(id=number, trial=number, stage=row["stage"], number=row["number"], state=TrialState[row["state"]],
                  configuration=row["configuration"], value=row["value"], attributes=row["attributes"])
