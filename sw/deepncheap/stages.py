"""The three stages of Deep-n-Cheap as stages of a study: widths, one grid after the other, training settings."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from sw.deepncheap.architectures import (
    Architecture,
    Cnn,
    Mlp,
    from_dict,
    number_of_parameters,
    to_dict,
)
from sw.deepncheap.optimiser import DEFAULT, METHODS, propose
from sw.deepncheap.rules import (
    Grids,
    default_batch,
    default_cnn,
    default_mlp,
    default_weight_decay,
    options,
)
from sw.deepncheap.spaces import Channels, HiddenLayers, TrainingSettings, TrainingSpace
from sw.study.stage import Candidate, History, Record, Value, best, key

__all__ = [
    "Bayes", "BayesianStage", "GridStage", "Problem", "SettingsStage", "WidthsStage", "architecture_of", "settings_of",
    "stages",
]

_LEARNING_RATE = 1e-3  # of stages 1 and 2
# the fields of an architecture that a grid changes, for Optuna's tables
_CHANGED = {"ac": ("activation",), "ds": ("strides",), "bn": ("batch_norm",),
            "do": ("dropout", "first_drop", "other_drop"), "sc": ("shortcuts",)}


@dataclass(frozen=True)
class Problem:
    """What the stages need to know of the data: shape of a sample, outputs, training samples."""

    sample_shape: tuple[int, ...]
    outputs: int
    samples: int

    def default_settings(self, architecture: Architecture) -> TrainingSettings:
        """How stages 1 and 2 train a network."""
        parameters = number_of_parameters(architecture, self.sample_shape, self.outputs)
        return TrainingSettings(_LEARNING_RATE, default_weight_decay(architecture, parameters, self.samples),
                                default_batch(self.samples))


@dataclass(frozen=True)
class Bayes:
    """How a Bayesian stage proposes: `initial` points (None: as many as the method likes best), then `steps`."""

    seed: int = 1
    initial: int | None = None
    steps: int = 15
    candidates: int = 1000
    method: str = DEFAULT

    @property
    def start(self) -> int:
        return min(METHODS[self.method].start, self.trials) if self.initial is None else self.initial

    @property
    def trials(self) -> int:
        return (15 if self.initial is None else self.initial) + self.steps

    def propose(self, name: str, space: Any, number: int, observed: Sequence[tuple[Any, float]],
                pending: Sequence[Any]) -> Any:
        """The next configuration of a space, None if there is no other."""
        return propose(space, observed, pending, number=number, seed=(self.seed, zlib.crc32(name.encode())),
                       start=self.start, candidates=self.candidates, method=self.method)


def architecture_of(record: Record) -> Architecture:
    """What a trial trains."""
    return from_dict(record.configuration["architecture"])


def settings_of(record: Record) -> TrainingSettings:
    """How a trial trains it."""
    return TrainingSettings(**record.configuration["settings"])


def configuration(architecture: Architecture, settings: TrainingSettings) -> dict[str, Any]:
    """Of JSON's types."""
    return {"architecture": to_dict(architecture), "settings": settings._asdict()}


@dataclass(frozen=True)
class BayesianStage:
    """What Bayesian stages share; ``name`` is also part of the random stream."""

    problem: Problem
    bayes: Bayes
    name: str = ""
    fidelity: int = 0

    @property
    def trials(self) -> int:
        return self.bayes.trials

    @property
    def start(self) -> int:
        return self.bayes.start

    @property
    def share(self) -> float:
        return float(self.trials)

    def proposed(self, space: Any, number: int, records: Sequence[tuple[Any, Record]],
                     known: Sequence[tuple[Any, float]] = ()) -> Any:
        """The next point of a space after those of ``records``, and ``known`` ones; None if there is no other."""
        # a trial that failed counts as bad, one that is pruned by what it had come to
        observed = [(found, float("nan") if one.value is None else one.value)
                    for found, one in records if one.finished]
        pending = [found for found, one in records if not one.finished]
        return self.bayes.propose(self.name, space, number, [*known, *observed], pending)


