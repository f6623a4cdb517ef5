"""The optimiser as a sampler of Optuna: each trial gets a whole configuration of a space."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from zlib import crc32

from optuna.samplers import BaseSampler
from optuna.study import StudyDirection
from optuna.trial import FixedTrial, TrialState

from sw.deepncheap.errors import SearchError
from sw.deepncheap.optimiser import DEFAULT, propose

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from sw.deepncheap.spaces import Space

__all__ = ["DeepNCheapSampler", "Exhausted"]

C = TypeVar("C", bound=Hashable)


class Exhausted(SearchError):
    """Every configuration of the space was tried, or is being tried."""


class DeepNCheapSampler(BaseSampler, Generic[C]):
    """Answers ``space.suggest(trial)`` by `propose`; a study may hold several stages, each with its own space.

    Of the study it sees the trials whose user attribute ``stage`` is its own, all if ``stage`` is "". Finished and
    pruned ones count by their value (so what is reported must be the objective), failed ones as bad, running ones as
    pending. What it proposes depends on these, on ``seed``, ``stage`` and the trial's number within the stage, and on
    nothing else: it is the same after the study is resumed. A proposal is an attribute of its trial; threads of one
    process may ask at once, but processes only one after the other.

    ``start``, ``candidates`` and ``method`` are those of `propose`.
    """

    def __init__(self, space: Space[C], seed: int = 0, stage: str = "", *, start: int | None = None,
                 candidates: int = 1000, method: str = DEFAULT) -> None:
        self.space, self.seed, self.stage = space, seed, stage
        self._how: dict[str, Any] = {"start": start, "candidates": candidates, "method": method}
        self._attribute = f"deepncheap:{stage}"
        self._lock = threading.Lock()

    def proposal(self, study: Study) -> C | None:
        """What the next trial of this stage would be given; None if the space is exhausted."""
        return self._propose(study, None)

    def _propose(self, study: Study, before: int | None) -> C | None:
        """For the trial of number ``before``, which is not looked at itself; None: for one to come."""
        sign = -1 if study.direction == StudyDirection.MAXIMIZE else 1
        observed: list[tuple[C, float]] = []
        pending: list[C] = []
        number = 0
        for trial in study.get_trials(deepcopy=False):
            if trial.number == before or (self.stage and trial.user_attrs.get("stage") != self.stage):
                continue
            number += before is None or trial.number < before
            configuration = self._configuration(trial)
            if configuration is None:
                continue
            if not trial.state.is_finished():
                pending.append(configuration)
            else:
                value = None if trial.state == TrialState.FAIL else trial.value
                observed.append((configuration, float("inf") if value is None else sign * value))
        return propose(self.space, observed, pending, number=number,
                       seed=(self.seed, crc32(self.stage.encode())), **self._how)

    def _configuration(self, trial: FrozenTrial) -> C | None:
        """What a trial has; None if it asked for nothing yet and was not proposed anything."""
        try:
            return self.space.suggest(FixedTrial(trial.system_attrs.get(self._attribute, {}) | trial.params))
        except ValueError:  # FixedTrial's, for a parameter that is not there
            return None

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return {}

    def sample_relative(self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution],
                        ) -> dict[str, Any]:
        return {}

    def sample_independent(self, study: Study, trial: FrozenTrial, param_name: str,
                           param_distribution: BaseDistribution) -> Any:
        """Exhausted if there is no configuration left; SearchError for a name that is not of the space."""
        with self._lock:
            storage = study._storage  # where Optuna's own samplers keep what belongs to a trial
            proposed = storage.get_trial(trial._trial_id).system_attrs.get(self._attribute)
            if proposed is None:
                configuration = self._propose(study, trial.number)
                if configuration is None:
                    raise Exhausted("every configuration of the space was tried: a larger space gives more")
                proposed = self.space.parameters(configuration)
                storage.set_trial_system_attr(trial._trial_id, self._attribute, proposed)
        if param_name not in proposed:
            raise SearchError(f"a parameter asked for must be one of the space's, {', '.join(proposed)}, "
                              f"got {param_name}")
        return proposed[param_name]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock())
