"""One hyperparameter each: its range, and where its values lie on a scale of 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, log
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sw.deepncheap.errors import SearchError

if TYPE_CHECKING:
    from optuna.trial import BaseTrial

__all__ = ["Choice", "Integer", "LogReal", "Ordered", "Scalar", "Value"]

Value = int | float | str


class Scalar(Protocol):
    """A hyperparameter that is a single value."""

    def at(self, u: np.ndarray) -> list[Any]:
        """The values at 0 <= u < 1, (n,); uniform u give the values their probabilities."""

    def locate(self, value: Value) -> float:
        """A u whose ``at`` is this value."""

    def suggest(self, trial: BaseTrial, name: str) -> Value:
        """Ask a trial of Optuna for it."""

    def parameter(self, value: Value) -> Value:
        """What a trial must answer, so that ``suggest`` returns this value."""

    def columns(self, values: Sequence[Value]) -> np.ndarray:
        """(values, columns) on a scale where the farthest two are 1 apart, by Euclid's distance."""

    def values(self) -> Sequence[Value] | None:
        """All of them; None if the range is continuous."""


@dataclass(frozen=True)
class Integer:
    """Uniform over the integers low..high, both included."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise SearchError(f"a range must not end below its beginning, got {self.low} to {self.high}")

    def at(self, u: np.ndarray) -> list[Any]:
        drawn = np.floor(self.low + u * (self.high + 1 - self.low)).astype(int)
        return np.minimum(drawn, self.high).tolist()

    def locate(self, value: Value) -> float:
        return (float(value) - self.low + 0.5) / (self.high + 1 - self.low)

    def suggest(self, trial: BaseTrial, name: str) -> int:
        return trial.suggest_int(name, self.low, self.high)

    def parameter(self, value: Value) -> Value:
        return value

    def columns(self, values: Sequence[Value]) -> np.ndarray:
        return _scaled(np.array(values, float), self.low, self.high)

    def values(self) -> Sequence[Value]:
        return range(self.low, self.high + 1)


@dataclass(frozen=True)
class LogReal:
    """10^low..10^high, uniform in the logarithm. ``zero``: a draw within the lowest decade means the value 0."""

    low: float
    high: float
    zero: bool = False

    def __post_init__(self) -> None:
        if not (isfinite(self.low) and isfinite(self.high) and self.low <= self.high):
            raise SearchError(f"a range must not end below its beginning, got 10^{self.low} to 10^{self.high}")

    def at(self, u: np.ndarray) -> list[Any]:
        # Python's power: NumPy's may differ in the last bit, and from 10.0**self.low
        return [self._from(10.0**exponent) for exponent in (self.low + u * (self.high - self.low)).tolist()]

    def _from(self, drawn: float) -> float:
        return 0.0 if self.zero and drawn < 10.0 ** (self.low + 1) else drawn

    def locate(self, value: Value) -> float:
        return float(self.columns([value])[0, 0])

    def suggest(self, trial: BaseTrial, name: str) -> float:
        return self._from(trial.suggest_float(name, 10.0**self.low, 10.0**self.high, log=True))

    def parameter(self, value: Value) -> Value:
        return 10.0**self.low if value == 0 else value

    def columns(self, values: Sequence[Value]) -> np.ndarray:
        drawn = np.array([self.parameter(value) for value in values], float)
        return _scaled(np.log10(drawn), self.low, self.high)

    def values(self) -> Sequence[Value] | None:
        if self.zero and self.high <= self.low + 1:
            return (0.0,)
        return tuple(self.at(np.zeros(1))) if self.low == self.high else None


@dataclass(frozen=True)
class Ordered:
    """One of a few numbers, which ascend. ``logarithmic``: ratios count rather than differences."""

    options: tuple[float, ...]
    logarithmic: bool = False

    def __post_init__(self) -> None:
        if not self.options or list(self.options) != sorted(set(self.options)):
            raise SearchError(f"the values of a range must ascend, got {self.options}")
        if self.logarithmic and self.options[0] <= 0:
            raise SearchError(f"values on a logarithmic scale must be above 0, got {self.options[0]}")

    def at(self, u: np.ndarray) -> list[Any]:
        return _options(self.options, u)

    def locate(self, value: Value) -> float:
        return (self.options.index(float(value)) + 0.5) / len(self.options)

    def suggest(self, trial: BaseTrial, name: str) -> Value:
        return trial.suggest_categorical(name, self.options)

    def parameter(self, value: Value) -> Value:
        return value

    def columns(self, values: Sequence[Value]) -> np.ndarray:
        scale = log if self.logarithmic else float
        return _scaled(np.array([scale(float(value)) for value in values]), scale(self.options[0]),
                       scale(self.options[-1]))

    def values(self) -> Sequence[Value]:
        return self.options


@dataclass(frozen=True)
class Choice:
    """One of a few options without an order: each is as far from every other."""

    options: tuple[Value, ...]

    def __post_init__(self) -> None:
        if not self.options or len(set(self.options)) < len(self.options):
            raise SearchError(f"the options of a choice must differ, got {self.options}")

    def at(self, u: np.ndarray) -> list[Any]:
        return _options(self.options, u)

    def locate(self, value: Value) -> float:
        return (self.options.index(value) + 0.5) / len(self.options)

    def suggest(self, trial: BaseTrial, name: str) -> Value:
        found: Value = trial.suggest_categorical(name, self.options)  # type: ignore[assignment]
        return found

    def parameter(self, value: Value) -> Value:
        return value

    def columns(self, values: Sequence[Value]) -> np.ndarray:
        found = np.array([self.options.index(value) for value in values])
        if len(self.options) <= 2:
            return found[:, None].astype(float)
        return np.eye(len(self.options))[found] / np.sqrt(2)

    def values(self) -> Sequence[Value]:
        return self.options


def _options(options: Sequence[Any], u: np.ndarray) -> list[Any]:
    return [options[place] for place in Integer(0, len(options) - 1).at(u)]


def _scaled(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return ((values - low) / (high - low) if high > low else np.zeros(len(values)))[:, None]
