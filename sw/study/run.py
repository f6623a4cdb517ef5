"""The loop of a search: workers are given trials until all are done, or the time is."""

import math
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optuna.trial import TrialState

from sw.study.budget import Budget
from sw.study.errors import StudyError
from sw.study.keep import Keeper
from sw.study.lease import RENEWAL
from sw.study.plan import Ask, Finished, Retake, Step, next_step
from sw.study.progress import Progress
from sw.study.pruning import limits
from sw.study.stage import Figure, History, Record, Stage
from sw.study.storage import Study
from sw.study.workers import Died, Done, Failed, Job, Message, Objective, Refused, Reported, Worker, messages

__all__ = ["Ended", "Search", "run"]

_HOPE = 5  # so many failures before any success end a search
_POLL = 2.0  # seconds between looks at what other processes do


@dataclass(frozen=True)
class Search:
    """What is searched.

    Parameters
    ----------
    stages
        In their order.
    prepare
        Gives the objective, in each worker; picklable.
    figures
        What progress and report show of a trial beside its value.
    prune
        Whether trials without hope are ended early (`sw.study.pruning`).
    keep
        How many of the best trials keep their files, beside those of the Pareto front.
    fork
        Whether workers begin as copies of this process, as of `sw.study.workers.Worker`.
    """

    stages: Sequence[Stage]
    prepare: Callable[[], Objective]
    figures: Sequence[Figure] = ()
    prune: bool = True
    keep: int = 1
    fork: bool = False


@dataclass(frozen=True)
class Ended:
    """Why a search ended; ``complete``: with all that it was to do."""

    reason: str
    complete: bool


def run(search: Search, study: Study, out: Path, *, workers: int = 1, threads: int = 1, seconds: float | None = None,
        say: Callable[[str], None] = print, steps: bool = False) -> Ended:
    """Go on with a search until it is complete or ``seconds`` are over; trials that run then are taken up next time.

    Parameters
    ----------
    out
        Folder for the files of the best trials.
    workers, threads
        Processes at a time, threads of each. On an SQLite study the result depends on the number of workers, but not
        on how fast they are.
    say
        Gets one line per trial that ended; ``steps``: and one per step that a trial reports.

    Raises
    ------
    StudyError
        The storage fails; `_HOPE` trials failed and none succeeded.
    UserError
        Of ``search.prepare``.
    """
    loop = _Loop(search, study, out, workers, threads, seconds, say, steps)
    try:
        return loop.run()
    finally:
        loop.close()


