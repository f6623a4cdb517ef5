"""The next configuration to try: a pure function of what was tried before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata
from threadpoolctl import ThreadpoolController

from sw.deepncheap.acquisition import expected_improvement, log_expected_improvement
from sw.deepncheap.errors import SearchError
from sw.deepncheap.gaussian_process import condition
from sw.deepncheap.matern import fit
from sw.deepncheap.sobol import DIMENSIONS, sobol

if TYPE_CHECKING:
    from sw.deepncheap.spaces import Space

__all__ = ["DEFAULT", "METHODS", "Method", "propose"]

DEFAULT = "default"
C = TypeVar("C", bound=Hashable)

_NOISE = 1e-4  # of Deep-n-Cheap's process
_TRIES = 64  # points of the Sobol sequence that are looked at for one that is new
_BLAS = ThreadpoolController()  # threads only slow matrices of this size down, by far where other programs run
_AROUND = 3  # of the best observed, the default also looks at neighbours of so many
# Proposals take turns in what they expect: functions that change fast, or slowly. Neither is right everywhere.
_SMOOTH = (0.0, -1.5)
_FITTED = 128  # so many observations say how long the kernel's lengths are; all of them say the rest


@dataclass(frozen=True)
class Method:
    """A way to choose.

    Parameters
    ----------
    start : how many initial points it likes best.
    fitted : a Matern kernel fitted to the values' ranks, and candidates around the best ones too; else Deep-n-Cheap's
        kernel, values as they are, and random candidates alone.
    frozen : the process' mean is that of the initial values for ever, as in the reference program; else of all.
    """

    start: int
    fitted: bool = False
    frozen: bool = False


# (points, values (n,), m candidates) -> mean and standard deviation at the candidates, (m,) each
Process: TypeAlias = Callable[[Sequence[Any], np.ndarray, Sequence[Any]], tuple[np.ndarray, np.ndarray]]


def propose(space: Space[C], observed: Sequence[tuple[C, float]], pending: Collection[C] = (), *, number: int,
            seed: Sequence[int], start: int | None = None, candidates: int = 1000, method: str = DEFAULT) -> C | None:
    """A configuration that is neither observed nor pending; None if the space has no other.

    Parameters
    ----------
    observed : configurations and their values, in the order in which they were asked for. Lower is better; a value
        that is not finite stands for a failure and counts as the worst of the others.
    pending : configurations that are being tried; they count as if they would turn out as expected.
    number : how many were asked for before, whatever became of them. With ``seed`` it is all that the draws depend on.
    start : so many initial configurations come from a Sobol sequence; None: as many as the method likes best.
    candidates : random ones to choose from, from then on.
    method : one of METHODS.
    """
    if method not in METHODS:
        raise SearchError(f"the optimiser must be one of {', '.join(METHODS)}, got {method}")
    if candidates < 1:
        raise SearchError(f"candidates must be at least 1, got {candidates}")
    chosen = METHODS[method]
    begin = chosen.start if start is None else start
    rng = np.random.default_rng([*seed, number])
    taken = {configuration for configuration, _ in observed} | set(pending)
    known = any(np.isfinite(value) for _, value in observed)
    if number < begin or not known:
        first = int(np.random.default_rng(seed).integers(DIMENSIONS))
        for n in range(number, number + _TRIES):
            if (configuration := space.at(sobol(space.dimensions, n, first))) not in taken:
                return configuration
    points = rng.random((candidates, space.dimensions))
    if known and chosen.fitted:
        points = np.vstack([points, _around(space, observed, rng, candidates)])
    drawn = _new(space, points, taken)
    if not drawn and (every := space.configurations()) is not None:
        drawn = list(islice((one for one in every if one not in taken), candidates))
    if not drawn:
        return None
    if not known:
        return drawn[0]
    return drawn[int(np.argmax(_scores(chosen, space, observed, list(pending), drawn, begin, number)))]


def _new(space: Space[C], points: np.ndarray, taken: Collection[C]) -> list[C]:
    """The configurations at points (n, dimensions) that are not taken, each once."""
    return [configuration for configuration in dict.fromkeys(space.each(points)) if configuration not in taken]


def _around(space: Space[C], observed: Sequence[tuple[C, float]], rng: np.random.Generator, number: int) -> np.ndarray:
    """Points of the cube beside the best observed: one or a few coordinates are drawn again, anew or nearby."""
    best = sorted(observed, key=lambda pair: _finite(pair[1]))[:_AROUND]
    middle = np.array([space.locate(configuration) for configuration, _ in best])
    points = np.resize(middle, (number, space.dimensions))
    moved = rng.random((number, space.dimensions)) < 1 / space.dimensions
    moved[np.arange(number), rng.integers(space.dimensions, size=number)] = True
    near = points + rng.normal(0, 0.1, points.shape)
    anew = np.where(rng.random((number, 1)) < 0.5, rng.random(points.shape), near)
    return np.clip(np.where(moved, anew, points), 0, np.nextafter(1.0, 0.0))


def _finite(value: float) -> float:
    return value if np.isfinite(value) else np.inf


@_BLAS.wrap(limits=1, user_api="blas")
@np.errstate(under="ignore")
def _scores(method: Method, space: Space[C], observed: Sequence[tuple[C, float]], pending: Sequence[C],
            candidates: Sequence[C], start: int, number: int) -> np.ndarray:
    """How much is expected of each candidate: the highest is tried."""
    points = [configuration for configuration, _ in observed]
    worst = max(value for _, value in observed if np.isfinite(value))
    values = np.array([value if np.isfinite(value) else worst for _, value in observed], float)
    if method.fitted:  # ranks, as the quantiles of a normal distribution
        values = ndtri((rankdata(values) - 0.5) / len(values))
    best = values.min()
    if method.fitted:
        process = _fitted(space, points, values, _SMOOTH[number % len(_SMOOTH)])
    else:
        mean = values[:max(start, 1) if method.frozen else None].mean()
        process = _deep_n_cheap(space, float(mean))
    if pending:
        expected, _ = process(points, values, pending)
        points, values = [*points, *pending], np.concatenate([values, expected])
    expected, deviation = process(points, values, candidates)
    if method.fitted:
        return log_expected_improvement(expected, np.maximum(deviation, 1e-9), best)
    return expected_improvement(expected, deviation, best)


def _deep_n_cheap(space: Space[C], mean: float) -> Process:
    """The kernel as it is, with a little noise."""

    def process(points: Sequence[C], values: np.ndarray, candidates: Sequence[C]) -> tuple[np.ndarray, np.ndarray]:
        covariance = space.kernel(points, points) + _NOISE * np.eye(len(points))
        return condition(covariance, values, mean).at(space.kernel(points, candidates))

    return process


def _fitted(space: Space[C], points: Sequence[C], values: np.ndarray, weight: float) -> Process:
    """A Matern kernel of the features, fitted."""
    some = np.argsort(values, kind="stable")[np.linspace(0, len(values) - 1, min(len(values), _FITTED)).astype(int)]
    kernel = fit(space.features(points)[some], values[some], weight)

    def process(points: Sequence[C], values: np.ndarray, candidates: Sequence[C]) -> tuple[np.ndarray, np.ndarray]:
        known = space.features(points)
        cross = kernel.kernel(known, space.features(candidates))
        return kernel.posterior(known, values).at(cross, kernel.variance)

    return process


METHODS = {
    DEFAULT: Method(start=4, fitted=True),
    "deep-n-cheap": Method(start=15),
    "deep-n-cheap-frozen": Method(start=15, frozen=True),
}
