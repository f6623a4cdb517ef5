"""What a search is made of: stages that propose candidates, and the records of the trials that tried them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, Self, TypeVar

from optuna.distributions import BaseDistribution
from optuna.trial import BaseTrial, FixedTrial, TrialState

__all__ = ["Candidate", "Figure", "History", "Record", "Stage", "Value", "best", "key", "ranked"]

Value = int | float | str
C = TypeVar("C")


def key(configuration: Any) -> str:
    """The one way to write a configuration as JSON text: equal texts are the same configuration."""
    return json.dumps(configuration, sort_keys=True, separators=(",", ":"))


class Space(Protocol[C]):
    """What can ask an Optuna trial for a point, and knows what a trial has to answer to get one."""

    def suggest(self, trial: BaseTrial) -> C: ...
    def parameters(self, point: C, /) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Candidate:
    """What a trial shall try.

    Parameters
    ----------
    configuration
        What the objective gets, of JSON's types. It also tells trials apart: the engine refuses to try one twice.
    parameters, distributions
        The same as Optuna shows it in its dashboard: values by name, and what each is taken from.
    """

    configuration: Any
    parameters: Mapping[str, Value] = field(default_factory=dict)
    distributions: Mapping[str, BaseDistribution] = field(default_factory=dict)

    @classmethod
    def of(cls, configuration: Any, space: Space[C], point: C) -> Self:
        """For a point of a space, as which Optuna shows it."""
        asked = FixedTrial(dict(space.parameters(point)))
        space.suggest(asked)
        return cls(configuration, asked.params, asked.distributions)


@dataclass(frozen=True)
class Record:
    """A trial as the study holds it.

    Parameters
    ----------
    id, trial
        Identity in the storage; number in the study.
    stage, number
        Stage that asked for it, and how many trials that stage had asked for before.
    fidelity
        Values compare with those of equal fidelity; higher ones are more exact.
    state
        RUNNING, WAITING (to be taken up again), COMPLETE, PRUNED or FAIL.
    value
        What is minimised; of a pruned trial the last one reported, else None unless complete.
    curve
        Value after each step that was reported.
    attributes
        What the objective told beside its value, of JSON's types. ``seconds``: how long the trial took; ``failure``:
        why it failed; ``host``: where it ran.
    """

    id: int
    trial: int
    stage: str
    number: int
    state: TrialState
    configuration: Any
    fidelity: int = 0
    value: float | None = None
    curve: Mapping[int, float] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Value] = field(default_factory=dict)
    lease: Mapping[str, Any] | None = None

    @property
    def seconds(self) -> float:
        """How long it took, 0 while it is not known."""
        return self.attributes.get("seconds", 0.0)

    @property
    def finished(self) -> bool:
        """Whether nothing more will be known of it."""
        return self.state.is_finished()

    @property
    def complete(self) -> bool:
        """Whether its value counts."""
        return self.state == TrialState.COMPLETE


def ranked(records: Sequence[Record]) -> list[Record]:
    """The complete records of highest fidelity, those of lowest value first, of equal ones the earliest."""
    found = [(one.value, one) for one in records if one.complete and one.value is not None]
    highest = max((one.fidelity for _, one in found), default=0)
    return [one for _, one in sorted(found, key=lambda pair: pair[0]) if one.fidelity == highest]


def best(records: Sequence[Record]) -> Record | None:
    """The first of those `ranked`."""
    return next(iter(ranked(records)), None)


@dataclass(frozen=True)
class History:
    """What the proposal of one trial may depend on: records by stage, in order, each stage's by number.

    Of the stages before, every trial is finished. Of the stage itself, those that may not be looked at yet
    are shown as running.
    """

    records: tuple[Record, ...]

    def of(self, stage: str) -> list[Record]:
        """The records of one stage."""
        return [one for one in self.records if one.stage == stage]

    def before(self, stage: str) -> list[Record]:
        """The records of the stages before one."""
        return [one for one in self.records if one.stage != stage]

    @cached_property
    def taken(self) -> frozenset[str]:
        """The keys of all configurations that were ever asked for."""
        return frozenset(key(one.configuration) for one in self.records)


class Stage(Protocol):
    """A part of a search. What it proposes depends on ``number`` and ``history`` alone, on no other state.

    Attributes
    ----------
    name
        Unique in the search.
    trials
        The most that it asks for.
    start
        The first ``start`` proposals do not depend on results of this stage, so that nothing waits for those.
    fidelity
        See `Record`.
    share
        Its part of a time budget, relative to that of the other stages.
    """

    @property
    def name(self) -> str: ...
    @property
    def trials(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def fidelity(self) -> int: ...
    @property
    def share(self) -> float: ...

    def propose(self, number: int, history: History) -> Candidate | None:
        """The candidate of trial ``number``, none that was ``taken``; None where there is no other."""
        ...


@dataclass(frozen=True)
class Figure:
    """A figure of a trial that people want to see.

    Parameters
    ----------
    name
        Its key among the attributes of a record.
    label
        How progress and report show it, a format: ``"accuracy {:.2%}"``.
    better
        "lower" or "higher" if it counts in the Pareto front, else "".
    """

    name: str
    label: str
    better: str = ""

    def text(self, record: Record) -> str:
        """The figure of a record as people read it; empty where it has none."""
        value = record.attributes.get(self.name)
        return "" if value is None else self.label.format(value)