class _Loop:
    def __init__(self, search: Search, study: Study, out: Path, workers: int, threads: int, seconds: float | None,
                 say: Callable[[str], None], steps: bool) -> None:
        self._search, self._study = search, study
        self._window = None if study.shared else workers
        self._most, self._threads, self._say, self._steps = workers, threads, say, steps
        self._budget = Budget(search.stages, seconds)
        self._progress = Progress(search.stages, search.figures, workers, self._budget, say)
        self._keeper = Keeper(out, search.keep, search.figures)
        self._idle: list[Worker] = []
        self._running: dict[Worker, Record] = {}
        self._renewed = self._looked = time.monotonic()

    def run(self) -> Ended:
        step: Step | None = None
        changed = True
        while True:
            if changed or self._due():
                step = self._fill()
            over = self._budget.over()
            if not self._running and (over or isinstance(step, Finished)):
                return self._ended(step)
            if self._running and self._budget.over(grace=True):
                return self._ended(step)
            self._renew()
            if not self._running:
                time.sleep(_POLL)  # others have what is to be waited for
                continue
            changed = False
            for worker, message in messages(list(self._running), self._patience()):
                changed |= self._take(worker, message)

    def _due(self) -> bool:
        """Whether another process may have made new work for an idle one here."""
        return self._study.shared and len(self._running) < self._most and time.monotonic() - self._looked >= _POLL

    def _fill(self) -> Step | None:
        """Give every idle worker a trial; the last step of the plan, None if the time is over."""
        step: Step | None = None
        self._looked = time.monotonic()
        while len(self._running) < self._most:
            if self._budget.over():
                return None
            with self._study.alone():
                records = self._study.records()
                closed = self._budget.close(records, self._study)
                ours = {one.id for one in self._running.values()}
                step = next_step(self._search.stages, records, window=self._window, closed=closed,
                                 abandoned=self._study.abandoned(records, ours))
                match step:
                    case Ask():
                        record = self._study.begin(step.stage, step.number, step.candidate)
                    case Retake():
                        record = step.record
                        self._study.take(record)
                    case _:
                        return step
            self._start(record, step.history)
        return step

    def _start(self, record: Record, history: History) -> None:
        worker = self._idle.pop() if self._idle else Worker(self._search.prepare, self._threads, self._search.fork)
        self._running[worker] = record
        alike = [one for one in history.records if one.fidelity == record.fidelity]
        worker.start(Job(record.stage, record.number, record.configuration,
                         limits(alike) if self._search.prune else {}))

    def _take(self, worker: Worker, message: Message) -> bool:
        """Whether a trial has ended by this message."""
        record = self._running[worker]
        match message:
            case Reported():
                if math.isfinite(message.value):
                    self._study.report(record, message.step, message.value)
                if self._steps:
                    self._say(f"  {record.stage} {record.number}, step {message.step}: {message.value:.3f}")
                return False
            case Done() if math.isfinite(message.outcome.value):
                outcome = message.outcome
                if not message.pruned:
                    self._keeper.write(record, outcome)
                state = TrialState.PRUNED if message.pruned else TrialState.COMPLETE
                self._end(record, state, outcome.value, message.seconds, outcome.attributes)
                self._idle.append(worker)
            case Done():
                self._end(record, TrialState.FAIL, None, message.seconds,
                          {"failure": f"its value is {message.outcome.value}"})
                self._idle.append(worker)
            case Failed():
                self._end(record, TrialState.FAIL, None, message.seconds, {"failure": message.reason})
                self._idle.append(worker)
            case Died():
                worker.end()
                self._end(record, TrialState.FAIL, None, 0.0, {"failure": message.reason})
            case Refused():
                raise message.error
        del self._running[worker]
        self._after(record)
        return True

    def _end(self, record: Record, state: TrialState, value: float | None, seconds: float,
             attributes: Mapping[str, Any]) -> None:
        self._study.end(record, state, value,
                        {**attributes, "seconds": round(seconds, 3), "host": socket.gethostname()})

    def _after(self, record: Record) -> None:
        records = self._study.records()
        self._progress(records, next(one for one in records if one.id == record.id), self._budget.closed)
        self._keeper.tidy(records)
        finished = [one for one in records if one.finished]
        failed = [one for one in finished if one.state == TrialState.FAIL]
        if len(failed) == len(finished) >= _HOPE:
            raise StudyError(f"the first {len(failed)} trials have all failed, the last one so: "
                             f"{failed[-1].attributes.get('failure')}")

    def _renew(self) -> None:
        now = time.monotonic()
        if self._study.shared and now - self._renewed > RENEWAL:
            self._renewed = now
            for record in self._running.values():
                self._study.renew(record)

    def _patience(self) -> float:
        return min(_POLL if self._study.shared else 60.0, self._budget.until_next())

    def _ended(self, step: Step | None) -> Ended:
        if isinstance(step, Finished):
            early = [stage.name for stage in self._search.stages if stage.name in self._budget.closed]
            if early:
                return Ended(f"all stages are done, {', '.join(early)} with fewer trials for want of time", True)
            return Ended("all stages are done", True)
        return Ended("the time budget is used up; the same command goes on", False)

    def close(self) -> None:
        """End the processes and leave their trials to be taken up again."""
        for worker in [*self._idle, *self._running]:
            worker.end()
        for record in self._running.values():
            self._study.release(record)
        self._running.clear()
        self._idle.clear()