@dataclass(frozen=True)
class WidthsStage(BayesianStage):
    """Stage 1: depth and widths, of an MLP's hidden layers or a CNN's convolutions; all else by default."""

    space: HiddenLayers | Channels = field(default_factory=HiddenLayers)
    name: str = "widths"

    def propose(self, number: int, history: History) -> Candidate | None:
        seen = [(_widths(architecture_of(one)), one) for one in history.of(self.name)]
        found = self.proposed(self.space, number, seen)
        if found is None:
            return None
        architecture = default_mlp(found) if isinstance(self.space, HiddenLayers) else default_cnn(found)
        settings = self.problem.default_settings(architecture)
        return Candidate.of(configuration(architecture, settings), self.space, found)


@dataclass(frozen=True)
class GridStage:
    """A part of stage 2: the best network so far with one thing changed, every option of a grid."""

    problem: Problem
    name: str
    grids: Grids
    trials: int
    fidelity: int = 0

    @property
    def start(self) -> int:
        return self.trials

    @property
    def share(self) -> float:
        return float(self.trials)

    def propose(self, number: int, history: History) -> Candidate | None:
        before = history.before(self.name)
        incumbent = best(before)
        if incumbent is None:
            return None
        trained = {key(one.configuration) for one in before}
        candidates = []
        for architecture in options(self.name, architecture_of(incumbent), self.grids):
            settings = self.problem.default_settings(architecture)
            if key(configuration(architecture, settings)) not in trained:
                candidates.append(Candidate(configuration(architecture, settings), *_changed(self.name, architecture)))
        return candidates[number] if number < len(candidates) else None


@dataclass(frozen=True)
class SettingsStage(BayesianStage):
    """Stage 3: learning rate, weight decay and batch size of the best network so far."""

    space: TrainingSpace = field(default_factory=TrainingSpace)
    name: str = "training"

    def propose(self, number: int, history: History) -> Candidate | None:
        incumbent = best(history.before(self.name))
        if incumbent is None:
            return None
        seen = [(settings_of(one), one) for one in history.of(self.name)]
        # how it was trained so far is a point of this space too; the reference's process does not know it
        own = settings_of(incumbent)
        known = [(own, incumbent.value)] if incumbent.value is not None and self._holds(own) else []
        found = self.proposed(self.space, number, seen, known)
        if found is None:
            return None
        return Candidate.of(configuration(architecture_of(incumbent), found), self.space, found)

    def _holds(self, settings: TrainingSettings) -> bool:
        if not METHODS[self.bayes.method].fitted:
            return False
        places = self.space.locate(settings)
        return bool((places >= 0).all() and (places <= 1).all())


def stages(network: str, problem: Problem, bayes: Bayes, *, widths: HiddenLayers | Channels, settings: TrainingSpace,
           grids: Grids, order: Sequence[str]) -> list[Any]:
    """The stages of a search for "mlp" or "cnn"; ``order``: of the grids, of which an MLP has ac and do."""
    chosen = [name for name in order if network == "cnn" or name in ("ac", "do")]
    return [WidthsStage(problem, bayes, space=widths),
            *(GridStage(problem, name, grids, _most(network, name, grids)) for name in chosen),
            SettingsStage(problem, bayes, space=settings)]


def _most(network: str, name: str, grids: Grids) -> int:
    """The most options of a grid: those that it has for a network with as many parts as can be."""
    example: Architecture = Mlp((2,)) if network == "mlp" else Cnn((2,) * 8, pools=(1, 3, 5))
    return max(1, len(options(name, example, grids)))


def _widths(architecture: Architecture) -> tuple[int, ...]:
    return architecture.channels if isinstance(architecture, Cnn) else architecture.hidden


def _changed(name: str, architecture: Architecture) -> tuple[Mapping[str, Value], Mapping[str, BaseDistribution]]:
    """What a grid changes, as Optuna shows it."""
    values: dict[str, Value] = {}
    distributions: dict[str, BaseDistribution] = {}
    for name_, value in asdict(architecture).items():
        if name_ in _CHANGED[name]:
            if name_ == "activation":
                values[name_], distributions[name_] = value, CategoricalDistribution(("relu", "tanh", "sigmoid"))
            elif name_ in ("strides", "shortcuts"):
                values[name_] = len(value) if name_ == "strides" else value
                distributions[name_] = IntDistribution(0, 99)
            else:
                values[name_], distributions[name_] = value, FloatDistribution(0.0, 1.0)
    return values, distributions
