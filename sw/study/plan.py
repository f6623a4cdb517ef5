"""What a search does next, as a function of its history alone: whoever goes on with it comes to the same plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from optuna.trial import TrialState

from sw.study.stage import Candidate, History, Record, Stage, key

__all__ = ["Ask", "Finished", "Retake", "Wait", "left", "next_step", "visible"]


@dataclass(frozen=True)
class Ask:
    """A new trial of a stage; ``history`` is what its proposal was based on."""

    stage: Stage
    number: int
    candidate: Candidate
    history: History


@dataclass(frozen=True)
class Retake:
    """A trial that was begun and left by a process that has ended."""

    record: Record
    history: History


@dataclass(frozen=True)
class Wait:
    """Nothing can be begun before a running trial has ended."""


@dataclass(frozen=True)
class Finished:
    """All stages have all their trials."""


Step = Ask | Retake | Wait | Finished


def next_step(stages: Sequence[Stage], records: Sequence[Record], *, window: int | None,
              closed: Mapping[str, int] | None = None, abandoned: Collection[int] = ()) -> Step:
    """What a free worker shall do.

    Parameters
    ----------
    stages
        In their order; a stage begins when all trials of those before have finished.
    records
        All trials of the study.
    window
        Trial n of a stage depends on the results of its trials up to n - window and on no others, so that the
        search does not depend on which of several workers is the faster. None: on all results that are there.
    closed
        Stages that were ended early, and the number of trials at which they were.
    abandoned
        ``id`` of the unfinished trials that nobody works on. They come before anything new.
    """
    closed = closed or {}
    for index, stage in enumerate(stages):
        before = [one for name in stages[:index] for one in _of(name, records)]
        own = _of(stage, records)
        for record in own:
            if record.id in abandoned:
                return Retake(record, visible(before, own, stage, record.number, window))
        number = len(own)
        if number < min(stage.trials, closed.get(stage.name, stage.trials)):
            if number >= stage.start and window is not None and not _there(own, number - window):
                return Wait()
            history = visible(before, own, stage, number, window)
            candidate = stage.propose(number, history)
            if candidate is not None:
                if key(candidate.configuration) in history.taken:
                    raise ValueError(f"stage {stage.name} proposed {candidate.configuration} a second time")
                return Ask(stage, number, candidate, history)
        if not all(record.finished for record in own):
            return Wait()
    return Finished()


def visible(before: Sequence[Record], own: Sequence[Record], stage: Stage, number: int, window: int | None) -> History:
    """What trial ``number`` of a stage may know: the trials after ``number - window`` look as if still running."""
    last = number - 1 if window is None else -1 if number < stage.start else number - window
    shown = [one if one.number <= last or (not one.finished) else
             replace(one, state=TrialState.RUNNING, value=None, curve={}, attributes={})
             for one in own if one.number < number]
    return History((*before, *shown))


def left(stages: Sequence[Stage], records: Sequence[Record], closed: Mapping[str, int] | None = None) -> int:
    """The most trials that are still to be finished."""
    asked = {stage.name: len(_of(stage, records)) for stage in stages}
    begun = max((index for index, stage in enumerate(stages) if asked[stage.name]), default=0)
    new = sum(max(0, min(stage.trials, (closed or {}).get(stage.name, stage.trials)) - asked[stage.name])
              for stage in stages[begun:])
    return new + sum(not record.finished for record in records)


def _of(stage: Stage, records: Sequence[Record]) -> list[Record]:
    return sorted((one for one in records if one.stage == stage.name), key=lambda one: one.number)


def _there(own: Sequence[Record], last: int) -> bool:
    return all(one.finished for one in own if one.number <= last)
